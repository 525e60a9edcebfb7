/**
 * device/bytes.ts with Espruino's native functions where there are some: the build puts this file in its place. A loop
 * over bytes costs 0.1 ms a byte on a board; a native call a few microseconds.
 */
export { ascii, copyOf, equal, putU16, putU32, u16At, u32, u32At } from '../../bytes.js';

/** Concatenates whatever is in the array, element by element. */
export const concat = (parts: Uint8Array[]): Uint8Array => E.toUint8Array(parts);

export const crc32 = (bytes: Uint8Array): number => E.CRC32(bytes);

// Only bytes that are all 0 or all 0xff have such a sum.
export const isFilledWith = (bytes: Uint8Array, value: 0 | 0xff): boolean => E.sum(bytes) === value * bytes.length;

export function xored(bytes: Uint8Array, value: number): Uint8Array {
  const out = new Uint8Array(bytes.length);
  E.mapInPlace(bytes, out, (byte) => byte ^ value);
  return out;
}

/** Not here: on the interpreter a read right after a write has been seen to stop the token from booting, for a reason not yet known. */
export const READS_BACK = false;
