/** What came of a day: who ought to have been warned, who was, and what it took. */
import type { Day } from '../simulate/day.js';
import { minutesTogether, type Truth, type Verdict, verdict } from '../simulate/truth.js';
import type { Wearer } from '../simulate/wearer.js';

/** One token, seen from the person who tested positive. */
export interface Line {
  name: string;
  role: Wearer['person']['role'];
  isPositive: boolean;
  minutes: number;
  /** The score of the loss-free, fading-free day; 0 where nobody is positive. */
  score: number;
  verdict: Verdict;
  warned: boolean;
}

export interface Effort {
  serialBytes: number;
  httpRequests: number;
  flashOps: number;
}

export interface Outcome extends Effort {
  seed: number;
  lines: Line[];
  falseWarned: string[];
  missed: string[];
  borderline: string[];
}

export function outcomeOf(
  seed: number,
  day: Day,
  wearers: readonly Wearer[],
  positive: Wearer | undefined,
  truth: Truth | undefined,
  effort: Effort,
): Outcome {
  const lines = day.people.map((person): Line => {
    const wearer = wearers.find((candidate) => candidate.person === person) as Wearer;
    const isPositive = wearer === positive;
    const score = isPositive ? 0 : (truth?.score(person.name) ?? 0);
    return {
      name: person.name,
      role: person.role,
      isPositive,
      minutes: positive === undefined || isPositive ? 0 : minutesTogether(positive.person, person),
      score,
      verdict: verdict(score),
      warned: wearer.token.signal() === 'at-risk',
    };
  });
  const names = (which: (line: Line) => boolean) => lines.filter(which).map(({ name }) => name);
  return {
    seed,
    lines,
    falseWarned: names((line) => line.verdict === 'spare' && line.warned),
    missed: names((line) => line.verdict === 'warn' && !line.warned),
    borderline: names((line) => line.verdict === 'borderline'),
    ...effort,
  };
}

/** The one object that `--json` prints. `truth` is the score; warned from 14.84 on. */
export function jsonOf(outcome: Outcome): Record<string, unknown> {
  const { seed, lines, falseWarned, missed, borderline, serialBytes, httpRequests, flashOps } = outcome;
  return {
    seed,
    tokens: lines.map(({ name, score, warned }) => ({ name, truth: Math.round(score * 1000) / 1000, warned })),
    falseWarned: falseWarned.length,
    missed: missed.length,
    borderline: borderline.length,
    serialBytes,
    httpRequests,
    flashOps,
  };
}
