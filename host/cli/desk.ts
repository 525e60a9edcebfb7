/** A token on the counter: opens its port and the kiosk, runs one operation, closes both whatever happens. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { MessageName, ReplyOf, RequestOf } from '../../device/link/messages.js';
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

/** A token at a serial port, which goes away for seconds when the token starts afresh. */
class DeskToken implements Token {
  #link: TokenLink;
  #isClosed = false;

  private constructor(
    private readonly path: string,
    link: TokenLink,
  ) {
    this.#link = link;
  }

  static async open(path: string): Promise<DeskToken> {
    return new DeskToken(path, new TokenLink(await openSerial(path)));
  }

  ask<N extends Exclude<MessageName, 'fetch'>>(name: N, fields: RequestOf<N>): Promise<ReplyOf<N>> {
    return this.#link.ask(name, fields);
  }

  fetch(from: number): AsyncIterable<Uint8Array> {
    return this.#link.fetch(from);
  }

  readonly reopen = async (): Promise<void> => {
    await this.#link.close();
    const carrier = await openSerial(this.path);
    this.#link = new TokenLink(carrier);
    // Stopped meanwhile: nobody else would close it.
    if (this.#isClosed) await this.#link.close();
  };

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#link.close();
  }
}

async function atDesk<T>(terminal: Terminal, path: string, work: (token: DeskToken) => Promise<T>): Promise<T> {
  const token = await DeskToken.open(path);
  try {
    return await stoppable(terminal.world, work(token));
  } finally {
    await token.close();
  }
}

/** Opens the token at a serial port, for commands that need nothing else. */
export function withToken<T>(terminal: Terminal, path: string, work: (token: Token) => Promise<T>): Promise<T> {
  return atDesk(terminal, path, work);
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
    return await atDesk(terminal, path, async (token) => {
      await counter.assertThere();
      const wait = (seconds: number): Promise<void> => sleep(seconds * 1000);
      return await work({ token, counter, progress: progress.show, wait, reopen: token.reopen });
    });
  } finally {
    progress.end();
    counter.close();
  }
}
