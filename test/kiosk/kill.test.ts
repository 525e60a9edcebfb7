/** The kiosk as a process, killed once before and once after each of its commits and acknowledgements. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { CHECKPOINTS, type CheckpointName, type CheckpointPhase } from '../../host/checkpoint.js';
import { connectKiosk, type KioskClient } from '../../host/kiosk/client.js';
import { Bench, keepReport, problem, until } from './support.js';

const MAIN = 'dist/host/cli/main.js';

class KioskProcess {
  private constructor(
    readonly child: ChildProcess,
    readonly client: KioskClient | undefined,
  ) {}

  /** Resolves once it answers, or once it has died on the way. */
  static async start(folder: string, backendUrl: string, killAt: string): Promise<KioskProcess> {
    const args = [MAIN, 'kiosk', 'serve', '--data', folder, '--backend', backendUrl, '--port', '0', '--json'];
    const env = { ...process.env, GALET_KILL_AT: killAt, GALET_LOG: 'silent' };
    const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'ignore'] });
    const line = await new Promise<string>((resolve) => {
      child.stdout.once('data', (chunk: Buffer) => resolve(String(chunk)));
      child.once('close', () => resolve(''));
    });
    const client = line === '' ? undefined : connectKiosk((JSON.parse(line) as { url: string }).url);
    return new KioskProcess(child, client);
  }

  get isDead(): boolean {
    return this.child.signalCode !== null || this.child.exitCode !== null;
  }

  async stop(): Promise<void> {
    this.client?.close();
    if (this.isDead) return;
    const closed = new Promise((resolve) => this.child.once('close', resolve));
    this.child.kill('SIGTERM');
    await closed;
  }
}

/** Everything that a counter does in a day; every step of it may be repeated. */
async function day(client: KioskClient): Promise<{ good: string; bad: string }> {
  const token = { ebid: new Uint8Array(8), epochId: 1, time: 1, mac: new Uint8Array(32), nonce: new Uint8Array(16) };
  await client.visit(token);
  const good = await keepReport(client, 1, 'GOODCODE', 40);
  const bad = await keepReport(client, 2, 'BADCODE2', 3);
  await until(async () => ['sent', 'done'].includes((await client.status(good)).state));
  await until(async () => (await client.status(bad)).state === 'refused');
  await client.done(good);
  return { good, bad };
}

const points = CHECKPOINTS.kiosk.flatMap((name) => [[name, 'before'] as const, [name, 'after'] as const]);
const histogram = new Map<string, number>();

describe.skipIf(!existsSync(MAIN))('a kiosk that is killed', () => {
  afterAll(() => {
    for (const [name, phase] of points) expect(histogram.get(`${name}:${phase}`), `${name}:${phase}`).toBe(1);
  });

  it.each(
    points,
  )('%s %s: loses nothing, sends nothing twice (R43)', async (name: CheckpointName, phase: CheckpointPhase) => {
    const world = new Bench();
    const { backend } = world;
    await backend.start();
    backend.reportDelaySeconds = name === 'outbox.delay' ? 1 : 0;
    backend.override = (request) =>
      request.path === '/galet/v1/reports' && request.body.includes('BADCODE2')
        ? problem(403, 'code-unknown')
        : undefined;
    const data = `${world.folder}/data`;

    const doomed = await KioskProcess.start(data, backend.url, `${name}:${phase}`);
    if (doomed.client !== undefined) await day(doomed.client).catch(() => undefined);
    await until(() => doomed.isDead);
    expect(doomed.child.signalCode).toBe('SIGKILL');
    histogram.set(`${name}:${phase}`, (histogram.get(`${name}:${phase}`) ?? 0) + 1);
    await doomed.stop();

    const healthy = await KioskProcess.start(data, backend.url, '');
    const client = healthy.client as KioskClient;
    const { good, bad } = await day(client);
    expect(await client.status(good)).toEqual({ state: 'done' });
    expect(await client.status(bad)).toEqual({ state: 'refused', refusal: 'code-unknown' });
    expect(await client.queue()).toMatchObject({ waiting: 0, drafts: 0, receipts: 0 });
    expect([...backend.gateway.effects]).toEqual([[good, 1]]);
    await healthy.stop();
    await backend.stop();
    rmSync(world.folder, { recursive: true, force: true });
  });
});
