/**
 * A board on the real interpreter: its Linux build as a process, with its Storage in a file, the stand-in for what that
 * build lacks, and the firmware as it would be installed. Switched on by `ESPRUINO`, the path of such a binary.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { openPty, type Pty } from '../../../host/link/pty.js';
import { storageImage } from '../../../tools/firmware/image.js';

/** Undefined when there is no interpreter on this machine. */
export const ESPRUINO = process.env.ESPRUINO === undefined ? undefined : resolve(process.env.ESPRUINO);
if (ESPRUINO === undefined) process.stdout.write('skipped: no ESPRUINO\n');

export interface InterpreterOptions {
  binary?: string;
  /** The firmware's script. */
  code: string;
  seed: number;
  /** Simulated seconds a second. */
  speed?: number;
  /** Unix seconds at which the board's counter starts. */
  unix: number;
  /** The flash operation after which the power is cut; counted from the start. */
  cut?: number;
  /** A Storage to begin with, in place of an empty one. */
  image?: Uint8Array;
}

export type Report = { t: string; at: number; [field: string]: unknown };
export interface AdvertReport extends Report {
  t: 'advert';
  address: string;
  data: number[];
}

export interface Interpreter {
  /** The serial port that a counter opens. */
  readonly path: string;
  /** All that the board reported, oldest first. */
  readonly reports: Report[];
  onReport(listener: (report: Report) => void): void;
  heard(payload: ArrayLike<number>, rssi: number): void;
  press(seconds: number): void;
  memory(): Promise<{ usage: number; total: number; ops: number }>;
  /** Raw bytes to the board's serial port, as anybody on the cable could send them. */
  type(bytes: Uint8Array | string): void;
  /** Everything that left the serial port and was no report. */
  output(): Buffer;
  /** The Storage's bytes, as they are now. */
  image(): Uint8Array;
  /** The power goes: SIGKILL. Resolves when the process is gone. */
  kill(): Promise<void>;
  /** Resolves when the process has ended by itself, with its exit code. */
  ended: Promise<number | null>;
  /** Starts the board again on the Storage that it left. */
  restart(changes?: Partial<InterpreterOptions>): void;
  close(): Promise<void>;
}

const STAND_IN = readFileSync(join(import.meta.dirname, 'stand-in.js'), 'latin1');
const STORAGE_FILE = 'espruino.flash';

/** Begins a board. `storage`: bytes of its Storage, 2 MB unless told. */
export function startInterpreter(first: InterpreterOptions, storage = 2 << 20): Interpreter {
  const folder = mkdtempSync(join(tmpdir(), 'galet-board-'));
  const flash = join(folder, STORAGE_FILE);
  let options = first;
  let child: ChildProcess;
  let buffered = Buffer.alloc(0);
  let output = Buffer.alloc(0);
  const pty: Pty = openPty();
  const reports: Report[] = [];
  const listeners: ((report: Report) => void)[] = [];
  let ended: Promise<number | null> = Promise.resolve(0);

  function install(): void {
    if (options.image) writeFileSync(flash, options.image);
    else {
      const { seed, speed = 1, unix, cut = 0 } = options;
      const sim = `var SIM=${JSON.stringify({ seed, speed, unix, cut, battery: 80 })};\n`;
      writeFileSync(flash, storageImage(storage, { '.boot0': sim + STAND_IN, '.bootcde': options.code }));
    }
  }

  function take(chunk: Buffer): void {
    buffered = Buffer.concat([buffered, chunk]);
    for (let end = buffered.indexOf(10); end >= 0; end = buffered.indexOf(10)) {
      const line = buffered.subarray(0, end + 1);
      buffered = buffered.subarray(end + 1);
      const at = line.indexOf('{"t":');
      if (at < 0) {
        output = Buffer.concat([output, line]);
        pty.port.write(line);
        continue;
      }
      const report = JSON.parse(line.subarray(at).toString('latin1')) as Report;
      reports.push(report);
      for (const listener of listeners) listener(report);
    }
  }

  function start(): void {
    buffered = Buffer.alloc(0);
    child = spawn(options.binary ?? (ESPRUINO as string), [], { cwd: folder, stdio: ['pipe', 'pipe', 'ignore'] });
    child.stdout?.on('data', take);
    child.stdin?.on('error', () => {});
    ended = once(child, 'exit').then(([code]) => code as number | null);
  }

  function write(bytes: Uint8Array | string): void {
    if (child.exitCode === null && child.signalCode === null) child.stdin?.write(bytes);
  }

  async function kill(): Promise<void> {
    child.kill('SIGKILL');
    await ended;
  }

  const send = (command: object): void => write(`\n${JSON.stringify(command)}\n`);
  install();
  pty.port.onData(write);
  start();

  return {
    path: pty.path,
    reports,
    onReport: (listener) => {
      listeners.push(listener);
    },
    heard: (payload, rssi) => send({ t: 'heard', data: Array.from(payload), rssi }),
    press: (seconds) => send({ t: 'press', seconds }),
    memory() {
      return new Promise((found) => {
        const listener = (report: Report): void => {
          if (report.t !== 'memory') return;
          listeners.splice(listeners.indexOf(listener), 1);
          found(report as unknown as { usage: number; total: number; ops: number });
        };
        listeners.push(listener);
        send({ t: 'memory' });
      });
    },
    type: write,
    output: () => output,
    image: () => new Uint8Array(readFileSync(flash)),
    kill,
    get ended() {
      return ended;
    },
    restart(changes = {}) {
      options = { ...options, ...changes };
      start();
    },
    async close() {
      await kill();
      pty.close();
      if (existsSync(folder)) rmSync(folder, { recursive: true, force: true });
    },
  };
}
