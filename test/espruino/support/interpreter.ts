/**
 * A board on the real interpreter: its Linux build as a process, with its Storage in a file, the stand-in for what that
 * build lacks, and the firmware as it would be installed. Switched on by `ESPRUINO`, the path of such a binary.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { FIRMWARE_PAGES } from '../../../device/update/slots.js';
import { openPty, type Pty } from '../../../host/link/pty.js';
import { installedPages, pagesFile, storageImage } from '../../../tools/firmware/image.js';
import { FIRMWARE_FILE, firmwarePages, TOKEN_FILE, TOKEN_PAGE, tokenPages } from './token-file.js';

/** Undefined when there is no interpreter on this machine. */
export const ESPRUINO = process.env.ESPRUINO === undefined ? undefined : resolve(process.env.ESPRUINO);
if (ESPRUINO === undefined) process.stdout.write('skipped: no ESPRUINO\n');

export interface InterpreterOptions {
  binary?: string;
  /** The firmware's script. With a selector it stands in slot 0, confirmed; without, the board runs it as it is. */
  code: string;
  selector?: string;
  /** That the script says of itself; needed beside a selector. */
  version?: string;
  seed: number;
  /** Simulated seconds a second; 0 for a clock that only `step` and `live` move (see stand-in.js). */
  speed?: number;
  /** Unix seconds at which the board's counter starts. */
  unix: number;
  /** The flash operation after which the power is cut; counted from the start. */
  cut?: number;
  /** The token's own pages to begin with: what another board's hold. */
  pages?: Uint8Array;
  /** A Storage to begin with, as `image()` gave it, in place of an empty one. */
  image?: Uint8Array;
  /** Every flash operation is reported before it happens: see flash-log.ts. */
  log?: boolean;
  /** Memory is sampled at every hash, flash write, byte pipe and company: see `memory`. */
  sample?: boolean;
  /** The board has the Nordic UART Service: see ble.ts. */
  bluetooth?: boolean;
  /** Bytes that wait on the serial line when the board is switched on. */
  waiting?: string;
}

/** Milliseconds are counted from the board's `unix`; what is heard: [milliseconds, RSSI, base64 of the advert]. */
export type Step =
  | { t: 'step'; to: number; heard: [number, number, string][] }
  | { t: 'live'; on: boolean; to: number };
export interface Stepped {
  /** Milliseconds. */
  now: number;
  /** When the next timer is due; -1 when none is. */
  next: number;
}

export type Report = { t: string; at: number; [field: string]: unknown };
export interface AdvertReport extends Report {
  t: 'advert';
  address: string;
  data: number[];
  /** Milliseconds. */
  interval: number;
  connectable: boolean;
  /** It has a scan response. */
  scannable: boolean;
}

export interface MemoryReport extends Report {
  t: 'memory';
  usage: number;
  own: number;
  peak: number;
  total: number;
  ops: number;
}

export interface Interpreter {
  /** The serial port that a counter opens; made when first asked for. */
  readonly path: string;
  /** All that the board reported, oldest first. */
  readonly reports: Report[];
  onReport(listener: (report: Report) => void): void;
  heard(payload: ArrayLike<number>, rssi: number): void;
  press(seconds: number): void;
  /** At speed 0: moves the clock, or lets it run; resolves with where it is then. */
  step(command: Step): Promise<Stepped>;
  /** At speed 0: time passes, every timer at its moment. */
  pass(seconds: number): Promise<void>;
  /** At speed 0: time jumps; timers that fell due run late, once. */
  leap(seconds: number): Promise<void>;
  /** At speed 0: so many epochs in brief, each with two encounters with those around. */
  epochs(count: number): Promise<void>;
  /** Who is near from now on, heard in every scan window: so many others, each company with its own identifiers. */
  around(count: number, company: number): Promise<void>;
  /** Of `usage`, `own` is the stand-in's; `peak` is the most since the last call, when `sample` is on. */
  memory(): Promise<MemoryReport>;
  /** Sends a command of stand-in.js. */
  command(command: { t: string; [field: string]: unknown }): void;
  /** Sends a command of stand-in.js and waits for the report that is its answer. */
  ask<R extends Report>(command: { t: string; [field: string]: unknown }, answer: R['t']): Promise<R>;
  /** Raw bytes to the board's serial port, as anybody on the cable could send them. */
  type(bytes: Uint8Array | string): void;
  /** Everything that left the serial port and was no report. */
  output(): Buffer;
  onOutput(listener: (line: Uint8Array) => void): void;
  /** The Storage's bytes, as they are now. */
  image(): Uint8Array;
  /** The Storage's bytes when the board was switched on last. */
  begun(): Uint8Array;
  /** The power goes: SIGKILL. Resolves when the process is gone. */
  kill(): Promise<void>;
  /** Resolves when the process has ended by itself, with its exit code. */
  ended: Promise<number | null>;
  /** Starts the board again on the Storage that it left. */
  restart(changes?: Partial<InterpreterOptions>): void;
  close(): Promise<void>;
}

