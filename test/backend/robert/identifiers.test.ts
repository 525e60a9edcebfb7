import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DEFAULT_SERVICE_START, epochAt, epochStart, utcDay } from '../../../device/robert/time.js';
import { ANSWER_DAYS, DAY_LENGTH, IDENTIFIER_LENGTH } from '../../../device/seal/answer.js';
import { eccCipher, type KeyRing, makeEbid, openEbid } from '../../../host/backend/robert/ebid.js';
import { dayName, dayOfName, epochsLeftInKeyDay, keyDayOf } from '../../../host/backend/robert/keydays.js';
import { decryptBlock, encryptBlock, expandKey, type SkinnyKey } from '../../../host/backend/robert/skinny.js';
import { identifiersFrom, openBundle, sealBundle, tokenDays } from '../../../host/backend/robert/tuples.js';

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const key = bytes(24).map(expandKey);
const epoch = fc.integer({ min: 0, max: 0xffffff });
const ID = Uint8Array.from([1, 2, 3, 4, 5]);

function ringWith(serverKey: (day: number) => SkinnyKey | undefined): KeyRing {
  return {
    serviceStart: DEFAULT_SERVICE_START,
    countryCode: 33,
    ecc: eccCipher(new Uint8Array(32).fill(9)),
    serverKey,
  };
}

const keys = new Map<number, SkinnyKey>();

function keyOfDay(day: number): SkinnyKey {
  const known = keys.get(day) ?? expandKey(Uint8Array.from({ length: 24 }, (_, index) => (day >> (index % 3)) & 255));
  keys.set(day, known);
  return known;
}

describe('SKINNY-64/192', () => {
  test('decrypts what it encrypts', () => {
    fc.assert(
      fc.property(key, bytes(8), (expanded, block) => {
        expect(decryptBlock(expanded, encryptBlock(expanded, block))).toEqual(block);
      }),
    );
  });

  test('refuses a key of another length', () => {
    expect(() => expandKey(new Uint8Array(16))).toThrow(RangeError);
  });
});

describe('EBID and ECC', () => {
  test('open to what they were made of', () => {
    fc.assert(
      fc.property(key, epoch, bytes(5), bytes(32), fc.nat(255), (serverKey, number, id, federationKey, country) => {
        const ebid = makeEbid(serverKey, number, id);
        const ecc = eccCipher(federationKey);
        expect(openEbid(serverKey, ebid)).toEqual({ epoch: number, id });
        expect(ecc.apply(ebid, ecc.apply(ebid, country))).toBe(country);
      }),
    );
  });
});

describe('key days', () => {
  test('count down to the next key', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 200000 }), (number) => {
        const left = epochsLeftInKeyDay(DEFAULT_SERVICE_START, number);
        const day = keyDayOf(DEFAULT_SERVICE_START, number);
        expect(keyDayOf(DEFAULT_SERVICE_START, number + left - 1)).toBe(day);
        expect(keyDayOf(DEFAULT_SERVICE_START, number + left)).toBe(day + 1);
      }),
    );
  });

  test('are dates in Paris until epoch 960, for the service that started then alone', () => {
    expect(dayName(keyDayOf(DEFAULT_SERVICE_START, 87))).toBe('20200601');
    expect(dayName(keyDayOf(DEFAULT_SERVICE_START, 88))).toBe('20200602');
    const other = DEFAULT_SERVICE_START + 2000 * 86400;
    expect(keyDayOf(other, 95)).toBe(keyDayOf(other, 0));
    expect(epochsLeftInKeyDay(other, 0)).toBe(96);
  });

  test('have names', () => {
    fc.assert(
      fc.property(fc.integer({ min: 43981, max: 49710 }), (day) => {
        expect(dayOfName(dayName(day))).toBe(day);
      }),
    );
  });
});

describe('bundles', () => {
  test('open to what was sealed, with the right key alone', () => {
    fc.assert(
      fc.property(bytes(32), bytes(12), fc.nat(100000), fc.integer({ min: 1, max: 3 }), (kEnc, iv, from, days) => {
        const identifiers = identifiersFrom(ringWith(keyOfDay), ID, from, days) ?? [];
        const bundle = sealBundle(kEnc, identifiers, iv);
        expect(openBundle(kEnc, bundle)).toEqual(identifiers);
        expect(openBundle(new Uint8Array(32), bundle)).toBeUndefined();
        bundle[bundle.length - 20]! ^= 1;
        expect(openBundle(kEnc, bundle)).toBeUndefined();
      }),
      { numRuns: 20 },
    );
  });

  test('are refused when cut', () => {
    for (const length of [0, 12, 27, 28])
      expect(openBundle(new Uint8Array(32), new Uint8Array(length))).toBeUndefined();
  });
});

describe("a token's days", () => {
  const NOW = DEFAULT_SERVICE_START + 1000 * 86400 + 12 * 3600 + 100;

  test('start now and last for the rest of today and 21 whole days', () => {
    const days = tokenDays(ringWith(keyOfDay), ID, NOW, Number.POSITIVE_INFINITY);
    const current = epochAt(DEFAULT_SERVICE_START, NOW);
    expect(days.map((day) => day.length)).toEqual(Array(ANSWER_DAYS).fill(DAY_LENGTH));
    for (const [index, day] of days.entries()) {
      for (let i = 0; i < 96; i++) {
        const number = epochAt(DEFAULT_SERVICE_START, (utcDay(NOW) + index) * 86400) + i;
        const identifier = day.subarray(i * IDENTIFIER_LENGTH, (i + 1) * IDENTIFIER_LENGTH);
        if (number < current) expect(identifier).toEqual(new Uint8Array(IDENTIFIER_LENGTH));
        else {
          const serverKey = keyOfDay(keyDayOf(DEFAULT_SERVICE_START, number));
          expect(openEbid(serverKey, identifier.subarray(0, 8))).toEqual({ epoch: number, id: ID });
        }
      }
    }
  });

  test('hold zeros for a day without a server key', () => {
    const gap = utcDay(NOW) + 3;
    const days = tokenDays(
      ringWith((day) => (day === gap ? undefined : keyOfDay(day))),
      ID,
      NOW,
      Number.POSITIVE_INFINITY,
    );
    expect(days[3]).toEqual(new Uint8Array(DAY_LENGTH));
    expect(days[4]).not.toEqual(new Uint8Array(DAY_LENGTH));
  });

  test('agree with the bundle of a phone', () => {
    const ring = ringWith(keyOfDay);
    const current = epochAt(DEFAULT_SERVICE_START, NOW);
    const days = tokenDays(ring, ID, NOW, Number.POSITIVE_INFINITY);
    for (const { epoch: number, ebid, ecc } of identifiersFrom(ring, ID, current, 2) ?? []) {
      const day = Math.floor((epochStart(DEFAULT_SERVICE_START, number) - utcDay(NOW) * 86400) / 86400);
      const at = (number % 96) * IDENTIFIER_LENGTH;
      expect(days[day]!.subarray(at, at + 9)).toEqual(Uint8Array.from([...ebid, ecc]));
    }
  });
});
