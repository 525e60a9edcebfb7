import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Channel, createChannel, LIMITS, type Limits } from '../../device/link/channel.js';
import {
  ACK,
  buildFrame,
  buildTerms,
  DATA,
  FROM_TOKEN,
  LAST,
  NAK,
  OPEN,
  sessionSeed,
} from '../../device/link/frame.js';
import { chance } from '../support/chance.js';
import { PERFECT, type TestClock, testClock, type WireFaults, wire } from './simulated.js';

interface Bench {
  time: TestClock;
  host: Channel;
  token: Channel;
  atHost: Uint8Array[];
  atToken: Uint8Array[];
  lost: string[];
  opened: { host: number; token: number };
  wires: { toToken: ReturnType<typeof wire>; toHost: ReturnType<typeof wire> };
}

function bench(seed: number, faults: WireFaults, hostLimits = LIMITS, tokenLimits = hostLimits): Bench {
  const time = testClock();
  const { clock } = time;
  const random = chance(seed);
  const atHost: Uint8Array[] = [];
  const atToken: Uint8Array[] = [];
  const lost: string[] = [];
  const opened = { host: 0, token: 0 };
  const toToken = wire(clock, random, faults, (frame) => token.receive(frame));
  const toHost = wire(clock, random, faults, (frame) => host.receive(frame));
  const host = createChannel(0, clock, hostLimits, {
    sendFrame: toToken.send,
    onOpen: () => opened.host++,
    onMessage: (message) => atHost.push(message),
    onLost: (fault) => lost.push(`host ${fault}`),
  });
  const token = createChannel(FROM_TOKEN, clock, tokenLimits, {
    sendFrame: toHost.send,
    onOpen: () => opened.token++,
    onMessage: (message) => atToken.push(message),
    onLost: (fault) => lost.push(`token ${fault}`),
  });
  return { time, host, token, atHost, atToken, lost, opened, wires: { toToken, toHost } };
}

function payload(index: number, length: number): Uint8Array {
  return new Uint8Array(length).map((_, i) => (index * 31 + i * 7) & 0xff);
}

/** Nothing is sent any more, however long one waits. */
function expectQuiet({ time, wires }: Bench): void {
  const before = wires.toHost.bytes + wires.toToken.bytes;
  time.advance(10_000);
  expect(wires.toHost.bytes + wires.toToken.bytes).toBe(before);
}

/** A source of `count` messages, which also tells how many were taken from it. */
function source(count: number, length: number): { next: () => Uint8Array | undefined; taken: () => number } {
  let taken = 0;
  return { next: () => (taken < count ? payload(taken++, length) : undefined), taken: () => taken };
}

