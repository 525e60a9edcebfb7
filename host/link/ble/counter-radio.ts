/** The counter's side of Bluetooth: who asks to be served, and a carrier to one of them. */
import { setTimeout as sleep } from 'node:timers/promises';
import { GaletError } from '../../errors.js';
import { oncePatient } from '../busy.js';
import type { Carrier } from '../carrier.js';
import type { BytePipe } from '../serial.js';
import { type Asking, askingFrom, byDistance } from './asking.js';
import { type Central, type NoblePeripheral, openCentral } from './central.js';
import { MendingCarrier } from './mending.js';
import { CONNECT_SECONDS, type NusPipe, openNus } from './nus.js';

export type { Asking } from './asking.js';

export interface CounterRadio {
  /** The adapter's name. */
  readonly name: string;
  /**
   * Listens for `seconds` to who asks to be served, nearest first. `onSeen` is told of each at once, and again when it has
   * another colour. Errors: `adapter-off`, `adapter-missing` when the adapter goes away.
   */
  discover(seconds: number, onSeen?: (asking: Asking) => void): Promise<Asking[]>;
  /**
   * Connects to a token. A connection that drops is mended by itself for as long as the token can be found, for at most
   * 12 s and 5 times in a row; then its listener is told. One connection at a time: a second ends the first. Errors:
   * `token-gone` (it asks no longer), `link-lost`, `link-silent`, `link-garbled` (no token).
   */
  open(asking: Asking): Promise<Carrier>;
  /** The same to a board's console, which nobody mends. */
  openBytes(asking: Asking): Promise<BytePipe>;
  close(): Promise<void>;
}

/** Seconds for which a dropped connection is mended: less than any wait for a reply, so that those go on. */
const MEND_SECONDS = 12;
/** Seconds to look for who is not where it was. */
const LOOK_SECONDS = 1;
/** Seconds in which a token that was just disconnected is given time to ask again. */
const PAUSE_SECONDS = 0.1;

/** What a person is told that the link's other end is: a token has no name, a board has. */
const endName = (asking: Asking): string => (asking.kind === 'token' ? 'Bluetooth' : `Bluetooth (${asking.name})`);

/** The one of `found` that `sought` must be, although its address may have changed; undefined when nobody can tell. */
export function sameToken(sought: Asking, found: readonly Asking[], known: ReadonlySet<string>): Asking | undefined {
  const alike = found.filter((one) => one.kind === sought.kind);
  const there = alike.find((one) => one.id === sought.id);
  if (there !== undefined) return there;
  const coloured = alike.filter((one) => one.colour !== undefined && one.colour === sought.colour);
  if (coloured.length === 1) return coloured[0];
  // A token that has started afresh has forgotten its colour, and comes under an address that was never heard.
  const fresh = alike.filter((one) => one.colour === undefined && !known.has(one.id));
  return fresh.length === 1 ? fresh[0] : undefined;
}

class NobleRadio implements CounterRadio {
  readonly #central: Central;
  #gone: GaletError | undefined;
  #end: (cause: GaletError) => void = () => {};
  /** Everybody ever heard to ask. */
  readonly #known = new Set<string>();
  #connection: { close(): Promise<void> } | undefined;

  constructor(central: Central) {
    this.#central = central;
    central.onGone((cause) => {
      this.#gone = cause;
      this.#end(cause);
    });
  }

  get name(): string {
    return this.#central.name;
  }

  async discover(seconds: number, onSeen: (asking: Asking) => void = () => {}): Promise<Asking[]> {
    this.#assertThere();
    const { noble } = this.#central;
    const seen = new Map<string, Asking>();
    const onDiscover = (peripheral: NoblePeripheral): void => {
      const asking = askingFrom({
        id: peripheral.id,
        rssi: peripheral.rssi,
        isConnectable: peripheral.connectable,
        localName: peripheral.advertisement.localName,
        services: peripheral.advertisement.serviceUuids ?? [],
      });
      if (asking === undefined) return;
      const before = seen.get(asking.id);
      const rssi = Math.max(before?.rssi ?? Number.NEGATIVE_INFINITY, asking.rssi ?? Number.NEGATIVE_INFINITY);
      const now = { ...asking, rssi: Number.isFinite(rssi) ? rssi : undefined };
      seen.set(asking.id, now);
      this.#known.add(asking.id);
      if (before === undefined || before.colour !== now.colour) onSeen(now);
    };
    this.#central.forget();
    noble.on('discover', onDiscover);
    const ended = new Promise<never>((_resolve, reject) => {
      this.#end = reject;
    });
    ended.catch(() => undefined);
    try {
      noble.startScanning([], true);
      await Promise.race([sleep(seconds * 1000), ended]);
      noble.stopScanning();
    } finally {
      noble.removeListener('discover', onDiscover);
    }
    return [...seen.values()].sort(byDistance);
  }

  async open(asking: Asking): Promise<Carrier> {
    await this.#connection?.close();
    const carrier = new MendingCarrier(await this.#connect(asking), () => this.#find(asking, MEND_SECONDS));
    this.#connection = carrier;
    return carrier;
  }

  async openBytes(asking: Asking): Promise<BytePipe> {
    await this.#connection?.close();
    const pipe = await this.#connect(asking);
    this.#connection = pipe;
    return pipe;
  }

  async close(): Promise<void> {
    await this.#connection?.close();
    this.#connection = undefined;
    await this.#central.close();
  }

  async #connect(asking: Asking, seconds = CONNECT_SECONDS): Promise<NusPipe> {
    this.#assertThere();
    const name = endName(asking);
    const peripheral = this.#central.noble._peripherals[asking.id];
    if (peripheral === undefined) throw new GaletError('token-gone', { port: name });
    return openNus(this.#central, peripheral, name, seconds);
  }

  /** Connects to who was there, or to whom it must have become, for `seconds`. */
  async #find(sought: Asking, seconds: number): Promise<NusPipe> {
    const started = performance.now();
    const left = (): number => seconds - (performance.now() - started) / 1000;
    const known = new Set(this.#known);
    let target: Asking | undefined = sought;
    for (;;) {
      try {
        if (target !== undefined) return await this.#connect(target, Math.min(left(), CONNECT_SECONDS));
      } catch (error) {
        if (this.#gone !== undefined) throw error;
      }
      await sleep(PAUSE_SECONDS * 1000);
      if (left() <= LOOK_SECONDS) throw new GaletError('token-gone', { port: endName(sought) });
      target = sameToken(sought, await this.discover(LOOK_SECONDS), known);
    }
  }

  #assertThere(): void {
    if (this.#gone !== undefined) throw this.#gone;
  }
}

/** Starts the adapter called `adapter` (adapter.ts). Errors: those of `openCentral`. */
export async function openCounterRadio(adapter?: string): Promise<CounterRadio> {
  return new NobleRadio(await oncePatient(() => openCentral(adapter)));
}
