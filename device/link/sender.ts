/**
 * The sending half of a channel: cuts messages into fragments, keeps at most a window of them under way, and sends
 * those again that were lost.
 */
import type { Clock } from '../ports.js';
import { DATA, FRAME_OVERHEAD, type Frame, LAST, NAK } from './frame.js';

export type ChannelClock = Pick<Clock, 'monotonic' | 'after'>;

/** A message, or a stream of them that is asked for the next one when the window has room; `undefined` ends it. */
export type Source = Uint8Array | (() => Uint8Array | undefined);

/** What a sender calls. */
export interface SenderEvents {
  transmit(kind: number, seq: number, payload: Uint8Array): void;
  /** Nothing has got through for all attempts, or more is queued than an honest peer asks for. */
  giveUp(): void;
}

export interface Sender {
  /** Forgets everything; from now on frames and windows have these sizes. A window of 0 sends nothing. */
  reset(frameSize: number, window: number): void;
  push(source: Source): void;
  /** Takes the acknowledgement in a frame; false when it is one that no honest peer of this session sends. */
  takeAck(frame: Frame): boolean;
  /** Sends what the window has room for. */
  pump(): void;
}

/** Messages and streams that may wait for the window; an honest peer asks for a few at a time. */
const QUEUE_MAX = 8;
/** Bounds of the retransmission time, seconds; between them it is three times the measured round trip. */
export const RESEND_MIN = 1;
const RESEND_MAX = 8;
const NOTHING: Uint8Array = new Uint8Array(0);
const UNTIMED = -1;

interface Fragment {
  kind: number;
  seq: number;
  payload: Uint8Array;
}

/** `attempts`: how often the window is sent again without any progress. */
export function createSender(clock: ChannelClock, attempts: number, events: SenderEvents): Sender {
  let room = 0;
  let window = 0;
  let queue: Source[] = [];
  let message = NOTHING;
  let sentOfMessage = 0;
  let unacked: Fragment[] = [];
  let nextSeq = 0;
  let failures = 0;
  let cancelResend: (() => void) | undefined;
  let resendSeconds = RESEND_MIN;
  let roundTrip = 0;
  let timedSeq = UNTIMED;
  let timedAt = 0;
  let answeredNak = UNTIMED;

  function stopResend(): void {
    if (cancelResend !== undefined) cancelResend();
    cancelResend = undefined;
  }

  function reset(frameSize: number, frames: number): void {
    stopResend();
    room = frameSize - FRAME_OVERHEAD;
    window = frames;
    queue = [];
    message = NOTHING;
    sentOfMessage = 0;
    unacked = [];
    nextSeq = 0;
    failures = 0;
    resendSeconds = RESEND_MIN;
    roundTrip = 0;
    timedSeq = UNTIMED;
    answeredNak = UNTIMED;
  }

  function resendAll(): void {
    // Nobody could tell which copy the next acknowledgement is for.
    timedSeq = UNTIMED;
    for (let i = 0; i < unacked.length; i++) {
      const fragment = unacked[i] as Fragment;
      events.transmit(fragment.kind, fragment.seq, fragment.payload);
    }
  }

  function armResend(): void {
    stopResend();
    if (unacked.length === 0) return;
    cancelResend = clock.after(resendSeconds, () => {
      cancelResend = undefined;
      failures++;
      if (failures > attempts) {
        events.giveUp();
        return;
      }
      resendSeconds = Math.min(resendSeconds * 2, RESEND_MAX);
      resendAll();
      armResend();
    });
  }

  /** The next fragment to send, or undefined when there is nothing. */
  function nextFragment(): Fragment | undefined {
    while (message.length === 0 && queue.length > 0) {
      const source = queue[0] as Source;
      const taken = typeof source === 'function' ? source() : source;
      if (taken !== undefined) message = taken;
      if (typeof source !== 'function' || taken === undefined) queue.shift();
    }
    if (message.length === 0) return undefined;
    const end = Math.min(sentOfMessage + room, message.length);
    const kind = end === message.length ? LAST : DATA;
    const fragment = { kind, seq: nextSeq, payload: message.subarray(sentOfMessage, end) };
    nextSeq = (nextSeq + 1) & 0xff;
    sentOfMessage = end;
    if (kind === LAST) {
      message = NOTHING;
      sentOfMessage = 0;
    }
    return fragment;
  }

  function pump(): void {
    while (unacked.length < window) {
      const fragment = nextFragment();
      if (fragment === undefined) break;
      unacked.push(fragment);
      if (timedSeq === UNTIMED) {
        timedSeq = fragment.seq;
        timedAt = clock.monotonic();
      }
      events.transmit(fragment.kind, fragment.seq, fragment.payload);
    }
    if (cancelResend === undefined) armResend();
  }

  function measure(first: number, count: number): void {
    if (timedSeq === UNTIMED || ((timedSeq - first) & 0xff) >= count) return;
    const sample = clock.monotonic() - timedAt;
    roundTrip = roundTrip === 0 ? sample : roundTrip + (sample - roundTrip) / 4;
    resendSeconds = Math.min(Math.max(3 * roundTrip, RESEND_MIN), RESEND_MAX);
    timedSeq = UNTIMED;
  }

  function takeAck(frame: Frame): boolean {
    const first = unacked.length > 0 ? (unacked[0] as Fragment).seq : nextSeq;
    const count = (frame.ack - first) & 0xff;
    // A frame that was overtaken by later ones acknowledges what has been acknowledged before.
    if (count > unacked.length) return ((first - frame.ack) & 0xff) <= window;
    if (count > 0) {
      measure(first, count);
      unacked.splice(0, count);
      failures = 0;
      answeredNak = UNTIMED;
      armResend();
    }
    if (frame.kind === NAK && unacked.length > 0 && answeredNak !== frame.ack) {
      // Once a gap: a flood of these makes no flood of ours, and should the second copy be lost too, time will tell.
      answeredNak = frame.ack;
      resendAll();
      armResend();
    }
    return true;
  }

  function push(source: Source): void {
    queue.push(source);
    if (queue.length > QUEUE_MAX) events.giveUp();
    else pump();
  }

  return { reset, push, takeAck, pump };
}
