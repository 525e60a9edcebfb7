/** The host's side of a visit's link: sessions, requests and their replies, over any carrier. */

import { u32At } from '../../device/bytes.js';
import type { Fault, FaultName } from '../../device/faults.js';
import { type Channel, type ChannelClock, createChannel, LIMITS, type Limits } from '../../device/link/channel.js';
import {
  type MessageName,
  type ReplyOf,
  type RequestOf,
  refusalFrom,
  replyFrom,
  requestValues,
} from '../../device/link/messages.js';
import type { Random } from '../../device/ports.js';
import { nodeRandom } from '../crypto.js';
import { GaletError } from '../errors.js';
import type { ByteCount, Carrier } from './carrier.js';
import { decodeValue, encodeValue } from './codec.js';
import { refusalError } from './refusals.js';

export interface LinkSettings {
  clock: ChannelClock;
  random: Random;
  limits: Limits;
  /** Seconds to wait for the token to answer the opening of a session. */
  openSeconds: number;
  /** Seconds to wait for a reply, and for each further chunk of a stream. */
  replySeconds: number;
}

/** The machine's own clock and timers, for callers that do not bring a simulated one. */
export const systemTimers: ChannelClock = {
  monotonic: () => performance.now() / 1000,
  after: (seconds, callback) => {
    const timer = setTimeout(callback, seconds * 1000);
    return () => clearTimeout(timer);
  },
};

const SETTINGS: LinkSettings = {
  clock: systemTimers,
  random: nodeRandom,
  limits: LIMITS,
  openSeconds: 6,
  replySeconds: 15,
};

/** Messages that may wait for a slow reader of a stream: some 8 MB, many times the largest log. */
const INBOX_MAX = 4096;

interface Waiting {
  resolve(message: Uint8Array): void;
  reject(error: GaletError): void;
}

/**
 * A link to one token. Requests are made one after another; a session is opened when there is none, so a request after
 * a lost or abandoned one starts afresh. Errors: `link-silent` (no answer in time), `link-lost` (gone), `link-garbled`
 * (not an answer that a token gives), `link-version`, and what refusals.ts makes of the token's own faults.
 */
export class TokenLink {
  readonly #carrier: Carrier;
  readonly #settings: LinkSettings;
  readonly #channel: Channel;
  readonly #frames: ByteCount = { sent: 0, received: 0 };
  #running = false;
  #gone: GaletError | undefined;
  #opening: { resolve(): void; reject(error: GaletError): void } | undefined;
  #inbox: Uint8Array[] = [];
  #waiting: Waiting | undefined;
  #turn: Promise<void> = Promise.resolve();