describe('a channel', () => {
  it('carries messages of every length both ways', () => {
    const all = bench(1, PERFECT);
    const { time, host, token, atHost, atToken } = all;
    host.open(7);
    time.advance(1);
    const lengths = [1, 248, 249, 250, 498, 499, 1000, 2047, 2048];
    for (const length of lengths) {
      host.send(payload(1, length));
      token.send(payload(2, length));
      time.advance(1);
    }
    expect(atToken).toEqual(lengths.map((length) => payload(1, length)));
    expect(atHost).toEqual(lengths.map((length) => payload(2, length)));
    expectQuiet(all);
  });

  it('settles on the smaller frame and window of both sides', () => {
    const small: Limits = { ...LIMITS, frameSize: 20, window: 3 };
    const { time, host, token, atHost, wires } = bench(1, PERFECT, LIMITS, small);
    let largest = 0;
    const send = wires.toHost.send;
    wires.toHost.send = (frame) => {
      largest = Math.max(largest, frame.length);
      send(frame);
    };
    host.open(9);
    time.advance(1);
    token.send(payload(3, 500));
    time.advance(10);
    expect(atHost).toEqual([payload(3, 500)]);
    expect(wires.toHost.bytes).toBeGreaterThan((500 / 13) * 20);
    expect(largest).toBeLessThanOrEqual(20);
  });

  it('delivers everything once and in order over a wire that loses half, repeats, reorders and damages', () => {
    const faulty = fc.record({
      loss: fc.double({ min: 0, max: 0.5, noNaN: true }),
      repeat: fc.double({ min: 0, max: 0.5, noNaN: true }),
      reorder: fc.double({ min: 0, max: 0.5, noNaN: true }),
      flip: fc.double({ min: 0, max: 0.1, noNaN: true }),
      latency: fc.double({ min: 0.001, max: 0.3, noNaN: true }),
      rate: fc.constantFrom(0, 2500, 20_000),
    });
    fc.assert(
      fc.property(fc.integer(), faulty, fc.integer({ min: 20, max: 256 }), (seed, faults, frameSize) => {
        const limits = { ...LIMITS, frameSize, attempts: 60 };
        const all = bench(seed, faults, limits);
        const { time, host, token, atHost, atToken, lost } = all;
        host.open(1 + (seed >>> 1));
        time.advance(100);
        const asked = [payload(1, 40), payload(2, 900), payload(3, 1)];
        for (const message of asked) host.send(message);
        const { next } = source(6, 700);
        token.stream(next);
        time.advance(20_000);
        expect(lost).toEqual([]);
        expect(atToken).toEqual(asked);
        expect(atHost).toEqual([0, 1, 2, 3, 4, 5].map((index) => payload(index, 700)));
        expectQuiet(all);
      }),
      { numRuns: 80 },
    );
  });

  it('with its default limits survives half of all frames lost, nine times in ten at least', () => {
    let survived = 0;
    for (let seed = 1; seed <= 100; seed++) {
      const { time, host, token, atHost } = bench(seed, { ...PERFECT, loss: 0.5 });
      host.open(seed);
      time.advance(30);
      token.stream(source(20, 989).next);
      time.advance(10_000);
      if (atHost.length === 20) survived++;
    }
    expect(survived).toBeGreaterThanOrEqual(90);
  });

  it('never delivers anything but a prefix of what was sent, however bad the wire', () => {
    const terrible = { ...PERFECT, loss: 0.7, repeat: 0.9, reorder: 0.9, flip: 0.5 };
    for (let seed = 0; seed < 40; seed++) {
      const { time, host, token, atHost } = bench(seed, terrible, { ...LIMITS, attempts: 200 });
      host.open(77);
      time.advance(500);
      try {
        token.stream(source(8, 300).next);
      } catch {
        continue;
      }
      time.advance(2000);
      expect(atHost).toEqual(atHost.map((_, index) => payload(index, 300)));
    }
  });

  it('keeps the link bytes of a stream below 1.05 of its payload', () => {
    const { time, host, token, atHost, wires } = bench(1, PERFECT);
    host.open(5);
    time.advance(1);
    const before = wires.toHost.bytes + wires.toToken.bytes;
    token.stream(source(130, 1000).next);
    time.advance(60);
    const ratio = (wires.toHost.bytes + wires.toToken.bytes - before) / 130_000;
    expect(atHost.length).toBe(130);
    expect(ratio).toBeLessThan(1.05);
  });

  it('keeps them below 1.20 in packets of 50 bytes (MTU 53), with a window to match', () => {
    const { time, host, token, atHost, wires } = bench(1, PERFECT, { ...LIMITS, frameSize: 50, window: 16 });
    host.open(5);
    time.advance(1);
    const before = wires.toHost.bytes + wires.toToken.bytes;
    token.stream(source(132, 989).next);
    time.advance(60);
    expect(atHost.length).toBe(132);
    expect((wires.toHost.bytes + wires.toToken.bytes - before) / (132 * 989)).toBeLessThan(1.2);
  });

  it('sends 130 kB at 2.5 kB/s and 250 ms within a tenth of what the wire takes, without a useless repetition', () => {
    const { time, host, token, atHost, wires } = bench(1, { ...PERFECT, latency: 0.125, rate: 2500 });
    host.open(5);
    time.advance(1);
    const before = wires.toHost.bytes;
    const start = time.clock.monotonic();
    let end = 0;
    token.stream(source(131, 989).next);
    while (atHost.length < 131) {
      time.advance(0.01);
      end = time.clock.monotonic();
    }
    const sent = wires.toHost.bytes - before;
    expect(sent / (131 * 989)).toBeLessThan(1.04);
    expect((end - start) / (sent / 2500)).toBeLessThan(1.1);
  });

  it('asks a stream for no more than the window has room for', () => {
    const { time, host, token, wires } = bench(1, PERFECT);
    host.open(5);
    time.advance(1);
    wires.toHost.cut = true;
    const { next, taken } = source(100, 996);
    token.stream(next);
    time.advance(5);
    expect(taken()).toBe(2);
  });

  it('gives up after its attempts with a named fault, and forgets everything', () => {
    const all = bench(1, PERFECT);
    const { time, host, token, lost, wires } = all;
    host.open(5);
    time.advance(1);
    wires.toHost.cut = true;
    token.send(payload(1, 100));
    time.advance(500);
    expect(lost).toEqual(['token link-lost']);
    expectQuiet(all);
    expect(() => token.send(payload(1, 1))).toThrow('link-lost');
  });

  it('gives up when nobody answers an OPEN', () => {
    const { time, host, lost, wires } = bench(1, PERFECT);
    wires.toToken.cut = true;
    host.open(5);
    time.advance(60);
    expect(lost).toEqual(['host link-lost']);
  });

  it('refuses empty and too long messages, and too many at once', () => {
    const { time, host, lost, wires } = bench(1, PERFECT);
    expect(() => host.send(payload(1, 1))).toThrow('link-lost');
    host.open(5);
    time.advance(1);
    expect(() => host.send(new Uint8Array(0))).toThrow('message-malformed');
    expect(() => host.send(new Uint8Array(2049))).toThrow('message-malformed');
    wires.toToken.cut = true;
    for (let i = 0; i < 10; i++) host.send(payload(i, 2048));
    expect(lost).toEqual(['host link-lost']);
  });
});

