/** The host's side of a visit's link: sessions, requests and their replies, over any carrier. */

import { u32At } from '../../device/bytes.js';
import type { Fault, FaultName } from '../../device/faults.js';
import { type Channel, createChannel, LIMITS, type Limits } from '../../device/link/channel.js';
import {
  type MessageName,
  type ReplyOf,
  type RequestOf,
  refusalFrom,
  replyFrom,
  requestValues,
} from '../../device/link/messages.js';
import type { ChannelClock } from '../../device/link/sender.js';
import type { Random } from '../../device/ports.js';
import { nodeRandom } from '../crypto.js';
import { GaletError } from '../errors.js';
import type { ByteCount, Carrier } from './carrier.js';
import { decodeValue, encodeValue } from './codec.js';
import { refusalError } from './refusals.js';
import { Slots } from './slots.js';

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

/**
 * Seconds of silence after which a session is not trusted to be remembered: a token keeps what it needs for a visit in memory
 * for longer than this, but not for ever.
 */
const QUIET_SECONDS = 60;

/** Requests under way at a time: while the token works on one, the next is already travelling. */
const REQUESTS = 2;

interface Waiting<T> {
  resolve(value: T): void;
  reject(error: GaletError): void;
}

/**
 * A link to one token. Requests are sent in the order in which they are made, two of them under way at a time, and a
 * session is opened when there is none: so a request after a lost or abandoned session starts afresh. Errors:
 * `link-silent` (no answer in time), `link-lost` (gone), `link-garbled` (not an answer that a token gives),
 * `link-version`, and what refusals.ts makes of the token's own faults.
 */
export class TokenLink {
  readonly #carrier: Carrier;
  readonly #settings: LinkSettings;
  readonly #channel: Channel;
  readonly #frames: ByteCount = { sent: 0, received: 0 };
  readonly #slots = new Slots(REQUESTS);
  #running = false;
  /** Monotonic seconds of the last frame from the token. */
  #heardAt = 0;
  #gone: GaletError | undefined;
  #session: Promise<void> | undefined;
  #opening: Waiting<void> | undefined;
  /** Who waits for the next messages, in order; while anybody does, the inbox is empty. */
  #waiting: Waiting<Uint8Array>[] = [];
  #inbox: Uint8Array[] = [];

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
        this.#heardAt = this.#settings.clock.monotonic();
        this.#channel.receive(frame);
      },
      (cause) => {
        this.#gone ??= this.#error('link-lost', {}, cause);
        this.#end(this.#gone);
      },
      () => this.#channel.resume(),
    );
  }

  /** Bytes so far: whole frames (before the carrier's own wrapping), and what went over the wire. */
  get traffic(): { frames: ByteCount; wire: ByteCount } {
    return { frames: { ...this.#frames }, wire: { ...this.#carrier.bytes } };
  }

  /** The token's reply. `fetch` is answered by a stream: see `fetch()`. */
  async ask<N extends Exclude<MessageName, 'fetch'>>(name: N, fields: RequestOf<N>): Promise<ReplyOf<N>> {
    const release = await this.#slots.take(1);
    try {
      return this.#read(name, await this.#request(name, fields));
    } finally {
      release();
    }
  }

  /** The log from batch `from` on, in chunks of whole travelling batches. A reader may stop at any chunk. */
  async *fetch(from: number): AsyncGenerator<Uint8Array, void, void> {
    const release = await this.#slots.take(REQUESTS);
    let finished = false;
    try {
      let { chunk } = this.#read('fetch', await this.#request('fetch', { from }));
      while (chunk.length > 0) {
        yield chunk;
        chunk = this.#read('fetch', await this.#nextMessage()).chunk;
      }
      finished = true;
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

  /** Sends a request; the first message of its answer. */
  async #request<N extends MessageName>(name: N, fields: RequestOf<N>): Promise<Uint8Array> {
    const message = encodeValue(requestValues(name, fields));
    const quiet = this.#settings.clock.monotonic() - this.#heardAt;
    if (this.#running && this.#waiting.length === 0 && quiet > QUIET_SECONDS) this.#abandon();
    while (!this.#running) {
      if (this.#gone !== undefined) throw this.#gone;
      this.#session ??= this.#open();
      await this.#session;
    }
    this.#channel.send(message);
    return this.#nextMessage();
  }

  #read<N extends MessageName>(name: N, message: Uint8Array): ReplyOf<N> {
    let refusal: Fault | undefined;
    try {
      const value = decodeValue(message);
      refusal = refusalFrom(value);
      if (refusal === undefined) return replyFrom(name, value);
    } catch (cause) {
      const error = this.#error('link-garbled', {}, cause);
      this.#end(error);
      throw error;
    }
    throw refusalError(refusal, this.#carrier.name);
  }

  #open(): Promise<void> {
    return this.#bounded<void>(this.#settings.openSeconds, (waiting) => {
      this.#opening = waiting;
      this.#channel.open(this.#nonce());
    });
  }

  #nextMessage(): Promise<Uint8Array> {
    const message = this.#inbox.shift();
    if (message !== undefined) return Promise.resolve(message);
    return this.#bounded<Uint8Array>(this.#settings.replySeconds, (waiting) => {
      if (this.#running) this.#waiting.push(waiting);
      else waiting.reject(this.#gone ?? this.#error('link-lost'));
    });
  }

  /** No wait is without an end: a promise that fails with `link-silent` after `seconds`, and the session with it. */
  #bounded<T>(seconds: number, start: (waiting: Waiting<T>) => void): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const cancel = this.#settings.clock.after(seconds, () => this.#end(this.#error('link-silent', { seconds })));
      start({
        resolve: (value) => {
          cancel();
          resolve(value);
        },
        reject: (error) => {
          cancel();
          reject(error);
        },
      });
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
    const waiting = this.#waiting.shift();
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
    this.#session = undefined;
    this.#inbox = [];
  }

  /** Ends the session and every wait in it with `error`. What has already arrived of a stream may still be read. */
  #end(error: GaletError): void {
    const waits = [this.#opening, ...this.#waiting];
    const arrived = this.#inbox;
    this.#opening = undefined;
    this.#waiting = [];
    this.#abandon();
    this.#inbox = arrived;
    for (const waiting of waits) waiting?.reject(error);
  }

  #error(
    code: 'link-silent' | 'link-lost' | 'link-garbled' | 'link-version',
    parameters = {},
    cause?: unknown,
  ): GaletError {
    return new GaletError(code, { port: this.#carrier.name, ...parameters }, cause);
  }
}
