/**
 * The token's side of the link: takes requests from the counter, hands them to their handlers and sends the replies.
 * The other side may be anybody: nothing that arrives makes it throw, and only handlers ever change anything.
 */
import { fault, faultOf } from '../faults.js';
import type { BlePort, LinkPort } from '../ports.js';
import { type Channel, createChannel, LIMITS, type Limits } from './channel.js';
import { FROM_TOKEN } from './frame.js';
import { encodeLine, lineReader } from './lines.js';
import {
  forgetMessages,
  type MESSAGES,
  type MessageName,
  packError,
  packReply,
  type ReplyOf,
  type RequestOf,
  unpackRequest,
} from './messages.js';
import { encodePacket, packetReader } from './packets.js';
import type { ChannelClock } from './sender.js';

/** Longer than a side goes on sending again what nobody acknowledges: attempts and times of LIMITS and sender.ts. */
export const LINK_SECONDS = 150;

/** Gives the chunks of a stream one at a time, when the link has room for one; an empty one, or none, ends it. */
export type ChunkSource = () => Uint8Array | undefined;

type StreamName = { [N in MessageName]: (typeof MESSAGES)[N]['stream'] extends true ? N : never }[MessageName];

/** What answers each request. A thrown `Fault` becomes the error reply with its name; anything else 'internal'. */
export type Handlers = {
  [N in MessageName]: (fields: RequestOf<N>) => N extends StreamName ? ChunkSource : ReplyOf<N>;
};

export interface LinkDeps {
  clock: ChannelClock;
  limits?: Limits;
  /** Told what a handler threw that was no fault. */
  onInternal?: (thrown: unknown) => void;
  /** Told of every chunk that arrives, before it is looked at. */
  onChunk?: () => void;
}

/** Answers requests that arrive in frames, whatever carries those; the result takes each of them. */
export function answerFrames(
  sendFrame: (frame: Uint8Array) => void,
  deps: LinkDeps,
  handlers: Handlers,
): Pick<Channel, 'receive' | 'resume'> {
  function refusal(thrown: unknown): Uint8Array {
    const known = faultOf(thrown);
    if (known !== undefined) return packError(known);
    if (deps.onInternal !== undefined) deps.onInternal(thrown);
    return packError(fault('internal'));
  }

  function replyBytes<N extends MessageName>(name: N, fields: ReplyOf<N>): Uint8Array {
    try {
      return packReply(name, fields);
    } catch (thrown) {
      // The asker is not to be told that its message is malformed when ours is.
      throw new Error(`reply to ${name}: ${thrown}`);
    }
  }

  function stream(next: ChunkSource): () => Uint8Array | undefined {
    let ended = false;
    return () => {
      if (ended) return undefined;
      try {
        const chunk = next();
        ended = chunk === undefined || chunk.length === 0;
        return replyBytes('fetch', { chunk: chunk === undefined ? new Uint8Array(0) : chunk });
      } catch (thrown) {
        ended = true;
        return refusal(thrown);
      }
    };
  }

  function call<N extends MessageName>(name: N, fields: RequestOf<N>): void {
    const answer = handlers[name](fields);
    if (typeof answer === 'function') channel.stream(stream(answer as ChunkSource));
    else channel.send(replyBytes(name, answer as ReplyOf<N>));
  }

  const channel = createChannel(FROM_TOKEN, deps.clock, deps.limits === undefined ? LIMITS : deps.limits, {
    sendFrame,
    onOpen: () => {},
    onMessage: (message) => {
      try {
        const request = unpackRequest(message);
        call(request.name, request.fields);
      } catch (thrown) {
        channel.send(refusal(thrown));
      }
    },
    onLost: () => {},
  });
  return channel;
}

/**
 * Serves the link over a serial port and, where there is Bluetooth, over that too: whichever spoke last is answered. Where
 * `handlers` makes them, they and all that a session needs are in memory from a first frame until the result is called, which
 * forgets the session. Nothing may be under way then: nothing has to have arrived for LINK_SECONDS.
 */
export function serveLink(
  port: LinkPort,
  deps: LinkDeps,
  handlers: Handlers | (() => Handlers),
  ble?: BlePort,
): () => void {
  let spoken: BlePort | undefined;
  let channel: Pick<Channel, 'receive' | 'resume'> | undefined;
  let isNew = false;

  function receive(frame: Uint8Array): void {
    if (!channel) {
      channel = answerFrames(
        (reply) => {
          if (spoken) spoken.write(encodePacket(reply));
          else port.write(encodeLine(reply));
        },
        deps,
        typeof handlers === 'function' ? handlers() : handlers,
      );
    }
    // Where this side is: said once the other listens, and before what it asks makes anything else leave.
    if (isNew) channel.resume();
    isNew = false;
    channel.receive(frame);
  }

  const line = lineReader((deps.limits === undefined ? LIMITS : deps.limits).frameSize, receive);
  port.onData((chunk) => {
    spoken = undefined;
    if (deps.onChunk) deps.onChunk();
    line(chunk);
  });
  if (ble) {
    const packets = packetReader(receive);
    ble.onConnect(() => {
      isNew = true;
      packets.reset();
    });
    ble.onData((chunk) => {
      spoken = ble;
      if (deps.onChunk) deps.onChunk();
      packets.read(chunk);
    });
  }
  return () => {
    channel = undefined;
    forgetMessages();
  };
}
