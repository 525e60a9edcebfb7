/** Seeded pseudo-random numbers for tests that replay: mulberry32. */
import type { Random } from '../../device/ports.js';

export function chance(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x100000000;
  };
}

/** A device's `Random` port over `chance`. */
export function seededRandom(seed: number): Random {
  const draw = chance(seed);
  return {
    fill(out) {
      for (let i = 0; i < out.length; i++) out[i] = Math.floor(draw() * 256);
    },
  };
}
