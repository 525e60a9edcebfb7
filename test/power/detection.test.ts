import { describe, expect, it } from 'vitest';
import { CURRENTS } from '../../tools/power/currents.js';
import { formula, monteCarlo } from '../../tools/power/detection.js';
import { bound, current, days, type Schedule } from '../../tools/power/model.js';
import { Stream } from '../../tools/simulate/random.js';

const SEED = 1;
const TRIALS = 4000;
const POINTS = 0.02;
const CONTACTS = [60, 120, 300, 900];

interface Row {
  name: string;
  /** Milliseconds, seconds. */
  advertising: number;
  window: number;
  scan: number;
  skipped?: number;
  /** Microamperes by TraceBand's measured currents. */
  current: number;
  /** Published probabilities for contacts of 60, 120, 300 and 900 s, where half of the adverts are lost. */
  half: number[];
  /** The same where 70 % are lost. */
  third?: number[];
}

/** Published figures of other systems and of the literature's optimum: Monte-Carlo, 4,000 trials, one pair, no traffic. */
const PUBLISHED: Row[] = [
  {
    ...{ name: 'TraceTogether token', advertising: 87, window: 100, scan: 15, skipped: 0.05, current: 153 },
    ...{ half: [0.934, 0.996, 1, 1], third: [0.762, 0.952, 0.998, 1] },
  },
  { name: 'one event in 15 s', advertising: 156, window: 166, scan: 15, current: 132, half: [0.935, 0.995, 1, 1] },
  { name: 'one event in 30 s', advertising: 221, window: 231, scan: 30, current: 93, half: [0.744, 0.932, 0.999, 1] },
  {
    ...{ name: 'three events in 60 s', advertising: 180, window: 571, scan: 60, current: 114 },
    ...{ half: [0.876, 0.982, 1, 1], third: [0.664, 0.883, 0.996, 1] },
  },
  { name: 'one event in 60 s', advertising: 312, window: 322, scan: 60, current: 66, half: [0.496, 0.753, 0.971, 1] },
  { name: 'three in 120 s', advertising: 255, window: 795, scan: 120, current: 81, half: [0.446, 0.869, 0.993, 1] },
  {
    name: 'three in 300 s',
    advertising: 403,
    window: 1239,
    scan: 300,
    current: 52,
    half: [0.186, 0.342, 0.866, 0.998],
  },
];

function scheduleOf({ advertising, window, scan }: Row): Schedule {
  return { advertising: advertising / 1000, window: window / 1000, scan, jitter: 0 };
}

describe('the probability that a contact is noticed', () => {
  const cases = PUBLISHED.flatMap((row) => [
    { ...row, p: 0.5, wanted: row.half },
    ...(row.third ? [{ ...row, p: 0.3, wanted: row.third }] : []),
  ]);

  it.each(cases)('is within 2 points of what is published: $name, p = $p', (row) => {
    const { name, p, wanted, skipped = 0 } = row;
    CONTACTS.forEach((seconds, i) => {
      const random = new Stream(SEED, `${name} ${p} ${seconds}`);
      const drawn = monteCarlo(random, scheduleOf(row), p, seconds, TRIALS, skipped);
      expect(Math.abs(drawn - (wanted[i] as number)), `${seconds} s: ${drawn}`).toBeLessThanOrEqual(POINTS);
      // The formula knows of no skipped windows, and of no window that lies half in a contact.
      if (skipped === 0) expect(Math.abs(formula(scheduleOf(row), p, seconds) - drawn)).toBeLessThanOrEqual(0.03);
    });
  });

  it('is 1 for who stays longer than the latency where nothing is lost', () => {
    const schedule = { advertising: 0.2, window: 0.215, scan: 10, jitter: 0.25 };
    expect(monteCarlo(new Stream(SEED, 'certain'), schedule, 1, 13, TRIALS)).toBe(1);
  });
});

describe('the current of a schedule', () => {
  it.each(PUBLISHED)('is what is published: $name', (row) => {
    expect(Math.abs(current(scheduleOf(row), CURRENTS.zephyr) - row.current)).toBeLessThan(7);
  });

  it.each([
    [15, 127.6],
    [30, 91],
    [60, 65.1],
    [120, 46.8],
    [300, 30.5],
    [900, 18.7],
  ])('has a bound: certain within %d s on %d uA', (seconds, microamperes) => {
    expect(Math.abs(bound(seconds, CURRENTS.zephyr) - microamperes)).toBeLessThan(2.7);
  });

  it('empties a cell', () => {
    expect(days(100, 1000)).toBeCloseTo(354.2, 1);
  });
});
