/**
 * What Espruino has and the firmware uses, so that the compiler refuses everything else. Names declared here are kept by
 * the build; all other property names are shortened. Ambient: no import, no export.
 */

/** A timer, watch or interval; `undefined` must never be passed back: clearTimeout(undefined) throws. */
type EspruinoTimer = number;

declare function atob(text: string): string;
declare function btoa(data: Uint8Array | string): string;
declare function setTimeout(callback: () => void, milliseconds: number): EspruinoTimer;
/** Code that is run in the scope of globals, and freed from whatever called this. */
declare function setTimeout(code: string, milliseconds: number): EspruinoTimer;
declare function clearTimeout(timer: EspruinoTimer): void;
declare function setInterval(callback: () => void, milliseconds: number): EspruinoTimer;
/** Seconds since 1970 by the real-time counter, fractional. Starts at 0 after a power loss. */
declare function getTime(): number;
declare function setTime(seconds: number): void;

/** One pin of the chip. */
interface EspruinoPin {
  write(value: boolean): void;
  /** 0 to 1 of the reference voltage. */
  analog(): number;
}

/** A change of a watched pin; times are seconds, as getTime. */
interface EspruinoWatchEvent {
  state: boolean;
  time: number;
  lastTime: number;
}

declare function setWatch(
  callback: (event: EspruinoWatchEvent) => void,
  pin: EspruinoPin,
  options: { repeat: boolean; edge: 'both'; debounce: number },
): EspruinoTimer;

/** A byte pipe: a serial port, or the Nordic UART Service. Strings hold one byte a character. */
interface EspruinoPipe {
  on(event: 'data', receive: (data: string) => void): void;
  write(data: Uint8Array): void;
}

/** What a scan reports. `data` is the advert as received, at most 31 bytes. */
interface EspruinoSighting {
  rssi: number;
  data: ArrayBuffer;
}

interface EspruinoAdvertising {
  /** Milliseconds, 100 to 10 000. */
  interval: number;
  connectable: boolean;
  scannable: boolean;
  /** Whether it goes on, as non-connectable, under a connection. */
  whenConnected: boolean;
  showName: boolean;
  manufacturer: number;
}

interface EspruinoRadio {
  setAdvertising(data: Uint8Array, options: EspruinoAdvertising): void;
  setScan(): void;
  /** Milliseconds. `filters` are looked at before the callback is called, not before memory is used. */
  setScan(
    callback: (sighting: EspruinoSighting) => void,
    options: { window: number; interval: number; active: boolean; filters: { serviceData: { fd64: object } }[] },
  ): void;
  /** "xx:xx:xx:xx:xx:xx random", the two top bits set. Restarts the radio's software. */
  setAddress(address: string): void;
  restart(): void;
  setSecurity(options: { privacy: { mode: string; addr_type: string; addr_cycle_s: number } }): void;
  setTxPower(power: number): void;
  /** Ends advertising, and a connection. */
  sleep(): void;
  wake(): void;
  /** At most 31 bytes; without any, those of the services are back from the next start of advertising on. */
  setScanResponse(data?: Uint8Array): void;
  /** Ends a counter's connection, if there is one. */
  disconnect(): void;
  on(event: 'connect' | 'disconnect', callback: () => void): void;
}

interface EspruinoE {
  /** 32 bits from the hardware generator, signed. */
  hwRand(): number;
  getBattery(): number;
  enableWatchdog(seconds: number, automatic: boolean): void;
  kickWatchdog(): void;
  reboot(): void;
  on(event: 'errorFlag', callback: (flags: string[]) => void): void;
  on(event: 'kill', callback: () => void): void;
  /** The bytes of a string, or of arrays one after the other. */
  toUint8Array(data: string | Uint8Array[]): Uint8Array;
  /** One character a byte; undefined when there is no memory for it in one piece. */
  toString(data: Uint8Array): string | undefined;
  CRC32(data: Uint8Array): number;
  sum(data: Uint8Array): number;
  mapInPlace(from: Uint8Array, to: Uint8Array, map: (value: number) => number): void;
}

interface EspruinoFlash {
  /** Undefined for an address outside every flash. */
  getPage(address: number): { addr: number; length: number } | undefined;
  erasePage(address: number): void;
  /** Clears bits; address and length are multiples of four. */
  write(data: Uint8Array, address: number): void;
  read(length: number, address: number): Uint8Array;
}

interface EspruinoStorage {
  /** Writes in place into what is still blank; with `size` it makes the file first. */
  write(name: string, data: Uint8Array, offset: number, size: number): boolean;
  /** What is in flash stays there: the text takes no memory. */
  read(name: string, offset?: number, length?: number): string | undefined;
  /** Bytes that files could still take. */
  getFree(): number;
}

interface EspruinoCrypto {
  SHA256(data: Uint8Array): ArrayBuffer;
}

declare function require(module: 'Flash'): EspruinoFlash;
declare function require(module: 'Storage'): EspruinoStorage;
declare function require(module: 'crypto'): EspruinoCrypto;

/** VERSION: that of the interpreter, as `2v29`. */
declare const process: { env: { VERSION: string } };
declare const E: EspruinoE;
declare const NRF: EspruinoRadio;
declare const USB: EspruinoPipe;
declare const Bluetooth: EspruinoPipe;
declare const Serial1: EspruinoPipe;
declare const BTN1: EspruinoPin;
declare const LED1: EspruinoPin;
declare const LED2: EspruinoPin;
declare const LED3: EspruinoPin;
declare const D2: EspruinoPin;
declare const D14: EspruinoPin;
declare const D19: EspruinoPin;
declare const D32: EspruinoPin;

/** Bangle.js 2 alone. Timeouts are milliseconds, 0 for never. */
declare const Bangle: {
  setOptions(options: { btnLoadTimeout: number; lockTimeout: number; backlightTimeout: number }): void;
  setLCDPower(on: number): void;
  isCharging(): boolean;
  on(event: 'charging', callback: (isCharging: boolean) => void): void;
};
