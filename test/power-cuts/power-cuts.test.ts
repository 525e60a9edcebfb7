/** Power cuts as littlefs makes them, of the real token code: docs/design/power-cuts.md. */
import { beforeAll, describe, expect, it } from 'vitest';
import { CI_CUTS } from '../../tools/power-cuts/options.js';
import { SHARE_MIN } from '../../tools/power-cuts/plan.js';
import { replay } from '../../tools/power-cuts/replay.js';
import { type RunResult, runCuts } from '../../tools/power-cuts/run.js';

const SEED = 1;

describe('a token whose power goes', () => {
  let result: RunResult;
  let seconds = 0;
  beforeAll(async () => {
    const start = performance.now();
    result = await runCuts({ cuts: CI_CUTS, seed: SEED });
    seconds = (performance.now() - start) / 1000;
    console.log(
      `seed ${SEED}: ${result.cuts} cuts that left ${result.contents} different contents in ${seconds.toFixed(1)} s; littlefs makes as many in 73 s on the reference machine`,
    );
  }, 300_000);

  it('keeps every promise at each of 28,741 distinct cuts (R1)', () => {
    expect(result.failures).toEqual([]);
    expect(result.cuts).toBe(28_741);
    // Two moments can leave the same: pairs do, where nothing was written between.
    expect(result.contents).toBeGreaterThan(20_000);
  });

  it('is cut in all seven operations, each at least 5 % of all cuts (R1)', () => {
    const shares = Object.fromEntries(result.operations.map(({ operation, share }) => [operation, share]));
    const operations = ['append', 'wrap', 'expire', 'refill', 'configuration', 'wipe', 'update'];
    expect(Object.keys(shares)).toEqual([...operations, 'pairs']);
    for (const operation of operations) expect(shares[operation], operation).toBeGreaterThanOrEqual(SHARE_MIN);
  });

  it('starts the old image or the new one, whole, and ends its update, at every operation of one (R12)', () => {
    const update = result.operations.find(({ operation }) => operation === 'update')!;
    expect(update).toMatchObject({ failures: 0 });
    expect(update.cuts).toBeGreaterThan(1072); // each operation, and the moment after the last
  });

  it('keeps them in both write behaviours, with each of five kinds of bad page (R2)', () => {
    const ways = ['erase-fails', 'erase-idle', 'write-fails', 'write-idle', 'read-fails'];
    for (const writes of ['in-order', 'out-of-order']) {
      for (const bad of ['none', ...ways]) {
        const found = result.combinations.find((one) => one.writes === writes && one.bad === bad);
        expect(found, `${writes}, ${bad}`).toMatchObject({ failures: 0 });
        expect(found!.cuts).toBeGreaterThan(40);
      }
    }
  });

  it('loses with a header that is spoilt what stood under it, and nothing else: the keys stay (R3)', () => {
    expect(result.headers).toMatchObject({ failures: [] });
    expect(result.headers!.headers).toBeGreaterThan(25);
  });

  it('reads no page of its log more than twice when it boots (R4)', () => {
    for (const { operation, mountReads } of result.operations) expect(mountReads, operation).toBeLessThanOrEqual(2);
    // The measure measures: where there is a log, its newest page is read once at least.
    expect(result.operations.find(({ operation }) => operation === 'wrap')!.mountReads).toBeGreaterThan(1);
  });

  it('erases no page more than once while the whole log is written (R5)', () => {
    expect(result.wear).toMatchObject({ pages: 2, wraps: 3 });
    expect(result.wear!.erasesMax).toBeLessThanOrEqual(result.wear!.wraps);
  });
});

describe('the name of a cut', () => {
  it('replays it, the chips to the last bit', async () => {
    for (const id of ['wrap:2079:o2', 'wipe:300:t5', 'pairs:30:t0+12:t0', 'append/write-idle@16:40:t0']) {
      const found = await replay(id);
      expect(found, id).toMatchObject({ id, failure: undefined });
      expect(found!.trace.filter((line) => line.startsWith('>'))).toHaveLength(id.includes('+') ? 2 : 1);
      expect((await replay(id))!.chips).toBe(found!.chips);
    }
  });

  it('tells cuts apart: what the chips hold differs', async () => {
    const ids = ['wrap:2079:o2', 'wrap:2079:o1', 'wrap:2079:t0', 'wrap:2079:t1', 'wrap:2076:t1', 'wrap:2076:t2'];
    const chips = await Promise.all(ids.map(async (id) => (await replay(id))!.chips));
    expect(new Set(chips).size).toBe(ids.length);
  });

  it('is refused when there is no such cut', async () => {
    for (const id of [
      '',
      'wrap',
      'wrap:0:t0',
      'wrap:9999999:t0',
      'wrap:1:t33',
      'wrap:1:o99',

      'wrap:1:x0',
      'shout:1:t0',
      'wrap:1:t0+1:t0',
      'pairs:1:t0',
    ]) {
      expect(await replay(id), id).toBeUndefined();
    }
  });
});
