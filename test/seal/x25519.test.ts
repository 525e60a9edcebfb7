import { createPrivateKey, createPublicKey, diffieHellman } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLadder, type Ladder, X25519_BASE } from '../../device/seal/x25519.js';

const bytes = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'));
const hex = (data: Uint8Array): string => Buffer.from(data).toString('hex');
const key = { minLength: 32, maxLength: 32 };

function run(ladder: Ladder): Ladder {
  while (!ladder.step()) {}
  return ladder;
}

const x25519 = (scalar: Uint8Array, u: Uint8Array): Uint8Array => run(createLadder(scalar, u)).result();

const PKCS8 = bytes('302e020100300506032b656e04220420');
const SPKI = bytes('302a300506032b656e032100');

/** The same by OpenSSL. */
function reference(scalar: Uint8Array, u: Uint8Array): Uint8Array {
  return diffieHellman({
    privateKey: createPrivateKey({ key: Buffer.concat([PKCS8, scalar]), format: 'der', type: 'pkcs8' }),
    publicKey: createPublicKey({ key: Buffer.concat([SPKI, u]), format: 'der', type: 'spki' }),
  });
}

describe('X25519 (RFC 7748)', () => {
  it.each([
    [
      'a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4',
      'e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c',
      'c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552',
    ],
    [
      '4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d',
      'e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493',
      '95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957',
    ],
  ])('gives the answers of section 5.2', (scalar, u, expected) => {
    expect(hex(x25519(bytes(scalar), bytes(u)))).toBe(expected);
  });

  it('gives the answer of section 5.2 after 1 and after 1,000 iterations', () => {
    let k = new Uint8Array(X25519_BASE);
    let u = new Uint8Array(X25519_BASE);
    for (let i = 1; i <= 1000; i++) {
      const next = x25519(k, u);
      u = k;
      k = new Uint8Array(next);
      if (i === 1) expect(hex(k)).toBe('422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079');
    }
    expect(hex(k)).toBe('684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51');
  });

  it('lets the two of section 6.1 agree', () => {
    const alice = bytes('77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a');
    const bob = bytes('5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb');
    const alicePublic = x25519(alice, X25519_BASE);
    const bobPublic = x25519(bob, X25519_BASE);
    expect(hex(alicePublic)).toBe('8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a');
    expect(hex(bobPublic)).toBe('de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f');
    const secret = '4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742';
    expect(hex(x25519(alice, bobPublic))).toBe(secret);
    expect(hex(x25519(bob, alicePublic))).toBe(secret);
  });

  it('agrees with OpenSSL, also on numbers that are not below p', () => {
    const big = fc
      .uint8Array({ ...key })
      .map((u) => u.map((byte, i) => (i === 0 ? byte | 0xed : i < 31 ? 0xff : byte | 0x7f)));
    fc.assert(
      fc.property(fc.uint8Array(key), fc.oneof({ weight: 4, arbitrary: fc.uint8Array(key) }, big), (scalar, u) => {
        let expected: Uint8Array | undefined;
        try {
          expected = reference(scalar, u);
        } catch {
          expected = undefined; // a point of low order: both refuse it
        }
        if (expected) expect(hex(x25519(scalar, u))).toBe(hex(expected));
        else expect(() => x25519(scalar, u)).toThrow('key-refused');
      }),
      { numRuns: 150 },
    );
  });

  // Every u of low order below 2^255, reduced or not (cr.yp.to/ecdh.html lists them).
  it.each([
    '0000000000000000000000000000000000000000000000000000000000000000',
    '0100000000000000000000000000000000000000000000000000000000000000',
    'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
    '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
    'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  ])('refuses the point of low order %s', (u) => {
    const ladder = run(createLadder(new Uint8Array(32).fill(0x55), bytes(u)));
    expect(() => ladder.result()).toThrowError(expect.objectContaining({ fault: 'key-refused' }));
  });
});

describe('a ladder', () => {
  it('does one multiplication a step: ten a bit, and 266 for the division', () => {
    const ladder = createLadder(new Uint8Array(32).fill(3), X25519_BASE);
    let steps = 1;
    while (!ladder.step()) steps += 1;
    expect(steps).toBe(255 * 10 + 266);
    expect(ladder.step()).toBe(true);
  });

  it('goes on from any bit after a reset, and comes to the same result', () => {
    fc.assert(
      fc.property(
        fc.uint8Array(key),
        fc.uint8Array(key),
        fc.array(fc.integer({ min: 0, max: 254 })),
        (scalar, u, cuts) => {
          const expected = x25519(scalar, u);
          let ladder = createLadder(scalar, u);
          for (const bits of cuts.sort((a, b) => a - b)) {
            while (ladder.bitsDone() !== bits) ladder.step();
            const saved = ladder.save();
            expect(saved.length).toBe(160);
            ladder.erase();
            ladder = createLadder(scalar, u, saved);
            expect(ladder.bitsDone()).toBe(bits);
          }
          expect(hex(run(ladder).result())).toBe(hex(expected));
        },
      ),
      { numRuns: 30 },
    );
  });

  it('can be saved between two bits only, and not in the division', () => {
    const ladder = createLadder(new Uint8Array(32).fill(3), X25519_BASE);
    const moments: number[] = [];
    for (let done = false; !done; done = ladder.step()) if (ladder.bitsDone() >= 0) moments.push(ladder.bitsDone());
    expect(moments).toEqual(Array.from({ length: 255 }, (_, bit) => bit));
  });

  it('does the same operations whatever the scalar', () => {
    const stepsOf = (scalar: Uint8Array): number => {
      const ladder = createLadder(scalar, X25519_BASE);
      let steps = 1;
      while (!ladder.step()) steps += 1;
      return steps;
    };
    expect(stepsOf(new Uint8Array(32))).toBe(stepsOf(new Uint8Array(32).fill(0xff)));
  });
});
