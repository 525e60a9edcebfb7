import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SEED_LIMIT, Stream } from '../../tools/simulate/random.js';

const seeds = fc.integer({ min: 0, max: SEED_LIMIT - 1 });

function words(stream: Stream): number[] {
  return Array.from({ length: 8 }, () => stream.word());
}

describe('a seeded stream', () => {
  it('repeats for the same seed and name and differs for any other', () => {
    fc.assert(
      fc.property(seeds, seeds, (a, b) => {
        expect(words(new Stream(a, 'x'))).toEqual(words(new Stream(a, 'x')));
        expect(words(new Stream(a, 'x'))).not.toEqual(words(new Stream(a, 'y')));
        if (a !== b) expect(words(new Stream(a, 'x'))).not.toEqual(words(new Stream(b, 'x')));
      }),
    );
  });

  it('is uniform enough for a simulation', () => {
    const stream = new Stream(7, 'uniform');
    const counts = new Array<number>(16).fill(0);
    for (let i = 0; i < 160_000; i++) {
      const cell = stream.below(16);
      counts[cell] = (counts[cell] as number) + 1;
    }
    const chiSquare = counts.reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0);
    // 15 degrees of freedom: above 44.3 once in 10,000.
    expect(chiSquare).toBeLessThan(44.3);
  });

  it('shuffles without losing anything', () => {
    fc.assert(
      fc.property(seeds, fc.array(fc.integer()), (seed, items) => {
        const shuffled = new Stream(seed, 'shuffle').shuffled(items);
        expect([...shuffled].sort()).toEqual([...items].sort());
      }),
    );
  });
});
