/**
 * A board as it comes out of the box: Espruino's Linux build on a Storage, nothing in its place, at a pseudo-terminal. Its
 * bytes are passed on as they are, because before it is a token its console is spoken to.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openPty } from '../../../host/link/pty.js';

export interface BareBoard {
  /** The serial port that a counter opens. */
  readonly path: string;
  /** Lines that have arrived at the board since it was made. */
  lines(): number;
  /** Called after each of them; the board has not seen it yet. */
  onLine(listener: (count: number) => void): void;
  image(): Uint8Array;
  /** The power goes. */
  kill(): Promise<void>;
  /** The power is back. */
  start(): void;
  close(): Promise<void>;
}

const NEWLINE = 10;

/** `storage`: what is in its flash. */
export function startBareBoard(binary: string, storage: Uint8Array): BareBoard {
  const folder = mkdtempSync(join(tmpdir(), 'galet-bare-'));
  const flash = join(folder, 'espruino.flash');
  writeFileSync(flash, storage);
  const pty = openPty();
  let child: ChildProcess | undefined;
  let lines = 0;
  let listener: (count: number) => void = () => {};

  pty.port.onData((chunk) => {
    for (const byte of chunk) if (byte === NEWLINE) listener(++lines);
    if (child?.exitCode === null && child.signalCode === null) child.stdin?.write(chunk);
  });

  function start(): void {
    child = spawn(binary, [], { cwd: folder, stdio: ['pipe', 'pipe', 'ignore'] });
    const started = child;
    child.stdin?.on('error', () => {});
    child.stdout?.on('data', (chunk: Buffer) => {
      if (child === started) pty.port.write(chunk);
    });
  }

  async function kill(): Promise<void> {
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }

  start();
  return {
    path: pty.path,
    lines: () => lines,
    onLine(next) {
      listener = next;
    },
    image: () => new Uint8Array(readFileSync(flash)),
    kill,
    start,
    async close() {
      await kill();
      pty.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
