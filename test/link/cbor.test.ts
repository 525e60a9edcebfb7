import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { faultOf } from '../../device/faults.js';
import { decode, encode, type Value } from '../../device/link/cbor.js';
import { decodeValue, encodeValue } from '../../host/link/codec.js';
import { chance } from '../support/chance.js';

const CODECS = [
  { name: 'device', encode, decode },
  { name: 'host', encode: encodeValue, decode: decodeValue },
];

const number = fc.oneof(
  fc.integer({ min: 0, max: 0xffffffff }),
  fc.constantFrom(0, 23, 24, 255, 256, 65_535, 65_536, 0x7fffffff, 0x80000000, 0xffffffff),
);
const text = fc.string({
  unit: fc.integer({ min: 0, max: 127 }).map((code) => String.fromCharCode(code)),
  maxLength: 300,
});
const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => new Uint8Array(array));
const scalar: fc.Arbitrary<Value> = fc.oneof(number, text, bytes);

/** Values of the profile, at most four arrays deep. */
function value(depth: number): fc.Arbitrary<Value> {
  return depth === 0 ? scalar : fc.oneof(scalar, fc.array(value(depth - 1), { maxLength: 5 }));
}

function hex(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'hex'));
}

/**
 * What a decoder makes of `input`: the re-encoding of its value as hex, or the name of its fault. Any other exception
 * is a failure of the test.
 */
function outcome(codec: (typeof CODECS)[number], input: Uint8Array): string {
  try {
    return Buffer.from(codec.encode(codec.decode(input))).toString('hex');
  } catch (thrown) {
    const known = faultOf(thrown);
    if (known === undefined) throw thrown;
    return known.fault;
  }
}

describe('the strict CBOR profile', () => {
  it('agrees with the examples of RFC 8949, appendix A, that it contains', () => {
    const examples: [Value, string][] = [
      [0, '00'],
      [23, '17'],
      [24, '1818'],
      [100, '1864'],
      [1000, '1903e8'],
      [1_000_000, '1a000f4240'],
      [new Uint8Array(0), '40'],
      [hex('01020304'), '4401020304'],
      ['', '60'],
      ['IETF', '6449455446'],
      ['"\\', '62225c'],
      [[], '80'],
      [[1, [2, 3], [4, 5]], '8301820203820405'],
      [Array.from({ length: 25 }, (_, i) => i + 1), '98190102030405060708090a0b0c0d0e0f101112131415161718181819'],
    ];
    for (const codec of CODECS) {
      for (const [decoded, encoded] of examples) {
        expect(Buffer.from(codec.encode(decoded)).toString('hex')).toBe(encoded);
        expect(codec.decode(hex(encoded))).toEqual(decoded);
      }
    }
  });

  it('gives back what it was given, and both codecs give the same bytes', () => {
    fc.assert(
      fc.property(value(4), (original) => {
        const encoded = encode(original);
        expect(encodeValue(original)).toEqual(encoded);
        expect(decode(encoded)).toEqual(original);
        expect(decodeValue(encoded)).toEqual(original);
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    ['nothing', ''],
    ['a negative number', '20'],
    ['a number of 2^32', '1b0000000100000000'],
    ['a longer form of a number', '1817'],
    ['a longer form of a number', '190018'],
    ['a longer form of a number', '1a0000ffff'],
    ['a longer form of a length', '580141'],
    ['a longer form of a count', '980100'],
    ['an indefinite length', '5f4101ff'],
    ['an indefinite array', '9f01ff'],
    ['a reserved length', '1c'],
    ['a map', 'a0'],
    ['a tag', 'c000'],
    ['a typed array of cbor-x', 'd84043010203'],
    ['false', 'f4'],
    ['null', 'f6'],
    ['undefined', 'f7'],
    ['a float', 'f93c00'],
    ['a break', 'ff'],
    ['text beyond ASCII', '62c3a9'],
    ['text that is no UTF-8', '61ff'],
    ['bytes cut short', '4301'],
    ['an array cut short', '8201'],
    ['four billion elements', '9affffffff'],
    ['five arrays deep', '8181818180'],
    ['bytes left over', '0000'],
  ])('refuses %s (%s)', (_, input) => {
    for (const codec of CODECS) expect(() => codec.decode(hex(input))).toThrow('message-malformed');
  });

  it('refuses to encode what it could not decode', () => {
    const wrong: Value[] = [-1, 0x100000000, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 'é', [[[[[]]]]]];
    for (const codec of CODECS) {
      for (const item of wrong) expect(() => codec.encode(item)).toThrow('message-malformed');
    }
  });

  it('judges 100 000 random and mutated inputs alike on both sides, and accepts only canonical ones', () => {
    const random = chance(20_260_302);
    const seeds = fc.sample(value(3), { numRuns: 500, seed: 7 }).map(encode);
    let accepted = 0;
    for (let i = 0; i < 100_000; i++) {
      const seed = seeds[i % seeds.length] as Uint8Array;
      const input =
        i % 4 === 0 ? new Uint8Array(Math.floor(random() * 40)).map(() => random() * 256) : new Uint8Array(seed);
      for (let change = Math.floor(random() * 4); change > 0 && input.length > 0; change--) {
        input[Math.floor(random() * input.length)] = Math.floor(random() * 256);
      }
      const [here, there] = CODECS.map((codec) => outcome(codec, input));
      const canonical = Buffer.from(input).toString('hex');
      if (here === canonical) accepted++;
      // Plain comparisons: a hundred thousand expectations take their time.
      if (here !== there || (here !== canonical && here !== 'message-malformed')) {
        expect({ input: canonical, here, there }).toBe('one judgement');
      }
    }
    expect(accepted).toBeGreaterThan(10_000);
  });

  it('hands out byte strings of its own, not windows on its input', () => {
    for (const codec of CODECS) {
      const input = hex('8142abcd');
      const decoded = codec.decode(input) as Uint8Array[];
      input.fill(0);
      expect(decoded).toEqual([hex('abcd')]);
    }
  });
});
