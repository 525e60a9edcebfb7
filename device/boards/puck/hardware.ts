/**
 * Puck.js itself, in the place of board.ts. What each part has to mind is told in device/boards/espruino; here it is done with
 * as few functions as can be.
 *
 * Storage has ten pages, of which the script takes up to four. The other six are the token's, inside a file that is made once
 * and covers them. A new address that a connection has put off takes effect with the HELLO after it; a window to listen that a
 * change of address hits is lost. The counter speaks over Bluetooth alone. Signals are told in the colours and rhythms of
 * device/boards/patterns.ts, each of equal pulses (R38).
 */

import { concat, copyOf } from '../../bytes.js';
import { watchButton } from '../espruino/button.js';
import { after } from '../espruino/clock.js';
import {
  advertising,
  COUNTER_SECONDS,
  FILTERS,
  FIRST_SECONDS,
  PRESENCE,
  PRESENCE_INTERVAL,
  QUIET_SECONDS,
  respond,
  staticAddress,
} from '../espruino/radio.js';
import { lightOf } from '../patterns.js';

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
/** The signals from here on are colours (signals.ts). */
const BLINK = 9;

const lib = require('Flash');
const first = (lib.getPage(STORAGE) ? STORAGE : LINUX_STORAGE) + SCRIPT_BYTES;
/** What is to be said, and the address on air; empty in silence. */
let payload = PRESENCE;
let address = '';
let interval = 0;
let onAir = '';
let isConnected = false;
let isAdmitting = false;
let colour = -1;
let endAdmission: () => void = () => {};
let cancelEnd: () => void = () => {};
/** Whether something has come since the last answer; and the packets of a frame that is not whole yet. */
let isAsked = false;
let arrived = PRESENCE.subarray(3);
let cancelLight: () => void = () => {};
let row: number[] = [];
let phase = 0;

export const erasePage = (page: number): void => lib.erasePage(first + (page << PAGE_BITS));
export const writeFlash = (address: number, data: Uint8Array): void => lib.write(data, first + address);
export const readFlash = (address: number, length: number): Uint8Array => lib.read(length, first + address);

/** Says what is to be said now, and lets it be answered or not. */
function say(): void {
  const isOpen = isAdmitting && !isConnected;
  const isNew = address !== onAir;
  if (isNew && isConnected) address = '';
  if (address !== '') {
    if (isNew) {
      NRF.setScan();
      NRF.sleep(); // asleep, what is said is only stored
    }
    NRF.setAdvertising(payload, advertising(interval, isOpen, true));
    if (isNew) {
      NRF.setAddress(address);
      NRF.setTxPower(TX_POWER);
      NRF.wake();
    }
  } else if (isOpen || isConnected) {
    NRF.setAdvertising(PRESENCE, advertising(PRESENCE_INTERVAL, isOpen, false));
    NRF.wake();
  } else NRF.sleep();
  onAir = address;
  if (isOpen) respond(colour);
}

export function silence(): void {
  address = '';
  say();
}

export function advertise(hello: Uint8Array, newAddress: Uint8Array, seconds: number): void {
  payload = hello;
  address = staticAddress(newAddress);
  interval = seconds;
  say();
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
  if (signal >= BLINK) {
    colour = signal - BLINK;
    say();
    row = [lightOf(colour), 1, 400, 0.1];
  }
  phase = 0;
  play();
}

/** Lets a counter connect for a minute. */
function admitCounter(): void {
  endAdmission();
  isAdmitting = true;
  say();
  endAdmission = after(COUNTER_SECONDS, () => {
    isAdmitting = false;
    colour = -1;
    endAdmission = () => {};
    say();
  });
}

function endSoon(seconds: number): void {
  cancelEnd();
  cancelEnd = after(seconds, () => NRF.disconnect());
}

export const onPress = (listener: (seconds: number) => void): void => watchButton(admitCounter, listener);
export const percent = (): number => E.getBattery();

/** Frames travel as link/packets.ts has them. */
export const onFrame = (receive: (frame: Uint8Array) => void): void =>
  Bluetooth.on('data', (data) => {
    isAsked = true;
    arrived = concat([arrived, E.toUint8Array(data)]);
    while (arrived.length > (arrived[0] as number) + 1) {
      const end = (arrived[0] as number) + 2;
      const frame = copyOf(arrived, 1, end);
      arrived = copyOf(arrived, end, arrived.length);
      receive(frame);
    }
  });

export function sendFrame(frame: Uint8Array): void {
  if (isConnected && isAsked) endSoon(QUIET_SECONDS);
  isAsked = false;
  Bluetooth.write(concat([new Uint8Array([frame.length - 1]), frame]));
}

/** Makes the token's file at the first start, and begins with silence. */
export function switchOn(): void {
  const storage = require('Storage');
  if (storage.read(FILE) === undefined) storage.write(FILE, new Uint8Array(4), 0, storage.getFree() - FILE_HEADER);
  NRF.setTxPower(TX_POWER);
  NRF.sleep();
  NRF.on('connect', () => {
    isConnected = true;
    isAsked = false;
    arrived = PRESENCE.subarray(3);
    endSoon(FIRST_SECONDS);
    say();
  });
  NRF.on('disconnect', () => {
    isConnected = false;
    cancelEnd();
    say();
  });
}
