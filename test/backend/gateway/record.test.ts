import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeBatch, type LoggedBatch } from '../../../host/backend/gateway/record.js';
import { POWER_UNKNOWN } from '../../../host/backend/store/hellos.js';
import { batchPlaintext, honestRecord, type RecordSpec, recordBits } from './builder.js';

const START = 3_917_894_400;

const proofTimes = (count: number) =>
  fc
    .tuple(
      fc.integer({ min: 0, max: 0xffff }),
      fc.array(fc.integer({ min: 1, max: 512 }), { minLength: 3, maxLength: 3 }),
    )
    .map(([first, gaps]) => {
      const times = [first];
      for (const gap of gaps) times.push((times.at(-1)! + gap) % 0x10000);
      return times.slice(0, count);
    });

const record: fc.Arbitrary<RecordSpec> = fc
  .record({
    ecc: fc.integer({ min: 0, max: 255 }),
    ebid: fc.uint8Array({ minLength: 8, maxLength: 8 }),
    first: fc.integer({ min: 0, max: 255 }),
    times: fc.integer({ min: 1, max: 4 }).chain(proofTimes),
    macs: fc.array(fc.uint8Array({ minLength: 5, maxLength: 5 }), { minLength: 4, maxLength: 4 }),
    minutes: fc.array(
      fc.record({ countClass: fc.integer({ min: 0, max: 7 }), powerCode: fc.integer({ min: 0, max: 127 }) }),
      { minLength: 1, maxLength: 16 },
    ),
    long: fc.boolean(),
  })
  .map(({ times, macs, ...rest }) => ({ ...rest, proofs: times.map((time16, i) => ({ time16, mac: macs[i]! })) }));

function decoded(plaintext: Uint8Array): LoggedBatch {
  const batch = decodeBatch(plaintext);
  if (typeof batch === 'string') throw new Error(batch);
  return batch;
}

describe('decodeBatch', () => {
  it('reads what the specification writes', () => {
    fc.assert(
      fc.property(fc.array(record, { maxLength: 8 }), fc.integer({ min: 0, max: 255 }), (records, uncertainty) => {
        const batch = decoded(batchPlaintext({ start: START, timeline: 7, uncertainty, records }));
        expect(batch.start).toBe(START);
        expect(batch.timeline).toBe(7);
        expect(batch.uncertainty).toBe(uncertainty);
        expect(batch.records).toHaveLength(records.length);
        batch.records.forEach((read, i) => {
          const spec = records[i]!;
          expect(read.ecc).toBe(spec.ecc);
          expect(read.ebid).toEqual(spec.ebid);
          expect(read.first).toBe(START + 4 * spec.first);
          expect(read.proofs).toEqual(spec.proofs);
          expect(read.minutes.map((minute) => minute.countClass)).toEqual(spec.minutes.map((m) => m.countClass));
        });
      }),
    );
  });

  it('turns power codes into dBm, and code 0 into an unknown power', () => {
    const minutes = [0, 1, 22, 23, 24, 106, 107, 108, 127].map((powerCode) => ({ countClass: 1, powerCode }));
    const batch = decoded(batchPlaintext({ start: START, records: [{ ...honestRecord(1, START), minutes }] }));
    expect(batch.records[0]!.minutes.map((minute) => minute.power)).toEqual([
      POWER_UNKNOWN,
      -77,
      -66.5,
      -66,
      -65.75,
      -45.25,
      -45,
      -44.5,
      -35,
    ]);
  });

  it('takes at most 48 bytes for 15 minutes', () => {
    expect(recordBits(honestRecord(1, START), START).length / 8).toBeLessThanOrEqual(48);
  });

  it('answers hostile bytes with records or a named refusal, never with an exception', () => {
    const refusals = ['batch-cut-short', 'batch-too-long', 'padding-not-zero', 'time-out-of-range'];
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const batch = decodeBatch(bytes);
        if (typeof batch === 'string') expect(refusals).toContain(batch);
        else expect(batch.records).toHaveLength(bytes[6]!);
      }),
      { numRuns: 2000 },
    );
  });

  it('refuses a batch that is cut, longer than it says, or not padded with zeros', () => {
    const good = batchPlaintext({
      start: START,
      records: [honestRecord(1, START, 0, 3), honestRecord(2, START, 9, 2)],
    });
    for (let length = 0; length < good.length - 3; length++) {
      expect(decodeBatch(good.subarray(0, length))).toMatch(/batch-cut-short|batch-too-long|padding-not-zero/);
    }
    expect(decodeBatch(new Uint8Array([...good, 0, 0, 0, 0]))).toBe('batch-too-long');
    const unpadded = batchPlaintext({ start: START, records: [] });
    unpadded[7] = 1;
    expect(decodeBatch(unpadded)).toBe('padding-not-zero');
    expect(decodeBatch(batchPlaintext({ start: 0xffffffff, records: [honestRecord(1, 0, 1)] }))).toBe(
      'time-out-of-range',
    );
  });
});
