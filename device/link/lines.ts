/**
 * Frames over a pipe of bytes that also carries other things: each frame is a line of base64 (RFC 4648, padded). What
 * is not such a line, console noise, half a frame, endless lines, is skipped; the frame's CRC decides about the rest.
 */
import { ACCEPT, KIND, OPEN } from './frame.js';

const NEWLINE = 0x0a;
const RETURN = 0x0d;
const PAD = 0x3d;

/** The ASCII code of six bits. */
function letter(bits: number): number {
  if (bits < 26) return bits + 0x41;
  if (bits < 52) return bits + 0x47;
  if (bits < 62) return bits - 4;
  return bits === 62 ? 0x2b : 0x2f;
}

/** The six bits behind an ASCII code; -1 for none. */
function bitsOf(code: number): number {
  if (code >= 0x61 && code <= 0x7a) return code - 0x47;
  if (code >= 0x41 && code <= 0x5a) return code - 0x41;
  if (code >= 0x30 && code <= 0x39) return code + 4;
  if (code === 0x2b) return 62;
  return code === 0x2f ? 63 : -1;
}

/**
 * `frame` as a line, its newline included. One that begins a session has a newline before it too, which ends whatever
 * half line a pulled cable has left.
 */
export function encodeLine(frame: Uint8Array): Uint8Array {
  const kind = (frame[0] as number) & KIND;
  const start = kind === OPEN || kind === ACCEPT ? 1 : 0;
  const line = new Uint8Array(start + Math.ceil(frame.length / 3) * 4 + 1);
  line[0] = NEWLINE;
  let at = start;
  for (let i = 0; i < frame.length; i += 3) {
    const left = frame.length - i;
    const second = left > 1 ? (frame[i + 1] as number) : 0;
    const third = left > 2 ? (frame[i + 2] as number) : 0;
    const bits = ((frame[i] as number) << 16) | (second << 8) | third;
    line[at] = letter(bits >> 18);
    line[at + 1] = letter((bits >> 12) & 63);
    line[at + 2] = left > 1 ? letter((bits >> 6) & 63) : PAD;
    line[at + 3] = left > 2 ? letter(bits & 63) : PAD;
    at += 4;
  }
  line[at] = NEWLINE;
  return line;
}

/** The bytes behind the first `length` letters of `line`, or undefined when they are not base64. */
function decodeLetters(line: Uint8Array, length: number): Uint8Array | undefined {
  if (length === 0 || length % 4 !== 0) return undefined;
  let padding = 0;
  if (line[length - 1] === PAD) padding = line[length - 2] === PAD ? 2 : 1;
  const out = new Uint8Array((length / 4) * 3 - padding);
  let at = 0;
  let held = 0;
  for (let i = 0; i < length; i++) {
    const isPad = i >= length - padding;
    const bits = isPad ? 0 : bitsOf(line[i] as number);
    if (bits < 0) return undefined;
    held = ((held & 0x3ffff) << 6) | bits;
    if (i % 4 === 3) {
      out[at] = held >> 16;
      if (at + 1 < out.length) out[at + 1] = (held >> 8) & 0xff;
      if (at + 2 < out.length) out[at + 2] = held & 0xff;
      at += 3;
    }
  }
  return out;
}

/**
 * A receiver for chunks cut anywhere, which hands on the bytes of each line of base64 of at most `frameMax` bytes. It
 * holds one line at most. Letters count from the last byte that is none, so that a prompt before a line does no harm.
 */
export function lineReader(frameMax: number, onFrame: (frame: Uint8Array) => void): (chunk: Uint8Array) => void {
  const line = new Uint8Array(Math.ceil(frameMax / 3) * 4);
  let length = 0;
  return (chunk) => {
    for (let i = 0; i < chunk.length; i++) {
      const code = chunk[i] as number;
      if (code === NEWLINE) {
        const frame = length <= line.length ? decodeLetters(line, length) : undefined;
        length = 0;
        if (frame !== undefined) onFrame(frame);
      } else if (code === PAD || bitsOf(code) >= 0) {
        // An overlong line is counted, one letter beyond the bound, but not kept.
        if (length < line.length) line[length] = code;
        if (length <= line.length) length++;
      } else if (code !== RETURN) {
        length = 0;
      }
    }
  };
}
