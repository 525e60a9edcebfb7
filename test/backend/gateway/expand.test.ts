import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { distance16, time16 } from '../../../device/robert/time.js';
import { expand } from '../../../host/backend/gateway/expand.js';
import { decodeBatch, type LoggedBatch } from '../../../host/backend/gateway/record.js';
import type { Anchor } from '../../../host/backend/gateway/timeline.js';
import { DEFAULT_SCORING, scoreContact } from '../../../host/backend/robert/scoring.js';
import { POWER_UNKNOWN } from '../../../host/backend/store/hellos.js';
import { batchPlaintext, honestRecord, type RecordSpec } from './builder.js';

const START = 3_917_894_400;
const ALWAYS = { from: 0, until: 0xffffffff };

function batch(records: RecordSpec[], more: { start?: number; timeline?: number; uncertainty?: number } = {}) {
  const logged = decodeBatch(batchPlaintext({ start: START, records, ...more }));
  if (typeof logged === 'string') throw new Error(logged);
  return logged;
}

function one(batches: LoggedBatch[], anchors: Anchor[] = []) {
  const { contacts } = expand(batches, anchors, ALWAYS);
  expect(contacts).toHaveLength(1);
  return contacts[0]!;
}

/** Shifts the sender's clock, or delays a replay, by `seconds`. */
function shifted(record: RecordSpec, seconds: number): RecordSpec {
  const move = (time: number): number => (((time + seconds) % 0x10000) + 0x10000) % 0x10000;
  return { ...record, proofs: record.proofs.map(({ time16: t, mac }) => ({ time16: move(t), mac })) };
}

