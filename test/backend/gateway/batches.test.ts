import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextState } from '../../../device/seal/ratchet.js';
import { openBatches } from '../../../host/backend/gateway/batches.js';
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

const ALL = { first: 0, last: COUNT - 1, recordCount: 2 * COUNT };

describe('openBatches', () => {
  it('opens them all, in whatever order they come', async () => {
    const opened = await openBatches(STATE, sealed().reverse(), ALL, -1);
    expect(opened.batches.map((batch) => batch.start)).toEqual([0, 1, 2, 3, 4, 5].map((i) => START + 900 * i));
    expect(opened.highest).toBe(5);
    expect(opened.counts).toEqual({ opened: 6, missing: 0, bad: 0, repeated: 0, outside: 0, surplusRecords: 0 });
  });

  it('counts what is missing and keeps the rest', async () => {
    const { counts, highest } = await openBatches(
      STATE,
      sealed().filter((_, i) => i !== 2 && i !== 5),
      ALL,
      -1,
    );
    expect(counts).toMatchObject({ opened: 4, missing: 2 });
    expect(highest).toBe(4);
  });

  it('drops repeats, keeping the good one whichever comes first', async () => {
    const good = sealed();
    const forged = new Uint8Array(good[3]!);
    forged[20]! ^= 1;
    const { counts, batches } = await openBatches(STATE, [forged, ...good, good[1]!], ALL, -1);
    expect(batches).toHaveLength(6);
    expect(counts).toMatchObject({ opened: 6, repeated: 2, bad: 0, missing: 0 });
  });

  it('detects every flipped bit, every swap of slots and of indexes', async () => {
    const good = sealed(2)[1]!;
    for (let bit = 0; bit < good.length * 8; bit += 1) {
      const forged = new Uint8Array(good);
      forged[bit >> 3]! ^= 1 << (bit & 7);
      const { counts } = await openBatches(STATE, [forged], { first: 0, last: 5, recordCount: 10 }, -1);
      expect(counts.opened).toBe(0);
      expect(counts.bad + counts.outside).toBe(1);
    }
  });

  it('leaves out what the header does not name and what has counted before', async () => {
    const range = { first: 1, last: 4, recordCount: 12 };
    expect((await openBatches(STATE, sealed(), range, -1)).counts).toMatchObject({ opened: 4, outside: 2 });
    const later = await openBatches(STATE, sealed(), range, 3);
    expect(later.counts).toMatchObject({ opened: 1, outside: 5, missing: 0 });
    expect(later.highest).toBe(4);
  });

  it('takes no more records than the header says there are', async () => {
    const { batches, counts } = await openBatches(STATE, sealed(), { ...ALL, recordCount: 5 }, -1);
    expect(batches.map((batch) => batch.records.length)).toEqual([2, 2, 1, 0, 0, 0]);
    expect(counts.surplusRecords).toBe(7);
  });

  it('bears hostile bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 80 }), { maxLength: 20 }), async (travelling) => {
        const { counts } = await openBatches(STATE, travelling, ALL, -1);
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
    const { counts } = await openBatches(STATE, forged, { first: 0, last: 300_000, recordCount: 10 }, -1);
    expect(counts).toMatchObject({ opened: 0, bad: 1, repeated: 19_999 });
    expect(performance.now() - started).toBeLessThan(1000);
  });
});
