/**
 * The server's sealed answer to one request of one token: a head, and one block of identifiers a day
 * (docs/spec/visit.md). The courier that carries it can neither read nor change it.
 *
 *   key   = HMAC(K_enc, "galet answer" | nonce (16) | request MAC (32; zeros for the first load) | salt (16))
 *   head  = salt (16) | seal(key, 00 00 00 00 00, 112 bytes, 16-byte tag)
 *   day d = seal(key, 01 | d as u32, 96 x (EBID 8 | ECC 1), 16-byte tag)
 *
 * The server draws the salt afresh for every answer: a courier who repeats a request gets two answers under two keys,
 * never two messages under one key stream.
 */
import { ascii, concat, copyOf, isFilledWith, putU16, putU32, u16At, u32, u32At } from '../bytes.js';
import { fault } from '../faults.js';
import type { Digest } from '../ports.js';
import { hmac } from './hmac.js';
import { applyStream, isAuthentic, open, seal } from './seal.js';

const ANSWER_VERSION = 1;
const ANSWER_TAG = 16;
export const HEAD_LENGTH = 112;
export const SALT_LENGTH = 16;
export const SEALED_HEAD_LENGTH = SALT_LENGTH + HEAD_LENGTH + ANSWER_TAG;
/** Days of identifiers in one answer: the rest of today and 21 whole days. */
export const ANSWER_DAYS = 22;
export const EPOCHS_A_DAY = 96;
export const IDENTIFIER_LENGTH = 9;
export const DAY_LENGTH = EPOCHS_A_DAY * IDENTIFIER_LENGTH;
export const SEALED_DAY_LENGTH = DAY_LENGTH + ANSWER_TAG;
export const NONCE_LENGTH = 16;
export const PHONE_MAX = 20;

export const ORDER_ERASE = 1;
export const ORDER_END = 2;
/**
 * The server took the share that came with this request: the token may go over to the new keys. Without it a courier who
 * drops the share would leave a token with keys that nobody else knows.
 */
export const ORDER_RENEWED = 4;

const LABEL = ascii('galet answer');
const HEAD_CONTEXT = new Uint8Array(5);

/** What the server tells a token besides its identifiers. Times are NTP seconds; 0 stands for none. */
export interface AnswerHead {
  time: number;
  /** 0..999 */
  timeMillis: number;
  /** 0 or 4, as ROBERT's status has it. */
  riskLevel: number;
  /** 00:00 UTC of the (blurred) last contact day. */
  contactDay: number;
  /** ORDER_* bits. */
  orders: number;
  endTime: number;
  serviceStart: number;
  /** floor(NTP seconds / 86 400) of block 0. */
  firstDay: number;
  dayCount: number;
  visitDays: number;
  /** What to ring when at risk; at most 20 ASCII characters. */
  phone: string;
  /** 16 bytes, zeros unless the order is to erase. */
  wipeNonce: Uint8Array;
  /** Number of the firmware version that the token may go over to now, if it has it and the release keys signed it. */
  release: number;
}

export function answerKey(
  digest: Digest,
  kEnc: Uint8Array,
  nonce: Uint8Array,
  requestMac: Uint8Array,
  salt: Uint8Array,
): Uint8Array {
  return hmac(digest, kEnc, [LABEL, nonce, requestMac, salt]);
}

/** The salt that a sealed head starts with; 'answer-forged' when it is too short or long to be one. */
export function saltOf(sealedHead: Uint8Array): Uint8Array {
  if (sealedHead.length !== SEALED_HEAD_LENGTH) throw fault('answer-forged', 'head length');
  return copyOf(sealedHead, 0, SALT_LENGTH);
}

/**
 * 112 bytes: 0 version | 1 risk | 2 orders | 3 days | 4 visit days | 5 phone length | 6 milliseconds u16 | 8 time u32 |
 * 12 contact day u32 | 16 end u32 | 20 service start u32 | 24 first day u32 | 28 wipe nonce 16 | 44 phone 20 |
 * 64 release u32 | 68 zeros.
 */
