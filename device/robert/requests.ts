/**
 * The authenticated requests (ROBERT v1.1 sections 7 and 8; robert-server behaviour: the epoch has four bytes, not
 * the paper's three).
 *
 *   MAC (32 bytes) = HMAC-SHA256(K_auth, salt (1) | EBID (8) | epoch u32 | time u32)
 */
import { concat, u32 } from '../bytes.js';
import type { Digest } from '../ports.js';
import { hmac } from '../seal/hmac.js';

/** First byte of a MAC's input. 01 is HELLO's (hello.ts). */
export const SALT_STATUS = 2;
export const SALT_UNREGISTER = 3;
export const SALT_DELETE_HISTORY = 4;

export const REQUEST_MAC_LENGTH = 32;

/** The 17 bytes under the MAC. `time` is NTP seconds, taken modulo 2^32. */
export function requestMacInput(salt: number, ebid: Uint8Array, epoch: number, time: number): Uint8Array {
  return concat([new Uint8Array([salt]), ebid, u32(epoch), u32(time % 0x100000000)]);
}

export function requestMac(
  digest: Digest,
  kAuth: Uint8Array,
  salt: number,
  ebid: Uint8Array,
  epoch: number,
  time: number,
): Uint8Array {
  return hmac(digest, kAuth, [requestMacInput(salt, ebid, epoch, time)]);
}
