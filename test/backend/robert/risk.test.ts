import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Random } from '../../../device/ports.js';
import { DAY_SECONDS, DEFAULT_SERVICE_START, dayStart, epochAt } from '../../../device/robert/time.js';
import { parametersFrom } from '../../../host/backend/parameters.js';
import {
  aggregate,
  blurredContactDay,
  DEFAULT_RISK,
  evaluateRisk,
  isRiskOver,
  oldestKeptEpoch,
  type RiskState,
} from '../../../host/backend/robert/risk.js';
import { DEFAULT_SCORING, scoreContact } from '../../../host/backend/robert/scoring.js';
import { nodeRandom } from '../../../host/crypto.js';

const NOW = DEFAULT_SERVICE_START + 1000 * DAY_SECONDS + 15 * 3600;
const CURRENT = epochAt(DEFAULT_SERVICE_START, NOW);
const SAFE: RiskState = {
  exposedEpochs: [],
  atRisk: false,
  notifiedForCurrentRisk: false,
  latestRiskEpoch: 0,
  lastContact: 0,
};

function evaluate(state: RiskState, now = NOW) {
  return evaluateRisk(state, DEFAULT_SERVICE_START, now, DEFAULT_RISK, nodeRandom);
}

describe('the decision', () => {
  test('nothing heard, no risk', () => {
    expect(evaluate(SAFE)).toEqual({ state: SAFE, expired: false });
  });

  test('two full epochs warn, one does not', () => {
    const exposed = (scores: number[]) => ({ ...SAFE, exposedEpochs: [{ epoch: CURRENT - 96, scores }] });
    expect(evaluate(exposed([14])).state.atRisk).toBe(false);
    const { state } = evaluate(exposed([14, 14]));
    expect(state).toMatchObject({ atRisk: true, notifiedForCurrentRisk: false, latestRiskEpoch: CURRENT });
  });

  test('scores already counted do not warn again', () => {
    const first = evaluate({ ...SAFE, exposedEpochs: [{ epoch: CURRENT - 10, scores: [14, 14] }] }).state;
    expect(evaluate(first, NOW + 900).state).toBe(first);
  });

  test('what is older than seven days is counted, and warns nobody', () => {
    const old = { ...SAFE, exposedEpochs: [{ epoch: CURRENT - 8 * 96, scores: [14, 14] }] };
    expect(evaluate(old)).toEqual({ state: old, expired: true });
  });

  test('more exposure never lowers the aggregate', () => {
    const scores = fc.array(fc.double({ min: 0, max: 14, noNaN: true }), { maxLength: 30 });
    fc.assert(
      fc.property(scores, fc.double({ min: 0, max: 14, noNaN: true }), (heard, more) => {
        const before = aggregate(heard, DEFAULT_RISK.r0);
        expect(aggregate([...heard, more], DEFAULT_RISK.r0)).toBeGreaterThanOrEqual(before);
        expect(before).toBeLessThan(1);
      }),
    );
  });
});

describe('the blurred day', () => {
  test('is midnight, at most a day away, never in the future of a warning', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 7 * 96 - 1 }), (age) => {
        const exposedEpochs = [{ epoch: CURRENT - age, scores: [14, 14] }];
        const { lastContact } = evaluate({ ...SAFE, exposedEpochs }).state;
        const contact = DEFAULT_SERVICE_START + (CURRENT - age) * 900;
        expect(lastContact % DAY_SECONDS).toBe(0);
        expect(Math.abs(dayStart(contact) - lastContact)).toBeLessThanOrEqual(DAY_SECONDS);
        expect(lastContact).toBeLessThanOrEqual(dayStart(NOW));
      }),
    );
  });

  test('draws each of three days as often', () => {
    const counts = new Map<number, number>();
    for (let i = 0; i < 3000; i++) {
      const day = blurredContactDay(NOW - 3 * DAY_SECONDS, NOW, nodeRandom);
      counts.set(day, (counts.get(day) ?? 0) + 1);
    }
    expect(counts.size).toBe(3);
    // Five standard deviations of a fair draw.
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(130);
  });

  test('draws again when a byte would favour the first choice', () => {
    const bytes = [255, 1];
    const random: Random = { fill: (out) => void out.fill(bytes.shift()!) };
    expect(blurredContactDay(NOW - 3 * DAY_SECONDS, NOW, random)).toBe(dayStart(NOW - 3 * DAY_SECONDS));
    expect(bytes).toEqual([]);
  });
});

describe('the end of a risk', () => {
  const risk = (days: number, answered: boolean) => ({
    atRisk: true,
    notifiedForCurrentRisk: answered,
    lastContact: dayStart(NOW) - days * DAY_SECONDS,
  });
  const over = (bearer: 'phone' | 'token', days: number, answered: boolean) =>
    isRiskOver(risk(days, answered), bearer, NOW, DEFAULT_RISK);

  test('comes for a phone after seven whole days, answered or not', () => {
    for (const answered of [true, false]) {
      expect(over('phone', 7, answered)).toBe(false);
      expect(over('phone', 8, answered)).toBe(true);
    }
  });

  test('waits for a token that has not asked', () => {
    expect(over('token', 8, false)).toBe(false);
    expect(over('token', 8, true)).toBe(true);
    expect(over('token', 7, true)).toBe(false);
  });

  test('comes before no visit within 21 days of the contact, however its day was blurred', () => {
    fc.assert(
      fc.property(fc.nat(21 * DAY_SECONDS), fc.constantFrom(-1, 0, 1), (age, blur) => {
        const lastContact = dayStart(NOW - age + blur * DAY_SECONDS);
        const state = { atRisk: true, notifiedForCurrentRisk: false, lastContact };
        expect(isRiskOver(state, 'token', NOW, DEFAULT_RISK)).toBe(false);
      }),
    );
    expect(over('token', 23, false)).toBe(true);
  });
});

describe('the purge', () => {
  test('keeps fourteen days', () => {
    expect(CURRENT - oldestKeptEpoch(CURRENT, 14)).toBe(1344);
  });
});

describe('the score', () => {
  const reception = fc.record({
    received: fc.integer({ min: NOW - 200, max: NOW + 1100 }),
    rssi: fc.integer({ min: -128, max: 20 }),
  });

  test('lies between 0 and 14 whatever is reported', () => {
    fc.assert(
      fc.property(fc.array(reception, { minLength: 1, maxLength: 60 }), (receptions) => {
        const result = scoreContact(receptions, DEFAULT_SCORING);
        expect(result?.score).toBeGreaterThanOrEqual(0);
        expect(result?.score).toBeLessThanOrEqual(14);
        expect(result?.duration).toBeLessThanOrEqual(14);
      }),
    );
  });

  test('there is none without a reception', () => {
    expect(scoreContact([], DEFAULT_SCORING)).toBeUndefined();
  });
});

test('the parameters’ defaults are the reference’s', () => {
  expect(parametersFrom({}).scoring).toEqual(DEFAULT_SCORING);
  expect(parametersFrom({}).risk).toEqual(DEFAULT_RISK);
});
