/** A token on the counter: finds it, opens the kiosk, runs one operation, closes both whatever happens. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { MessageName, ReplyOf, RequestOf } from '../../device/link/messages.js';
import { connectKiosk } from '../kiosk/client.js';
import type { TokenLink } from '../link/client.js';
import type { BytePipe } from '../link/serial.js';
import type { Token } from '../link/visit/token.js';
import type { Visit } from '../link/visit/visit.js';
import { type Place, placeOf } from './place.js';
import type { PlaceFlags } from './place-flags.js';
import { stoppable } from './stoppable.js';
import type { Terminal } from './terminal.js';

export interface DeskOptions extends PlaceFlags {
  kiosk: string;
}

interface Closable {
  close(): Promise<void>;
}

/** A place with at most one thing open at it, which its closing closes. */
export class Desk {
  #open: Closable | undefined;
  #isClosed = false;

  constructor(readonly place: Place) {}

  openLink(): Promise<TokenLink> {
    return this.#take(() => this.place.openLink());
  }

  openBytes(): Promise<BytePipe | undefined> {
    return this.#take(() => this.place.openBytes());
  }

  /** Closes what is open; the place can be opened again. */
  async leave(): Promise<void> {
    await this.#open?.close();
    this.#open = undefined;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.leave();
    await this.place.close();
  }

  async #take<T extends Closable | undefined>(open: () => Promise<T>): Promise<T> {
    await this.leave();
    const opened = await open();
    this.#open = opened;
    // Stopped meanwhile: nobody else would close it.
    if (this.#isClosed) await this.leave();
    return opened;
  }
}

/** A token at a desk, which goes away for seconds when it starts afresh. */
class DeskToken implements Token {
  private constructor(
    private readonly desk: Desk,
    private link: TokenLink,
  ) {}

  static async open(desk: Desk): Promise<DeskToken> {
    return new DeskToken(desk, await desk.openLink());
  }

  ask<N extends Exclude<MessageName, 'fetch'>>(name: N, fields: RequestOf<N>): Promise<ReplyOf<N>> {
    return this.link.ask(name, fields);
  }

  fetch(from: number): AsyncIterable<Uint8Array> {
    return this.link.fetch(from);
  }

  readonly reopen = async (): Promise<void> => {
    this.link = await this.desk.openLink();
  };
}

/** Runs what needs a place, and leaves nothing open there once it has ended or the person has stopped it. */
export async function atPlace<T>(
  terminal: Terminal,
  port: string | undefined,
  flags: PlaceFlags,
  work: (desk: Desk) => Promise<T>,
): Promise<T> {
  const desk = new Desk(placeOf(terminal, port, flags));
  try {
    return await stoppable(terminal.world, work(desk));
  } finally {
    desk.place.progress.end();
    await desk.close();
  }
}

/** Opens the token at a desk, for work that needs nothing else. */
export async function withTokenAt<T>(desk: Desk, work: (token: DeskToken) => Promise<T>): Promise<T> {
  try {
    return await work(await DeskToken.open(desk));
  } finally {
    await desk.leave();
  }
}

/** The same with the counter: `work` gets everything that a visit needs. */
export async function withVisitAt<T>(desk: Desk, kiosk: string, work: (visit: Visit) => Promise<T>): Promise<T> {
  const { isPressed, progress } = desk.place;
  const counter = connectKiosk(kiosk);
  try {
    if (isPressed) await counter.assertThere();
    return await withTokenAt(desk, async (token) => {
      if (!isPressed) await counter.assertThere();
      const wait = (seconds: number): Promise<void> => sleep(seconds * 1000);
      return await work({ token, counter, progress: progress.show, wait, reopen: token.reopen });
    });
  } finally {
    counter.close();
  }
}

/** A visit of the token that a command line names. */
export function withVisit<T>(
  terminal: Terminal,
  port: string | undefined,
  options: DeskOptions,
  work: (visit: Visit) => Promise<T>,
): Promise<T> {
  return atPlace(terminal, port, options, (desk) => withVisitAt(desk, options.kiosk, work));
}
