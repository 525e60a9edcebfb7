import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { command } from '../../tools/simulate/command.js';
import { DrawnFaults, FAULT_KINDS } from '../../tools/simulate/faults.js';

interface Ran {
  code: number;
  out: string;
  error: string;
}

async function ran(...args: string[]): Promise<Ran> {
  const said = { out: '', error: '' };
  const output = {
    out: (text: string) => {
      said.out += text;
    },
    error: (text: string) => {
      said.error += text;
    },
  };
  return { code: await command(args, output, () => 5), ...said };
}

describe('the command simulate', () => {
  it('lives worlds twice with faults, finds them the same, and writes a page about the last (R6, R8)', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'galet-report-'));
    const file = join(folder, 'report.html');
    try {
      const args = ['--tokens', '3', '--days', '1', '--seed', '5', '--seeds', '2', '--twice', '--json'];
      const { code, out, error } = await ran(...args, '--report', file, '--lang', 'fr');
      expect(error).not.toContain('again:');
      expect(code).toBe(0);
      const { differing, runs } = JSON.parse(out);
      expect(differing).toBe(0);
      expect(runs.map(({ record }: { record: { seed: number } }) => record.seed)).toEqual([5, 6]);
      expect(runs.some(({ faults }: { faults: object }) => Object.keys(faults).length > 0)).toBe(true);
      const page = readFileSync(file, 'utf8');
      expect(page).toContain('<html lang="fr">');
      expect(page).toContain(runs[1].record.eventHash);
      expect(page).not.toMatch(/<script|https?:\/\/(?!www\.w3\.org\/2000\/svg)|undefined|NaN/);
      for (const [, label] of page.matchAll(/<svg [^>]*aria-label="([^"]*)"/g)) expect(label).not.toBe('');
      expect(page.match(/<svg /g)).toHaveLength(4);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it.each([
    [['--tokens', '1'], '--tokens takes a whole number from 2 to 500\n'],
    [['--seed', '4294967296'], '--seed takes a whole number from 0 to 4294967295\n'],
    [['--scenario', 'moon'], '--scenario takes one of care-home, pharmacy, market, town\n'],
    [['--lang', 'de'], '--lang takes fr or en\n'],
    [['--moon'], "Unknown option '--moon'\n"],
  ])('says what is wrong with %j in one sentence', async (args, error) => {
    const told = await ran(...args);
    expect([told.code, told.out]).toEqual([2, '']);
    expect(told.error.startsWith(error.trim())).toBe(true);
  });

  it('explains itself', async () => {
    expect((await ran('--help')).out).toContain('--twice');
  });
});

describe('the faults of a seed', () => {
  it('are each in at least a quarter of seeds, and in none of all (R8)', () => {
    const drawn = Array.from({ length: 400 }, (_, seed) => new DrawnFaults(seed).kinds);
    for (const kind of FAULT_KINDS) {
      const share = drawn.filter((kinds) => kinds.has(kind)).length / drawn.length;
      expect(share, kind).toBeGreaterThan(0.25);
      expect(share, kind).toBeLessThan(0.75);
    }
  });
});
