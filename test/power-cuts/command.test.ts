import { describe, expect, it } from 'vitest';
import { command } from '../../tools/power-cuts/command.js';

/** Runs the command; gives its exit code and what it said. */
async function run(...args: string[]): Promise<{ code: number; out: string; error: string }> {
  let out = '';
  let error = '';
  const code = await command(args, {
    out: (text) => {
      out += text;
    },
    error: (text) => {
      error += text;
    },
  });
  return { code, out, error };
}

describe('the command power-cuts', () => {
  it('shows its help with examples', async () => {
    const { code, out } = await run('--help');
    expect(code).toBe(0);
    expect(out).toContain('--replay wrap:2079:o1');
  });

  it('refuses what makes no sense with one sentence', async () => {
    const wrong = [
      ['--cuts', 'many'],
      ['--seed', '-1'],
      ['--loud'],
      ['more'],
      ['--replay', 'wrap'],
      ['--replay', 'header:1'],
    ];
    for (const args of wrong) {
      const { code, out, error } = await run(...args);
      expect(code, args.join(' ')).toBe(2);
      expect(out).toBe('');
      expect(error.trim().split('\n')).toHaveLength(1);
    }
  });

  it('makes as many cuts as are asked for, the same ones for one seed', async () => {
    const [first, again, other] = await Promise.all([
      run('--cuts', '300', '--seed', '5', '--json'),
      run('--cuts', '300', '--seed', '5', '--json'),
      run('--cuts', '300', '--seed', '6', '--json'),
    ]);
    const { seconds, ...result } = JSON.parse(first.out);
    expect(first.code).toBe(0);
    expect(seconds).toBeGreaterThan(0);
    expect(result).toMatchObject({ cuts: 300, seed: 5, failures: [] });
    expect(JSON.parse(again.out)).toMatchObject(result);
    expect(JSON.parse(other.out).operations).not.toEqual(result.operations);
  });

  it('tells people what was cut, and replays for them', async () => {
    const { out } = await run('--cuts', '200');
    expect(out).toMatch(/^wrap +\d+ +\d+\.\d % +0 /m);
    expect(out).toMatch(/200 distinct cuts that left \d+ different contents, 0 failures, seed 1/);
    const replayed = await run('--replay', 'wrap:2079:o1');
    expect(replayed.out).toContain('every promise was kept');
    expect((await run('--replay', 'header:65536')).out).toBe('every promise was kept\n');
  });
});
