/**
 * The SoftDevice's radio, and the Nordic UART Service that a counter connects to. Identifier and address have to change
 * together, without losing scan, power or time; the order of calls below follows from what a restart of the SoftDevice
 * does: it ends scans without saying so, puts the transmit power back (S132), and advertises again by itself unless it was
 * put to sleep before. Sleep also ends a connection.
 */
import type { BlePort, Clock, Radio } from '../../ports.js';

export interface RadioProfile {
  txGain: number;
  rxGain: number;
  /** dBm, one of the chip's steps. */
  txPower: number;
  /** The SoftDevice makes non-resolvable private addresses (S140), a new one at each restart. */
  hasPrivacy: boolean;
}

/** ROBERT's service data, so that adverts of other kinds cost no call. */
export const FILTERS = [{ serviceData: { fd64: {} } }];
/** Seconds; the free-running change of the SoftDevice must not come between ours. The field has 16 bits. */
const NEVER = 65535;
export const COUNTER_SECONDS = 60;
/** Flags alone: general discoverable, no BR/EDR. The scan response names the Nordic UART Service. */
export const PRESENCE = new Uint8Array([2, 1, 6]);
export const PRESENCE_INTERVAL = 0.2;
/** A connection ends when nothing that was worth an answer has come for so long, since its beginning or since then. */
export const FIRST_SECONDS = 10;
export const QUIET_SECONDS = 30;
const NO_COLOUR = -1;
const HEX = '0123456789abcdef';

interface Advert {
  payload: Uint8Array;
  address: string;
  interval: number;
}

export interface EspruinoRadioPort extends Radio, BlePort {
  /** Lets a counter connect for a minute: adverts stay what they are, but may be answered. */
  admitCounter(): void;
  /** The same for as long as the token is on its charger. */
  dock(isDocked: boolean): void;
  /** What the scan response says until the end of the admission: a COLOUR_ number of link/messages.ts. */
  name(colour: number): void;
}

/** Nothing but the payload is said: no name, no manufacturer. `interval` is seconds. */
export function advertising(interval: number, isConnectable: boolean, whenConnected: boolean): EspruinoAdvertising {
  return {
    interval: Math.round(interval * 1000),
    connectable: isConnectable,
    scannable: isConnectable,
    whenConnected,
    showName: false,
    manufacturer: 0,
  };
}

/**
 * Says to whoever asks what advertises: the Nordic UART Service, and the name `Galet` with the digit of a colour, or `-` for
 * one below 0. It holds until advertising starts again, for it is not left in the interpreter's keeping, which from 2v29.200
 * on would repeat it as text; without it only the service is named.
 */
export function respond(colour: number): void {
  const digit = colour < 0 ? 45 : 48 + colour;
  NRF.setScanResponse(
    // biome-ignore format: the service's UUID, least significant byte first, and the name
    new Uint8Array([
      17, 7, 0x9e, 0xca, 0xdc, 0x24, 0x0e, 0xe5, 0xa9, 0xe0, 0x93, 0xf3, 0xa3, 0xb5, 0x01, 0x00, 0x40, 0x6e,
      8, 9, 71, 97, 108, 101, 116, 32, digit,
    ]),
  );
  NRF.setScanResponse();
}

/** A random static address, the only kind that can be set: its two top bits are ones. */
export function staticAddress(address: Uint8Array): string {
  let text = '';
  for (let i = 0; i < 6; i++) {
    const byte = (address[i] as number) | (i === 0 ? 0xc0 : 0);
    text += (i > 0 ? ':' : '') + HEX.charAt(byte >> 4) + HEX.charAt(byte & 15);
  }
  return `${text} random`;
}

/** Where the interpreter has no radio at all: nothing is said or heard, and everything else works. */
function noRadio(profile: RadioProfile): EspruinoRadioPort {
  const nothing = (): void => {};
  return {
    txGain: profile.txGain,
    rxGain: profile.rxGain,
    advertise: nothing,
    silence: nothing,
    scan: nothing,
    onData: nothing,
    write: nothing,
    onConnect: nothing,
    admitCounter: nothing,
    dock: nothing,
    name: nothing,
  };
}

