/** The command line as a process, killed at each of its acknowledgements to the token and repeated. */
import { spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LIFE_BLANK } from '../../device/link/messages.js';
import { CHECKPOINTS, type CheckpointName, type CheckpointPhase } from '../../host/checkpoint.js';
import { Bench } from '../kiosk/support.js';
import { PtyToken } from './support.js';

const MAIN = 'dist/host/cli/main.js';

const points = CHECKPOINTS.cli.flatMap((name) => [[name, 'before'] as const, [name, 'after'] as const]);
const histogram = new Map<string, number>();

const COMMANDS: Record<(typeof CHECKPOINTS.cli)[number], 'report' | 'sync' | 'provision' | 'forget'> = {
  'cli.kept': 'report',
  'cli.receipt': 'report',
  'cli.done': 'report',
  'cli.head': 'sync',
  'cli.applied': 'sync',
  'cli.provision': 'provision',
  'cli.unregister': 'forget',
  'cli.wipe': 'forget',
};

describe.skipIf(!existsSync(MAIN))('a command that is killed', () => {
  let bench: Bench;
  let pty: PtyToken;

  beforeEach(async () => {
    bench = new Bench();
    await bench.start();
    pty = new PtyToken();
    pty.token.pressAfterLooks = 0;
    writeFileSync(join(bench.folder, 'operator'), 'secret');
  });
  afterEach(async () => {
    pty.close();
    await bench.stop();
  });
  afterAll(() => {
    for (const [name, phase] of points) expect(histogram.get(`${name}:${phase}`), `${name}:${phase}`).toBe(1);
  });

  const run = (command: string, killAt: string): Promise<{ code: number | null; signal: string | null }> => {
    const words: Record<string, string[]> = {
      report: ['report', pty.path, '--code', 'GOODCODE'],
      sync: ['sync', pty.path],
      provision: ['provision', pty.path, '--credential', join(bench.folder, 'operator')],
      forget: ['token', 'forget', pty.path],
    };
    const args = [MAIN, ...(words[command] ?? []), '--kiosk', bench.kiosk.url, '--quiet'];
    const child = spawn(process.execPath, args, { env: { ...process.env, GALET_KILL_AT: killAt }, stdio: 'ignore' });
    return new Promise((resolve) => child.once('close', (code, signal) => resolve({ code, signal })));
  };

  it.each(points)('%s %s: ends well when repeated', async (name: CheckpointName, phase: CheckpointPhase) => {
    const command = COMMANDS[name as keyof typeof COMMANDS];
    if (command === 'provision') pty.token.life = LIFE_BLANK;
    expect(await run(command, `${name}:${phase}`)).toEqual({ code: null, signal: 'SIGKILL' });
    histogram.set(`${name}:${phase}`, (histogram.get(`${name}:${phase}`) ?? 0) + 1);
    expect(await run(command, '')).toEqual({ code: 0, signal: null });
    if (command === 'report') {
      expect(pty.token.report?.stage).toBe('receipted');
      expect(pty.token.reportsMade).toBe(1);
      expect([...bench.backend.gateway.effects.values()]).toEqual([1]);
    }
    if (command === 'forget') expect(pty.token.isWiped).toBe(true);
    if (command === 'sync' || command === 'provision') expect(pty.token.applied).toBeGreaterThan(0);
  });
});
