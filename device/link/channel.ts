/**
 * An ordered, reliable channel of messages over a carrier that may lose, repeat, reorder or damage frames; the same
 * code serves both ends. Messages are cut into frames; a window of frames is under way at a time; a lost frame and
 * those behind it are sent again (go-back-N, so that a receiver keeps nothing out of order). The host opens a session
 * with a fresh nonce; the token takes every new one, which ends the one before: that is how a pulled cable is mended.
 */
import { concat } from '../bytes.js';
import { type FaultName, fault } from '../faults.js';
import {
  ACCEPT,
  ACK,
  buildFrame,
  buildTerms,
  DATA,
  FRAME_MAX,
  FROM_TOKEN,
  type Frame,
  LAST,
  NAK,
  OPEN,
  readFrame,
  readOpen,
  readTerms,
  sessionSeed,
  type Terms,
} from './frame.js';
import { LINK_VERSION } from './messages.js';
import { type ChannelClock, createSender, RESEND_MIN, type Source } from './sender.js';

export interface Limits {
  /** Bytes of the largest frame; the smaller of both sides' counts. */
  frameSize: number;
  /** Frames under way unacknowledged, 1 to 64; the smaller of both sides' counts. */
  window: number;
  /** Bytes of the largest message, either way. */
  messageSize: number;
  /** Times that a frame is sent again without any progress before the link counts as lost. */
  attempts: number;
}

export const LIMITS: Limits = { frameSize: FRAME_MAX, window: 8, messageSize: 2048, attempts: 16 };

/** What a channel calls. None of them may throw. */
export interface ChannelEvents {
  sendFrame(frame: Uint8Array): void;
  /** A session has begun: on the token for every OPEN, on the host when the token has accepted. */
  onOpen(): void;
  onMessage(message: Uint8Array): void;
  /** The session has ended by itself: 'link-lost', 'message-version' or 'frame-malformed'. */
  onLost(fault: FaultName): void;
}

export interface Channel {
  /** Host only: begins a session named by a random `nonce` (unsigned 32 bits, not 0). */
  open(nonce: number): void;
  /** Takes one frame from the carrier; whatever it holds, this does not throw. */
  receive(frame: Uint8Array): void;
  /**
   * Queues a message, whose bytes must not change afterwards; throws 'link-lost' without a session and
   * 'message-malformed' for an empty or too long one.
   */
  send(message: Uint8Array): void;
  /** Queues messages that are asked for one at a time when the window has room for them; `undefined` ends them. */
  stream(next: () => Uint8Array | undefined): void;
  /** The carrier has lost what was under way and is back: asks for what is missing here, if there is a session. */
  resume(): void;
  /** Forgets the session, after an acknowledgement that is still due. */
  close(): void;
}

/** Seconds of silence after which an acknowledgement waits no longer for a frame that could carry it. */
const ACK_DELAY = 0.25;
const NOTHING = new Uint8Array(0);

const CLOSED = 0;
const OPENING = 1;
const RUNNING = 2;

