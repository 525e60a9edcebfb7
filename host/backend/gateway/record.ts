/**
 * Reads the plaintext of a log batch (docs/spec/log.md). Written apart from the token's encoder on purpose: the two meet
 * in the specification and its golden vectors only. Whatever bytes come in, the outcome is records or a named refusal.
 *
 *   plaintext = start u32 | timeline u8 | uncertainty u8 | count u8 | records, each in whole bytes | zeros to a multiple of 4
 */
import { u32At } from '../../../device/bytes.js';
import { POWER_UNKNOWN } from '../store/hellos.js';

/** One HELLO of a record, kept as evidence. */
export interface Proof {
  /** Low 16 bits of the sender's time. */
  time16: number;
  /** 5 bytes. */
  mac: Uint8Array;
}

/** What was heard in one minute. */
export interface Minute {
  /** 0 to 7: none, 1, 2, 3, 4, 5-6, 7-9, 10 and more receptions. */
  countClass: number;
  /** Mean power, dBm; `POWER_UNKNOWN` when no power is known, 0 when nothing was received. */
  power: number;
}

export interface LoggedRecord {
  ecc: number;
  /** 8 bytes. */
  ebid: Uint8Array;
  /** First reception, NTP seconds by the token's clock; multiples of 4 s from the batch's start. */
  first: number;
  /** 1 to 4, by rising time. */
  proofs: Proof[];
  /** 1 to 16, from the first reception on. */
  minutes: Minute[];
}

export interface LoggedBatch {
  /** NTP seconds by the token's clock. */
  start: number;
  timeline: number;
  /** Seconds by which that clock may be wrong; 255 unknown. */
  uncertainty: number;
  records: LoggedRecord[];
}

export type BatchRefusal = 'batch-cut-short' | 'batch-too-long' | 'padding-not-zero' | 'time-out-of-range';

const HEAD = 7;
const ALIGNMENT = 4;
const FIRST_UNIT = 4;
const SKEW_BIAS = 181;
const NTP_MAX = 0xffffffff;

/** dBm of a power code: half decibels from -77 to -66.5, quarters from -66 to -45.25, halves again from -45 to -35. */
function powerOf(code: number): number {
  if (code === 0) return POWER_UNKNOWN;
  if (code < 23) return -77.5 + code * 0.5;
  if (code < 107) return -66 + (code - 23) * 0.25;
  return -45 + (code - 107) * 0.5;
}

class BitReader {
  #at: number;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array, firstByte: number) {
    this.#bytes = bytes;
    this.#at = firstByte * 8;
  }

  /** Bytes that have been begun. */
  get bytesUsed(): number {
    return Math.ceil(this.#at / 8);
  }

  get isCutShort(): boolean {
    return this.#at > this.#bytes.length * 8;
  }

  /** Up to 32 bits; zeros beyond the end, where `isCutShort` is then true. */
  take(bits: number): number {
    let value = 0;
    for (let i = 0; i < bits; i++) {
      const byte = this.#bytes[this.#at >> 3] ?? 0;
      value = value * 2 + ((byte >> (7 - (this.#at & 7))) & 1);
      this.#at += 1;
    }
    return value;
  }

  takeBytes(length: number): Uint8Array {
    const out = new Uint8Array(length);
    for (let i = 0; i < length; i++) out[i] = this.take(8);
    return out;
  }

  /** The bits left of the byte that has been begun. */
  takePadding(): number {
    return this.take((8 - (this.#at & 7)) & 7);
  }
}

function readProofs(bits: BitReader, count: number, first: number): Proof[] {
  const proofs: Proof[] = [];
  for (let i = 0; i < count; i++) {
    const before = proofs[i - 1];
    let time: number;
    if (before !== undefined) time = before.time16 + bits.take(9) + 1;
    else time = bits.take(1) === 1 ? bits.take(16) : first + bits.take(9) - SKEW_BIAS;
    proofs.push({ time16: ((time % 0x10000) + 0x10000) % 0x10000, mac: bits.takeBytes(5) });
  }
  return proofs;
}

function readRecord(bits: BitReader, start: number): LoggedRecord {
  const proofCount = bits.take(2) + 1;
  const minuteCount = bits.take(4) + 1;
  const first = start + bits.take(8) * FIRST_UNIT;
  const ecc = bits.take(8);
  const ebid = bits.takeBytes(8);
  const proofs = readProofs(bits, proofCount, first);
  const minutes: Minute[] = [];
  for (let i = 0; i < minuteCount; i++) {
    const countClass = bits.take(3);
    minutes.push({ countClass, power: countClass === 0 ? 0 : powerOf(bits.take(7)) });
  }
  return { ecc, ebid, first, proofs, minutes };
}

/** The batch, or why it is none. */
export function decodeBatch(plaintext: Uint8Array): LoggedBatch | BatchRefusal {
  if (plaintext.length < HEAD) return 'batch-cut-short';
  const start = u32At(plaintext, 0);
  const count = plaintext[6] as number;
  const bits = new BitReader(plaintext, HEAD);
  const records: LoggedRecord[] = [];
  for (let i = 0; i < count; i++) {
    const record = readRecord(bits, start);
    if (bits.takePadding() !== 0) return 'padding-not-zero';
    if (bits.isCutShort) return 'batch-cut-short';
    if (record.first > NTP_MAX) return 'time-out-of-range';
    records.push(record);
  }
  const rest = plaintext.subarray(bits.bytesUsed);
  if (plaintext.length % ALIGNMENT !== 0 || rest.length >= ALIGNMENT) return 'batch-too-long';
  if (rest.some((byte) => byte !== 0)) return 'padding-not-zero';
  return { start, timeline: plaintext[4] as number, uncertainty: plaintext[5] as number, records };
}
