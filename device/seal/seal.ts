/**
 * Encrypt-then-MAC from HMAC-SHA256 alone, the seal of every log batch and courier message (docs/spec/seal.md).
 *
 *   stream block j = HMAC(key, 01 | context | j)      j a big-endian u32 from 0; HMAC in counter mode (NIST SP 800-108)
 *   ciphertext     = plaintext XOR stream
 *   tag            = HMAC(key, 02 | context | ciphertext), cut to its length
 *
 * A (key, context) pair seals one plaintext ever. All contexts of a key have one length, so that inputs never collide.
 */
import { concat, equal, u32 } from '../bytes.js';
import type { Digest } from '../ports.js';
import { hmac, shortHmac } from './hmac.js';

const STREAM = new Uint8Array([1]);
const TAG = new Uint8Array([2]);
const BLOCK = 32;

/** XORs the stream over `data` as bytes [offset, offset + data.length) of the message; encrypts and decrypts alike. */
export function applyStream(
  digest: Digest,
  key: Uint8Array,
  context: Uint8Array,
  data: Uint8Array,
  offset: number,
): Uint8Array {
  const out = new Uint8Array(data.length);
  let block: Uint8Array = new Uint8Array(0);
  for (let i = 0; i < data.length; i++) {
    const within = (offset + i) % BLOCK;
    if (i === 0 || within === 0) {
      block = hmac(digest, key, [STREAM, context, u32(Math.floor((offset + i) / BLOCK))]);
    }
    out[i] = (data[i] as number) ^ (block[within] as number);
  }
  return out;
}

/** The tag over an existing ciphertext. */
function tagOf(
  digest: Digest,
  key: Uint8Array,
  context: Uint8Array,
  ciphertext: Uint8Array,
  length: number,
): Uint8Array {
  return shortHmac(digest, key, [TAG, context, ciphertext], length);
}

/** ciphertext | tag. */
export function seal(
  digest: Digest,
  key: Uint8Array,
  context: Uint8Array,
  plaintext: Uint8Array,
  tagLength: number,
): Uint8Array {
  const ciphertext = applyStream(digest, key, context, plaintext, 0);
  return concat([ciphertext, tagOf(digest, key, context, ciphertext, tagLength)]);
}

/** Whether the tag of `sealed` is right. */
export function isAuthentic(
  digest: Digest,
  key: Uint8Array,
  context: Uint8Array,
  sealed: Uint8Array,
  tagLength: number,
): boolean {
  const length = sealed.length - tagLength;
  if (length < 0) return false;
  return equal(sealed.subarray(length), tagOf(digest, key, context, sealed.subarray(0, length), tagLength));
}

/** The plaintext, or undefined when the tag is wrong; nothing is decrypted before the tag has been checked. */
export function open(
  digest: Digest,
  key: Uint8Array,
  context: Uint8Array,
  sealed: Uint8Array,
  tagLength: number,
): Uint8Array | undefined {
  if (!isAuthentic(digest, key, context, sealed, tagLength)) return undefined;
  return applyStream(digest, key, context, sealed.subarray(0, sealed.length - tagLength), 0);
}
