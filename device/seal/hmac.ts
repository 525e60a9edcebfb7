/** HMAC-SHA256 (RFC 2104, FIPS 198-1) over a board's native SHA-256. */
import { concat, copyOf, xored } from '../bytes.js';
import type { Digest } from '../ports.js';

const BLOCK = 64;

/** 32 bytes. `key` of any length, `message` as the concatenation of its parts. */
export function hmac(digest: Digest, key: Uint8Array, message: Uint8Array[]): Uint8Array {
  const short = key.length > BLOCK ? digest.sha256(key) : key;
  const block = new Uint8Array(BLOCK);
  block.set(short);
  const inner = digest.sha256(concat([xored(block, 0x36)].concat(message)));
  return digest.sha256(concat([xored(block, 0x5c), inner]));
}

/** The first `length` bytes of an HMAC. */
export function shortHmac(digest: Digest, key: Uint8Array, message: Uint8Array[], length: number): Uint8Array {
  return copyOf(hmac(digest, key, message), 0, length);
}
