/**
 * The strict CBOR profile of the link on the host: cbor-x, which by itself accepts far more (maps, tags, records,
 * floats, longer forms), behind a checker of bytes. It answers exactly as device/link/cbor.ts does, which a test of
 * both on the same inputs holds it to: an independent second reading of docs/spec/link.md.
 */
import { Encoder } from 'cbor-x';
import { fault } from '../../device/faults.js';
import { DEPTH_MAX, type Value } from '../../device/link/cbor.js';

const cbor = new Encoder({ tagUint8Array: false, useRecords: false, mapsAsObjects: false });

const UNSIGNED = 0;
const BYTES = 2;
const TEXT = 3;
const ARRAY = 4;

function assertProfile(value: Value, depth: number): void {
  if (typeof value === 'number') {
    if (!Number.isInteger(value) || value < 0 || value > 0xffffffff) throw fault('message-malformed', 'number');
  } else if (typeof value === 'string') {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII is meant, control characters included.
    if (!/^[\x00-\x7f]*$/.test(value)) throw fault('message-malformed', 'text');
  } else if (!(value instanceof Uint8Array)) {
    if (depth >= DEPTH_MAX) throw fault('message-malformed', 'depth');
    for (const item of value) assertProfile(item, depth + 1);
  }
}

/** The one encoding of `value`; throws the fault 'message-malformed' for a value outside the profile. */
export function encodeValue(value: Value): Uint8Array {
  assertProfile(value, 0);
  return new Uint8Array(cbor.encode(value));
}

/**
 * Walks over one encoded item and returns where it ends, so that nothing outside the profile ever reaches the decoder's
 * tags, records and other features.
 */
function itemEnd(bytes: Buffer, start: number, depth: number): number {
  if (start >= bytes.length) throw fault('message-malformed', 'cut short');
  const initial = bytes.readUInt8(start);
  const major = initial >> 5;
  const short = initial & 31;
  if (major !== UNSIGNED && major !== BYTES && major !== TEXT && major !== ARRAY) {
    throw fault('message-malformed', 'type');
  }
  if (short > 26) throw fault('message-malformed', 'length of length');
  const size = short < 24 ? 0 : 1 << (short - 24);
  const body = start + 1 + size;
  if (body > bytes.length) throw fault('message-malformed', 'cut short');
  const argument = size === 0 ? short : bytes.readUIntBE(start + 1, size);
  if (major === UNSIGNED) return body;
  if (argument > bytes.length - body) throw fault('message-malformed', 'cut short');
  if (major !== ARRAY) return body + argument;
  if (depth >= DEPTH_MAX) throw fault('message-malformed', 'depth');
  let end = body;
  for (let i = 0; i < argument; i++) end = itemEnd(bytes, end, depth + 1);
  return end;
}

/** cbor-x hands out views of its input; a value must outlive the buffer that it came in. */
function owned(value: Value): Value {
  if (value instanceof Uint8Array) return new Uint8Array(value);
  return Array.isArray(value) ? value.map(owned) : value;
}

/** The value that `bytes` are the encoding of; throws the fault 'message-malformed' for anything else. */
export function decodeValue(bytes: Uint8Array): Value {
  const input = Buffer.from(bytes);
  if (itemEnd(input, 0, 0) !== input.length) throw fault('message-malformed', 'bytes left over');
  const value = owned(cbor.decode(input) as Value);
  // Shortest form, ASCII and whatever else could differ, in one comparison.
  if (!input.equals(encodeValue(value))) throw fault('message-malformed', 'another form of the same');
  return value;
}
