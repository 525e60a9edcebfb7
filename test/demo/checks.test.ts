import { describe, expect, it } from 'vitest';
import type { AttackReport } from '../../tools/attack/attack.js';
import { type Evidence, failures } from '../../tools/demo/checks.js';
import { optionsFrom } from '../../tools/demo/options.js';
import { jsonOf, type Line, type Outcome } from '../../tools/demo/outcome.js';
import { RISK_SUM, verdict } from '../../tools/simulate/truth.js';

const thief: AttackReport = {
  windows: 9000,
  batches: 96,
  opened: [],
  allowed: [95],
  later: [96, 97],
  laterOpened: [96, 97],
  passed: true,
};
const evidence: Evidence = { kept: 1, received: 1, batchesLost: 0, macsRefused: 0, thief };

function line(name: string, score: number, warned: boolean, isPositive = false): Line {
  return { name, role: 'resident', isPositive, minutes: 0, score, verdict: verdict(score), warned };
}

function outcome(lines: Line[]): Outcome {
  const names = (which: (line: Line) => boolean) => lines.filter(which).map(({ name }) => name);
  return {
    seed: 1,
    lines,
    falseWarned: names((l) => l.verdict === 'spare' && l.warned),
    missed: names((l) => l.verdict === 'warn' && !l.warned),
    borderline: names((l) => l.verdict === 'borderline'),
    serialBytes: 1,
    httpRequests: 2,
    flashOps: 3,
  };
}

const good = outcome([line('a', 0, false, true), line('b', 40, true), line('c', 3, false)]);
const faults = (o: Outcome, e: Evidence) => failures(o, e).map(({ fault, sentence }) => fault ?? sentence);

describe('the threshold of the truth', () => {
  it('is a sum of scores of 14.84, with a quarter either side too close to call', () => {
    expect(RISK_SUM).toBeCloseTo(14.8395, 4);
    expect([11, 11.2, 14.8, 18.5, 18.6].map(verdict)).toEqual([
      'spare',
      'borderline',
      'borderline',
      'borderline',
      'warn',
    ]);
  });
});

describe("the demo's checks", () => {
  it('find nothing in a good run', () => {
    expect(failures(good, evidence)).toEqual([]);
  });

  it('find each fault by its own evidence', () => {
    expect(faults(good, { ...evidence, macsRefused: 3 })).toEqual(['mac']);
    expect(faults(good, { ...evidence, batchesLost: 1 })).toEqual(['seal']);
    expect(faults(good, { ...evidence, thief: { ...thief, opened: [4, 95] } })).toEqual(['ratchet']);
    expect(faults(good, { ...evidence, received: 0 })).toEqual(['outbox']);
    expect(faults(good, { ...evidence, received: 2 })).toEqual(['outbox']);
  });

  it('let the thief open the batch whose commit he interrupted, but not a search that finds nothing at all', () => {
    expect(faults(good, { ...evidence, thief: { ...thief, opened: [95] } })).toEqual([]);
    expect(faults(good, { ...evidence, thief: { ...thief, laterOpened: [] } })).toEqual(['checkThief']);
  });

  it('find whoever was missed or warned for nothing, and a day that says too little', () => {
    expect(faults(outcome([line('b', 40, false)]), evidence)).toEqual(['checkMissed']);
    expect(faults(outcome([line('b', 3, true)]), evidence)).toEqual(['checkFalse']);
    const close = Array.from({ length: 11 }, (_, i) => line(`${i}`, i < 2 ? 15 : 40, true));
    expect(faults(outcome(close), evidence)).toEqual(['checkBorderline']);
    expect(faults(outcome(close.slice(1)), evidence)).toEqual([]);
  });
});

describe('the one object of --json', () => {
  it('has counts, and a score and a warning for each token', () => {
    expect(jsonOf(good)).toEqual({
      seed: 1,
      tokens: [
        { name: 'a', truth: 0, warned: false },
        { name: 'b', truth: 40, warned: true },
        { name: 'c', truth: 3, warned: false },
      ],
      falseWarned: 0,
      missed: 0,
      borderline: 0,
      serialBytes: 1,
      httpRequests: 2,
      flashOps: 3,
    });
  });
});

describe('the options', () => {
  const from = (args: string[], locale?: string) => optionsFrom(args, locale, () => 77);

  it('draw a seed and take the language from the locale', () => {
    expect(from([], 'fr_FR.UTF-8')).toEqual({
      json: false,
      seed: 77,
      nobodyPositive: false,
      planted: undefined,
      keep: false,
      isOnAir: false,
      language: 'fr',
    });
    expect(from(['--seed', '4294967295', '--lang', 'en', '--break', 'seal'], 'fr')).toMatchObject({
      seed: 4294967295,
      language: 'en',
      planted: 'seal',
    });
  });

  it('refuse what makes no sense', () => {
    expect(from(['--seed', '4294967296'])).toBeUndefined();
    expect(from(['--seed', '1.5'])).toBeUndefined();
    expect(from(['--break', 'mac', '--nobody-positive'])).toBeUndefined();
    expect(from(['extra'])).toBeUndefined();
  });
});
