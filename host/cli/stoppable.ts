/** Ctrl-C: the work is left where it is (every step of it may be cut), what is open is closed, and the person is told. */
import { cliSentences } from '../catalogue/cli.js';
import { ERRORS, GaletError } from '../errors.js';
import { ExitCode } from './exit.js';
import type { Terminal, World } from './terminal.js';

/** The result of `work`, or 'interrupted' as soon as the person stops it; `work` is then on its own. */
export async function stoppable<T>(world: World, work: Promise<T>): Promise<T> {
  let forget = (): void => {};
  const stopped = new Promise<never>((_resolve, reject) => {
    forget = world.onStop(() => reject(new GaletError('interrupted')));
  });
  // Whichever loses the race may still fail; nobody waits for it any more.
  work.catch(() => undefined);
  stopped.catch(() => undefined);
  try {
    return await Promise.race([work, stopped]);
  } finally {
    forget();
  }
}

/** Runs a service until it is stopped: by a person (Ctrl-C: exit code 130) or by the system (SIGTERM: 0). */
export async function serveUntilStopped(terminal: Terminal, close: () => Promise<void>): Promise<void> {
  const signal = await new Promise<string>((resolve) => {
    terminal.world.onStop(resolve);
  });
  terminal.remark(terminal.say(cliSentences.stopping));
  await close();
  if (signal === 'SIGINT') throw new ExitCode(ERRORS.interrupted.exit);
}
