import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { mutantsOf, sampleOf } from '../../tools/mutants/mutants.js';
import { defectsOf, planted } from '../../tools/mutants/operators.js';

const SOURCE = `
import { flash } from './flash.js';
interface Page { size: 4 }
/** 4 kB, and a < b. */
const SIZE = 4;
export function write(at: number, isLast: boolean): number {
  if (at < SIZE && isLast) {
    flash.write(at);
    flash.sync();
  }
  return at;
}
`;

const lines = (text: string): string[] => text.split('\n').map((line) => line.trim());

describe('planted defects', () => {
  it('are those that a tired engineer makes, and only where something happens', () => {
    const before = lines(SOURCE);
    const changed = defectsOf('page.ts', SOURCE).map((defect) =>
      lines(planted(SOURCE, defect))
        .filter((line, i) => line !== before[i])
        .join(' '),
    );
    expect(changed).toEqual([
      'const SIZE = 5;',
      'if (!(at < SIZE && isLast)) {',
      'if (at < SIZE || isLast) {',
      'if (at <= SIZE && isLast) {',
      'flash.sync(); flash.write(at);',
      ';',
      ';',
    ]);
  });

  it('leave a program that can be parsed', () => {
    const mutants = mutantsOf('.', 'seal');
    expect(mutants.length).toBeGreaterThan(200);
    for (const defect of defectsOf('page.ts', SOURCE)) {
      const { diagnostics } = ts.transpileModule(planted(SOURCE, defect), { reportDiagnostics: true });
      expect(diagnostics).toEqual([]);
    }
  });

  it('are drawn from a seed, the same again for the same one', () => {
    const mutants = mutantsOf('.', 'log');
    const drawn = sampleOf(mutants, 20, 1, 'log');
    expect(sampleOf(mutants, 20, 1, 'log')).toEqual(drawn);
    expect(sampleOf(mutants, 20, 2, 'log')).not.toEqual(drawn);
    expect(new Set(drawn).size).toBe(20);
  });
});