describe('a token facing a strange host', () => {
  function strange(): Bench & { frame(kind: number, seq: number, ack: number, bytes: Uint8Array): void } {
    const all = bench(1, PERFECT);
    all.host.open(5);
    all.time.advance(1);
    return {
      ...all,
      frame: (kind, seq, ack, bytes) => all.token.receive(buildFrame(kind, seq, ack, bytes, sessionSeed(5))),
    };
  }

  it('ends a message without end', () => {
    const { frame, lost } = strange();
    for (let seq = 0; seq < 9; seq++) frame(DATA, seq, 0, payload(seq, 249));
    expect(lost).toEqual(['token frame-malformed']);
  });

  it('ignores acknowledgements of what it never sent', () => {
    const { frame, token, atHost, time } = strange();
    token.send(payload(1, 600));
    frame(ACK, 0, 200, new Uint8Array(0));
    frame(LAST, 0, 100, payload(1, 5));
    time.advance(5);
    expect(atHost).toEqual([payload(1, 600)]);
  });

  it('answers a flood of NAKs with one repetition', () => {
    const { frame, token, wires } = strange();
    token.send(payload(1, 600));
    const before = wires.toHost.bytes;
    for (let i = 0; i < 1000; i++) frame(NAK, 0, 0, new Uint8Array(0));
    expect(wires.toHost.bytes - before).toBe(600 + 3 * 7);
  });

  it('takes no frame of an older session, and none of its own echoed', () => {
    const { token, host, time, atToken, wires } = strange();
    const old = buildFrame(LAST, 0, 0, payload(1, 5), sessionSeed(5));
    host.open(6);
    time.advance(1);
    token.receive(old);
    token.receive(buildFrame(LAST | FROM_TOKEN, 0, 0, payload(1, 5), sessionSeed(6)));
    expect(atToken).toEqual([]);
    token.receive(buildFrame(LAST, 0, 0, payload(1, 5), sessionSeed(6)));
    expect(atToken).toEqual([payload(1, 5)]);
    expect(wires.toHost.bytes).toBeGreaterThan(0);
  });

  it('repeats its answer to a repeated OPEN without a new session', () => {
    const { token, opened } = strange();
    token.receive(buildTerms(OPEN, { version: 1, nonce: 5, frameSize: 256, window: 8 }));
    expect(opened.token).toBe(1);
    token.receive(buildTerms(OPEN, { version: 1, nonce: 6, frameSize: 256, window: 8 }));
    expect(opened.token).toBe(2);
  });

  it('answers a later version with its own, and ignores an OPEN that makes no sense', () => {
    const { token, opened } = strange();
    token.receive(buildTerms(OPEN, { version: 9, nonce: 7, frameSize: 256, window: 8 }));
    expect(opened.token).toBe(2);
    for (const wrong of [{ version: 0 }, { nonce: 0 }, { frameSize: 19 }, { window: 0 }, { window: 65 }]) {
      token.receive(buildTerms(OPEN, { version: 1, nonce: 8, frameSize: 256, window: 8, ...wrong }));
    }
    expect(opened.token).toBe(2);
  });

  it('is not moved by 100 000 random and mutated frames', () => {
    const { token, atToken, lost } = strange();
    const random = chance(42);
    const real = buildFrame(LAST, 0, 0, payload(1, 40), sessionSeed(5));
    for (let i = 0; i < 100_000; i++) {
      const length = i % 2 === 0 ? real.length : Math.floor(random() * 300);
      const bytes = new Uint8Array(length).map((_, at) => (i % 2 === 0 ? (real[at] as number) : random() * 256));
      const at = Math.floor(random() * length);
      bytes[at] = (bytes[at] as number) ^ (1 + Math.floor(random() * 255));
      token.receive(bytes);
    }
    expect(atToken).toEqual([]);
    expect(lost).toEqual([]);
  });
});