export function nrfRadio(clock: Clock, profile: RadioProfile): EspruinoRadioPort {
  if (typeof NRF === 'undefined') return noRadio(profile);
  const isPrivate = profile.hasPrivacy && typeof NRF.restart === 'function';
  let onAir = '';
  let last: Advert | undefined;
  let isConnected = false;
  let isDocked = false;
  let colour = NO_COLOUR;
  let endWindow: (() => void) | undefined;
  let windowEnd = 0;
  let endAdmission: (() => void) | undefined;
  let listener: (payload: Uint8Array, rssi: number) => void = () => {};
  let begin: () => void = () => {};
  let cancelEnd: () => void = () => {};
  /** Whether something has come since the last answer. */
  let isAsked = false;

  function stopScan(): void {
    if (endWindow) endWindow();
    endWindow = undefined;
    NRF.setScan();
  }

  function startScan(seconds: number): void {
    const milliseconds = Math.max(4, Math.round(seconds * 1000));
    NRF.setScan((sighting) => listener(new Uint8Array(sighting.data), sighting.rssi), {
      window: Math.min(milliseconds, 10240),
      interval: Math.min(milliseconds, 10240),
      active: false,
      filters: FILTERS,
    });
    endWindow = clock.after(seconds, stopScan);
    windowEnd = clock.monotonic() + seconds;
  }

  /** A new identifier: everything is silent while the address changes. */
  function change(advert: Advert, isOpen: boolean): void {
    const left = endWindow ? windowEnd - clock.monotonic() : 0;
    if (endWindow) stopScan();
    NRF.sleep();
    NRF.setAdvertising(advert.payload, advertising(advert.interval, isOpen, true)); // asleep, it is only stored
    if (isPrivate) NRF.restart();
    else NRF.setAddress(advert.address);
    NRF.setTxPower(profile.txPower);
    NRF.wake();
    onAir = advert.address;
    if (left > 0) startScan(left);
  }

  /** Says what is to be said now, and lets it be answered or not. */
  function say(): void {
    const isOpen = (isDocked || endAdmission !== undefined) && !isConnected;
    if (last && last.address === onAir) NRF.setAdvertising(last.payload, advertising(last.interval, isOpen, true));
    else if (last && !isConnected) change(last, isOpen);
    else if (isConnected || isOpen) {
      // A silent token has only its presence to say, and nothing under a connection: nor may a new identifier be said there,
      // under an address that cannot change.
      NRF.setAdvertising(PRESENCE, advertising(PRESENCE_INTERVAL, isOpen, false));
      NRF.wake();
    } else NRF.sleep();
    if (isOpen) respond(colour);
  }

  function endSoon(seconds: number): void {
    cancelEnd();
    cancelEnd = clock.after(seconds, () => NRF.disconnect());
  }

  if (isPrivate) {
    NRF.setSecurity({
      privacy: { mode: 'device_privacy', addr_type: 'random_private_non_resolvable', addr_cycle_s: NEVER },
    });
  }
  NRF.setTxPower(profile.txPower);
  NRF.sleep();
  NRF.on('connect', () => {
    isConnected = true;
    isAsked = false;
    endSoon(FIRST_SECONDS);
    begin();
    say();
  });
  NRF.on('disconnect', () => {
    isConnected = false;
    cancelEnd();
    say();
  });

  return {
    txGain: profile.txGain,
    rxGain: profile.rxGain,
    advertise(payload, address, interval) {
      last = { payload, address: staticAddress(address), interval };
      say();
    },
    silence() {
      last = undefined;
      onAir = '';
      say();
    },
    scan(seconds, heard) {
      listener = heard;
      if (endWindow) stopScan();
      startScan(seconds);
    },
    onConnect(listen) {
      begin = listen;
    },
    onData(receive) {
      Bluetooth.on('data', (data) => {
        isAsked = true;
        receive(E.toUint8Array(data));
      });
    },
    write(chunk) {
      if (isConnected && isAsked) endSoon(QUIET_SECONDS);
      isAsked = false;
      Bluetooth.write(chunk);
    },
    admitCounter() {
      if (endAdmission) endAdmission();
      endAdmission = clock.after(COUNTER_SECONDS, () => {
        endAdmission = undefined;
        if (!isDocked) colour = NO_COLOUR;
        say();
      });
      say();
    },
    dock(isOn) {
      isDocked = isOn;
      say();
    },
    name(digit) {
      colour = digit;
      say();
    },
  };
}
