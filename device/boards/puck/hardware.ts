/**
 * Puck.js itself, in the place of board.ts. What each part has to mind is told in device/boards/espruino; here it is done with
 * as few functions as can be.
 *
 * Storage has ten pages, of which the script takes up to four. The other six are the token's, inside a file that is made once
 * and covers them. Whether a counter may connect, and a new address that a connection has put off, take effect with the next
 * HELLO; a window to listen that a change of address hits is lost. Signals are told in the colours and rhythms of
 * device/boards/patterns.ts, each of equal pulses (R38).
 */
import { watchButton } from '../espruino/button.js';
import { after } from '../espruino/clock.js';
import {
  advertising,
  COUNTER_SECONDS,
  FILTERS,
  PRESENCE,
  PRESENCE_INTERVAL,
  staticAddress,
} from '../espruino/radio.js';

export { after, monotonic, rtc, setRtc } from '../espruino/clock.js';
export { nativeDigest as digest } from '../espruino/digest.js';
export { hardwareRandom as random } from '../espruino/random.js';

export const TX_GAIN = -14;
export const RX_GAIN = -10;

const FILE = 'galet.log';
const FILE_HEADER = 32;
const STORAGE = 0x6c000;
/** Where the interpreter's Linux build has its flash. */
const LINUX_STORAGE = 0x10000000;
const SCRIPT_BYTES = 0x4000;
const PAGE_BITS = 12;
const TX_POWER = 4;
const ROW = 4;

const lib = require('Flash');
const first = (lib.getPage(STORAGE) ? STORAGE : LINUX_STORAGE) + SCRIPT_BYTES;
// The interpreter's Linux build has no Bluetooth.
const pipe = typeof Bluetooth === 'undefined' ? USB : Bluetooth;
/** The address on air; empty in silence. */
let onAir = '';
let isConnected = false;
let isAdmitting = false;
let cancelLight: () => void = () => {};
let row: number[] = [];
let phase = 0;

export const erasePage = (page: number): void => lib.erasePage(first + (page << PAGE_BITS));
export const writeFlash = (address: number, data: Uint8Array): void => lib.write(data, first + address);
export const readFlash = (address: number, length: number): Uint8Array => lib.read(length, first + address);

export function silence(): void {
  onAir = '';
  NRF.sleep();
}

export function advertise(payload: Uint8Array, address: Uint8Array, interval: number): void {
  const text = staticAddress(address);
  if (text !== onAir) {
    if (isConnected) return;
    NRF.setScan();
    NRF.sleep(); // asleep, what is said is only stored
  }
  NRF.setAdvertising(payload, advertising(interval, isAdmitting));
  if (text !== onAir) {
    NRF.setAddress(text);
    NRF.setTxPower(TX_POWER);
    NRF.wake();
    onAir = text;
  }
}

export function scan(seconds: number, heard: (payload: Uint8Array, rssi: number) => void): void {
  const milliseconds = Math.round(seconds * 1000);
  NRF.setScan((sighting) => heard(new Uint8Array(sighting.data), sighting.rssi), {
    window: milliseconds,
    interval: milliseconds,
    active: false,
    filters: FILTERS,
  });
  after(seconds, () => NRF.setScan());
}

/** For each signal: colour (1 red, 2 green, 4 blue), pulses, milliseconds on and off, seconds to the next showing (0: once). */
const patterns = (): number[] =>
  // biome-ignore format: a row a signal
  [
    2, 1, 20, 60,
    3, 1, 60, 20,
    7, 2, 90, 20,
    3, 3, 60, 20,
    1, 3, 800, 60,
    4, 2, 100, 1,
    4, 4, 100, 0,
    4, 2, 250, 2,
    7, 2, 500, 0,
  ];

function play(): void {
  const color = phase % 2 === 0 ? (row[0] as number) : 0;
  LED1.write((color & 1) > 0);
  LED2.write((color & 2) > 0);
  LED3.write((color & 4) > 0);
  phase++;
  let wait = (row[2] as number) / 1000;
  if (phase === 2 * (row[1] as number)) {
    phase = 0;
    wait = row[3] as number;
  }
  if (wait > 0) cancelLight = after(wait, play);
}

export function light(signal: number): void {
  cancelLight();
  row = patterns().slice(signal * ROW);
  phase = 0;
  play();
}

/** Lets a counter connect for two minutes. */
function admitCounter(): void {
  isAdmitting = true;
  if (onAir === '') {
    NRF.setAdvertising(PRESENCE, advertising(PRESENCE_INTERVAL, true));
    NRF.wake();
  }
  after(COUNTER_SECONDS, () => {
    isAdmitting = false;
    if (onAir === '') NRF.sleep();
  });
}

export const onPress = (listener: (seconds: number) => void): void => watchButton(admitCounter, listener);
export const percent = (): number => E.getBattery();
export const onData = (receive: (chunk: Uint8Array) => void): void =>
  pipe.on('data', (data) => receive(E.toUint8Array(data)));
export const send = (chunk: Uint8Array): void => pipe.write(chunk);

/** Makes the token's file at the first start, and begins with silence. */
export function switchOn(): void {
  const storage = require('Storage');
  if (storage.read(FILE) === undefined) storage.write(FILE, new Uint8Array(4), 0, storage.getFree() - FILE_HEADER);
  NRF.setTxPower(TX_POWER);
  NRF.sleep();
  NRF.on('connect', () => {
    isConnected = true;
  });
  NRF.on('disconnect', () => {
    isConnected = false;
  });
}
