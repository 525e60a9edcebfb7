import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { buildHello, HELLO_LENGTH, isHelloAuthentic, joinHello, parseHello } from '../../device/robert/hello.js';
import { time16 } from '../../device/robert/time.js';
import { nodeDigest } from '../../host/crypto.js';

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const ntp = fc.integer({ min: 0, max: 0xffffffff });

describe('HELLO', () => {
  test('parsing gives back what was built, and the builder recognises it', () => {
    fc.assert(
      fc.property(bytes(32), fc.nat(255), bytes(8), ntp, (kAuth, ecc, ebid, now) => {
        const hello = buildHello(nodeDigest, kAuth, ecc, ebid, now);
        const parsed = parseHello(hello);
        expect(hello).toHaveLength(HELLO_LENGTH);
        expect(parsed).toMatchObject({ ecc, ebid, time16: time16(now) });
        expect(parsed && joinHello(parsed)).toEqual(hello);
        expect(isHelloAuthentic(nodeDigest, kAuth, hello)).toBe(true);
      }),
    );
  });

  test('any other bit and any other key is noticed', () => {
    fc.assert(
      fc.property(bytes(32), fc.nat(255), bytes(8), ntp, fc.nat(127), (kAuth, ecc, ebid, now, bit) => {
        const hello = buildHello(nodeDigest, kAuth, ecc, ebid, now);
        const forged = hello.map((byte, index) => (index === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
        const otherKey = kAuth.map((byte, index) => (index === bit >> 3 ? byte ^ 1 : byte));
        expect(isHelloAuthentic(nodeDigest, kAuth, forged)).toBe(false);
        expect(isHelloAuthentic(nodeDigest, otherKey, hello)).toBe(false);
      }),
    );
  });

  test('another length is none', () => {
    for (const length of [0, 15, 17]) {
      expect(parseHello(new Uint8Array(length))).toBeUndefined();
      expect(isHelloAuthentic(nodeDigest, new Uint8Array(32), new Uint8Array(length))).toBe(false);
    }
  });
});
