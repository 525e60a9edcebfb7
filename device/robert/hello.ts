/**
 * HELLO, what a token or phone says in the air (ROBERT v1.1 section 4.2; robert-server behaviour), 16 bytes:
 *
 *   0 ECC | 1..8 EBID | 9..10 time16, big-endian | 11..15 MAC
 *   MAC = first 5 bytes of HMAC-SHA256(K_auth, 01 | bytes 0..10)
 */
import { copyOf, equal, putU16, u16At } from '../bytes.js';
import type { Digest } from '../ports.js';
import { shortHmac } from '../seal/hmac.js';
import { time16 } from './time.js';

export const HELLO_LENGTH = 16;
export const HELLO_MAC_LENGTH = 5;
export const EBID_LENGTH = 8;

const EBID_AT = 1;
const TIME_AT = 9;
const MAC_AT = 11;
const SALT = new Uint8Array([1]);

/** A HELLO taken apart. Nothing in it has been checked. */
export interface Hello {
  ecc: number;
  /** 8 bytes. */
  ebid: Uint8Array;
  /** Low 16 bits of the sender's NTP seconds. */
  time16: number;
  /** 5 bytes. */
  mac: Uint8Array;
}

function macOf(digest: Digest, kAuth: Uint8Array, hello: Uint8Array): Uint8Array {
  return shortHmac(digest, kAuth, [SALT, hello.subarray(0, MAC_AT)], HELLO_MAC_LENGTH);
}

/** The 16 bytes to say at `ntp` (NTP seconds) under an identifier: 8 bytes of EBID, one byte of ECC. */
export function buildHello(digest: Digest, kAuth: Uint8Array, ecc: number, ebid: Uint8Array, ntp: number): Uint8Array {
  const hello = new Uint8Array(HELLO_LENGTH);
  hello[0] = ecc;
  hello.set(ebid, EBID_AT);
  putU16(hello, TIME_AT, time16(ntp));
  hello.set(macOf(digest, kAuth, hello), MAC_AT);
  return hello;
}

/** Undefined for anything that is not 16 bytes long: every other byte string is a possible HELLO. */
export function parseHello(bytes: Uint8Array): Hello | undefined {
  if (bytes.length !== HELLO_LENGTH) return undefined;
  return {
    ecc: bytes[0] as number,
    ebid: copyOf(bytes, EBID_AT, TIME_AT),
    time16: u16At(bytes, TIME_AT),
    mac: copyOf(bytes, MAC_AT, HELLO_LENGTH),
  };
}

/** The 16 bytes of a HELLO whose parts travelled apart. */
export function joinHello(parts: Hello): Uint8Array {
  const hello = new Uint8Array(HELLO_LENGTH);
  hello[0] = parts.ecc;
  hello.set(parts.ebid, EBID_AT);
  putU16(hello, TIME_AT, parts.time16);
  hello.set(parts.mac, MAC_AT);
  return hello;
}

/** Whether the holder of `kAuth` made this HELLO; compared in constant time. */
export function isHelloAuthentic(digest: Digest, kAuth: Uint8Array, hello: Uint8Array): boolean {
  return hello.length === HELLO_LENGTH && equal(hello.subarray(MAC_AT, HELLO_LENGTH), macOf(digest, kAuth, hello));
}