/** `side`: FROM_TOKEN on the token, 0 on the host. */
export function createChannel(side: number, clock: ChannelClock, limits: Limits, events: ChannelEvents): Channel {
  const peer = FROM_TOKEN - side;
  let state = CLOSED;
  let terms: Terms = { version: LINK_VERSION, nonce: 0, frameSize: limits.frameSize, window: limits.window };
  let seed: Uint8Array = NOTHING;
  let openings = 0;
  let cancelOpening: (() => void) | undefined;

  // What has been received and not yet handed on or acknowledged.
  let expected = 0;
  let parts: Uint8Array[] = [];
  let partsLength = 0;
  let unacknowledged = 0;
  let gapReported = false;
  let cancelAck: (() => void) | undefined;

  function stopAck(): void {
    if (cancelAck !== undefined) cancelAck();
    cancelAck = undefined;
  }

  function reset(next: number): void {
    if (cancelOpening !== undefined) cancelOpening();
    cancelOpening = undefined;
    stopAck();
    state = next;
    sender.reset(terms.frameSize, next === RUNNING ? terms.window : 0);
    expected = 0;
    parts = [];
    partsLength = 0;
    unacknowledged = 0;
    gapReported = false;
  }

  function lose(name: FaultName): void {
    reset(CLOSED);
    events.onLost(name);
  }

  function transmit(kind: number, seq: number, payload: Uint8Array): void {
    // Every frame acknowledges, so whatever acknowledgement was waiting has now left.
    stopAck();
    unacknowledged = 0;
    events.sendFrame(buildFrame(kind | side, seq, expected, payload, seed));
  }

  const sender = createSender(clock, limits.attempts, { transmit, giveUp: () => lose('link-lost') });

  function acknowledgeSoon(): void {
    stopAck();
    cancelAck = clock.after(ACK_DELAY, () => {
      // A timer that has fired must not be cancelled: Espruino throws.
      cancelAck = undefined;
      transmit(ACK, 0, NOTHING);
    });
  }

  function takeFragment(frame: Frame): void {
    const ahead = (frame.seq - expected) & 0xff;
    if (ahead !== 0) {
      if (ahead >= terms.window) {
        // Seen before: its acknowledgement must have been lost.
        acknowledgeSoon();
      } else if (!gapReported) {
        gapReported = true;
        transmit(NAK, 0, NOTHING);
      }
      return;
    }
    expected = (expected + 1) & 0xff;
    gapReported = false;
    partsLength += frame.payload.length;
    if (partsLength > limits.messageSize) {
      lose('frame-malformed');
      return;
    }
    parts.push(frame.payload);
    unacknowledged++;
    if (frame.kind === LAST) {
      const whole = parts.length === 1 ? frame.payload : concat(parts);
      parts = [];
      partsLength = 0;
      events.onMessage(whole);
    }
    // A reply just sent has acknowledged already.
    if (state !== RUNNING || unacknowledged === 0) return;
    if (unacknowledged * 8 >= terms.window * 5) transmit(ACK, 0, NOTHING);
    else acknowledgeSoon();
  }

  /** Token: a host wants a session. A repeated OPEN of the running one only repeats the answer. */
  function takeOpen(offered: Terms): void {
    if (state !== RUNNING || offered.nonce !== terms.nonce) {
      terms = {
        version: Math.min(offered.version, LINK_VERSION),
        nonce: offered.nonce,
        frameSize: Math.min(offered.frameSize, limits.frameSize),
        window: Math.min(offered.window, limits.window),
      };
      seed = sessionSeed(terms.nonce);
      reset(RUNNING);
      events.onOpen();
    }
    events.sendFrame(buildTerms(ACCEPT | side, terms));
  }

  /** Host: the token has answered the OPEN. */
  function takeAccept(frame: Frame): void {
    const accepted = readTerms(frame);
    if (accepted === undefined || accepted.nonce !== terms.nonce) return;
    if (accepted.version !== LINK_VERSION) {
      lose('message-version');
      return;
    }
    if (accepted.frameSize > limits.frameSize || accepted.window > limits.window) return;
    terms = accepted;
    reset(RUNNING);
    events.onOpen();
  }

  function sendOpen(): void {
    cancelOpening = undefined;
    if (openings > limits.attempts) {
      lose('link-lost');
      return;
    }
    openings++;
    cancelOpening = clock.after(RESEND_MIN, sendOpen);
    events.sendFrame(buildTerms(OPEN, terms));
  }

  function enqueue(source: Source): void {
    if (state !== RUNNING) throw fault('link-lost', 'no session');
    sender.push(source);
  }

  return {
    open: (nonce) => {
      terms = { version: LINK_VERSION, nonce, frameSize: limits.frameSize, window: limits.window };
      seed = sessionSeed(nonce);
      openings = 0;
      reset(OPENING);
      sendOpen();
    },
    receive: (bytes) => {
      if (bytes.length > limits.frameSize) return;
      const frame = state === CLOSED ? undefined : readFrame(bytes, peer, seed);
      if (frame === undefined) {
        const offered = side === FROM_TOKEN ? readOpen(bytes) : undefined;
        if (offered !== undefined) takeOpen(offered);
      } else if (state === OPENING) {
        if (frame.kind === ACCEPT) takeAccept(frame);
      } else if (frame.kind >= DATA && frame.kind <= NAK && sender.takeAck(frame)) {
        if (frame.kind <= LAST && frame.payload.length > 0) takeFragment(frame);
        sender.pump();
      }
    },
    send: (bytes) => {
      if (bytes.length === 0 || bytes.length > limits.messageSize) throw fault('message-malformed', 'length');
      enqueue(bytes);
    },
    stream: enqueue,
    resume: () => {
      if (state === RUNNING) transmit(NAK, 0, NOTHING);
    },
    close: () => {
      if (cancelAck !== undefined) transmit(ACK, 0, NOTHING);
      reset(CLOSED);
    },
  };
}
