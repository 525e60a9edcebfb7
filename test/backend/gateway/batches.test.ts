import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextState } from '../../../device/seal/ratchet.js';
import { type BatchTicket, openBatches } from '../../../host/backend/gateway/batches.js';
import { nodeDigest } from '../../../host/crypto.js';
import { batchPlaintext, honestRecord, sealBatch } from './builder.js';

const START = 3_917_894_400;
const STATE = new Uint8Array(32).fill(7);
const COUNT = 6;

function sealed(count = COUNT): Uint8Array[] {
  let state: Uint8Array = STATE;
  return Array.from({ length: count }, (_, i) => {
    const plaintext = batchPlaintext({
      start: START + 900 * i,
      records: [honestRecord(i, START), honestRecord(9, START)],
    });
    const batch = sealBatch(state, i, 512 * i, plaintext);
    state = nextState(nodeDigest, state);
    return batch;
  });
}

/** One ticket from batch 0 on; its batches up to `mark` have counted before. */
const under = (mark = -1) => [{ state: STATE, start: 0, mark }];
const ALL = { first: 0, last: COUNT - 1, recordCount: 2 * COUNT };

describe('openBatches', () => {
  it('opens them all, in whatever order they come', async () => {
    const opened = await openBatches(under(), sealed().reverse(), ALL);
    expect(opened.batches.map((batch) => batch.start)).toEqual([0, 1, 2, 3, 4, 5].map((i) => START + 900 * i));
    expect(opened.highest).toEqual([5]);
    expect(opened.counts).toEqual({ opened: 6, missing: 0, bad: 0, repeated: 0, outside: 0, surplusRecords: 0 });
  });

  it('counts what is missing and keeps the rest', async () => {
    const { counts, highest } = await openBatches(
      under(),
      sealed().filter((_, i) => i !== 2 && i !== 5),
      ALL,
    );
    expect(counts).toMatchObject({ opened: 4, missing: 2 });
    expect(highest).toEqual([4]);
  });

  it('drops repeats, keeping the good one whichever comes first', async () => {
    const good = sealed();
    const forged = new Uint8Array(good[3]!);
    forged[20]! ^= 1;
    const { counts, batches } = await openBatches(under(), [forged, ...good, good[1]!], ALL);
    expect(batches).toHaveLength(6);
    expect(counts).toMatchObject({ opened: 6, repeated: 2, bad: 0, missing: 0 });
  });

  it('detects every flipped bit, every swap of slots and of indexes', async () => {
    const good = sealed(2)[1]!;
    for (let bit = 0; bit < good.length * 8; bit += 1) {
      const forged = new Uint8Array(good);
      forged[bit >> 3]! ^= 1 << (bit & 7);
      const { counts } = await openBatches(under(), [forged], { first: 0, last: 5, recordCount: 10 });
      expect(counts.opened).toBe(0);
      expect(counts.bad + counts.outside).toBe(1);
    }
  });

  it('leaves out what the header does not name and what has counted before', async () => {
    const range = { first: 1, last: 4, recordCount: 12 };
    expect((await openBatches(under(), sealed(), range)).counts).toMatchObject({ opened: 4, outside: 2 });
    const later = await openBatches(under(3), sealed(), range);
    expect(later.counts).toMatchObject({ opened: 1, outside: 5, missing: 0 });
    expect(later.highest).toEqual([4]);
  });

  it('takes no more records than the header says there are', async () => {
    const { batches, counts } = await openBatches(under(), sealed(), { ...ALL, recordCount: 5 });
    expect(batches.map((batch) => batch.records.length)).toEqual([2, 2, 1, 0, 0, 0]);
    expect(counts.surplusRecords).toBe(7);
  });

  it('bears hostile bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 80 }), { maxLength: 20 }), async (travelling) => {
        const { counts } = await openBatches(under(), travelling, ALL);
        expect(counts.opened).toBe(0);
      }),
    );
  });

  it('does not walk further than the batches ask for, nor try one index for ever', async () => {
    const good = sealed(1)[0]!;
    const forged = Array.from({ length: 20_000 }, () => {
      const copy = new Uint8Array(good);
      copy[30]! ^= 1;
      return copy;
    });
    const started = performance.now();
    const { counts } = await openBatches(under(), forged, { first: 0, last: 300_000, recordCount: 10 });
    expect(counts).toMatchObject({ opened: 0, bad: 1, repeated: 19_999 });
    expect(performance.now() - started).toBeLessThan(1000);
  });

  describe('under two tickets', () => {
    const OTHER = new Uint8Array(32).fill(8);
    const START_OF_OTHER = 4;

    /** Batches 0 to 3 under the first ticket, 4 and 5 under the second. */
    function both(): Uint8Array[] {
      let state: Uint8Array = OTHER;
      const later = [START_OF_OTHER, START_OF_OTHER + 1].map((index) => {
        const plaintext = batchPlaintext({ start: START + 900 * index, records: [honestRecord(index, START)] });
        const batch = sealBatch(state, index, 512 * index, plaintext);
        state = nextState(nodeDigest, state);
        return batch;
      });
      return [...sealed(START_OF_OTHER), ...later];
    }

    const tickets = (marks = [-1, -1]): BatchTicket[] => [
      { state: STATE, start: 0, mark: marks[0]! },
      { state: OTHER, start: START_OF_OTHER, mark: marks[1]! },
    ];

    it('opens each with the ratchet of the ticket whose range holds its index', async () => {
      const opened = await openBatches(tickets(), both().reverse(), ALL);
      expect(opened.batches.map((batch) => batch.start)).toEqual([0, 1, 2, 3, 4, 5].map((i) => START + 900 * i));
      expect(opened.highest).toEqual([3, 5]);
      expect(opened.counts).toEqual({ opened: 6, missing: 0, bad: 0, repeated: 0, outside: 0, surplusRecords: 0 });
    });

    it('walks from a ticket’s own start, not from 0', async () => {
      const range = { first: 5, last: 5, recordCount: 2 };
      const second = tickets().slice(1);
      expect((await openBatches(second, both(), range)).counts).toMatchObject({ opened: 1, outside: 5 });
    });

    it('gives what the second holds when the first does not open, and counts the rest', async () => {
      for (const first of [undefined, new Uint8Array(32).fill(1)]) {
        const parts = tickets();
        parts[0]!.state = first;
        const { batches, counts, highest } = await openBatches(parts, both(), ALL);
        expect(batches.map((batch) => batch.start)).toEqual([4, 5].map((i) => START + 900 * i));
        expect(counts).toMatchObject({ opened: 2, bad: 4, missing: 4, outside: 0 });
        expect(highest).toEqual([-1, 5]);
      }
    });

    it('leaves out what either has counted before', async () => {
      const { counts, highest } = await openBatches(tickets([2, 4]), both(), ALL);
      expect(counts).toMatchObject({ opened: 2, outside: 4, missing: 0 });
      expect(highest).toEqual([3, 5]);
    });

    it('shares the count of records among both', async () => {
      const { batches, counts } = await openBatches(tickets(), both(), { ...ALL, recordCount: 9 });
      expect(batches.map((batch) => batch.records.length)).toEqual([2, 2, 2, 2, 1, 0]);
      expect(counts.surplusRecords).toBe(1);
    });

    it('opens nothing twice, whatever the starts and marks', async () => {
      const all = both();
      await fc.assert(
        fc.asyncProperty(
          fc.nat(7),
          fc.nat(7),
          fc.tuple(fc.integer({ min: -1, max: 6 }), fc.integer({ min: -1, max: 6 })),
          async (a, b, marks) => {
            const [first, second] = [
              { state: STATE, start: Math.min(a, b), mark: marks[0] },
              { state: OTHER, start: Math.max(a, b) + 1, mark: marks[1] },
            ];
            const range = { ...ALL, first: Math.max(0, first.start) };
            const { counts, batches } = await openBatches([first, second], all, range);
            expect(counts.opened + counts.bad + counts.outside).toBe(all.length);
            expect(counts.missing).toBeGreaterThanOrEqual(counts.bad);
            expect(new Set(batches.map((batch) => batch.start)).size).toBe(counts.opened);
          },
        ),
      );
    });
  });
});
