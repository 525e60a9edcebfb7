/**
 * X25519 (RFC 7748) in small steps, for a board that has other things to do: a ladder that does one field
 * multiplication at a time and can be put to sleep in flash between two bits of the scalar.
 *
 * A number modulo p = 2^255 - 19 is 13 limbs of 20 bits in doubles: a product of two sums of two limbs, 13 of them added
 * up, stays below 2^46, and nothing is ever rounded. 2^260 = 608 (mod p) folds the upper half of a product. Limbs may be
 * a little out of 0..2^20-1 between operations. What is done and in which order depends on no secret.
 */
import { concat, copyOf, isFilledWith } from '../bytes.js';
import { fault } from '../faults.js';

const LIMBS = 13;
const RADIX = 0x100000;
const LIMB_BITS = 20;
const FOLD = 608;
/** The top limb of a number below 2^255 has 15 bits. */
const TOP = 0x8000;
const KEY = 32;
const BITS = 255;

// Registers are named by letters: a the point's u; b, c the first point (x, z); d, e the second; f to i for the time being;
// j the constant (A - 2) / 4.
const REGISTERS = 10;
const U = 0;
const X2 = LIMBS;
const X3 = 3 * LIMBS;
const Z3 = 4 * LIMBS;
const CURVE = 9 * LIMBS;
const A24 = 121665;

/** Each instruction has six characters: a sum, difference or product of registers, or (n^04) n squared four times. */
const INSTRUCTION = 6;
/** RFC 7748, section 5: one bit of the scalar. */
const LADDER =
  'f=b+c g=b-c h=d+e i=d-e i=i*f h=h*g d=i+h e=i-h d=d*d e=e*e e=e*a f=f*f g=g*g b=f*g h=f-g i=h*j i=i+f c=h*i ';
/** b times c to the power of p - 2: exponents 2, 8, 9, 11, 22, 2^5-1, 2^10-1, 2^20-1, 2^40-1, 2^50-1, 2^100-1, ... */
const DIVISION =
  'd=c*c e=d*d e^01  e=e*c d=d*e f=d*d f=f*e g=f*f g^04  g=g*f h=g*g h^09  h=h*g i=h*h i^19  i=i*h ' +
  'i^10  i=i*g f=i*i f^49  f=f*i h=f*f h^99  h=h*f h^50  h=h*i h^05  h=h*d b=b*h ';

/** Position u32-aligned, then the limbs of both points in three bytes each. */
const SAVED_HEAD = 4;
const SAVED_FROM = X2;
const SAVED_LIMBS = 4 * LIMBS;
const SAVED_BIAS = RADIX;

/** The base point. */
export const X25519_BASE = concat([new Uint8Array([9]), new Uint8Array(KEY - 1)]);

/** scalar * u, in the making. */
export interface Ladder {
  /** Does at most one multiplication; true when the result is there. */
  step(): boolean;
  /** Bits of the scalar that are done when a next bit is about to begin (0 to 254); -1 between such moments. */
  bitsDone(): number;
  /** What `createLadder` can go on from, 160 bytes; only when `bitsDone` is not -1. As secret as the scalar. */
  save(): Uint8Array;
  /** The result, 32 bytes; fault 'key-refused' when it is zero: then u was of low order (RFC 7748, section 6.1). */
  result(): Uint8Array;
  /** Zeroes everything. */
  erase(): void;
}

/** Carries all limbs from `first` up to `last` into their next ones. */
function carry(values: Float64Array, first: number, last: number): void {
  for (let k = first; k <= last; k++) {
    const up = Math.floor((values[k] as number) / RADIX);
    values[k] = (values[k] as number) - up * RADIX;
    values[k + 1] = (values[k + 1] as number) + up;
  }
}

/** Carries the `LIMBS` limbs at `at`, and what leaves the top of `top` parts back into the lowest, `weight` times. */
function carryAround(values: Float64Array, at: number, top: number, weight: number): void {
  const last = at + LIMBS - 1;
  carry(values, at, last - 1);
  const up = Math.floor((values[last] as number) / top);
  values[last] = (values[last] as number) - up * top;
  values[at] = (values[at] as number) + up * weight;
}

/**
 * bank[out] = bank[a] * bank[b]; `product` has 26 limbs. Column by column, the upper ones first, each carrying into the next:
 * what an interpreter counts is accesses and calls. Squares need half of the products.
 */
function multiply(bank: Float64Array, product: Float64Array, out: number, a: number, b: number): void {
  let up = 0;
  for (let n = 1 - LIMBS; n < LIMBS; n++) {
    const column = n < 0 ? n + 2 * LIMBS - 1 : n;
    if (n === 0) {
      product[2 * LIMBS - 1] = up;
      up = 0;
    }
    const both = a + b + column;
    let i = n < 0 ? a + n + LIMBS : a;
    let sum = 0;
    if (a === b) {
      for (; i < both - i; i++) sum += (bank[i] as number) * (bank[both - i] as number);
      sum += sum;
      if (i === both - i) sum += (bank[i] as number) * (bank[i] as number);
    } else {
      const end = n < 0 ? a + LIMBS : a + column + 1;
      for (; i < end; i++) sum += (bank[i] as number) * (bank[both - i] as number);
    }
    sum += n < 0 ? up : up + FOLD * (product[column + LIMBS] as number);
    up = Math.floor(sum / RADIX);
    product[column] = sum - up * RADIX;
  }
  product[0] = (product[0] as number) + FOLD * up;
  carry(product, 0, 0);
  bank.set(product.subarray(0, LIMBS), out);
}

