import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ACCEPT,
  ACK,
  buildFrame,
  buildTerms,
  DATA,
  FRAME_MIN,
  FROM_TOKEN,
  LAST,
  OPEN,
  readFrame,
  readOpen,
  readTerms,
  sessionSeed,
} from '../../device/link/frame.js';

const nonce = fc.integer({ min: 1, max: 0xffffffff });
const payload = fc.uint8Array({ maxLength: 249 }).map((bytes) => new Uint8Array(bytes));
const byte = fc.integer({ min: 0, max: 255 });
const kind = fc.constantFrom(ACCEPT, DATA, LAST, ACK);
const side = fc.constantFrom(0, FROM_TOKEN);

describe('a frame', () => {
  it('is read as it was built, by its own session and direction only', () => {
    fc.assert(
      fc.property(kind, side, byte, byte, payload, nonce, nonce, (type, from, seq, ack, bytes, own, other) => {
        const frame = buildFrame(type | from, seq, ack, bytes, sessionSeed(own));
        expect(frame.length).toBe(bytes.length + 7);
        expect(readFrame(frame, from, sessionSeed(own))).toEqual({ kind: type, seq, ack, payload: bytes });
        expect(readFrame(frame, FROM_TOKEN - from, sessionSeed(own))).toBeUndefined();
        if (other !== own) expect(readFrame(frame, from, sessionSeed(other))).toBeUndefined();
      }),
    );
  });

  it('has a CRC that covers the nonce, then the frame, as any CRC-32 computes it', () => {
    // CRC-32 of 01020304 030506 aabb, by zlib.
    const frame = buildFrame(DATA, 5, 6, new Uint8Array([0xaa, 0xbb]), sessionSeed(0x01020304));
    expect(Buffer.from(frame).toString('hex')).toBe('030506aabb6586972c');
  });

  it('does not pass with any bit changed, cut short or extended', () => {
    fc.assert(
      fc.property(payload, nonce, fc.nat(), (bytes, own, where) => {
        const frame = buildFrame(DATA, 1, 2, bytes, sessionSeed(own));
        const bit = where % (frame.length * 8);
        const damaged = new Uint8Array(frame);
        damaged[bit >> 3] = (damaged[bit >> 3] as number) ^ (1 << (bit & 7));
        expect(readFrame(damaged, 0, sessionSeed(own))).toBeUndefined();
        expect(readFrame(frame.subarray(0, where % frame.length), 0, sessionSeed(own))).toBeUndefined();
        expect(readFrame(new Uint8Array([...frame, 0]), 0, sessionSeed(own))).toBeUndefined();
      }),
    );
  });
});

describe('the terms of a session', () => {
  const terms = fc.record({
    version: fc.integer({ min: 1, max: 255 }),
    nonce,
    frameSize: fc.integer({ min: FRAME_MIN, max: 0xffff }),
    window: fc.integer({ min: 1, max: 64 }),
  });

  it('travel in an OPEN that needs no session, and fit the smallest frame', () => {
    fc.assert(
      fc.property(terms, (offered) => {
        const open = buildTerms(OPEN, offered);
        expect(open.length).toBeLessThanOrEqual(FRAME_MIN);
        expect(readOpen(open)).toEqual(offered);
      }),
    );
  });

  it('come back in an ACCEPT that belongs to the session', () => {
    fc.assert(
      fc.property(terms, (accepted) => {
        const bytes = buildTerms(ACCEPT | FROM_TOKEN, accepted);
        const frame = readFrame(bytes, FROM_TOKEN, sessionSeed(accepted.nonce));
        expect(frame && readTerms(frame)).toEqual(accepted);
        expect(readOpen(bytes)).toBeUndefined();
      }),
    );
  });

  it('may be longer in a later version', () => {
    const frame = { kind: OPEN, seq: 0, ack: 0, payload: new Uint8Array([2, 0, 0, 0, 9, 1, 0, 8, 77]) };
    expect(readTerms(frame)).toEqual({ version: 2, nonce: 9, frameSize: 256, window: 8 });
    expect(readTerms({ ...frame, payload: frame.payload.subarray(0, 7) })).toBeUndefined();
  });
});
