/**
 * The token's side of the link: takes requests from the counter, hands them to their handlers and sends the replies.
 * The other side may be anybody: nothing that arrives makes it throw, and only handlers ever change anything.
 */
import { fault, faultOf } from '../faults.js';
import type { BlePort, LinkPort } from '../ports.js';
import { createChannel, LIMITS, type Limits } from './channel.js';
import { FROM_TOKEN } from './frame.js';
import { encodeLine, lineReader } from './lines.js';
import {
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
}

/** Answers requests that arrive in frames, whatever carries those; the result takes each frame. */
export function answerFrames(
  sendFrame: (frame: Uint8Array) => void,
  deps: LinkDeps,
  handlers: Handlers,
): (frame: Uint8Array) => void {
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
  return channel.receive;
}

/** Serves the link over a serial port and, where there is Bluetooth, over that too: whichever spoke last is answered. */
export function serveLink(port: LinkPort, deps: LinkDeps, handlers: Handlers, ble?: BlePort): void {
  let spoken: BlePort | undefined;
  const limits = deps.limits === undefined ? LIMITS : deps.limits;
  const receive = answerFrames(
    (frame) => {
      if (spoken) spoken.write(encodePacket(frame));
      else port.write(encodeLine(frame));
    },
    deps,
    handlers,
  );
  const line = lineReader(limits.frameSize, receive);
  port.onData((chunk) => {
    spoken = undefined;
    line(chunk);
  });
  if (!ble) return;
  const packets = packetReader(receive);
  ble.onConnect(packets.reset);
  ble.onData((chunk) => {
    spoken = ble;
    packets.read(chunk);
  });
}
