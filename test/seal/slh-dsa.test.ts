/** Against @noble/post-quantum; the published vectors are in test/conformance. */
import { slh_dsa_sha2_128s as noble } from '@noble/post-quantum/slh-dsa.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { faultOf } from '../../device/faults.js';
import {
  checkInternal,
  checkSignature,
  type SignatureCheck,
  SLH_PUBLIC_KEY,
  SLH_SIGNATURE,
} from '../../device/seal/slh-dsa.js';
import { nodeDigest } from '../../host/crypto.js';
import { chance, seededRandom } from '../support/chance.js';
import { SIGNED, type Signed } from './signed.js';

const NODE = 16;
const FORS_END = NODE + 14 * 13 * NODE;

const begin = ({ publicKey, context, message }: Signed): SignatureCheck =>
  checkSignature(nodeDigest, publicKey, context, message);

function isValid(signed: Signed): boolean {
  const check = begin(signed);
  check.push(signed.signature);
  return check.isValid();
}

function isValidByNoble({ publicKey, context, message, signature }: Signed): boolean {
  return noble.verify(signature, message, publicKey, { context });
}

function flipped(bytes: Uint8Array, bit: number): Uint8Array {
  const copy = new Uint8Array(bytes);
  copy[bit >> 3]! ^= 1 << (bit & 7);
  return copy;
}

function faultBy(run: () => unknown): string | undefined {
  try {
    run();
  } catch (thrown) {
    return faultOf(thrown)?.fault;
  }
  return undefined;
}

const bitOf = (bytes: Uint8Array): fc.Arbitrary<number> => fc.nat(8 * bytes.length - 1);

describe('SLH-DSA-SHA2-128s (FIPS 205)', () => {
  it('accepts what another implementation signed, and accepts', () => {
    expect(SIGNED.signature).toHaveLength(SLH_SIGNATURE);
    expect(SIGNED.publicKey).toHaveLength(SLH_PUBLIC_KEY);
    expect(isValidByNoble(SIGNED)).toBe(true);
    expect(isValid(SIGNED)).toBe(true);
  });

  it('accepts a fresh signature under a fresh key and a context of 255 bytes', { timeout: 120_000 }, () => {
    const seed = Date.now() % 1_000_000;
    console.log(`SLH-DSA seed ${seed}`);
    const random = seededRandom(seed);
    const draw = (length: number): Uint8Array => {
      const out = new Uint8Array(length);
      random.fill(out);
      return out;
    };
    const { publicKey, secretKey } = noble.keygen(draw(48));
    const context = draw(255);
    const message = draw(1000);
    const signature = noble.sign(message, secretKey, { context, extraEntropy: draw(NODE) });
    expect(isValid({ publicKey, context, message, signature })).toBe(true);
  });

  it('is algorithm 20 under a prefix of zero, length of the context, and the context', () => {
    const { publicKey, context, message, signature } = SIGNED;
    const check = checkInternal(nodeDigest, publicKey, new Uint8Array([0, context.length, ...context, ...message]));
    check.push(signature);
    expect(check.isValid()).toBe(true);
  });

  it('accepts nothing else: one flipped bit in signature, message, context or key', () => {
    const names = ['signature', 'message', 'context', 'publicKey'] as const;
    const flip = fc.constantFrom(...names).chain((name) => bitOf(SIGNED[name]).map((bit) => ({ name, bit })));
    fc.assert(
      fc.property(flip, ({ name, bit }) => {
        const forged = { ...SIGNED, [name]: flipped(SIGNED[name], bit) };
        expect(isValid(forged)).toBe(false);
        expect(isValidByNoble(forged)).toBe(false);
      }),
      { numRuns: 60 },
    );
  });

  it('needs every one of the 491 nodes as it is', { timeout: 60_000 }, () => {
    const draw = chance(205);
    for (let node = 0; node < SLH_SIGNATURE / NODE; node++) {
      const bit = 8 * NODE * node + Math.floor(draw() * 8 * NODE);
      expect(isValid({ ...SIGNED, signature: flipped(SIGNED.signature, bit) }), `bit ${bit}`).toBe(false);
    }
  });

  it('knows where context ends and message begins', () => {
    const { context, message } = SIGNED;
    const all = new Uint8Array([...context, ...message]);
    for (const cut of [0, context.length - 1, context.length + 1, all.length]) {
      expect(isValid({ ...SIGNED, context: all.slice(0, cut), message: all.slice(cut) })).toBe(false);
    }
  });
});

