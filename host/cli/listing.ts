/** Finds the tokens at this counter, asks each how it is, and has each blink a colour of its own. */
import { cliSentences } from '../catalogue/cli.js';
import { GaletError } from '../errors.js';
import type { Asking } from '../link/ble/asking.js';
import { type CounterRadio, openCounterRadio } from '../link/ble/counter-radio.js';
import { type LinkSettings, TokenLink } from '../link/client.js';
import { listPorts } from '../link/ports.js';
import { openSerial } from '../link/serial.js';
import { blink, openAirLink } from './place.js';
import type { AirFlags } from './place-flags.js';
import { Progress } from './progress.js';
import type { Listed } from './say-list.js';
import { giveColours, LOOK_SECONDS } from './seek.js';
import { errorSentence, type Terminal } from './terminal.js';

export interface Scope {
  /** Ports that were named, whatever they are. */
  ports: string[];
  /** Whether the ports on USB are tried too. */
  isUsbMeant: boolean;
  /** Whether the air is listened to; 'welcome': as far as this computer can. */
  air: 'needed' | 'welcome' | 'unwanted';
  /** For how long, in seconds. */
  seconds: number;
}

/** At a port anything may be, which is not waited for as long as a token in a visit. */
const PATIENCE: Partial<LinkSettings> = { openSeconds: 3, replySeconds: 6 };

interface Wired extends Listed {
  port: string;
  link: TokenLink;
}

interface Closable {
  close(): Promise<void>;
}

export class Listing {
  readonly #progress: Progress;
  readonly #open = new Set<Closable>();
  #isClosed = false;

  constructor(
    private readonly terminal: Terminal,
    private readonly flags: AirFlags,
    private readonly openRadio: (adapter?: string) => Promise<CounterRadio> = openCounterRadio,
  ) {
    this.#progress = new Progress(terminal, flags.quiet === true);
  }

  /** The tokens by cable, in the order of their ports, then those on the air, nearest first. */
  async make(scope: Scope): Promise<Listed[]> {
    this.#progress.show(scope.air === 'unwanted' ? { step: 'ports' } : { step: 'listen', seconds: scope.seconds });
    const [wired, { radio, asking }] = await Promise.all([this.#probeAll(scope), this.#listen(scope)]);
    const colours = giveColours(
      wired.map(() => undefined),
      asking.map(({ colour }) => colour),
    );
    for (const [index, token] of wired.entries()) {
      const colour = colours[index];
      if (await blink(token.link, colour)) token.colour = colour;
      await token.link.close();
    }
    const others = radio === undefined ? [] : await this.#onAirAlone(radio, asking, wired);
    const listed = wired.map(({ link: _, ...token }): Listed => token);
    if (radio !== undefined) listed.push(...(await this.#visitAll(radio, others, wired)));
    return listed;
  }

  /** Closes whatever is still open, also what is just being opened. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#progress.end();
    await Promise.all([...this.#open].map((open) => open.close()));
  }

  async #keep<T extends Closable>(opening: Promise<T>): Promise<T> {
    const opened = await opening;
    this.#open.add(opened);
    if (this.#isClosed) await opened.close();
    return opened;
  }

  #skip(place: string, error: unknown): void {
    if (!(error instanceof GaletError)) throw error;
    const reason = errorSentence(error.code, this.terminal.language, error.parameters);
    this.#progress.end();
    this.terminal.remark(this.terminal.say(cliSentences.listSkipped, { place, reason }));
  }

  async #probeAll({ ports, isUsbMeant }: Scope): Promise<Wired[]> {
    const found = isUsbMeant ? (await listPorts()).filter((path) => !ports.includes(path)) : [];
    const tried = [
      ...ports.map((path) => this.#probe(path, () => true)),
      // Something else may well be plugged in; a port that cannot be looked into may be a token's.
      ...found.map((path) => this.#probe(path, ({ code }) => code.startsWith('port-'))),
    ];
    return (await Promise.all(tried)).filter((token) => token !== undefined);
  }

  async #probe(port: string, isTold: (error: GaletError) => boolean): Promise<Wired | undefined> {
    let link: TokenLink | undefined;
    try {
      link = await this.#keep<TokenLink>(openSerial(port).then((carrier) => new TokenLink(carrier, PATIENCE)));
      return { port, link, hello: await link.ask('hello', {}), colour: undefined, rssi: undefined };
    } catch (error) {
      await link?.close();
      if (!(error instanceof GaletError) || isTold(error)) this.#skip(port, error);
      return undefined;
    }
  }

  async #listen({ air, seconds }: Scope): Promise<{ radio?: CounterRadio; asking: Asking[] }> {
    if (air === 'unwanted') return { asking: [] };
    try {
      const radio = await this.#keep(this.openRadio(this.flags.adapter));
      const asking = await radio.discover(seconds);
      return { radio, asking: asking.filter(({ kind }) => kind === 'token') };
    } catch (error) {
      if (air === 'needed') throw error;
      this.#skip(this.terminal.say(cliSentences.listOnAir), error);
      return { asking: [] };
    }
  }

  /** Those of `asking` that are not here by cable as well: such a token says now in the air which colour it was given. */
  async #onAirAlone(radio: CounterRadio, asking: Asking[], wired: Wired[]): Promise<Asking[]> {
    if (asking.length === 0 || wired.length === 0) return asking;
    const twice = new Set<string>();
    for (const { id, colour, rssi } of await radio.discover(LOOK_SECONDS)) {
      const same = colour === undefined ? undefined : wired.find((token) => token.colour === colour);
      if (same === undefined) continue;
      twice.add(id);
      same.rssi = rssi;
    }
    return asking.filter(({ id }) => !twice.has(id));
  }

  /** One after the other: a radio has one connection at a time. */
  async #visitAll(radio: CounterRadio, asking: Asking[], wired: Wired[]): Promise<Listed[]> {
    const colours = giveColours(
      asking.map(({ colour }) => colour),
      wired.map(({ colour }) => colour),
    );
    const listed: Listed[] = [];
    for (const [index, one] of asking.entries()) {
      this.#progress.show({ step: 'greet', done: index + 1, total: asking.length });
      const colour = colours[index];
      let link: TokenLink | undefined;
      try {
        link = await this.#keep(openAirLink(radio, { ...one, colour }, PATIENCE));
        const hello = await link.ask('hello', {});
        const isBlinking = await blink(link, colour);
        listed.push({ port: undefined, colour: isBlinking ? colour : undefined, rssi: one.rssi, hello });
      } catch (error) {
        this.#skip(this.terminal.say(cliSentences.listOnAir), error);
      } finally {
        await link?.close();
      }
    }
    return listed;
  }
}
