/**
 * The SoftDevice's radio. Identifier and address have to change together, without losing scan, power or time; the
 * order of calls below follows from what a restart of the SoftDevice does: it ends scans without saying so, puts the
 * transmit power back (S132), and advertises again by itself unless it was put to sleep before.
 */
import type { Clock, Radio } from '../../ports.js';

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
export const COUNTER_SECONDS = 120;
/** Flags alone: general discoverable, no BR/EDR. The scan response names the Nordic UART Service. */
export const PRESENCE = new Uint8Array([2, 1, 6]);
export const PRESENCE_INTERVAL = 0.2;
const HEX = '0123456789abcdef';

interface Advert {
  payload: Uint8Array;
  address: string;
  interval: number;
}

export interface EspruinoRadioPort extends Radio {
  /** Lets a counter connect for two minutes: adverts stay what they are, but may be answered. */
  admitCounter(): void;
}

/** Nothing but the payload is said: no name, no manufacturer. `interval` is seconds. */
export function advertising(interval: number, isConnectable: boolean): EspruinoAdvertising {
  return {
    interval: Math.round(interval * 1000),
    connectable: isConnectable,
    scannable: isConnectable,
    whenConnected: true,
    showName: false,
    manufacturer: 0,
  };
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
  return {
    txGain: profile.txGain,
    rxGain: profile.rxGain,
    advertise: () => {},
    silence: () => {},
    scan: () => {},
    admitCounter: () => {},
  };
}

export function nrfRadio(clock: Clock, profile: RadioProfile): EspruinoRadioPort {
  if (typeof NRF === 'undefined') return noRadio(profile);
  const isPrivate = profile.hasPrivacy && typeof NRF.restart === 'function';
  let onAir = '';
  let waiting: Advert | undefined;
  let last: Advert | undefined;
  let connected = false;
  let admitting = false;
  let endWindow: (() => void) | undefined;
  let windowEnd = 0;
  let endAdmission: () => void = () => {};
  let listener: (payload: Uint8Array, rssi: number) => void = () => {};

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
  function change(advert: Advert): void {
    const left = endWindow ? windowEnd - clock.monotonic() : 0;
    if (endWindow) stopScan();
    NRF.sleep();
    NRF.setAdvertising(advert.payload, advertising(advert.interval, admitting)); // asleep, it is only stored
    if (isPrivate) NRF.restart();
    else NRF.setAddress(advert.address);
    NRF.setTxPower(profile.txPower);
    NRF.wake();
    onAir = advert.address;
    if (left > 0) startScan(left);
  }

  function show(advert: Advert): void {
    last = advert;
    waiting = undefined;
    if (advert.address === onAir) NRF.setAdvertising(advert.payload, advertising(advert.interval, admitting));
    // The address cannot change under a connection: better silent than with identifier and address out of step.
    else if (connected) waiting = advert;
    else change(advert);
  }

  /** Says what is on air anew, so that whether it may be answered takes effect. A silent token has only its presence to say. */
  function readmit(): void {
    if (last && last.address === onAir) NRF.setAdvertising(last.payload, advertising(last.interval, admitting));
    else if (!last && admitting) {
      NRF.setAdvertising(PRESENCE, advertising(PRESENCE_INTERVAL, admitting));
      NRF.wake();
    } else if (!last) NRF.sleep();
  }

  if (isPrivate) {
    NRF.setSecurity({
      privacy: { mode: 'device_privacy', addr_type: 'random_private_non_resolvable', addr_cycle_s: NEVER },
    });
  }
  NRF.setTxPower(profile.txPower);
  NRF.sleep();
  if (typeof NRF.on === 'function') {
    NRF.on('connect', () => {
      connected = true;
    });
    NRF.on('disconnect', () => {
      connected = false;
      if (waiting) show(waiting);
    });
  }

  return {
    txGain: profile.txGain,
    rxGain: profile.rxGain,
    advertise: (payload, address, interval) => show({ payload, address: staticAddress(address), interval }),
    silence() {
      waiting = undefined;
      last = undefined;
      onAir = '';
      if (admitting) readmit();
      else NRF.sleep();
    },
    scan(seconds, heard) {
      listener = heard;
      if (endWindow) stopScan();
      startScan(seconds);
    },
    admitCounter() {
      endAdmission();
      admitting = true;
      readmit();
      endAdmission = clock.after(COUNTER_SECONDS, () => {
        admitting = false;
        readmit();
      });
    },
  };
}
