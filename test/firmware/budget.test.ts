import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BOARDS } from '../../tools/firmware/boards.js';
import { budgetOf, checkBudget, delta } from '../../tools/firmware/budget.js';
import { BuildError } from '../../tools/firmware/bundle.js';

const ROOT = resolve(import.meta.dirname, '../..');

describe('the budget of a firmware', () => {
  let root: string;
  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'galet-budget-'));
    mkdirSync(join(root, 'device/boards'), { recursive: true });
    const file = join(root, 'device/boards/budget.json');
    writeFileSync(file, JSON.stringify({ watch: { bytes: { figure: 100, limit: 120 } } }));
  });
  afterAll(() => rmSync(root, { recursive: true }));

  it('says what has changed', () => {
    expect(checkBudget(root, 'watch', 100)).toBe('±0');
    expect(checkBudget(root, 'watch', 93)).toBe('-7');
    expect(checkBudget(root, 'watch', 120)).toBe('+20');
  });

  it('refuses more than the limit, and a board without one', () => {
    expect(() => checkBudget(root, 'watch', 121)).toThrow(
      new BuildError('watch takes 121 bytes, 1 more than its budget of 120'),
    );
    expect(() => checkBudget(root, 'clock', 1)).toThrow(BuildError);
  });

  it('exists for every board, with limits above the figures and within the share of memory', () => {
    for (const [name, { variables, share }] of Object.entries(BOARDS)) {
      for (const [what, { figure, limit }] of Object.entries(
        budgetOf(ROOT, name) ?? { bytes: { figure: 1, limit: 0 } },
      )) {
        expect(limit, `${name} ${what}`).toBeGreaterThanOrEqual(figure);
        if (what !== 'bytes') expect(limit, `${name} ${what}`).toBeLessThanOrEqual(variables * share);
      }
    }
    expect(delta({ figure: 5, limit: 9 }, 4)).toBe('-1');
  });
});
