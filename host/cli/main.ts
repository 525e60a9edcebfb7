#!/usr/bin/env node
/** `galet`: hands the process to the program, and its exit code back. */
import { run } from './program.js';
import type { World } from './terminal.js';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

const world: World = {
  stdout: process.stdout,
  stderr: process.stderr,
  stdin: process.stdin,
  env: process.env,
  onStop(stop) {
    const forget = (): void => {
      for (const signal of SIGNALS) process.off(signal, listener);
    };
    const listener = (signal: NodeJS.Signals): void => {
      forget();
      stop(signal === 'SIGTERM' ? signal : 'SIGINT');
    };
    for (const signal of SIGNALS) process.on(signal, listener);
    return forget;
  },
};

// A reader that has had enough (`galet help | head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

const code = await run(process.argv.slice(2), world);
// Everything written is on its way before the process ends, whatever timers an interrupted visit has left.
await new Promise((resolve) => process.stdout.write('', resolve));
process.exit(code);