describe('a signature that arrives in pieces', () => {
  const sizes = fc.array(fc.oneof(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 2000 })), {
    minLength: 1,
    maxLength: 40,
  });

  /** Pushes pieces of these lengths in turn, over and over, until all is pushed. */
  function pushCut(check: SignatureCheck, signature: Uint8Array, lengths: number[]): void {
    for (let i = 0, from = 0; from < signature.length; i++) {
      const length = lengths[i % lengths.length]! || (i % lengths.length === 0 ? 1 : 0);
      check.push(signature.subarray(from, from + length));
      from = Math.min(from + length, signature.length);
      expect(check.taken()).toBe(from);
      if (from < signature.length) expect(check.isValid()).toBe(false);
    }
  }

  it('is judged alike however it is cut', () => {
    fc.assert(
      fc.property(sizes, fc.option(bitOf(SIGNED.signature)), (lengths, bit) => {
        const check = begin(SIGNED);
        pushCut(check, bit === null ? SIGNED.signature : flipped(SIGNED.signature, bit), lengths);
        expect(check.isValid()).toBe(bit === null);
      }),
      { numRuns: 40, examples: [[[1], null]] },
    );
  });

  it('is judged by what it was when it began', () => {
    const copy = { ...SIGNED, publicKey: new Uint8Array(SIGNED.publicKey), message: new Uint8Array(SIGNED.message) };
    const check = begin(copy);
    copy.publicKey.fill(0);
    copy.message.fill(0);
    for (let at = 0; at < SLH_SIGNATURE; at += 512) {
      const piece = SIGNED.signature.slice(at, at + 512);
      check.push(piece);
      piece.fill(0);
    }
    expect(check.isValid()).toBe(true);
  });

  it('is not valid while a byte is missing', () => {
    const check = begin(SIGNED);
    check.push(SIGNED.signature.subarray(0, SLH_SIGNATURE - 1));
    expect(check.isValid()).toBe(false);
    check.push(SIGNED.signature.subarray(SLH_SIGNATURE - 1));
    expect(check.isValid()).toBe(true);
  });

  it('is not valid before its first byte, under whatever key', () => {
    const publicKey = new Uint8Array(SLH_PUBLIC_KEY);
    expect(begin({ ...SIGNED, publicKey }).isValid()).toBe(false);
  });

  it('takes not one byte too many', () => {
    const early = begin(SIGNED);
    expect(faultBy(() => early.push(new Uint8Array(SLH_SIGNATURE + 1)))).toBe('signature-refused');
    expect(early.taken()).toBe(0);
    const late = begin(SIGNED);
    late.push(SIGNED.signature);
    expect(faultBy(() => late.push(new Uint8Array(1)))).toBe('signature-refused');
    late.push(new Uint8Array(0));
    expect(late.isValid()).toBe(true);
  });

  it('is refused with a key of another length, or a context of 256 bytes', () => {
    for (const length of [0, SLH_PUBLIC_KEY - 1, SLH_PUBLIC_KEY + 1]) {
      expect(faultBy(() => begin({ ...SIGNED, publicKey: new Uint8Array(length) }))).toBe('signature-refused');
    }
    expect(faultBy(() => begin({ ...SIGNED, context: new Uint8Array(256) }))).toBe('signature-refused');
  });
});

describe('the work of a check', () => {
  /** Hashes of each node of a signature, and the longest input. */
  function work(signature: Uint8Array): { counts: number[]; longest: number } {
    let hashes = 0;
    let longest = 0;
    const digest = {
      sha256(data: Uint8Array): Uint8Array {
        hashes += 1;
        longest = Math.max(longest, data.length);
        return nodeDigest.sha256(data);
      },
    };
    const check = checkSignature(digest, SIGNED.publicKey, SIGNED.context, SIGNED.message);
    const counts: number[] = [];
    for (let at = 0; at < signature.length; at += NODE) {
      const before = hashes;
      check.push(signature.subarray(at, at + NODE));
      counts.push(hashes - before);
    }
    return { counts, longest };
  }

  const sum = (values: number[]): number => values.reduce((total, value) => total + value, 0);

  it('is some 2,100 hashes: each node of the forest one, each chain at most 15, and one more for a whole row', () => {
    const { counts, longest } = work(SIGNED.signature);
    console.log(`SLH-DSA: ${sum(counts)} hashes, at most ${Math.max(...counts)} a node, ${longest} bytes the longest`);
    expect(sum(counts)).toBeGreaterThan(1700);
    expect(sum(counts)).toBeLessThan(2500);
    expect(sum(counts.slice(0, FORS_END / NODE))).toBe(2 + 14 * 13 + 1);
    expect(longest).toBe(64 + 22 + 35 * NODE);
  });

  it('stays within 16 hashes a node whatever arrives', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 64, maxLength: 64 }), (pattern) => {
        const signature = new Uint8Array(SLH_SIGNATURE).map((_, i) => pattern[(i * 31 + (i >> 6)) % 64]!);
        expect(Math.max(...work(signature).counts)).toBeLessThanOrEqual(16);
      }),
      { numRuns: 20 },
    );
  });
});