export function encodeHead(head: AnswerHead): Uint8Array {
  const out = new Uint8Array(HEAD_LENGTH);
  const phone = ascii(head.phone);
  out[0] = ANSWER_VERSION;
  out[1] = head.riskLevel;
  out[2] = head.orders;
  out[3] = head.dayCount;
  out[4] = head.visitDays;
  out[5] = phone.length;
  putU16(out, 6, head.timeMillis);
  putU32(out, 8, head.time);
  putU32(out, 12, head.contactDay);
  putU32(out, 16, head.endTime);
  putU32(out, 20, head.serviceStart);
  putU32(out, 24, head.firstDay);
  out.set(head.wipeNonce, 28);
  out.set(phone, 44);
  putU32(out, 64, head.release);
  return out;
}

/** Reads an authentic head; throws 'answer-version' for one from another version, 'answer-forged' for a senseless one. */
export function decodeHead(bytes: Uint8Array): AnswerHead {
  if (bytes[0] !== ANSWER_VERSION) throw fault('answer-version');
  const phoneLength = bytes[5] as number;
  const risk = bytes[1] as number;
  const dayCount = bytes[3] as number;
  if (
    phoneLength > PHONE_MAX ||
    (risk !== 0 && risk !== 4) ||
    dayCount < 1 ||
    dayCount > ANSWER_DAYS ||
    !isFilledWith(copyOf(bytes, 68, HEAD_LENGTH), 0)
  ) {
    throw fault('answer-forged', 'head fields');
  }
  let phone = '';
  for (let i = 0; i < phoneLength; i++) phone += String.fromCharCode(bytes[44 + i] as number);
  return {
    time: u32At(bytes, 8),
    timeMillis: u16At(bytes, 6),
    riskLevel: risk,
    contactDay: u32At(bytes, 12),
    orders: bytes[2] as number,
    endTime: u32At(bytes, 16),
    serviceStart: u32At(bytes, 20),
    firstDay: u32At(bytes, 24),
    dayCount,
    visitDays: bytes[4] as number,
    phone,
    wipeNonce: copyOf(bytes, 28, 44),
    release: u32At(bytes, 64),
  };
}

export function sealHead(digest: Digest, key: Uint8Array, salt: Uint8Array, head: AnswerHead): Uint8Array {
  return concat([salt, seal(digest, key, HEAD_CONTEXT, encodeHead(head), ANSWER_TAG)]);
}

/** The head, or a fault: 'answer-forged' when the tag or a field is wrong, 'answer-version'. */
export function openHead(digest: Digest, key: Uint8Array, sealed: Uint8Array): AnswerHead {
  const body = copyOf(sealed, SALT_LENGTH, sealed.length);
  const plain = sealed.length === SEALED_HEAD_LENGTH ? open(digest, key, HEAD_CONTEXT, body, ANSWER_TAG) : undefined;
  if (plain === undefined) throw fault('answer-forged', 'head');
  return decodeHead(plain);
}

function dayContext(day: number): Uint8Array {
  return concat([new Uint8Array([1]), u32(day)]);
}

/** `identifiers`: 96 x 9 bytes, EBID then ECC; nine zeros where there is none. */
export function sealDay(digest: Digest, key: Uint8Array, day: number, identifiers: Uint8Array): Uint8Array {
  return seal(digest, key, dayContext(day), identifiers, ANSWER_TAG);
}

/** Whether the tag of a sealed day block is right; the block itself stays sealed. */
export function isAuthenticDay(digest: Digest, key: Uint8Array, day: number, sealed: Uint8Array): boolean {
  return sealed.length === SEALED_DAY_LENGTH && isAuthentic(digest, key, dayContext(day), sealed, ANSWER_TAG);
}

/**
 * Opens one identifier of a day block that was checked when it arrived. `sealed` is the nine bytes at
 * `9 * epochOfDay`; undefined when the server gave none for that epoch.
 */
export function openIdentifier(
  digest: Digest,
  key: Uint8Array,
  day: number,
  epochOfDay: number,
  sealed: Uint8Array,
): Uint8Array | undefined {
  const plain = applyStream(digest, key, dayContext(day), sealed, epochOfDay * IDENTIFIER_LENGTH);
  return isFilledWith(plain, 0) ? undefined : plain;
}
