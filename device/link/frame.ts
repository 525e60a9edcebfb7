/**
 * A frame: kind (1) | seq (1) | ack (1) | payload | CRC-32 (4), of 20 to 256 bytes unless both sides say otherwise
 * (docs/spec/link.md). The CRC runs over the session's nonce and then the frame, so that a frame of an older session,
 * a neighbour's or noise never passes; the OPEN that announces a nonce is checked without one. It finds accidents
 * only: what must not be forged is sealed inside the messages.
 */
import { concat, copyOf, crc32, putU16, putU32, u16At, u32, u32At } from '../bytes.js';
import { LINK_VERSION } from './messages.js';

/** Bytes around a payload. */
export const FRAME_OVERHEAD = 7;
/** BLE with the least MTU, 23, carries 20 bytes. */
export const FRAME_MIN = 20;
export const FRAME_MAX = 256;

/** The bits of the first byte that tell kinds of frame apart. */
export const KIND = 0x7f;
export const OPEN = 1;
export const ACCEPT = 2;
/** A fragment of a message, and the fragment that ends it. */
export const DATA = 3;
export const LAST = 4;
export const ACK = 5;
/** An acknowledgement of a receiver that has seen a gap: send again from `ack`. */
export const NAK = 6;

/** Set in every frame of the token, so that neither side takes the echo of its own frames for the other's. */
export const FROM_TOKEN = 0x80;

const NO_SEED = new Uint8Array(0);
const HELLO_BYTES = 8;

export interface Frame {
  /** Without FROM_TOKEN. */
  kind: number;
  seq: number;
  /** The next sequence number that the sender of this frame waits for. */
  ack: number;
  payload: Uint8Array;
}

/** What the CRC of a session's frames runs over first: the nonce's four bytes. */
export function sessionSeed(nonce: number): Uint8Array {
  return u32(nonce);
}

function check(body: Uint8Array, seed: Uint8Array): number {
  return crc32(concat([seed, body]));
}

export function buildFrame(kind: number, seq: number, ack: number, payload: Uint8Array, seed: Uint8Array): Uint8Array {
  const body = payload.length + 3;
  const frame = new Uint8Array(body + 4);
  frame[0] = kind;
  frame[1] = seq;
  frame[2] = ack;
  frame.set(payload, 3);
  putU32(frame, body, check(frame.subarray(0, body), seed));
  return frame;
}

/** The frame in `bytes`, or undefined when it is none of this session and direction (`from`: FROM_TOKEN or 0). */
export function readFrame(bytes: Uint8Array, from: number, seed: Uint8Array): Frame | undefined {
  const body = bytes.length - 4;
  if (body < 3 || ((bytes[0] as number) & FROM_TOKEN) !== from) return undefined;
  if (check(bytes.subarray(0, body), seed) !== u32At(bytes, body)) return undefined;
  return {
    kind: (bytes[0] as number) & KIND,
    seq: bytes[1] as number,
    ack: bytes[2] as number,
    payload: copyOf(bytes, 3, body),
  };
}

/** What OPEN offers and ACCEPT settles. */
export interface Terms {
  version: number;
  /** Random, not 0: names the session. */
  nonce: number;
  /** Bytes of the largest frame. */
  frameSize: number;
  /** Frames that may be under way unacknowledged. */
  window: number;
}

/** version (1) | nonce (4) | frame size (2) | window (1) in a frame of `kind`; OPEN goes without a seed. */
export function buildTerms(kind: number, terms: Terms): Uint8Array {
  const payload = new Uint8Array(HELLO_BYTES);
  payload[0] = terms.version;
  putU32(payload, 1, terms.nonce);
  putU16(payload, 5, terms.frameSize);
  payload[7] = terms.window;
  return buildFrame(kind, 0, 0, payload, kind === OPEN ? NO_SEED : sessionSeed(terms.nonce));
}

/** The terms in a frame, or undefined when they make no sense. A later version may append to them. */
export function readTerms(frame: Frame): Terms | undefined {
  const payload = frame.payload;
  if (payload.length < HELLO_BYTES) return undefined;
  const terms = {
    version: payload[0] as number,
    nonce: u32At(payload, 1),
    frameSize: u16At(payload, 5),
    window: payload[7] as number,
  };
  const sensible = terms.version >= LINK_VERSION && terms.nonce !== 0;
  return sensible && terms.frameSize >= FRAME_MIN && terms.window >= 1 && terms.window <= 64 ? terms : undefined;
}

/** The terms of an OPEN, or undefined when `bytes` are not one. */
export function readOpen(bytes: Uint8Array): Terms | undefined {
  const frame = readFrame(bytes, 0, NO_SEED);
  return frame !== undefined && frame.kind === OPEN ? readTerms(frame) : undefined;
}
