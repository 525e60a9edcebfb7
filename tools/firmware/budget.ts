/**
 * What a board's firmware may cost, and what it cost when that was last looked at: device/boards/budget.json. A build
 * beyond a limit is refused; a change is printed, so that it is seen.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BuildError } from './bundle.js';

/** A figure as committed, and the most that it may become. */
export interface Allowance {
  figure: number;
  limit: number;
}

/** Of one board. `bytes`: the script. The others: memory blocks, the interpreter's own included, on a full-size board. */
export interface Budget {
  bytes: Allowance;
  boot?: Allowance;
  crowd?: Allowance;
  visit?: Allowance;
}

const FILE = 'device/boards/budget.json';

/** Undefined for a board that has none yet. */
export function budgetOf(root: string, board: string): Budget | undefined {
  return (JSON.parse(readFileSync(join(root, FILE), 'utf8')) as Record<string, Budget>)[board];
}

/** `+12`, `-3` or `±0`: what has changed since the committed figure. */
export function delta(allowance: Allowance, now: number): string {
  const change = now - allowance.figure;
  return change === 0 ? '±0' : `${change > 0 ? '+' : ''}${change}`;
}

/** What to print beside the size of a script: its change. Throws `BuildError` when there is no budget or it is exceeded. */
export function checkBudget(root: string, board: string, bytes: number): string {
  const budget = budgetOf(root, board);
  if (budget === undefined) throw new BuildError(`${board} has no budget in ${FILE}`);
  const { limit } = budget.bytes;
  if (bytes > limit)
    throw new BuildError(`${board} takes ${bytes} bytes, ${bytes - limit} more than its budget of ${limit}`);
  return delta(budget.bytes, bytes);
}
