/** A token as a process of its own: `galet token run --ble`, pressed and listened to from here. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Signal } from '../../device/ports.js';
import { signalSentences } from '../../host/catalogue/cli.js';

const MAIN = fileURLToPath(new URL('../../host/cli/main.js', import.meta.url));
const LANGUAGE = 'en';
const READY_SECONDS = 30;

export interface ChildOptions {
  flashFile: string;
  /** Path of its adapter; without one it has no air. */
  adapter?: string;
  txGain: number;
  rxGain: number;
  /** Seconds to put its clock forward. */
  clock?: number;
}

export class TokenChild {
  private readonly child: ChildProcessWithoutNullStreams;
  private readonly waiting: { signal: Signal; resolve: () => void }[] = [];
  private readonly shown = new Set<Signal>();
  private said = '';

  private constructor(options: ChildOptions) {
    const { flashFile, adapter, txGain, rxGain, clock } = options;
    const args = ['token', 'run', '--flash', flashFile, '--json', '--lang', LANGUAGE];
    if (adapter !== undefined) {
      args.push('--ble', '--adapter', adapter, '--tx-gain', String(txGain), '--rx-gain', String(rxGain));
    }
    if (clock !== undefined) args.push('--clock', String(clock));
    this.child = spawn(process.execPath, [MAIN, ...args], { stdio: 'pipe' });
    this.child.stdin.on('error', () => undefined);
    for (const stream of [this.child.stdout, this.child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => this.hear(line));
    }
  }

  /** Starts a token; resolves when it runs. */
  static async start(options: ChildOptions): Promise<TokenChild> {
    const token = new TokenChild(options);
    const timer = setTimeout(() => token.child.kill('SIGKILL'), READY_SECONDS * 1000);
    try {
      await Promise.race([once(token.child.stdout, 'data'), once(token.child, 'exit')]);
    } finally {
      clearTimeout(timer);
    }
    if (token.child.exitCode !== null || token.child.signalCode !== null) {
      throw new Error(`a token did not start: ${token.said}`);
    }
    return token;
  }

  private hear(line: string): void {
    this.said += `${line}\n`;
    for (const [signal, sentence] of Object.entries(signalSentences)) {
      if (!line.includes(sentence[LANGUAGE])) continue;
      this.shown.add(signal as Signal);
      for (const one of this.waiting.filter((candidate) => candidate.signal === signal)) one.resolve();
    }
  }

  /** Whether it has shown a signal since it was started. */
  hasShown(signal: Signal): boolean {
    return this.shown.has(signal);
  }

  /** Resolves when it shows a signal, now or later. */
  async shows(signal: Signal): Promise<void> {
    if (this.shown.has(signal)) return;
    await new Promise<void>((resolve) => this.waiting.push({ signal, resolve }));
  }

  /** Holds its button. */
  press(seconds: number): void {
    this.child.stdin.write(`press ${seconds}\n`);
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.child.kill('SIGTERM');
    await once(this.child, 'exit');
  }
}
