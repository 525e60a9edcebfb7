/** How the demo ends: the table of who met whom, what the checks found, and where to look next. */

import { RISK_SUM } from '../simulate/truth.js';
import type { Failure } from './checks.js';
import type { Narrator } from './narrator.js';
import type { Planted } from './options.js';
import type { Line, Outcome } from './outcome.js';

/** Name of the sentence about each fault. */
const FAULT_SENTENCES = {
  mac: 'faultMac',
  seal: 'faultSeal',
  ratchet: 'faultRatchet',
  outbox: 'faultOutbox',
} as const satisfies Record<Planted, string>;

export function faultName(tell: Narrator, planted: Planted): string {
  return `${planted} (${tell.sentence(FAULT_SENTENCES[planted])})`;
}

function rows(tell: Narrator, outcome: Outcome): string[][] {
  const positive = outcome.lines.find(({ isPositive }) => isPositive);
  const name = positive?.name ?? '';
  const yesNo = (is: boolean) => tell.sentence(is ? 'yes' : 'no');
  const truth = ({ verdict }: Line) =>
    verdict === 'borderline' ? tell.sentence('borderline') : yesNo(verdict === 'warn');
  const others = outcome.lines.filter((line) => line !== positive).sort((a, b) => b.score - a.score);
  const head = [tell.sentence('columnName'), tell.sentence('columnRole')];
  const body = others.map((line) => [line.name, tell.sentence(line.role)]);
  if (positive !== undefined) {
    head.push(tell.sentence('columnTogether', { name }), tell.sentence('columnScore'));
    others.forEach((line, i) => {
      body[i]?.push(tell.sentence('minutes', { minutes: line.minutes }), line.score.toFixed(1));
    });
  }
  head.push(tell.sentence('columnTruth'), tell.sentence('columnWarned'));
  others.forEach((line, i) => {
    body[i]?.push(truth(line), yesNo(line.warned));
  });
  return [head, ...body];
}

function table(lines: string[][]): string[] {
  const widths = (lines[0] ?? []).map((_, column) => Math.max(...lines.map((line) => (line[column] ?? '').length)));
  const laidOut = lines.map((line) =>
    line
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  const rule = widths.map((width) => '-'.repeat(width)).join('  ');
  return [laidOut[0] ?? '', rule, ...laidOut.slice(1)];
}

export function tellOutcome(tell: Narrator, outcome: Outcome, seconds: number): void {
  tell.line('');
  for (const line of table(rows(tell, outcome))) tell.line(`  ${line}`);
  tell.line('');
  tell.line(tell.sentence('threshold', { threshold: RISK_SUM.toFixed(2) }));
  const { missed, falseWarned, borderline, serialBytes, httpRequests, flashOps } = outcome;
  tell.line(
    tell.sentence('summary', {
      warned: outcome.lines.filter(({ warned }) => warned).length,
      missed: missed.length,
      falseWarned: falseWarned.length,
      borderline: borderline.length,
    }),
  );
  tell.line(tell.sentence('effort', { serialBytes, httpRequests, flashOps, seconds: Math.round(seconds) }));
}

/** Says what the checks found; whether that is as it should be. A planted fault never is. */
export function tellChecks(tell: Narrator, found: readonly Failure[], planted: Planted | undefined): boolean {
  for (const { sentence, parameters } of found) {
    tell.line(tell.sentence('checkFailed', { what: tell.sentence(sentence, parameters) }));
  }
  if (planted !== undefined) {
    const isNoticed = found.some(({ fault }) => fault === planted);
    tell.line(tell.sentence(isNoticed ? 'noticed' : 'unnoticed', { fault: faultName(tell, planted) }));
    return false;
  }
  if (found.length === 0) tell.line(tell.sentence('allWell'));
  return found.length === 0;
}

export function tellNext(tell: Narrator, seed: number): void {
  tell.line('');
  tell.line(tell.sentence('next'));
  for (const key of ['nextReadme', 'nextSpec', 'nextSeed'] as const) tell.line(`  ${tell.sentence(key, { seed })}`);
}
