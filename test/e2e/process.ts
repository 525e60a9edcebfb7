/** A command of `galet` as a process of its own, that can be killed as if the power had gone. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { CheckpointName, CheckpointPhase } from '../../host/checkpoint.js';

const MAIN = 'dist/host/cli/main.js';
/** Generous: a busy machine may take its time, a hang still ends. */
const READY_MS = 30_000;

/** `name:phase` or `name:phase:n`, as GALET_KILL_AT takes it. */
export type KillPoint = `${CheckpointName}:${CheckpointPhase}` | `${CheckpointName}:${CheckpointPhase}:${number}`;

export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

const running = new Set<ChildProcessWithoutNullStreams>();
// Whatever happens to this test process, nothing that it started stays behind.
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export interface StartOptions {
  killAt?: KillPoint | undefined;
  /** Told every line that the process writes, on either stream. */
  onLine?: (line: string) => void;
}

export class Galet {
  readonly ended: Promise<Ended>;
  private readonly child: ChildProcessWithoutNullStreams;
  private out = '';
  private err = '';
  private hasEnded = false;

  constructor(
    readonly args: string[],
    options: StartOptions = {},
  ) {
    const { GALET_KILL_AT: _, ...env } = process.env;
    this.child = spawn(process.execPath, [MAIN, ...args], {
      stdio: 'pipe',
      env: { ...env, LC_ALL: 'en_GB.UTF-8', ...(options.killAt && { GALET_KILL_AT: options.killAt }) },
    });
    running.add(this.child);
    this.child.stdout.on('data', (chunk) => {
      this.out += chunk;
    });
    this.child.stderr.on('data', (chunk) => {
      this.err += chunk;
    });
    this.child.stdin.on('error', () => undefined);
    if (options.onLine) {
      for (const stream of [this.child.stdout, this.child.stderr]) {
        createInterface({ input: stream }).on('line', options.onLine);
      }
    }
    this.ended = once(this.child, 'close').then(([code, signal]) => {
      running.delete(this.child);
      this.hasEnded = true;
      return {
        code: code as number | null,
        signal: signal as NodeJS.Signals | null,
        stdout: this.out,
        stderr: this.err,
      };
    });
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  get isRunning(): boolean {
    return !this.hasEnded;
  }

  /** Everything said so far. */
  get said(): string {
    return this.out + this.err;
  }

  type(line: string): void {
    this.child.stdin.write(`${line}\n`);
  }

  /** The first line of JSON that a service prints when it is ready; undefined when it was killed before. */
  async ready(): Promise<Record<string, string> | undefined> {
    const line = new Promise<string>((resolve) => {
      const look = (): void => {
        const end = this.out.indexOf('\n');
        if (end >= 0) resolve(this.out.slice(0, end));
      };
      this.child.stdout.on('data', look);
      look();
    });
    const first = await within(READY_MS, `${this.args.join(' ')} to be ready`, Promise.race([line, this.ended]));
    if (typeof first === 'string') {
      const said = JSON.parse(first) as Record<string, string>;
      if (said.error === undefined) return said;
      throw new Error(`${this.args.join(' ')} did not start: ${first}`);
    }
    if (first.signal === 'SIGKILL') return undefined;
    throw new Error(`${this.args.join(' ')} ended with ${first.code}: ${first.stdout}${first.stderr}`);
  }

  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<Ended> {
    this.child.kill(signal);
    return await this.ended;
  }
}

/** `promise`, or an error that says what was awaited after so many milliseconds. */
async function within<T>(milliseconds: number, what: string, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`waited in vain for ${what}`)), milliseconds);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Waits until `holds`, looking often unless looking is costly. */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  milliseconds = READY_MS,
  pause = 25,
): Promise<void> {
  const end = performance.now() + milliseconds;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}
