/**
 * Byte helpers that behave the same under Node and Espruino, where `slice` of a typed array gives a plain array. The
 * firmware's build puts boards/espruino/bytes.ts in place of the loops: a loop over bytes is what an interpreter does worst.
 */

/** A copy of `source[start, end)`. */
export function copyOf(source: Uint8Array, start: number, end: number): Uint8Array {
  return new Uint8Array(source.subarray(start, end));
}

export function concat(parts: Uint8Array[]): Uint8Array {
  let length = 0;
  for (let i = 0; i < parts.length; i++) length += (parts[i] as Uint8Array).length;
  const out = new Uint8Array(length);
  let at = 0;
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i] as Uint8Array;
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** ASCII text as bytes. */
export function ascii(text: string): Uint8Array {
  const out = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) out[i] = text.charCodeAt(i) & 0x7f;
  return out;
}

/** Equality in time that depends on the lengths alone: for MACs and tags. */
export function equal(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= (a[i] as number) ^ (b[i] as number);
  return difference === 0;
}

/** `value`: 0 or 0xff. */
export function isFilledWith(bytes: Uint8Array, value: 0 | 0xff): boolean {
  for (let i = 0; i < bytes.length; i++) if (bytes[i] !== value) return false;
  return true;
}

/** Every byte XORed with `value`. */
export function xored(bytes: Uint8Array, value: number): Uint8Array {
  const out = new Uint8Array(bytes.length);
  for (let i = 0; i < bytes.length; i++) out[i] = (bytes[i] as number) ^ value;
  return out;
}

/** Writes `value` (an unsigned integer below 2^32) big-endian at `at`. */
export function putU32(out: Uint8Array, at: number, value: number): void {
  out[at] = (value >>> 24) & 0xff;
  out[at + 1] = (value >>> 16) & 0xff;
  out[at + 2] = (value >>> 8) & 0xff;
  out[at + 3] = value & 0xff;
}

export function u32At(bytes: Uint8Array, at: number): number {
  return ((((bytes[at] as number) << 8) | (bytes[at + 1] as number)) * 0x10000 + u16At(bytes, at + 2)) >>> 0;
}

export function putU16(out: Uint8Array, at: number, value: number): void {
  out[at] = (value >>> 8) & 0xff;
  out[at + 1] = value & 0xff;
}

export function u16At(bytes: Uint8Array, at: number): number {
  return ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
}

/** Four bytes, big-endian. */
export function u32(value: number): Uint8Array {
  const out = new Uint8Array(4);
  putU32(out, 0, value);
  return out;
}

// CRC-32 (ISO-HDLC, as in zip), half a byte at a time: sixteen words of table instead of 256.
const CRC_TABLE = [
  0, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c, 0xedb88320, 0xf00f9344,
  0xd6d6a3e8, 0xcb61b38c, 0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
];

/** CRC-32 of `bytes`: an error detector, not a MAC. */
export function crc32(bytes: Uint8Array): number {
  let crc = -1;
  for (let i = 0; i < bytes.length; i++) {
    crc ^= bytes[i] as number;
    crc = (crc >>> 4) ^ (CRC_TABLE[crc & 15] as number);
    crc = (crc >>> 4) ^ (CRC_TABLE[crc & 15] as number);
  }
  return ~crc >>> 0;
}

/** Whether what was written to flash is read back at once. */
export const READS_BACK = true;
