/**
 * The strict profile of CBOR (RFC 8949) that everything of Galet is written in: unsigned integers below 2^32, byte
 * strings, ASCII text strings and arrays, at most four arrays deep, every length and number in its shortest form, no
 * byte left over. So a value has one encoding only, and what has been decoded encodes to the same bytes again
 * (docs/spec/link.md). Text is ASCII because half of the boards have strings of bytes, not of characters.
 */
import { copyOf, putU16, putU32, u16At, u32At } from '../bytes.js';
import { type Fault, fault } from '../faults.js';

export type Value = number | string | Uint8Array | Value[];

/** Arrays within arrays, the outermost counted. */
export const DEPTH_MAX = 4;

const UNSIGNED = 0;
const BYTES = 2;
const TEXT = 3;
const ARRAY = 4;

function malformed(cause: string): Fault {
  return fault('message-malformed', cause);
}

function headSize(argument: number): number {
  if (argument < 24) return 1;
  if (argument < 0x100) return 2;
  return argument < 0x10000 ? 3 : 5;
}

/** Bytes that `value` takes; throws for what the profile cannot say. */
function sizeOf(value: Value, depth: number): number {
  if (typeof value === 'number') {
    if (!(value >= 0 && value <= 0xffffffff) || Math.floor(value) !== value) throw malformed('number');
    return headSize(value);
  }
  if (typeof value === 'string') {
    for (let i = 0; i < value.length; i++) if (value.charCodeAt(i) > 0x7f) throw malformed('text');
    return headSize(value.length) + value.length;
  }
  if (value instanceof Uint8Array) return headSize(value.length) + value.length;
  if (depth >= DEPTH_MAX) throw malformed('depth');
  let size = headSize(value.length);
  for (let i = 0; i < value.length; i++) size += sizeOf(value[i] as Value, depth + 1);
  return size;
}

function writeHead(out: Uint8Array, at: number, major: number, argument: number): number {
  const type = major << 5;
  if (argument < 24) {
    out[at] = type | argument;
  } else if (argument < 0x100) {
    out[at] = type | 24;
    out[at + 1] = argument;
  } else if (argument < 0x10000) {
    out[at] = type | 25;
    putU16(out, at + 1, argument);
  } else {
    out[at] = type | 26;
    putU32(out, at + 1, argument);
  }
  return at + headSize(argument);
}

/** Writes a value that `sizeOf` has accepted; returns the place after it. */
function write(out: Uint8Array, at: number, value: Value): number {
  if (typeof value === 'number') return writeHead(out, at, UNSIGNED, value);
  if (typeof value === 'string') {
    const start = writeHead(out, at, TEXT, value.length);
    for (let i = 0; i < value.length; i++) out[start + i] = value.charCodeAt(i);
    return start + value.length;
  }
  if (value instanceof Uint8Array) {
    const start = writeHead(out, at, BYTES, value.length);
    out.set(value, start);
    return start + value.length;
  }
  let next = writeHead(out, at, ARRAY, value.length);
  for (let i = 0; i < value.length; i++) next = write(out, next, value[i] as Value);
  return next;
}

/** The one encoding of `value`; throws 'message-malformed' for a value outside the profile. */
export function encode(value: Value): Uint8Array {
  const out = new Uint8Array(sizeOf(value, 0));
  write(out, 0, value);
  return out;
}

interface Cursor {
  bytes: Uint8Array;
  at: number;
}

/** Moves past `length` bytes and returns where they start. */
function take(cursor: Cursor, length: number): number {
  const start = cursor.at;
  if (length > cursor.bytes.length - start) throw malformed('cut short');
  cursor.at = start + length;
  return start;
}

/** The number behind the low five bits of an initial byte. */
function readArgument(cursor: Cursor, short: number): number {
  if (short < 24) return short;
  if (short > 26) throw malformed('length of length');
  const size = 1 << (short - 24);
  const start = take(cursor, size);
  let argument = cursor.bytes[start] as number;
  if (size === 2) argument = u16At(cursor.bytes, start);
  if (size === 4) argument = u32At(cursor.bytes, start);
  if (headSize(argument) !== size + 1) throw malformed('not the shortest form');
  return argument;
}

function readText(cursor: Cursor, length: number): string {
  const start = take(cursor, length);
  let text = '';
  for (let i = start; i < start + length; i++) {
    const byte = cursor.bytes[i] as number;
    if (byte > 0x7f) throw malformed('text');
    text += String.fromCharCode(byte);
  }
  return text;
}

function read(cursor: Cursor, depth: number): Value {
  const initial = cursor.bytes[take(cursor, 1)] as number;
  const major = initial >> 5;
  const argument = readArgument(cursor, initial & 31);
  if (major === UNSIGNED) return argument;
  if (major === BYTES) {
    const start = take(cursor, argument);
    return copyOf(cursor.bytes, start, start + argument);
  }
  if (major === TEXT) return readText(cursor, argument);
  if (major !== ARRAY) throw malformed('type');
  if (depth >= DEPTH_MAX) throw malformed('depth');
  // Every element takes a byte at least: a forged length is found out before anything is made for it.
  if (argument > cursor.bytes.length - cursor.at) throw malformed('cut short');
  const items: Value[] = [];
  for (let i = 0; i < argument; i++) items.push(read(cursor, depth + 1));
  return items;
}

/** The value that `bytes` are the encoding of; throws 'message-malformed' for anything else. Byte strings are copies. */
export function decode(bytes: Uint8Array): Value {
  const cursor = { bytes, at: 0 };
  const value = read(cursor, 0);
  if (cursor.at !== bytes.length) throw malformed('bytes left over');
  return value;
}
