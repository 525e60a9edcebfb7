import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { PROPERTIES } from '../../tools/proof/properties.js';
import { gapsIn, tableOf } from '../../tools/proof/table.js';
import { proofsUnder } from '../../tools/proof/titles.js';

describe('the map of proof', () => {
  const proofs = proofsUnder('test');

  it('is what the tests say; npm run -s proof writes it', () => {
    expect(readFileSync('docs/privacy/proof.md', 'utf8')).toBe(tableOf(PROPERTIES, proofs));
  });

  it('has a test or a reason for every property, and no number that is none', () => {
    expect(PROPERTIES.map(({ number }) => number)).toEqual(Array.from({ length: 71 }, (_, i) => i + 1));
    expect(gapsIn(PROPERTIES, proofs)).toEqual([]);
  });

  it('notices a property without either, and a number that is none', () => {
    const stray = { file: 'a.test.ts', title: 'does it (R99)', numbers: [99] };
    expect(gapsIn([{ number: 1, title: 'it' }], [stray])).toEqual([
      'a.test.ts: "does it (R99)" quotes R99, which is none',
      'R1 has neither a test nor a reason',
    ]);
  });
});