describe('expand', () => {
  it('makes the hellos of each count class, inside their minute, with its power', () => {
    const classes = [1, 2, 3, 4, 5, 6, 7, 0, 1];
    const minutes = classes.map((countClass, i) => ({ countClass, powerCode: 23 + i }));
    const contact = one([batch([{ ...honestRecord(5, START, 10, 9), minutes }])]);
    const counts = [1, 2, 3, 4, 6, 8, 11, 0, 1];
    counts.forEach((count, minute) => {
      const from = START + 40 + 60 * minute;
      const inside = contact.hellos.filter(({ received }) => received >= from && received < from + 60);
      expect(inside).toHaveLength(count);
      for (const hello of inside) expect(hello.rssi).toBe(-66 + 0.25 * minute);
    });
    expect(contact.hellos[0]!.received).toBe(START + 40);
    expect(contact.ecc).toBe(5);
  });

  it('makes hellos of unknown power of the minutes that nobody measured, with their times and proofs', () => {
    const spec = honestRecord(5, START, 0, 6);
    const measured = one([batch([spec])]);
    spec.minutes = spec.minutes.map((minute, i) => (i < 4 ? { ...minute, powerCode: 0 } : minute));
    const contact = one([batch([spec])]);
    expect(contact.hellos.map(({ rssi: _, ...evidence }) => evidence)).toEqual(
      measured.hellos.map(({ rssi: _, ...evidence }) => evidence),
    );
    expect(contact.hellos.map(({ rssi }) => rssi)).toEqual([...Array(16).fill(POWER_UNKNOWN), ...Array(8).fill(-50)]);
  });

  it('gives each hello the nearest proof, within the 180 s of the reference', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 15 }),
        fc.integer({ min: 0, max: 255 }),
        fc.integer({ min: -60, max: 60 }),
        (minutes, first, clockError) => {
          const spec = shifted(honestRecord(9, START, first, minutes), clockError);
          const { contacts } = expand([batch([spec])], [], ALWAYS);
          for (const hello of contacts[0]?.hellos ?? []) {
            const distance = distance16(hello.time16, time16(hello.received));
            expect(distance).toBeLessThanOrEqual(180);
            for (const proof of spec.proofs) {
              // Moving a hello inside its minute never leaves its proof for one that is nearer by more than the move.
              expect(distance).toBeLessThanOrEqual(distance16(proof.time16, time16(hello.received)) + 60);
            }
          }
        },
      ),
    );
  });

  it('keeps every reception of two clocks that agree to 15 s, and their score', () => {
    for (const clockError of [-15, 0, 15]) {
      const contact = one([batch([shifted(honestRecord(9, START), clockError)])]);
      expect(contact.hellos).toHaveLength(60);
      expect(scoreContact(contact.hellos, DEFAULT_SCORING)?.score).toBeGreaterThan(13);
    }
  });

  it('corrects reception times by the anchors, and the proofs follow the token’s own clock', () => {
    const lost: Anchor = { timeline: 2, start: START - 10, end: START + 90_000, delta: 5400, kind: 'lost' };
    // Heard by a clock that was 5400 s behind: the senders' times are right, so far from the token's own.
    const record = shifted(honestRecord(9, START), 5400);
    const contact = one([batch([record], { timeline: 2, uncertainty: 255 })], [lost]);
    expect(contact.hellos[0]!.received).toBe(START + 5400);
    expect(contact.hellos).toHaveLength(60);
  });

  it('drops what has no known time, is outside the window, or has no proof near it', () => {
    const unknown = expand([batch([honestRecord(1, START)], { uncertainty: 255 })], [], ALWAYS);
    expect(unknown).toMatchObject({ contacts: [], dropped: { 'time-unknown': 1 } });
    const window = { from: START + 1, until: START + 100 };
    const records = [honestRecord(1, START, 0), honestRecord(2, START, 1), honestRecord(3, START, 26)];
    const some = expand([batch(records)], [], window);
    expect(some.contacts.map((contact) => contact.ecc)).toEqual([2]);
    expect(some.dropped['outside-window']).toBe(2);
    const far = expand([batch([shifted(honestRecord(1, START, 0, 2), 5000)])], [], ALWAYS);
    expect(far).toMatchObject({ contacts: [], dropped: { 'proofs-not-near': 1 } });
  });

  it('refuses a HELLO replayed more than 60 s late when the clock is known, 180 s when it is not (R22)', () => {
    // One reception: its proof was heard at the first reception.
    const heard = { ...honestRecord(7, START, 5, 1), minutes: [{ countClass: 1, powerCode: 80 }] };
    heard.proofs = [{ time16: time16(START + 20), mac: new Uint8Array(5) }];
    const kept = (late: number, uncertainty: number): boolean =>
      expand([batch([shifted(heard, -late)], { uncertainty })], [], ALWAYS).contacts.length === 1;
    expect(kept(60, 5)).toBe(true);
    expect(kept(61, 5)).toBe(false);
    expect(kept(61, 100)).toBe(true);
    expect(kept(180, 100)).toBe(true);
    expect(kept(181, 100)).toBe(false);
  });

  it('merges the records of one EBID and orders their hellos', () => {
    const late = honestRecord(3, START, 100, 5);
    const early = honestRecord(3, START, 0, 5);
    const other = { ...honestRecord(3, START, 0, 5), ecc: 99 };
    const { contacts } = expand([batch([late, other]), batch([early])], [], ALWAYS);
    expect(contacts).toHaveLength(2);
    const merged = contacts.find((contact) => contact.ecc === 3)!;
    expect(merged.hellos).toHaveLength(40);
    const times = merged.hellos.map((hello) => hello.received);
    expect(times).toEqual([...times].sort((a, b) => a - b));
  });

  it('never lets the sixteenth minute outlast what is scored', () => {
    const spec = honestRecord(3, START, 0, 16);
    spec.minutes = spec.minutes.map(() => ({ countClass: 7, powerCode: 127 }));
    const contact = one([batch([spec])]);
    expect(contact.hellos.at(-1)!.received - contact.hellos[0]!.received).toBe(900);
    expect(scoreContact(contact.hellos, DEFAULT_SCORING)?.score).toBe(14);
  });

  it('bounds what one EBID can become', () => {
    const crowded = { ...honestRecord(3, START, 0, 16), minutes: Array(16).fill({ countClass: 7, powerCode: 127 }) };
    const { contacts, dropped } = expand([batch(Array(40).fill(crowded))], [], ALWAYS);
    expect(contacts[0]!.hellos.length).toBeLessThanOrEqual(700);
    expect(dropped['too-many']).toBe(37);
  });
});
