import { describe, expect, it } from 'vitest';
import { judged, schedules, WANTED } from '../../tools/power/choose.js';
import { command } from '../../tools/power/command.js';
import { CURRENTS } from '../../tools/power/currents.js';
import { OURS } from '../../tools/power/ours.js';

const SEED = 1;
const TRIALS = 6000;

describe('the schedule of the tokens', () => {
  it('does all that a schedule must', () => {
    const ours = judged(OURS, CURRENTS.espruino, SEED, TRIALS);
    expect(ours.ofBound).toBeLessThan(WANTED.ofBound);
    expect(ours.noticed).toBeGreaterThanOrEqual(WANTED.noticed);
    expect(ours.score).toBeGreaterThanOrEqual(WANTED.score);
    expect(ours.isGood).toBe(true);
  });

  it('is one of those that were looked at', () => {
    expect(schedules()).toContainEqual(OURS);
  });

  it('would be refused with windows too rare, or too long', () => {
    const rare = judged({ ...OURS, scan: 60 }, CURRENTS.espruino, SEED, TRIALS);
    expect([rare.noticed < WANTED.noticed, rare.score < WANTED.score, rare.isGood]).toEqual([true, true, false]);
    const long = judged({ ...OURS, window: 0.42 }, CURRENTS.espruino, SEED, TRIALS);
    expect([long.ofBound > WANTED.ofBound, long.isGood]).toEqual([true, false]);
  });
});

describe('the command schedule', () => {
  it.each([
    [['--radio', 'sun'], '--radio takes one of'],
    [['--trials', '1'], '--radio takes one of'],
    [['--moon'], "Unknown option '--moon'"],
  ])('says what is wrong with %j', (args, sentence) => {
    const errors: string[] = [];
    expect(command(args, { out: () => undefined, error: (text) => errors.push(text) })).toBe(2);
    expect(errors.join('')).toContain(sentence);
  });
});