const running = new Set<ChildProcess>();
// Whatever happens to this test process, no interpreter stays behind: it would never end by itself.
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

const STAND_IN = readFileSync(join(import.meta.dirname, 'stand-in.js'), 'latin1');
const STORAGE_FILE = 'espruino.flash';
/** The file through which steps reach the stand-in: the first one of its Storage. */
const MAIL_BYTES = 8192;
const MAIL_AT = 32;
const MAIL_HEAD = 8;
const FILE_HEADER = 32;

/** The board's settings stand at the start of .boot0, in so many bytes, so that a restart can change them. */
const SETTINGS_LENGTH = 256;

function settings(options: InterpreterOptions): string {
  const { seed, speed = 1, unix, cut = 0, log = false, sample = false, bluetooth = false } = options;
  const line = `var SIM=${JSON.stringify({ seed, speed, unix, cut, battery: 80, log, sample, bluetooth })};`;
  return `${line.padEnd(SETTINGS_LENGTH - 1)}\n`;
}

/** Begins a board. `storage`: bytes of its Storage, 2 MB unless told. */
export function startInterpreter(first: InterpreterOptions, storage = 2 << 20): Interpreter {
  const folder = mkdtempSync(join(tmpdir(), 'galet-board-'));
  const flash = join(folder, STORAGE_FILE);
  let options = first;
  let child: ChildProcess;
  let buffered = Buffer.alloc(0);
  let output = Buffer.alloc(0);
  let pty: Pty | undefined;
  let begun = new Uint8Array();
  const reports: Report[] = [];
  const listeners: ((report: Report) => void)[] = [];
  const outputListeners: ((line: Uint8Array) => void)[] = [];
  let ended: Promise<number | null> = Promise.resolve(0);
  /** Resolves when the script has been run to its end, which with a selector is some time after the start. */
  let booted: Promise<unknown> = Promise.resolve();
  let steps = 0;

  function install(): void {
    if (options.image) writeFileSync(flash, options.image);
    else {
      const mail = options.speed === 0 ? { '.mail': '\0'.repeat(MAIL_BYTES) } : {};
      const { pages, selector, code } = options;
      const own = pages ? { [TOKEN_FILE]: pagesFile(pages.length / TOKEN_PAGE) } : {};
      const slots = selector === undefined ? {} : { [FIRMWARE_FILE]: pagesFile(FIRMWARE_PAGES) };
      const files = { ...mail, '.boot0': settings(options) + STAND_IN, '.bootcde': selector ?? code, ...slots, ...own };
      const image = storageImage(storage, files);
      if (selector !== undefined) firmwarePages(image).set(installedPages(code, options.version ?? ''));
      if (pages) tokenPages(image, pages.length).set(pages);
      writeFileSync(flash, image);
    }
    configure();
  }

  function configure(): void {
    put((options.speed === 0 ? MAIL_AT + MAIL_BYTES : 0) + FILE_HEADER, Buffer.from(settings(options), 'latin1'));
    begun = new Uint8Array(readFileSync(flash));
  }

  function serial(): Pty {
    if (pty === undefined) {
      pty = openPty();
      pty.port.onData(write);
    }
    return pty;
  }

  function take(chunk: Buffer): void {
    buffered = Buffer.concat([buffered, chunk]);
    for (let end = buffered.indexOf(10); end >= 0; end = buffered.indexOf(10)) {
      const line = buffered.subarray(0, end + 1);
      buffered = buffered.subarray(end + 1);
      const at = line.indexOf('{"t":');
      if (at < 0) {
        output = Buffer.concat([output, line]);
        pty?.port.write(line);
        for (const listener of outputListeners) listener(line);
        continue;
      }
      const report = JSON.parse(line.subarray(at).toString('latin1')) as Report;
      reports.push(report);
      for (const listener of [...listeners]) listener(report);
    }
  }

  function put(at: number, bytes: Uint8Array): void {
    const file = openSync(flash, 'r+');
    writeSync(file, bytes, 0, bytes.length, at);
    closeSync(file);
  }

  function start(): void {
    steps = 0;
    if (options.speed === 0) put(MAIL_AT, Buffer.from([steps]));
    buffered = Buffer.alloc(0);
    child = spawn(options.binary ?? (ESPRUINO as string), [], { cwd: folder, stdio: ['pipe', 'pipe', 'ignore'] });
    const started = child;
    running.add(started);
    child.stdout?.on('data', take);
    child.stdin?.on('error', () => {});
    if (options.waiting !== undefined) child.stdin?.write(Buffer.from(options.waiting, 'latin1'));
    ended = once(started, 'exit').then(([code]) => {
      running.delete(started);
      return code as number | null;
    });
    if (options.selector !== undefined) {
      booted = answer('started');
      // Whoever waits for it hears of it.
      booted.catch(() => {});
    }
  }

  function write(bytes: Uint8Array | string): void {
    if (child.exitCode === null && child.signalCode === null) child.stdin?.write(bytes);
  }

  async function kill(): Promise<void> {
    child.kill('SIGKILL');
    await ended;
  }

  /** The next report of a kind. */
  function answer<T extends object>(kind: string): Promise<T> {
    return new Promise((found, failed) => {
      const stop = (): void => {
        const at = listeners.indexOf(listener);
        if (at >= 0) listeners.splice(at, 1);
      };
      const listener = (report: Report): void => {
        if (report.t !== kind) return;
        stop();
        found(report as unknown as T);
      };
      listeners.push(listener);
      void ended.then(() => {
        stop();
        failed(new Error(`the board ended before its report '${kind}'`));
      });
    });
  }

  const send = (command: object): void => write(`\n${JSON.stringify(command)}\n`);

  function ask<R extends Report>(command: object, kind: R['t']): Promise<R> {
    const found = answer<R>(kind);
    send(command);
    return found;
  }

  install();
  start();

  return {
    get path() {
      return serial().path;
    },
    reports,
    onReport: (listener) => {
      listeners.push(listener);
    },
    heard: (payload, rssi) => send({ t: 'heard', data: Array.from(payload), rssi }),
    press: (seconds) => send({ t: 'press', seconds }),
    async step(command) {
      await booted;
      const text = Buffer.from(JSON.stringify(command), 'latin1');
      if (text.length > MAIL_BYTES - MAIL_HEAD) throw new RangeError('too much heard in one step');
      steps = (steps + 1) & 0xff;
      // The number last: with it the rest is there.
      put(MAIL_AT + 4, Buffer.concat([Buffer.from([text.length & 0xff, text.length >> 8, 0, 0]), text]));
      put(MAIL_AT, Buffer.from([steps]));
      return answer('stepped');
    },
    memory: () => ask<MemoryReport>({ t: 'memory' }, 'memory'),
    command: send,
    ask,
    async pass(seconds) {
      await booted;
      await ask({ t: 'pass', seconds }, 'passed');
    },
    async leap(seconds) {
      await ask({ t: 'leap', seconds }, 'passed');
    },
    async epochs(count) {
      await ask({ t: 'epochs', count }, 'passed');
    },
    async around(count, company) {
      await ask({ t: 'around', count, company }, 'around');
    },
    type: write,
    output: () => output,
    onOutput: (listener) => {
      outputListeners.push(listener);
    },
    image: () => new Uint8Array(readFileSync(flash)),
    begun: () => begun,
    kill,
    get ended() {
      return ended;
    },
    restart(changes = {}) {
      options = { ...options, ...changes };
      configure();
      start();
    },
    async close() {
      await kill();
      pty?.close();
      if (existsSync(folder)) rmSync(folder, { recursive: true, force: true });
    },
  };
}
