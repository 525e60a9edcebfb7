import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ANSWER_DAYS,
  type AnswerHead,
  answerKey,
  DAY_LENGTH,
  decodeHead,
  encodeHead,
  isAuthenticDay,
  openHead,
  openIdentifier,
  saltOf,
  sealDay,
  sealHead,
} from '../../device/seal/answer.js';
import { nodeDigest } from '../../host/crypto.js';

const u32 = fc.nat(0xffffffff);
const heads: fc.Arbitrary<AnswerHead> = fc.record({
  time: u32,
  timeMillis: fc.nat(999),
  riskLevel: fc.constantFrom(0, 4),
  contactDay: u32,
  orders: fc.nat(3),
  endTime: u32,
  serviceStart: u32,
  firstDay: u32,
  dayCount: fc.integer({ min: 1, max: ANSWER_DAYS }),
  visitDays: fc.nat(255),
  phone: fc.stringMatching(/^[0-9 +]{0,20}$/),
  wipeNonce: fc.uint8Array({ minLength: 16, maxLength: 16 }),
  release: u32,
});
const key = new Uint8Array(32).fill(7);
const salt = new Uint8Array(16).fill(8);

describe('the head of an answer', () => {
  it('says what was written into it', () => {
    fc.assert(
      fc.property(heads, (head) => {
        expect(decodeHead(encodeHead(head))).toEqual(head);
        const sealed = sealHead(nodeDigest, key, salt, head);
        expect(sealed.length).toBe(144);
        expect(saltOf(sealed)).toEqual(salt);
        expect(openHead(nodeDigest, key, sealed)).toEqual(head);
      }),
    );
  });

  it('is refused, by name, when it is of another version or makes no sense', () => {
    const [head] = fc.sample(heads, { numRuns: 1, seed: 1 }) as [AnswerHead];
    const spoil = (at: number, value: number): Uint8Array => {
      const bytes = encodeHead(head);
      bytes[at] = value;
      return bytes;
    };
    expect(() => decodeHead(spoil(0, 2))).toThrow('answer-version');
    for (const [at, value] of [
      [1, 3],
      [3, 0],
      [3, 23],
      [5, 21],
      [68, 1],
      [111, 1],
    ] as const) {
      expect(() => decodeHead(spoil(at, value))).toThrow('answer-forged');
    }
  });

  it('never opens when it is not authentic, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(() => openHead(nodeDigest, key, bytes)).toThrow('answer-forged');
      }),
    );
  });

  it('of two answers to one request stand under two keys', () => {
    const of = (byte: number): Uint8Array =>
      answerKey(nodeDigest, key, new Uint8Array(16), new Uint8Array(32), new Uint8Array(16).fill(byte));
    expect(of(1)).not.toEqual(of(2));
  });
});

describe('a day block', () => {
  const plain = Uint8Array.from({ length: DAY_LENGTH }, (_, i) => (i < 18 ? 0 : (i * 7) & 0xff));
  const sealed = sealDay(nodeDigest, key, 5, plain);

  it('gives each identifier by itself, and none where there are nine zeros', () => {
    for (let epoch = 0; epoch < 96; epoch++) {
      const part = sealed.subarray(epoch * 9, epoch * 9 + 9);
      const expected = epoch < 2 ? undefined : plain.subarray(epoch * 9, epoch * 9 + 9);
      expect(openIdentifier(nodeDigest, key, 5, epoch, part)).toEqual(expected);
    }
  });

  it('is authentic for its own day only', () => {
    expect(isAuthenticDay(nodeDigest, key, 5, sealed)).toBe(true);
    expect(isAuthenticDay(nodeDigest, key, 6, sealed)).toBe(false);
    expect(isAuthenticDay(nodeDigest, key, 5, sealed.subarray(1))).toBe(false);
  });
});
