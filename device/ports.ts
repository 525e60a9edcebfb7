/**
 * What a token needs from its board: small ports, so that one body of code runs on Espruino, on Linux and in the
 * simulator. Times are seconds, powers dBm, and every call that can fail throws a `Fault` (see faults.ts).
 */
import { fault } from './faults.js';

/** SHA-256, the one cryptographic primitive that every board has natively. */
export interface Digest {
  /** 32 bytes. */
  sha256(data: Uint8Array): Uint8Array;
}

/** A hardware random generator, never a pseudo-random one outside the simulator. */
export interface Random {
  /** Fills `out` with uniformly random bytes. */
  fill(out: Uint8Array): void;
}

/** The board's two clocks and its timer. */
export interface Clock {
  /** Seconds since power-up, fractional; rises steadily and is never set. */
  monotonic(): number;
  /** NTP seconds (era 0) of the real-time clock, fractional; 0 when a power loss has cleared it. */
  rtc(): number;
  setRtc(ntp: number): void;
  /** Calls back once, `seconds` from now at the earliest; the result cancels it. */
  after(seconds: number, callback: () => void): () => void;
}

/**
 * Raw NOR flash. Erasing sets a page to ones; writing only clears bits, in whole 4-byte words, each word at most
 * twice between erases (nRF52840 product specification, nWRITE). A board may refuse what breaks these rules.
 */
export interface Flash {
  readonly pageSize: number;
  readonly pageCount: number;
  erase(page: number): void;
  /** `address` and `data.length` are multiples of 4. */
  write(address: number, data: Uint8Array): void;
  read(address: number, length: number): Uint8Array;
  /** Returns once all earlier operations would survive a power cut. `commit` names what they complete, for traces. */
  sync(commit: string): void;
}

/** A legacy BLE advertiser and passive scanner. */
export interface Radio {
  /** Gain of the emitter: what makes 1 m read -40 dBm calibrated at a receiver. Published in every advert (dB, -128..127). */
  readonly txGain: number;
  /** Gain of the receiver, subtracted from every RSSI (dB). */
  readonly rxGain: number;
  /**
   * Starts (or replaces) non-connectable advertising of `payload` (at most 31 bytes) from the random address
   * `address` (6 bytes, most significant first).
   */
  advertise(payload: Uint8Array, address: Uint8Array, intervalSeconds: number): void;
  silence(): void;
  /** Listens for `windowSeconds`; `heard` gets each advert's payload and raw RSSI in dBm (127: not available). */
  scan(windowSeconds: number, heard: (payload: Uint8Array, rssi: number) => void): void;
}

/** What the wearer can be told; a board turns each into light, vibration and words. */
export type Signal = 'well' | 'charge' | 'visit' | 'at-risk' | 'consent' | 'consented' | 'kept' | 'silent' | 'ended';

export interface Signals {
  /** `phone`: what to ring when at risk, at most 20 ASCII characters; empty when the token knows none. */
  show(signal: Signal, phone: string): void;
  /**
   * Blinks `colour` (a COLOUR_ number of link/messages.ts) for BLINK_SECONDS over whatever is shown, so that person and
   * counter mean the same token. Absent where nothing can blink.
   */
  blink?(colour: number): void;
}

/** The one button. Presses shorter than 3 s are the board's own business. */
export interface Button {
  /** Registers the one listener for a press, told its length in seconds when the button is released. */
  onPress(listener: (seconds: number) => void): void;
}

export interface Battery {
  /** 0 to 100, or 255 when the board cannot tell. */
  percent(): number;
}

/** One byte pipe to the counter. Over a serial port frames travel as link/lines.ts has them. */
export interface LinkPort {
  /** Registers the one receiver. Chunks arrive cut anywhere. */
  onData(receive: (chunk: Uint8Array) => void): void;
  write(chunk: Uint8Array): void;
}

/** The same over Bluetooth: the Nordic UART Service. It loses nothing while a connection lasts (link/packets.ts). */
export interface BlePort extends LinkPort {
  /** Registers the one listener for the beginning of a connection, told before its first chunk. */
  onConnect(begin: () => void): void;
}

/** Where a board keeps its firmware. A board without it is reinstalled by hand, and takes nothing signed. */
export interface Firmware {
  /** Trust, and two slots (update/slots.ts): flash apart from the token's own, which no wipe touches. */
  readonly flash: Flash;
  /** Version of the interpreter, as Espruino writes it; empty where there is none. */
  readonly interpreter: string;
  /** Starts the board again, with the image that the slots choose. */
  restart(): void;
}

export interface Ports {
  board: string;
  /** Of the code that runs, as `major.minor.patch`. */
  version: string;
  /** Undefined on boards that cannot be updated in a visit. */
  firmware: Firmware | undefined;
  digest: Digest;
  random: Random;
  clock: Clock;
  flash: Flash;
  radio: Radio;
  signals: Signals;
  button: Button;
  battery: Battery;
  link: LinkPort;
  /** Undefined on boards without Bluetooth. */
  ble?: BlePort | undefined;
}

function absent(port: string): () => never {
  return () => {
    throw fault('port-absent', port);
  };
}

/** Ports that throw when used, so that a board that forgets one is found out at the first call, not in the field. */
export const absentPorts: Ports = {
  board: 'none',
  version: '0.0.0',
  firmware: undefined,
  digest: { sha256: absent('digest') },
  random: { fill: absent('random') },
  clock: { monotonic: absent('clock'), rtc: absent('clock'), setRtc: absent('clock'), after: absent('clock') },
  flash: {
    pageSize: 0,
    pageCount: 0,
    erase: absent('flash'),
    write: absent('flash'),
    read: absent('flash'),
    sync: absent('flash'),
  },
  radio: { txGain: 0, rxGain: 0, advertise: absent('radio'), silence: absent('radio'), scan: absent('radio') },
  signals: { show: absent('signals') },
  button: { onPress: absent('button') },
  battery: { percent: absent('battery') },
  link: { onData: absent('link'), write: absent('link') },
};
