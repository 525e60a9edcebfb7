/** The CBOR of device/link/cbor.ts in few bytes: what does not encode to the same bytes again was none of it. */
import { ascii, concat, equal, u16At, u32, u32At } from '../../bytes.js';
import type { Value } from '../../link/cbor.js';
import { MALFORMED } from './refusals.js';

const BYTES = 0x40;
const TEXT = 0x60;
const ARRAY = 0x80;
/** A request is one array of numbers, bytes and texts. */
const FIELDS_MAX = 8;

function headOf(major: number, argument: number): Uint8Array {
  const four = u32(argument);
  if (argument < 24) return new Uint8Array([major | argument]);
  const size = argument < 0x100 ? 0 : argument < 0x10000 ? 1 : 2;
  return concat([new Uint8Array([major | (24 + size)]), four.subarray(4 - (1 << size))]);
}

/** The one encoding of a value. */
export function encode(value: Value): Uint8Array {
  if (typeof value === 'number') return headOf(0, value);
  if (typeof value === 'string') return concat([headOf(TEXT, value.length), ascii(value)]);
  if (value instanceof Uint8Array) return concat([headOf(BYTES, value.length), value]);
  const parts = [headOf(ARRAY, value.length)];
  for (let i = 0; i < value.length; i++) parts.push(encode(value[i] as Value));
  return concat(parts);
}

/** The elements of the array that `bytes` encode; throws MALFORMED for anything else. */
export function decode(bytes: Uint8Array): Value[] {
  const values: Value[] = [];
  let at = 1;
  while (at < bytes.length && values.length < FIELDS_MAX) {
    const initial = bytes[at++] as number;
    let argument = initial & 31;
    if (argument > 23) {
      const size = 1 << (argument - 24);
      argument = size === 1 ? (bytes[at] as number) : size === 2 ? u16At(bytes, at) : u32At(bytes, at);
      at += size;
    }
    const major = initial & 0xe0;
    if (major === 0) values.push(argument);
    else {
      const content = bytes.subarray(at, at + argument);
      at += argument;
      if (major === BYTES) values.push(content);
      else {
        let text = '';
        for (let i = 0; i < content.length; i++) text += String.fromCharCode(content[i] as number);
        values.push(text);
      }
    }
  }
  if (!equal(encode(values), bytes)) throw MALFORMED;
  return values;
}
