/** A token on the counter: opens its port and the kiosk, runs one operation, closes both whatever happens. */
import { setTimeout as sleep } from 'node:timers/promises';
import { connectKiosk } from '../kiosk/client.js';
import { TokenLink } from '../link/client.js';
import { openSerial } from '../link/serial.js';
import type { Token } from '../link/visit/token.js';
import type { Visit } from '../link/visit/visit.js';
import { Progress } from './progress.js';
import { stoppable } from './stoppable.js';
import type { Terminal } from './terminal.js';

export interface DeskOptions {
  kiosk: string;
  quiet?: boolean;
}

/** Opens the token at a serial port, for commands that need nothing else. */
export async function withToken<T>(terminal: Terminal, path: string, work: (token: Token) => Promise<T>): Promise<T> {
  const link = new TokenLink(await openSerial(path));
  try {
    return await stoppable(terminal.world, work(link));
  } finally {
    await link.close();
  }
}

/** The same with the counter: `work` gets everything that a visit needs. */
export async function withVisit<T>(
  terminal: Terminal,
  path: string,
  options: DeskOptions,
  work: (visit: Visit) => Promise<T>,
): Promise<T> {
  const counter = connectKiosk(options.kiosk);
  const progress = new Progress(terminal, options.quiet === true);
  try {
    return await withToken(terminal, path, async (token) => {
      await counter.assertThere();
      return await work({ token, counter, progress: progress.show, wait: (seconds) => sleep(seconds * 1000) });
    });
  } finally {
    progress.end();
    counter.close();
  }
}
