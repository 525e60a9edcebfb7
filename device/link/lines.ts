/**
 * Frames over a pipe of bytes that also carries other things: each frame is a line of base64 (RFC 4648, padded). What
 * is not such a line, console noise, half a frame, endless lines, is skipped; the frame's CRC decides about the rest.
 */
import { fromBase64, isLetter, putBase64 } from '../base64.js';
import { ACCEPT, KIND, OPEN } from './frame.js';

const NEWLINE = 0x0a;
const RETURN = 0x0d;
/** Bytes of a prompt or the like that may stand before a frame in its line. */
const NOISE_MAX = 64;

/**
 * `frame` as a line, its newline included. One that begins a session has a newline before it too, which ends whatever
 * half line a pulled cable has left.
 */
export function encodeLine(frame: Uint8Array): Uint8Array {
  const kind = (frame[0] as number) & KIND;
  const start = kind === OPEN || kind === ACCEPT ? 1 : 0;
  const line = new Uint8Array(start + Math.ceil(frame.length / 3) * 4 + 1);
  line[0] = NEWLINE;
  line[putBase64(frame, line, start)] = NEWLINE;
  return line;
}

/**
 * Where the letters at the end of `line` begin: what stands before them, a prompt say, does no harm. A returned carriage
 * at the very end is not looked at.
 */
function lettersFrom(line: Uint8Array, end: number): number {
  let at = end;
  while (at > 0 && isLetter(line[at - 1] as number)) at--;
  return at;
}

/**
 * A receiver for chunks cut anywhere, which hands on the bytes of each line of base64 of at most `frameMax` bytes. It
 * holds the end of one line at most.
 */
export function lineReader(frameMax: number, onFrame: (frame: Uint8Array) => void): (chunk: Uint8Array) => void {
  const line = new Uint8Array(Math.ceil(frameMax / 3) * 4 + NOISE_MAX);
  let length = 0;

  function endLine(): void {
    const end = length > 0 && line[length - 1] === RETURN ? length - 1 : length;
    if (length <= line.length && end > 0) {
      const whole = fromBase64(line.subarray(0, end));
      const frame = whole || fromBase64(line.subarray(lettersFrom(line, end), end));
      if (frame) onFrame(frame);
    }
    length = 0;
  }

  return (chunk) => {
    let start = 0;
    while (start < chunk.length) {
      const rest = chunk.subarray(start);
      const newline = rest.indexOf(NEWLINE);
      const taken = newline < 0 ? rest.length : newline;
      // An overlong line is counted, one byte beyond the bound, but not kept.
      if (length + taken <= line.length) line.set(rest.subarray(0, taken), length);
      length = Math.min(length + taken, line.length + 1);
      if (newline < 0) return;
      endLine();
      start += newline + 1;
    }
  };
}
