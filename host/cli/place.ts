/** Where a command finds its token: at a serial port, or in the air around this computer. */
import { cliSentences } from '../catalogue/cli.js';
import { GaletError } from '../errors.js';
import type { Asking } from '../link/ble/asking.js';
import { type CounterRadio, openCounterRadio, sameToken } from '../link/ble/counter-radio.js';
import { type LinkSettings, TokenLink } from '../link/client.js';
import { type BytePipe, openBytes, openSerial } from '../link/serial.js';
import { colourName, isOnAir, type PlaceFlags, SEEK_SECONDS } from './place-flags.js';
import { Progress } from './progress.js';
import { signalWords } from './say-token.js';
import { giveColours, LOOK_SECONDS, seek } from './seek.js';
import type { Terminal } from './terminal.js';

/** How long a token that has started afresh, or was lost, is looked for at a time. */
const AGAIN_SECONDS = 8;

export interface Place {
  readonly progress: Progress;
  /** Whether somebody has to press a button first: what else may fail is then tried before. */
  readonly isPressed: boolean;
  /** A link to the token; when called again, to the same token. */
  openLink(): Promise<TokenLink>;
  /** The console of a board that is to become a token; undefined where a token is already, for sure. */
  openBytes(): Promise<BytePipe | undefined>;
  close(): Promise<void>;
}

class PortPlace implements Place {
  readonly isPressed = false;

  constructor(
    readonly progress: Progress,
    private readonly path: string,
  ) {}

  async openLink(): Promise<TokenLink> {
    return new TokenLink(await openSerial(this.path));
  }

  openBytes(): Promise<BytePipe> {
    return openBytes(this.path);
  }

  async close(): Promise<void> {}
}

const isToken = ({ kind }: Asking): boolean => kind === 'token';

class AirPlace implements Place {
  readonly isPressed = true;
  #radio: Promise<CounterRadio> | undefined;
  #isClosed = false;
  /** Who asked when the token, or the board, was chosen. */
  #asked: Asking[] = [];
  /** Who asked before a board was made a token: that token is none of them. */
  #before: ReadonlySet<string> = new Set();
  /** A token found while a board was looked for. */
  #found: Asking | undefined;
  /** Who is served, once it was reached, with the colour by which it is found again. */
  #served: Asking | undefined;
  /** What the person was told that it blinks. */
  #told: { colour: number | undefined } | undefined;

  constructor(
    private readonly terminal: Terminal,
    readonly progress: Progress,
    private readonly flags: PlaceFlags,
    private readonly open: (adapter?: string) => Promise<CounterRadio>,
  ) {}

  async openLink(): Promise<TokenLink> {
    const radio = await this.#opened();
    if (this.#served !== undefined) return await this.#reach(radio, await this.#findAgain(radio, this.#served));
    const meant = (asking: Asking): boolean => isToken(asking) && !this.#before.has(asking.id);
    const asking = this.#found ?? (await this.#choose(radio, meant));
    this.#found = undefined;
    return await this.#reach(radio, asking);
  }

  async openBytes(): Promise<BytePipe | undefined> {
    const radio = await this.#opened();
    const asking = await this.#choose(radio, () => true);
    if (isToken(asking)) {
      this.#found = asking;
      return undefined;
    }
    this.#before = new Set(this.#asked.map(({ id }) => id));
    this.progress.end();
    const signal = signalWords(this.terminal, asking.rssi);
    this.terminal.remark(this.terminal.say(cliSentences.airBoard, { name: asking.name, signal }));
    return await radio.openBytes(asking);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const radio = await this.#radio?.catch(() => undefined);
    await radio?.close();
  }

  async #opened(): Promise<CounterRadio> {
    if (this.#isClosed) throw new GaletError('interrupted');
    this.#radio ??= this.open(this.flags.adapter);
    return await this.#radio;
  }

  /** The nearest of those that are `meant`, and of the colour that was asked for. */
  async #choose(radio: CounterRadio, meant: (asking: Asking) => boolean): Promise<Asking> {
    const { colour, wait: seconds = SEEK_SECONDS } = this.flags;
    const wanted = (asking: Asking): boolean => meant(asking) && (colour === undefined || asking.colour === colour);
    this.#asked = await seek(radio, seconds, wanted, this.progress.show);
    const [nearest, ...others] = this.#asked.filter(wanted);
    if (colour !== undefined) {
      const name = { colour: colourName(this.terminal, colour) };
      const count = this.#asked.filter(isToken).length;
      if (nearest === undefined && count > 0) throw new GaletError('colour-not-there', { ...name, count });
      if (others.length > 0) throw new GaletError('colour-twice', name);
    }
    if (nearest === undefined) throw new GaletError('no-token-asks', { seconds });
    return nearest;
  }

