/** HMAC-SHA256 (RFC 2104, FIPS 198-1) over a board's native SHA-256. */
import { concat, copyOf } from '../bytes.js';
import type { Digest } from '../ports.js';

const BLOCK = 64;

/** 32 bytes. `key` of any length, `message` as the concatenation of its parts. */
export function hmac(digest: Digest, key: Uint8Array, message: Uint8Array[]): Uint8Array {
  const short = key.length > BLOCK ? digest.sha256(key) : key;
  const inner: Uint8Array = new Uint8Array(BLOCK);
  const outer: Uint8Array = new Uint8Array(BLOCK);
  for (let i = 0; i < BLOCK; i++) {
    const byte = i < short.length ? (short[i] as number) : 0;
    inner[i] = byte ^ 0x36;
    outer[i] = byte ^ 0x5c;
  }
  return digest.sha256(concat([outer, digest.sha256(concat([inner, ...message]))]));
}

/** The first `length` bytes of an HMAC. */
export function shortHmac(digest: Digest, key: Uint8Array, message: Uint8Array[], length: number): Uint8Array {
  return copyOf(hmac(digest, key, message), 0, length);
}
