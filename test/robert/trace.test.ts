/** What a listener sees of a token in consecutive epochs, over 10,000 of them: nothing that stays. */
import { describe, expect, it } from 'vitest';
import { ADVERT_LENGTH, buildAdvert } from '../../device/robert/advert.js';
import { buildHello, HELLO_LENGTH } from '../../device/robert/hello.js';
import { EPOCH_SECONDS } from '../../device/robert/time.js';
import { eccCipher, makeEbid } from '../../host/backend/robert/ebid.js';
import { expandKey } from '../../host/backend/robert/skinny.js';
import { nodeDigest } from '../../host/crypto.js';
import { seededRandom } from '../support/chance.js';

const SEED = 19;
const EPOCHS = 10_000;
const BYTE_VALUES = 256;
/** Where the HELLO begins in an advert, and its two bytes of time, which anybody's clock says. */
const HELLO_AT = ADVERT_LENGTH - HELLO_LENGTH - 2;
const TIME_AT = [HELLO_AT + 9, HELLO_AT + 10];
const POSITIONS = Array.from({ length: HELLO_LENGTH }, (_, i) => HELLO_AT + i).filter((at) => !TIME_AT.includes(at));
/** Of the standard normal distribution: one in a hundred lies above it, and one in 1,400 (a hundred times 14 bytes). */
const ONE_IN_100 = 2.326;
const ONE_IN_1400 = 3.189;

/** Wilson and Hilferty's approximation of the chi-square distribution's quantile. */
function chiSquareBound(degrees: number, normalQuantile: number): number {
  const spread = 2 / (9 * degrees);
  return degrees * (1 - spread + normalQuantile * Math.sqrt(spread)) ** 3;
}

/** The adverts of one token in consecutive epochs, under one server key and one K_auth. */
function advertsOf(): Uint8Array[] {
  const random = seededRandom(SEED);
  const drawn = (length: number): Uint8Array => {
    const out = new Uint8Array(length);
    random.fill(out);
    return out;
  };
  const [serverKey, federationKey, kAuth, id] = [expandKey(drawn(24)), drawn(32), drawn(32), drawn(5)];
  const ecc = eccCipher(federationKey);
  return Array.from({ length: EPOCHS + 1 }, (_, epoch) => {
    const ebid = makeEbid(serverKey, epoch, id);
    return buildAdvert(buildHello(nodeDigest, kAuth, ecc.apply(ebid, 33), ebid, epoch * EPOCH_SECONDS), 0);
  });
}

/** Of how many epochs the byte at `at` equals the one before: chi-square with one degree of freedom. */
function equalityStatistic(adverts: Uint8Array[], at: number): number {
  const trials = adverts.length - 1;
  const equal = adverts.filter((advert, i) => i > 0 && advert[at] === adverts[i - 1]?.[at]).length;
  const expected = trials / BYTE_VALUES;
  return (equal - expected) ** 2 / (expected * (1 - 1 / BYTE_VALUES));
}

/** How even the differences to the epoch before are: chi-square with 255 degrees of freedom. */
function differenceStatistic(adverts: Uint8Array[], at: number): number {
  const counts = new Array<number>(BYTE_VALUES).fill(0);
  for (let i = 1; i < adverts.length; i++) {
    const difference = ((adverts[i]?.[at] ?? 0) - (adverts[i - 1]?.[at] ?? 0)) & 0xff;
    counts[difference] = (counts[difference] ?? 0) + 1;
  }
  const expected = (adverts.length - 1) / BYTE_VALUES;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

const sumOfEquality = (adverts: Uint8Array[]): number =>
  POSITIONS.reduce((sum, at) => sum + equalityStatistic(adverts, at), 0);
const worstDifference = (adverts: Uint8Array[]): number =>
  Math.max(...POSITIONS.map((at) => differenceStatistic(adverts, at)));

const EQUALITY_BOUND = chiSquareBound(POSITIONS.length, ONE_IN_100);
const DIFFERENCE_BOUND = chiSquareBound(BYTE_VALUES - 1, ONE_IN_1400);

describe('adverts of 10,000 consecutive epochs', () => {
  const adverts = advertsOf();

  it('share bytes only by chance: chi-square below the bound of p = 0.01 (R19)', () => {
    console.log(
      `seed ${SEED}: chi-square of equal bytes ${sumOfEquality(adverts).toFixed(1)} (bound ${EQUALITY_BOUND.toFixed(1)}),` +
        ` of differences at most ${worstDifference(adverts).toFixed(0)} (bound ${DIFFERENCE_BOUND.toFixed(0)})`,
    );
    expect(sumOfEquality(adverts)).toBeLessThan(EQUALITY_BOUND);
    expect(worstDifference(adverts)).toBeLessThan(DIFFERENCE_BOUND);
  });

  it('would not, with one byte that stays in one epoch of a hundred', () => {
    const at = POSITIONS[4] as number;
    const sticky = adverts.map((advert, epoch) => {
      const copy = advert.slice();
      if (epoch % 100 === 1) copy[at] = adverts[epoch - 1]?.[at] ?? 0;
      return copy;
    });
    expect(sumOfEquality(sticky)).toBeGreaterThan(EQUALITY_BOUND);
  });

  it('would not, with one byte that counts', () => {
    const at = POSITIONS[0] as number;
    const counting = adverts.map((advert, epoch) => advert.map((byte, i) => (i === at ? epoch & 0xff : byte)));
    expect(worstDifference(counting)).toBeGreaterThan(DIFFERENCE_BOUND);
  });
});
