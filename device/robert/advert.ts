/**
 * The BLE advert, laid out as StopCovid's Android client does (docs/spec/robert.md, "On air"):
 *
 *   02 01 06 | 03 03 64 FD | 15 16 64 FD + HELLO (16) | version | tx gain (signed)          29 of 31 bytes
 *
 * What comes in is hostile: any bytes, AD structures in any order (Bluetooth Core Specification, vol 3 part C,
 * section 11).
 */
import { copyOf } from '../bytes.js';
import { HELLO_LENGTH } from './hello.js';

export const ADVERT_LENGTH = 29;
/** Legacy advertising data. */
export const ADVERT_MAX = 31;
/** What the StopCovid SDK in the field puts after the HELLO; it is not interpreted. */
const PAYLOAD_VERSION = 2;

const AD_UUIDS_16 = 0x03;
const AD_SERVICE_DATA_16 = 0x16;
const AD_FLAGS = 0x01;
/** LE general discoverable, BR/EDR not supported. */
const FLAGS = 0x06;
const UUID_LOW = 0x64;
const UUID_HIGH = 0xfd;
/** HELLO, version, tx gain; and, from a phone that wrote it over GATT, its calibrated RSSI. */
const PAYLOAD_LENGTH = 18;
const LONG_PAYLOAD_LENGTH = 19;

/** What an advert says. */
export interface Heard {
  /** 16 bytes, see hello.ts. */
  hello: Uint8Array;
  /** dB, -128..127: the sender's, to subtract from the RSSI. */
  txGain: number;
}

/** The 29 bytes to advertise. `txGain` in dB, -128..127. */
export function buildAdvert(hello: Uint8Array, txGain: number): Uint8Array {
  const out = new Uint8Array(ADVERT_LENGTH);
  out.set([2, AD_FLAGS, FLAGS, 3, AD_UUIDS_16, UUID_LOW, UUID_HIGH], 0);
  out.set([3 + PAYLOAD_LENGTH, AD_SERVICE_DATA_16, UUID_LOW, UUID_HIGH], 7);
  out.set(hello, 11);
  out[27] = PAYLOAD_VERSION;
  out[28] = txGain & 0xff;
  return out;
}

/**
 * Undefined unless the bytes are well-formed AD structures (zero padding at the end allowed) with exactly one service
 * data of 0xFD64, 18 or 19 bytes long. The UUID list may be missing, as other stacks leave it out. Never throws.
 */
export function parseAdvert(bytes: Uint8Array): Heard | undefined {
  let found: Heard | undefined;
  let at = 0;
  while (at < bytes.length) {
    const length = bytes[at] as number;
    // A zero length ends the significant part; only zeros may follow it.
    if (length === 0) return isZeroFrom(bytes, at) ? found : undefined;
    const end = at + 1 + length;
    if (end > bytes.length) return undefined;
    if (isOurServiceData(bytes, at, length)) {
      const payload = length - 3;
      if (found !== undefined || (payload !== PAYLOAD_LENGTH && payload !== LONG_PAYLOAD_LENGTH)) return undefined;
      const gain = bytes[at + 4 + HELLO_LENGTH + 1] as number;
      found = { hello: copyOf(bytes, at + 4, at + 4 + HELLO_LENGTH), txGain: gain < 128 ? gain : gain - 256 };
    }
    at = end;
  }
  return found;
}

function isOurServiceData(bytes: Uint8Array, at: number, length: number): boolean {
  return (
    length >= 3 && bytes[at + 1] === AD_SERVICE_DATA_16 && bytes[at + 2] === UUID_LOW && bytes[at + 3] === UUID_HIGH
  );
}

function isZeroFrom(bytes: Uint8Array, start: number): boolean {
  for (let i = start; i < bytes.length; i++) if (bytes[i] !== 0) return false;
  return true;
}
