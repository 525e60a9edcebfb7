import { u32At } from '../bytes.js';
import type { Random } from '../ports.js';

/** Uniform in [0, 1), from the board's random generator. */
export function uniform(random: Random): number {
  const bytes = new Uint8Array(4);
  random.fill(bytes);
  return u32At(bytes, 0) / 0x100000000;
}