  /** The token that is served, which has another address when it has started afresh. */
  async #findAgain(radio: CounterRadio, served: Asking): Promise<Asking> {
    const known = new Set(this.#asked.map(({ id }) => id));
    const end = performance.now() + AGAIN_SECONDS * 1000;
    while (!this.#isClosed && performance.now() < end) {
      this.progress.show({ step: 'again' });
      const found = sameToken(served, await radio.discover(LOOK_SECONDS), known);
      if (found) return found;
    }
    throw new GaletError('token-gone', { port: 'Bluetooth' });
  }

  /** Connects, has the token blink, and says so: before anything is done to it. */
  async #reach(radio: CounterRadio, asking: Asking): Promise<TokenLink> {
    this.progress.show({ step: 'reach' });
    const others = this.#asked.filter((other) => isToken(other) && other.id !== asking.id);
    const own = asking.colour ?? this.#served?.colour;
    const [colour] = giveColours([own, ...others.map((other) => other.colour)]);
    const served = { ...asking, colour };
    const link = await openAirLink(radio, served);
    try {
      const isBlinking = await blink(link, colour);
      this.#served = served;
      this.#tellChosen(asking, isBlinking ? colour : undefined, others.length);
      return link;
    } catch (error) {
      await link.close();
      throw error;
    }
  }

  /** Once, and again when it is another colour. */
  #tellChosen(asking: Asking, colour: number | undefined, others: number): void {
    const { terminal } = this;
    const signal = signalWords(terminal, asking.rssi);
    const sentence =
      colour === undefined
        ? terminal.say(cliSentences.airServedDark, { signal })
        : terminal.say(cliSentences.airServed, { colour: colourName(terminal, colour), signal });
    const before = this.#told;
    this.#told = { colour };
    if (before !== undefined && before.colour === colour) return;
    this.progress.end();
    terminal.remark(sentence);
    if (before === undefined && others > 0) terminal.remark(terminal.say(cliSentences.airOthers, { count: others }));
  }
}

/** A link to a token that asks. On the air a first try at a connection may well fail that a second would not. */
export async function openAirLink(
  radio: CounterRadio,
  asking: Asking,
  settings?: Partial<LinkSettings>,
): Promise<TokenLink> {
  try {
    return new TokenLink(await radio.open(asking), settings);
  } catch (error) {
    if (!(error instanceof GaletError) || !/^(link-|token-gone)/.test(error.code)) throw error;
    return new TokenLink(await radio.open(asking), settings);
  }
}

/** Has a token blink; whether it can. */
export async function blink(link: TokenLink, colour: number | undefined): Promise<boolean> {
  if (colour === undefined) return false;
  try {
    await link.ask('blink', { colour });
    return true;
  } catch (error) {
    // Of a version before there were colours.
    if (error instanceof GaletError && error.parameters.fault === 'message-unknown') return false;
    throw error;
  }
}

/** The place that a command line names. Throws 'usage' when it names none, or two. */
export function placeOf(
  terminal: Terminal,
  port: string | undefined,
  flags: PlaceFlags,
  open = openCounterRadio,
): Place {
  const progress = new Progress(terminal, flags.quiet === true);
  if (isOnAir(terminal, port, flags)) return new AirPlace(terminal, progress, flags, open);
  return new PortPlace(progress, port as string);
}
