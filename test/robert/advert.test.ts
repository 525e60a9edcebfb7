import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ADVERT_LENGTH, ADVERT_MAX, buildAdvert, parseAdvert } from '../../device/robert/advert.js';

const hello = fc.uint8Array({ minLength: 16, maxLength: 16 });
const gain = fc.integer({ min: -128, max: 127 });
const HELLO = Uint8Array.from({ length: 16 }, (_, index) => index + 1);

function hex(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'));
}

const FLAGS = '020106';
const UUIDS = '030364fd';
const DATA = '15 16 64fd 0102030405060708090a0b0c0d0e0f10 02 e7';

describe('what we advertise', () => {
  test('is what StopCovid advertises, byte for byte', () => {
    expect(buildAdvert(HELLO, -25)).toEqual(hex(`${FLAGS} ${UUIDS} ${DATA}`));
  });

  test('is understood', () => {
    fc.assert(
      fc.property(hello, gain, (said, txGain) => {
        const advert = buildAdvert(said, txGain);
        expect(advert).toHaveLength(ADVERT_LENGTH);
        expect(parseAdvert(advert)).toEqual({ hello: said, txGain });
      }),
    );
  });
});

describe('what we understand', () => {
  test.each([
    ['without the UUID list', `${FLAGS} ${DATA}`],
    ['without flags', `${UUIDS} ${DATA}`],
    ['in another order', `${DATA} ${UUIDS} ${FLAGS}`],
    ['with a byte of calibrated RSSI', `${FLAGS} 16 16 64fd 0102030405060708090a0b0c0d0e0f10 02 e7 c4`],
    ['with another version', `15 16 64fd 0102030405060708090a0b0c0d0e0f10 01 e7`],
    ['with zeros at the end', `${FLAGS} ${DATA} 000000`],
    ['beside service data of others', `${DATA} 04 16 6ffd 00`],
  ])('%s', (_, advert) => {
    expect(parseAdvert(hex(advert))).toEqual({ hello: HELLO, txGain: -25 });
  });
});

describe('what we refuse', () => {
  test.each([
    ['nothing', ''],
    ['no service data', `${FLAGS} ${UUIDS}`],
    ['service data cut short', '15 16 64fd 0102'],
    ['17 bytes of payload', '14 16 64fd 0102030405060708090a0b0c0d0e0f10 02'],
    ['20 bytes of payload', '17 16 64fd 0102030405060708090a0b0c0d0e0f10 02 e7 c4 00'],
    ['an empty payload', '03 16 64fd'],
    ['another service', '15 16 6ffd 0102030405060708090a0b0c0d0e0f10 02 e7'],
    ['a list of UUIDs in the place of data', '15 03 64fd 0102030405060708090a0b0c0d0e0f10 02 e7'],
    ['something after the end', `${DATA} 00 01`],
    ['a structure longer than the advert', `${DATA} 05 ff`],
    ['two payloads', `${DATA} ${DATA}`],
  ])('%s', (_, advert) => {
    expect(parseAdvert(hex(advert))).toBeUndefined();
  });

  test('hostile bytes never throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (advert) => {
        expect(() => parseAdvert(advert)).not.toThrow();
      }),
      { numRuns: 2000 },
    );
  });

  test('an advert with changed bytes never throws, and gives a HELLO of 16 bytes or nothing', () => {
    const changes = fc.array(fc.tuple(fc.nat(ADVERT_MAX - 1), fc.nat(255)), { maxLength: 4 });
    fc.assert(
      fc.property(hello, gain, changes, fc.nat(ADVERT_MAX), (said, txGain, edits, length) => {
        const advert = new Uint8Array(ADVERT_MAX);
        advert.set(buildAdvert(said, txGain));
        for (const [at, value] of edits) advert[at] = value;
        const heard = parseAdvert(advert.subarray(0, length));
        if (heard !== undefined) {
          expect(heard.hello).toHaveLength(16);
          expect(heard.txGain).toBeGreaterThanOrEqual(-128);
          expect(heard.txGain).toBeLessThanOrEqual(127);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test('what it gives is a copy: a radio may reuse its buffer', () => {
    const advert = buildAdvert(HELLO, 0);
    const heard = parseAdvert(advert);
    advert.fill(0);
    expect(heard?.hello).toEqual(HELLO);
  });
});
