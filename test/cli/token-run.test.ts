/** `galet token run --ble` as a process of its own, seen from the air by a peer that knows HCI and nothing else. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Adapter, plugAdapter } from '../../tools/air/adapter.js';
import { type EmulatedAir, startAir, whyNoAir } from '../../tools/air/btvirt.js';
import { ADV_IND, Peer, type Report } from '../air/peer.js';
import { galet } from './support.js';

const MAIN = 'dist/host/cli/main.js';
const BARE = '020106';
const SHORTLY = 500;

const missing = whyNoAir() ?? (existsSync(MAIN) ? undefined : 'nothing built');
if (missing !== undefined) console.log(`skipped: ${missing}`);

async function heardBy(peer: Peer): Promise<Report[]> {
  const reports: Report[] = [];
  peer.onReport = (report) => reports.push({ ...report, data: Buffer.from(report.data) });
  await peer.scan();
  await sleep(SHORTLY);
  await peer.stopScan();
  return reports;
}

describe.skipIf(missing)('a token that runs here, over Bluetooth', () => {
  const folder = mkdtempSync(join(tmpdir(), 'galet-token-run-'));
  let air: EmulatedAir;
  let adapter: Adapter;
  let peer: Peer;

  beforeAll(async () => {
    air = await startAir();
    adapter = await plugAdapter(air);
    peer = await Peer.plug(air);
  });
  afterAll(async () => {
    peer?.close();
    adapter?.close();
    await air?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const argumentsOf = (name: string): string[] => ['token', 'run', '--flash', join(folder, name), '--json'];

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 0],
  ] as const)('is on the air once it is pressed, and off it after %s', async (signal, exit) => {
    const args = [MAIN, ...argumentsOf('one.flash'), '--adapter', adapter.path];
    const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    try {
      const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
      await new Promise((resolve) => child.stdout.once('data', resolve));
      expect(await heardBy(peer)).toEqual([]);
      child.stdin.write('press 1\n');
      await sleep(SHORTLY);
      const [report, ...others] = await heardBy(peer);
      expect(report).toMatchObject({ type: ADV_IND, isRandom: true });
      expect(report?.data.toString('hex')).toBe(BARE);
      expect(others).toEqual([]);
      child.kill(signal);
      expect(await ended).toBe(exit);
      expect(await heardBy(peer)).toEqual([]);
    } finally {
      child.kill('SIGKILL');
    }
  });

  it('says what is wrong with its adapter', async () => {
    const ran = await galet([...argumentsOf('two.flash'), '--ble', '--adapter', '/dev/no-such-port']);
    expect(ran.json()).toMatchObject({ error: { code: 'adapter-missing' } });
  });

  it('has one air', async () => {
    const ran = await galet([...argumentsOf('two.flash'), '--ble', '--air', '40000']);
    expect(ran.json()).toMatchObject({ error: { code: 'usage' } });
    const docked = await galet([...argumentsOf('two.flash'), '--docked', '--air', '40000']);
    expect(docked.json()).toMatchObject({ error: { code: 'usage' } });
    const gain = await galet([...argumentsOf('two.flash'), '--ble', '--tx-gain', '128']);
    expect(gain.json()).toMatchObject({ error: { code: 'usage' } });
  });
});
