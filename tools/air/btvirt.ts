/**
 * BlueZ's controller emulator (Debian: bluez-test-tools) as an air of its own: every controller of one emulator hears every
 * other. It has no RSSI (127, "not available"), no distance and no collisions, and it reports an advertiser once whenever
 * a scanner or the advertiser is enabled, not at every advertising event.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const SHIM = fileURLToPath(new URL('../../../tools/air/btvirt-shim.c', import.meta.url));
const SHIM_FROM_SOURCE = fileURLToPath(new URL('./btvirt-shim.c', import.meta.url));
const SERVER = 'bt-server-le';
const START_TRIES = 100;
const PAUSE_MILLISECONDS = 50;

export interface EmulatedAir {
  /** The socket on which each connection is one new low-energy controller, speaking HCI as on a UART (H4). */
  readonly socket: string;
  close(): Promise<void>;
}

function isThere(command: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${command}`]).status === 0;
}

/** Why there can be no emulated air on this computer; undefined when there can. */
export function whyNoAir(): string | undefined {
  if (process.platform !== 'linux') return 'no btvirt';
  if (!isThere('btvirt')) return 'no btvirt (Debian: bluez-test-tools)';
  if (!isThere('cc')) return 'no C compiler for the emulator’s shim (Debian: gcc)';
  return undefined;
}

function compileShim(folder: string): string {
  const library = join(folder, 'shim.so');
  const source = existsSync(SHIM_FROM_SOURCE) ? SHIM_FROM_SOURCE : SHIM;
  const { status, stderr } = spawnSync('cc', ['-shared', '-fPIC', '-o', library, source, '-ldl'], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`the emulator’s shim does not compile: ${stderr}`);
  return library;
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  await new Promise((resolve) => child.once('exit', resolve));
}

/** Whether the emulator takes connections; its socket is there a moment before. */
async function isListening(path: string): Promise<boolean> {
  if (!existsSync(path)) return false;
  const socket = connect(path);
  const isOpen = await new Promise<boolean>((resolve) => {
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
  });
  socket.destroy();
  return isOpen;
}

/** Starts an emulator of its own. Throws when there is none (`whyNoAir`) or it does not start. */
export async function startAir(): Promise<EmulatedAir> {
  const folder = mkdtempSync(join(tmpdir(), 'galet-air-'));
  const socket = join(folder, SERVER);
  const child = spawn('btvirt', ['-s'], {
    stdio: 'ignore',
    env: { ...process.env, LD_PRELOAD: compileShim(folder), GALET_AIR: folder },
  });
  const kill = (): void => void child.kill('SIGKILL');
  // BlueZ 5.66's has been seen to end by itself when a connected controller is pulled out.
  const tellDeath = (code: number | null, signal: string | null): void => {
    console.error(`btvirt ended by itself: ${signal ?? code}`);
  };
  process.once('exit', kill);
  child.once('exit', tellDeath);
  const close = async (): Promise<void> => {
    process.off('exit', kill);
    child.off('exit', tellDeath);
    kill();
    await ended(child);
    rmSync(folder, { recursive: true, force: true });
  };
  for (let tries = 0; tries < START_TRIES; tries++) {
    if (await isListening(socket)) return { socket, close };
    if (child.exitCode !== null) break;
    await sleep(PAUSE_MILLISECONDS);
  }
  await close();
  throw new Error('btvirt did not start');
}
