import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const MAIN = 'dist/tools/demo/main.js';
const SEED = '20';
/** A demo takes some 10 s on an idle machine. */
const LIMIT = 240_000;

interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

function start(args: string[]): { child: ChildProcess; ended: Promise<Ended>; said: () => string } {
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr?.on('data', (chunk) => {
    stderr += chunk;
  });
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, stdout, stderr }));
  return { child, ended, said: () => stdout + stderr };
}

const demo = (...args: string[]): Promise<Ended> => start(args).ended;

interface Result {
  seed: number;
  tokens: { name: string; truth: number; warned: boolean }[];
  falseWarned: number;
  missed: number;
  borderline: number;
}

describe('the demo', () => {
  it(
    'warns whoever should be warned, and nobody else; the same for the same seed',
    async () => {
      const [{ code, stdout }, again] = [
        await demo('--json', '--seed', SEED),
        await demo('--json', '--seed', SEED, '--lang', 'fr'),
      ];
      const result = JSON.parse(stdout) as Result;
      expect(code).toBe(0);
      expect(Object.keys(result)).toEqual([
        'seed',
        'tokens',
        'falseWarned',
        'missed',
        'borderline',
        'serialBytes',
        'httpRequests',
        'flashOps',
      ]);
      expect(result).toMatchObject({ seed: Number(SEED), falseWarned: 0, missed: 0 });
      expect(result.tokens).toHaveLength(12);
      expect(result.borderline).toBeLessThanOrEqual(1);
      const warned = result.tokens.filter((token) => token.warned);
      expect(warned.length).toBeGreaterThan(0);
      expect(warned.length).toBeLessThan(11);
      for (const { truth, warned: isWarned } of result.tokens) {
        if (truth > 18.55 || truth < 11.13) expect(isWarned).toBe(truth > 14.84);
      }
      expect((JSON.parse(again.stdout) as Result).tokens).toEqual(result.tokens);
    },
    LIMIT,
  );

  it(
    'warns nobody when nobody is positive, and tells the day as a story',
    async () => {
      const { code, stdout } = await demo('--nobody-positive', '--seed', SEED, '--lang', 'en');
      expect(code).toBe(0);
      expect(stdout).toContain('Nobody tests positive today.');
      expect(stdout).toContain('Warned: 0. Missed: 0. Warned for nothing: 0.');
      expect(stdout).toContain('Where to look next');
    },
    LIMIT,
  );

  it.each(['mac', 'seal', 'ratchet', 'outbox'])(
    'notices a planted fault: %s',
    async (fault) => {
      const { code, stdout } = await demo('--break', fault, '--seed', SEED, '--lang', 'en');
      expect(code).toBe(1);
      expect(stdout).toContain(`Check failed. ${fault}:`);
      expect(stdout).toContain(`The planted fault was noticed: ${fault}`);
    },
    LIMIT,
  );

  it(
    'keeps the servers running with --keep, and leaves nothing behind after Ctrl-C',
    async () => {
      const { child, ended, said } = start(['--keep', '--nobody-positive', '--seed', SEED, '--lang', 'en']);
      while (!said().includes('dump.js')) {
        if (child.exitCode !== null) throw new Error(said());
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      const kiosk = /counter at (http:\S+);/.exec(said())?.[1] ?? '';
      const folder = /files are in (\S+)\./.exec(said())?.[1] ?? '';
      const flash = /dump\.js (\S+)/.exec(said())?.[1] ?? '';
      expect((await fetch(`${kiosk}/health`)).status).toBe(200);
      const { time } = (await (await fetch(`${kiosk}/api/v1/clock`)).json()) as { time: number };
      expect(Math.abs(time - (Date.now() / 1000 + 2_208_988_800))).toBeLessThan(2);
      expect(readFileSync(flash).length).toBe(272 * 4096);
      child.kill('SIGINT');
      expect((await ended).code).toBe(0);
      expect(existsSync(folder)).toBe(false);
      await expect(fetch(`${kiosk}/health`)).rejects.toThrow();
    },
    LIMIT,
  );

  it(
    'leaves nothing behind when it is stopped halfway',
    async () => {
      const { child, ended, said } = start(['--seed', SEED, '--lang', 'en']);
      while (!said().includes('Breakfast')) await new Promise((resolve) => setTimeout(resolve, 20));
      child.kill('SIGINT');
      expect((await ended).code).toBe(130);
      expect(existsSync(/files are in (\S+)\./.exec(said())?.[1] ?? '/')).toBe(false);
    },
    LIMIT,
  );

  it('says how it is used when it is used otherwise', async () => {
    for (const args of [['--seed', '-1'], ['--seed', 'x'], ['--break', 'x'], ['--what'], ['--lang', 'de']]) {
      const { code, stderr } = await demo(...args);
      expect(code).toBe(2);
      expect(stderr).toContain('npm run demo --');
    }
  });
});
