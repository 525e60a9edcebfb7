/**
 * One record of the contact log: all that was heard of one EBID, in 48 bytes for 15 minutes (docs/spec/log.md).
 *
 * Bits, most significant first:
 *   proofs-1 (2) | minutes-1 (4) | first (8) | ECC (8) | EBID (64)
 *   first proof: long (1) | time16 (9 bits, difference from the first reception + 181; 16 bits when long) | MAC (40)
 *   further proofs: time16 difference to the proof before, -1 (9) | MAC (40)
 *   each minute: count class (3) | power code (7, 0 when no power is known), the latter only when the class is not 0
 * then zero bits up to a whole byte. `first` counts units of 4 s from the start of the batch.
 */
import { decibels, powerCode } from './power.js';

export const MAX_PROOFS = 4;
export const MAX_MINUTES = 16;
/** Longest distance in seconds between the times of two proofs of one record. */
export const PROOF_GAP_MAX = 512;
/** A record's first reception lies less than this many seconds after its batch's start. */
export const FIRST_SPAN = 1024;

const FIRST_UNIT = 4;
const SKEW_BIAS = 181;
const SKEW_SPAN = 512;

/** What was heard of one EBID, as the neighbour table gives it. */
export interface Contact {
  /** ECC | EBID, 9 bytes. */
  key: Uint8Array;
  /** First reception, NTP seconds. */
  first: number;
  /** 1 to 4, in the order of their sender's clock. */
  proofs: { time16: number; mac: Uint8Array }[];
  /** One entry a minute from the first reception: sightings, and the sum of their powers in mW, 0 when none is known. */
  minutes: { count: number; power: number }[];
}

function bitWriter(): { put(value: number, bits: number): void; bytes(): Uint8Array } {
  const out: number[] = [];
  let used = 0;
  return {
    put(value, bits) {
      for (let bit = bits - 1; bit >= 0; bit--) {
        if (used % 8 === 0) out.push(0);
        if ((value >>> bit) & 1) out[out.length - 1] = (out[out.length - 1] as number) | (0x80 >>> (used % 8));
        used += 1;
      }
    },
    bytes: () => new Uint8Array(out),
  };
}

/** 0 to 4 as they are, 5 for 5-6, 6 for 7-9, 7 for 10 and more: finer than the score can tell apart. */
function countClass(count: number): number {
  if (count < 5) return count;
  if (count < 7) return 5;
  return count < 10 ? 6 : 7;
}

/** Encodes a contact of a batch that starts at `start` (NTP seconds, `start <= contact.first < start + FIRST_SPAN`). */
export function encodeRecord(contact: Contact, start: number): Uint8Array {
  const out = bitWriter();
  const offset = Math.floor((contact.first - start) / FIRST_UNIT);
  let minutes = 1;
  for (let i = 0; i < contact.minutes.length; i++)
    if ((contact.minutes[i] as { count: number }).count > 0) minutes = i + 1;

  out.put(contact.proofs.length - 1, 2);
  out.put(minutes - 1, 4);
  out.put(offset, 8);
  for (let i = 0; i < 9; i++) out.put(contact.key[i] as number, 8);

  for (let i = 0; i < contact.proofs.length; i++) {
    const proof = contact.proofs[i] as { time16: number; mac: Uint8Array };
    if (i === 0) {
      const skew = (proof.time16 - (start + offset * FIRST_UNIT) + SKEW_BIAS) & 0xffff;
      const long = skew >= SKEW_SPAN;
      out.put(long ? 1 : 0, 1);
      out.put(long ? proof.time16 : skew, long ? 16 : 9);
    } else {
      const before = contact.proofs[i - 1] as { time16: number };
      out.put(((proof.time16 - before.time16) & 0xffff) - 1, 9);
    }
    for (let k = 0; k < 5; k++) out.put(proof.mac[k] as number, 8);
  }

  for (let i = 0; i < minutes; i++) {
    const minute = contact.minutes[i] as { count: number; power: number };
    out.put(countClass(minute.count), 3);
    if (minute.count > 0) out.put(minute.power > 0 ? powerCode(decibels(minute.power / minute.count)) : 0, 7);
  }
  return out.bytes();
}
