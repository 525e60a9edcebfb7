import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { whyNoAir } from '../../tools/air/btvirt.js';
import { optionsFrom } from '../../tools/demo/options.js';

const MAIN = 'dist/tools/demo/main.js';
/** It takes some three minutes of real time. */
const LIMIT = 500_000;
const missing = whyNoAir();
if (missing !== undefined) console.log(`skipped: ${missing}`);

function start(args: string[]) {
  const child = spawn(process.execPath, [MAIN, '--air', 'ble', '--lang', 'en', ...args], { stdio: 'pipe' });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, stdout, stderr }));
  return { child, ended, said: () => stdout + stderr };
}

describe.skipIf(missing !== undefined)('the demo with --air ble', () => {
  it(
    'warns who sat at the table, over real Bluetooth links, and nobody else; it says that the powers are simulated',
    async () => {
      const { code, stdout, stderr } = await start(['--json']).ended;
      expect(`${code} ${stderr}`).toMatch(/^0 /);
      const result = JSON.parse(stdout);
      expect(result).toMatchObject({ air: 'ble', rssi: 'simulated', falseWarned: 0, missed: 0 });
      expect(result.tokens).toHaveLength(5);
      for (const { near, positive, warned } of result.tokens) expect(warned).toBe(near && !positive);
      expect(result.linkBytes).toBeGreaterThan(100_000);
      expect(stderr).toContain('is simulated');
    },
    LIMIT,
  );

  it(
    'leaves nothing behind when it is stopped halfway',
    async () => {
      const { child, ended, said } = start([]);
      while (!said().includes('Each token is pressed')) await new Promise((resolve) => setTimeout(resolve, 50));
      child.kill('SIGINT');
      expect((await ended).code).toBe(130);
      expect(existsSync(/files are in (\S+)\./.exec(said())?.[1] ?? '/')).toBe(false);
    },
    LIMIT,
  );
});

describe('the demo’s command line', () => {
  const parsed = (...args: string[]) => optionsFrom(args, 'en', () => 1);

  it('takes --air ble, and no other air', () => {
    expect(parsed('--air', 'ble')?.isOnAir).toBe(true);
    expect(parsed()?.isOnAir).toBe(false);
    expect(parsed('--air', 'udp')).toBeUndefined();
  });

  it.each([
    ['--seed', '1'],
    ['--break', 'mac'],
    ['--nobody-positive'],
    ['--keep'],
  ])('refuses %s with it: that belongs to the simulated day', (...args) => {
    expect(parsed('--air', 'ble', ...args.filter(Boolean))).toBeUndefined();
  });
});