/** Little-endian, the top bit ignored. */
function load(bank: Float64Array, at: number, bytes: Uint8Array): void {
  let bits = 0;
  let value = 0;
  let limb = at;
  for (let i = 0; i < KEY; i++) {
    value += (i === KEY - 1 ? (bytes[i] as number) & 0x7f : (bytes[i] as number)) << bits;
    bits += 8;
    if (bits >= LIMB_BITS || i === KEY - 1) {
      bank[limb] = value & (RADIX - 1);
      limb += 1;
      value = value >>> LIMB_BITS;
      bits -= LIMB_BITS;
    }
  }
}

/** The one number below p that the register stands for, little-endian. */
function store(bank: Float64Array, at: number): Uint8Array {
  for (let i = 0; i < 3; i++) carryAround(bank, at, TOP, 19);
  // Now 0 <= n < 2^255: n is at least p if and only if n + 19 carries out of bit 255.
  bank[at] = (bank[at] as number) + 19;
  carryAround(bank, at, TOP, 19);
  bank[at] = (bank[at] as number) - 19;
  carry(bank, at, at + LIMBS - 2);
  const out = new Uint8Array(KEY);
  let bits = 0;
  let value = 0;
  let limb = at;
  for (let i = 0; i < KEY; i++) {
    if (bits < 8) {
      value += ((bank[limb] as number) & (RADIX - 1)) << bits;
      limb += 1;
      bits += LIMB_BITS;
    }
    out[i] = value & 0xff;
    value = value >>> 8;
    bits -= 8;
  }
  return out;
}

/** Begins scalar * u (32 bytes each, the scalar is clamped here), or goes on from what a ladder of the same two saved. */
export function createLadder(scalar: Uint8Array, u: Uint8Array, saved?: Uint8Array): Ladder {
  const bank = new Float64Array(REGISTERS * LIMBS);
  const product = new Float64Array(2 * LIMBS);
  const k = copyOf(scalar, 0, KEY);
  k[0] = (k[0] as number) & 0xf8;
  k[KEY - 1] = ((k[KEY - 1] as number) & 0x7f) | 0x40;
  let program = LADDER;
  let at = 0;
  let again = 0;
  let done = 0;

  function bit(number: number): number {
    return number === BITS ? 0 : ((k[number >> 3] as number) >> (number & 7)) & 1;
  }

  /** Swaps the two points if this bit differs from the one before, in the same way if not. */
  function swap(): void {
    const differs = bit(BITS - 1 - done) ^ bit(BITS - done);
    for (let i = X2; i < X3; i++) {
      const difference = differs * ((bank[i + X3 - X2] as number) - (bank[i] as number));
      bank[i] = (bank[i] as number) + difference;
      bank[i + X3 - X2] = (bank[i + X3 - X2] as number) - difference;
    }
  }

  function registerAt(index: number): number {
    return (program.charCodeAt(index) - 97) * LIMBS;
  }

  /** By hand: Espruino takes a number with a leading zero for octal. */
  function digit(index: number): number {
    return program.charCodeAt(index) - 48;
  }

  /** Runs the instruction that is next; whether it was a multiplication. */
  function run(): boolean {
    const out = registerAt(at);
    const operation = program.charAt(at + 3);
    const isPower = program.charAt(at + 1) === '^';
    const a = isPower ? out : registerAt(at + 2);
    const b = isPower ? out : registerAt(at + 4);
    if (isPower && again === 0) again = 10 * digit(at + 2) + digit(at + 3);
    const isProduct = isPower || operation === '*';
    if (isProduct) multiply(bank, product, out, a, b);
    else {
      const sign = operation === '+' ? 1 : -1;
      for (let i = 0; i < LIMBS; i++) bank[out + i] = (bank[a + i] as number) + sign * (bank[b + i] as number);
    }
    if (again > 0) again -= 1;
    if (again === 0) at += INSTRUCTION;
    return isProduct;
  }

  load(bank, U, u);
  bank[CURVE] = A24;
  if (saved && saved.length > 0) {
    done = saved[0] as number;
    for (let i = 0; i < SAVED_LIMBS; i++) {
      const from = SAVED_HEAD + 3 * i;
      const value = ((saved[from] as number) << 16) | ((saved[from + 1] as number) << 8) | (saved[from + 2] as number);
      bank[SAVED_FROM + i] = value - SAVED_BIAS;
    }
  } else {
    load(bank, X3, u);
    bank[X2] = 1;
    bank[Z3] = 1;
  }

  return {
    step() {
      if (program === DIVISION && at === program.length) return true;
      if (program === LADDER && at === 0) swap();
      while (!run()) {}
      if (at === program.length && program === LADDER) {
        done += 1;
        at = 0;
        // The lowest bits of the scalar are zero: there is nothing left to swap.
        if (done === BITS) program = DIVISION;
      }
      return program === DIVISION && at === program.length;
    },
    bitsDone: () => (program === LADDER && at === 0 ? done : -1),
    save() {
      const out = new Uint8Array(SAVED_HEAD + 3 * SAVED_LIMBS);
      out[0] = done;
      for (let i = 0; i < SAVED_LIMBS; i++) {
        const value = (bank[SAVED_FROM + i] as number) + SAVED_BIAS;
        out[SAVED_HEAD + 3 * i] = value >>> 16;
        out[SAVED_HEAD + 3 * i + 1] = (value >>> 8) & 0xff;
        out[SAVED_HEAD + 3 * i + 2] = value & 0xff;
      }
      return out;
    },
    result() {
      const out = store(bank, X2);
      if (isFilledWith(out, 0)) throw fault('key-refused', 'low order');
      return out;
    },
    erase() {
      for (let i = 0; i < bank.length; i++) bank[i] = 0;
      for (let i = 0; i < product.length; i++) product[i] = 0;
      for (let i = 0; i < KEY; i++) k[i] = 0;
    },
  };
}
