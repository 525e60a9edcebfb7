import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ACK, buildFrame, buildTerms, FRAME_MAX, OPEN } from '../../device/link/frame.js';
import { encodeLine, lineReader } from '../../device/link/lines.js';

function framesIn(chunks: Uint8Array[], frameMax = FRAME_MAX): Uint8Array[] {
  const frames: Uint8Array[] = [];
  const read = lineReader(frameMax, (frame) => frames.push(frame));
  for (const chunk of chunks) read(chunk);
  return frames;
}

function latin1(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'latin1'));
}

/** `bytes` cut where `cuts` say. */
function cutUp(bytes: Uint8Array, cuts: number[]): Uint8Array[] {
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return places.slice(1).map((end, i) => bytes.subarray(places[i], end));
}

const frame = fc.uint8Array({ minLength: 7, maxLength: FRAME_MAX }).map((bytes) => {
  const copy = new Uint8Array(bytes);
  copy[0] = ACK;
  return copy;
});

describe('lines', () => {
  it('are the base64 that everybody knows', () => {
    fc.assert(
      fc.property(frame, (bytes) => {
        expect(Buffer.from(encodeLine(bytes)).toString('latin1')).toBe(`${Buffer.from(bytes).toString('base64')}\n`);
      }),
    );
  });

  it('survive being cut anywhere', () => {
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 5 }), fc.array(fc.nat(), { maxLength: 50 }), (frames, cuts) => {
        const pipe = new Uint8Array(Buffer.concat(frames.map(encodeLine)));
        expect(framesIn(cutUp(pipe, cuts))).toEqual(frames);
      }),
    );
  });

  it('survive noise before, between and after them', () => {
    const noise = fc.oneof(
      fc.uint8Array({ maxLength: 600 }).map((bytes) => new Uint8Array([...bytes, 0x0a])),
      fc.constantFrom('\r\n>', '\x1b[J>', 'Uncaught Error: x\n', '=undefined\r\n', '\n\n\n', '====\n').map(latin1),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(noise, frame), { maxLength: 5 }), (parts) => {
        const pipe = parts.flatMap(([before, bytes]) => [before, encodeLine(bytes)]);
        const read = framesIn(pipe).map((bytes) => Buffer.from(bytes).toString('hex'));
        // Noise may look like base64 too; then it is for the CRC to tell. No frame may be missing.
        for (const [, bytes] of parts) expect(read).toContain(Buffer.from(bytes).toString('hex'));
      }),
    );
  });

  it('skip what is no base64: wrong lengths, padding in the middle, nothing at all', () => {
    for (const wrong of ['A\n', 'AB\n', 'ABC\n', 'A===\n', '=AAA\n', 'AA=A\n', 'AAAA=\n', 'AB==CD==\n', '\n', '\r\n']) {
      expect(framesIn([latin1(wrong)])).toEqual([]);
    }
    expect(framesIn([latin1('AQID\r\n')])).toEqual([new Uint8Array([1, 2, 3])]);
  });

  it('are bounded: an endless line is skipped to its end, the longest allowed one is not', () => {
    const longest = new Uint8Array(FRAME_MAX).fill(ACK);
    expect(framesIn([encodeLine(longest)])).toEqual([longest]);
    const endless = new Uint8Array(1_000_000).fill(0x41);
    expect(framesIn([endless, latin1('\n'), encodeLine(longest)])).toEqual([longest]);
  });

  it('begin a session on a line of its own, whatever was left half written', () => {
    const open = buildTerms(OPEN, { version: 1, nonce: 9, frameSize: 256, window: 8 });
    expect(framesIn([latin1('AAAAAAA'), encodeLine(open)])).toContainEqual(open);
    const ack = buildFrame(ACK, 0, 0, new Uint8Array(0), new Uint8Array(4));
    expect(encodeLine(ack)[0]).not.toBe(0x0a);
  });
});