  constructor(carrier: Carrier, settings: Partial<LinkSettings> = {}) {
    this.#carrier = carrier;
    this.#settings = { ...SETTINGS, ...settings };
    this.#channel = createChannel(0, this.#settings.clock, this.#settings.limits, {
      sendFrame: (frame) => {
        this.#frames.sent += frame.length;
        carrier.send(frame);
      },
      onOpen: () => this.#onOpen(),
      onMessage: (message) => this.#onMessage(message),
      onLost: (fault) => this.#onLost(fault),
    });
    carrier.listen(
      (frame) => {
        this.#frames.received += frame.length;
        this.#channel.receive(frame);
      },
      (cause) => {
        this.#gone = this.#error('link-lost', {}, cause);
        this.#end(this.#gone);
      },
    );
  }

  /** Bytes so far: whole frames (before the carrier's own wrapping), and what went over the wire. */
  get traffic(): { frames: ByteCount; wire: ByteCount } {
    return { frames: { ...this.#frames }, wire: { ...this.#carrier.bytes } };
  }

  /** The token's reply. `fetch` is answered by a stream: see `fetch()`. */
  async ask<N extends Exclude<MessageName, 'fetch'>>(name: N, fields: RequestOf<N>): Promise<ReplyOf<N>> {
    const release = await this.#takeTurn();
    try {
      await this.#say(name, fields);
      return await this.#reply(name);
    } finally {
      release();
    }
  }

  /** The log from batch `from` on, in chunks of whole travelling batches. A reader may stop at any chunk. */
  async *fetch(from: number): AsyncGenerator<Uint8Array, void, void> {
    const release = await this.#takeTurn();
    let finished = false;
    try {
      await this.#say('fetch', { from });
      for (;;) {
        const { chunk } = await this.#reply('fetch');
        finished = chunk.length === 0;
        if (finished) return;
        yield chunk;
      }
    } finally {
      // Chunks nobody waits for any more must not be taken for the next reply.
      if (!finished) this.#abandon();
      release();
    }
  }

  async close(): Promise<void> {
    this.#gone ??= this.#error('link-lost', {}, 'closed here');
    this.#end(this.#gone);
    await this.#carrier.close();
  }

  async #takeTurn(): Promise<() => void> {
    const before = this.#turn;
    let release = (): void => {};
    this.#turn = new Promise((resolve) => {
      release = resolve;
    });
    await before;
    return release;
  }

  async #say<N extends MessageName>(name: N, fields: RequestOf<N>): Promise<void> {
    const message = encodeValue(requestValues(name, fields));
    if (this.#gone !== undefined) throw this.#gone;
    if (!this.#running) await this.#open();
    this.#channel.send(message);
  }

  async #reply<N extends MessageName>(name: N): Promise<ReplyOf<N>> {
    const message = await this.#nextMessage();
    let refusal: Fault | undefined;
    try {
      const value = decodeValue(message);
      refusal = refusalFrom(value);
      if (refusal === undefined) return replyFrom(name, value);
    } catch (cause) {
      this.#abandon();
      throw this.#error('link-garbled', {}, cause);
    }
    throw refusalError(refusal, this.#carrier.name);
  }

  #open(): Promise<void> {
    return this.#bounded(this.#settings.openSeconds, (resolve, reject) => {
      this.#opening = { resolve, reject };
      this.#channel.open(this.#nonce());
    });
  }

  #nextMessage(): Promise<Uint8Array> {
    const message = this.#inbox.shift();
    if (message !== undefined) return Promise.resolve(message);
    return this.#bounded(this.#settings.replySeconds, (resolve, reject) => {
      if (this.#running) this.#waiting = { resolve, reject };
      else reject(this.#gone ?? this.#error('link-lost'));
    });
  }

  /** No wait is without an end: a promise that fails with `link-silent` after `seconds`. */
  #bounded<T>(
    seconds: number,
    start: (resolve: (value: T) => void, reject: (error: GaletError) => void) => void,
  ): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const cancel = this.#settings.clock.after(seconds, () => {
        this.#abandon();
        reject(this.#error('link-silent', { seconds }));
      });
      start(
        (value) => {
          cancel();
          resolve(value);
        },
        (error) => {
          cancel();
          reject(error);
        },
      );
    });
  }

  /** A session's random name, never 0. */
  #nonce(): number {
    const drawn = new Uint8Array(4);
    do this.#settings.random.fill(drawn);
    while (u32At(drawn, 0) === 0);
    return u32At(drawn, 0);
  }

  #onOpen(): void {
    this.#running = true;
    this.#inbox = [];
    this.#opening?.resolve();
    this.#opening = undefined;
  }

  #onMessage(message: Uint8Array): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting !== undefined) waiting.resolve(message);
    else if (this.#inbox.length < INBOX_MAX) this.#inbox.push(message);
    else this.#end(this.#error('link-garbled', {}, 'more messages than any request asks for'));
  }

  #onLost(fault: FaultName): void {
    if (fault === 'message-version') this.#end(this.#error('link-version'));
    else if (fault === 'frame-malformed') this.#end(this.#error('link-garbled'));
    else this.#end(this.#error('link-lost'));
  }

  /** Forgets the session; the next request opens another. */
  #abandon(): void {
    this.#channel.close();
    this.#running = false;
    this.#inbox = [];
    this.#waiting = undefined;
    this.#opening = undefined;
  }

  /** Ends the session and whatever wait is on, with `error`. What has already arrived may still be read. */
  #end(error: GaletError): void {
    const { reject } = this.#waiting ?? this.#opening ?? { reject: () => {} };
    const arrived = this.#inbox;
    this.#abandon();
    this.#inbox = arrived;
    reject(error);
  }

  #error(
    code: 'link-silent' | 'link-lost' | 'link-garbled' | 'link-version',
    parameters = {},
    cause?: unknown,
  ): GaletError {
    return new GaletError(code, { port: this.#carrier.name, ...parameters }, cause);
  }
}
