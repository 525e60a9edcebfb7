/**
 * Seeded randomness for the simulator. Every consumer draws from its own named stream, so that one more draw in one
 * place leaves all the others as they were, and a seed replays a whole run.
 */
import { createHash } from 'node:crypto';
import type { Random } from '../../device/ports.js';

/** Seeds are whole numbers from 0 to 2^32 - 1: short enough to be typed again. */
export const SEED_LIMIT = 0x1_0000_0000;

/** One stream of sfc32 (Chris Doty-Humphrey's small fast counting generator): for simulations, never for keys. */
export class Stream implements Random {
  private a: number;
  private b: number;
  private c: number;
  private counter = 1;

  constructor(seed: number, name: string) {
    const state = createHash('sha256').update(`${seed}/${name}`).digest();
    this.a = state.readUInt32LE(0);
    this.b = state.readUInt32LE(4);
    this.c = state.readUInt32LE(8);
    for (let i = 0; i < 12; i++) this.word();
  }

  /** 32 uniform bits. */
  word(): number {
    const sum = (this.a + this.b + this.counter) >>> 0;
    this.counter = (this.counter + 1) >>> 0;
    this.a = (this.b ^ (this.b >>> 9)) >>> 0;
    this.b = (this.c + (this.c << 3)) >>> 0;
    this.c = (((this.c << 21) | (this.c >>> 11)) + sum) >>> 0;
    return sum;
  }

  /** Uniform in [0, 1). */
  unit(): number {
    return this.word() / SEED_LIMIT;
  }

  /** Uniform in [low, high). */
  between(low: number, high: number): number {
    return low + (high - low) * this.unit();
  }

  /** A whole number, uniform in 0..count - 1. */
  below(count: number): number {
    return Math.floor(this.unit() * count);
  }

  /** Exponential with mean 1. */
  exponential(): number {
    return -Math.log(1 - this.unit());
  }

  /** A new array with the same elements in random order (Fisher and Yates). */
  shuffled<T>(items: readonly T[]): T[] {
    const out = items.slice();
    for (let i = out.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      const swapped = out[i] as T;
      out[i] = out[j] as T;
      out[j] = swapped;
    }
    return out;
  }

  /** The device's `Random` port. */
  fill(out: Uint8Array): void {
    for (let i = 0; i < out.length; i++) out[i] = this.word() & 0xff;
  }
}
