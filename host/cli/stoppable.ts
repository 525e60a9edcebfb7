/** Ctrl-C: the work is left where it is (every step of it may be cut), what is open is closed, and the person is told. */
import { GaletError } from '../errors.js';
import type { World } from './terminal.js';

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

/** Resolves when the person stops a service. */
export function untilStopped(world: World): Promise<void> {
  return new Promise((resolve) => {
    world.onStop(resolve);
  });
}
