import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FRAME_MAX } from '../../device/link/frame.js';
import { encodePacket, packetReader } from '../../device/link/packets.js';

const frame = fc.uint8Array({ minLength: 1, maxLength: FRAME_MAX, size: 'max' });
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

function reading() {
  const frames: string[] = [];
  return { frames, reader: packetReader((bytes) => frames.push(hex(bytes))) };
}

/** `bytes` cut at every place of `cuts`, whatever these are. */
function pieces(bytes: Uint8Array, cuts: number[]): Uint8Array[] {
  const at = [...new Set([0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length])].sort((a, b) => a - b);
  return at.slice(1).map((end, i) => bytes.subarray(at[i], end));
}

describe('a frame as a packet', () => {
  it.each([
    [1, '00'],
    [2, '01'],
    [FRAME_MAX, 'ff'],
  ])('of %i bytes goes after the byte %s', (length, first) => {
    const bytes = new Uint8Array(length).fill(0x5a);
    expect(hex(encodePacket(bytes))).toBe(first + hex(bytes));
  });
});

describe('a reader of packets', () => {
  it('hands on every frame, whole and in order, however the pipe is cut', () => {
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 8 }), fc.array(fc.nat(), { maxLength: 30 }), (sent, cuts) => {
        const { frames, reader } = reading();
        for (const piece of pieces(Buffer.concat(sent.map(encodePacket)), cuts)) reader.read(piece);
        expect(frames).toEqual(sent.map(hex));
      }),
    );
  });

  it('forgets the frame that a lost connection has cut off', () => {
    fc.assert(
      fc.property(frame, frame, fc.nat(), (lost, next, cut) => {
        const { frames, reader } = reading();
        const packet = encodePacket(lost);
        reader.read(packet.subarray(0, cut % packet.length));
        reader.reset();
        reader.read(encodePacket(next));
        expect(frames).toEqual([hex(next)]);
      }),
    );
  });

  it('takes any bytes: each is part of a frame of 1 to 256 bytes, and no more than one is held', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 4000, size: 'max' }), (bytes) => {
        let taken = 0;
        const reader = packetReader((whole) => {
          expect(whole.length).toBeGreaterThan(0);
          expect(whole.length).toBeLessThanOrEqual(FRAME_MAX);
          taken += 1 + whole.length;
        });
        reader.read(bytes);
        expect(bytes.length - taken).toBeLessThanOrEqual(FRAME_MAX);
      }),
    );
  });

  it('may be asked for a frame’s bytes after the next has come: they are its own', () => {
    const frames: Uint8Array[] = [];
    const { read } = packetReader((bytes) => frames.push(bytes));
    const pipe = Buffer.concat([encodePacket(new Uint8Array([1, 2])), encodePacket(new Uint8Array([3, 4]))]);
    read(pipe);
    pipe.fill(0xff);
    expect(frames.map(hex)).toEqual(['0102', '0304']);
  });
});
