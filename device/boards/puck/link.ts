/**
 * The token's side of the link (docs/spec/link.md) with a window of one: a frame goes out when the one before it has been
 * acknowledged. What the counter sends while a reply is under way is left for it to send again.
 */

import { concat, copyOf, crc32, equal, u16At, u32, u32At } from '../../bytes.js';
import {
  ACCEPT,
  ACK,
  DATA,
  FRAME_MAX,
  FRAME_MIN,
  FRAME_OVERHEAD,
  FROM_TOKEN,
  LAST,
  NAK,
  OPEN,
} from '../../link/frame.js';
import { after, onFrame, sendFrame } from './board.js';

/** The longest message that a counter sends: consent to a report whose code has 1024 letters. */
const MESSAGE_MAX = 1031;
const RESEND_SECONDS = 2;
const ATTEMPTS = 16;
const WINDOW_MAX = 64;
const NOTHING: Uint8Array = new Uint8Array(0);

/** The session's nonce; empty without a session. */
let seed = NOTHING;
let frameRoom = 0;
/** Next sequence number of ours, and the one that we wait for. */
let seq = 0;
let expected = 0;
/** What has come of the message that is arriving; while it is answered, all of it. */
export let arrived = NOTHING;
/** What is under way, from its first byte that is not acknowledged on; and how much of it the last frame had. */
let reply = NOTHING;
let inFrame = 0;
let attempts = 0;
let cancelResend: () => void;

/** The check of a frame: over the session's nonce first, but for OPEN. */
const check = (prefix: Uint8Array, body: Uint8Array): number => crc32(concat([prefix, body]));

function transmit(kind: number, sequence: number, payload: Uint8Array): void {
  const body = concat([new Uint8Array([kind | FROM_TOKEN, sequence, expected]), payload]);
  sendFrame(concat([body, u32(check(seed, body))]));
}

/** Sends the next part of the reply, or the same one again until it is acknowledged. */
function pump(): void {
  cancelResend();
  if (reply.length === 0 || attempts++ > ATTEMPTS) return;
  inFrame = Math.min(reply.length, frameRoom);
  transmit(inFrame === reply.length ? LAST : DATA, seq, reply.subarray(0, inFrame));
  cancelResend = after(RESEND_SECONDS, pump);
}

/** OPEN: a counter wants a session. Its terms: version | nonce 4 | frame size u16 | window, from byte 3 on. */
function accept(frame: Uint8Array): void {
  const size = u16At(frame, 8);
  const window = frame[10] as number;
  const nonce = copyOf(frame, 4, 8);
  if (u32At(nonce, 0) === 0 || frame[3] === 0 || size < FRAME_MIN || window < 1 || window > WINDOW_MAX) return;
  if (!equal(nonce, seed)) {
    seed = nonce;
    seq = 0;
    expected = 0;
    arrived = NOTHING;
    reply = NOTHING;
    pump();
  }
  frameRoom = Math.min(size, FRAME_MAX) - FRAME_OVERHEAD;
  const terms = copyOf(frame, 3, 11);
  terms[0] = 1;
  terms[5] = (frameRoom + FRAME_OVERHEAD) >> 8;
  terms[6] = frameRoom + FRAME_OVERHEAD;
  terms[7] = 1;
  const before = expected;
  expected = 0;
  transmit(ACCEPT, 0, terms);
  expected = before;
}

function take(frame: Uint8Array, answer: () => Uint8Array, next: () => Uint8Array): void {
  const end = frame.length - 4;
  if (end < 3 || frame.length > FRAME_MAX) return;
  const body = frame.subarray(0, end);
  const sum = u32At(frame, end);
  const kind = frame[0] as number;
  if (kind === OPEN && end > 10 && check(NOTHING, body) === sum) {
    accept(frame);
    return;
  }
  if (seed.length === 0 || kind < DATA || kind > NAK || check(seed, body) !== sum) return;
  if (reply.length > 0 && frame[2] === ((seq + 1) & 0xff)) {
    seq = frame[2];
    attempts = 0;
    reply = reply.subarray(inFrame);
    if (reply.length === 0) reply = next();
    pump();
  } else if (kind === NAK) pump();
  if (kind > LAST || end === 3) return;
  if (frame[1] !== expected) transmit(ACK, 0, NOTHING);
  else if (reply.length === 0) {
    expected = (expected + 1) & 0xff;
    arrived = concat([arrived, body.subarray(3)]);
    if (arrived.length > MESSAGE_MAX) seed = NOTHING;
    else if (kind === DATA) transmit(ACK, 0, NOTHING);
    else {
      attempts = 0;
      reply = answer();
      pump();
    }
  }
}

/** Lets the message go: with the views of it gone too, its memory is free. */
export function dismiss(): void {
  arrived = NOTHING;
}

/**
 * Serves the link on the board's pipe. `answer` makes the reply to the message in `arrived` and dismisses it, `next` what follows a reply that has been
 * acknowledged, empty when nothing does; neither throws.
 */
export function serve(answer: () => Uint8Array, next: () => Uint8Array): void {
  cancelResend = () => {};
  onFrame((frame) => take(frame, answer, next));
}
