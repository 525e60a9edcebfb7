import { describe, expect, it } from 'vitest';
import { FAULTS, fault } from '../../device/faults.js';
import { decode, encode, type Value } from '../../device/link/cbor.js';
import { type Channel, createChannel, LIMITS } from '../../device/link/channel.js';
import {
  ACCEPT,
  buildFrame,
  buildTerms,
  FROM_TOKEN,
  NAK,
  OPEN,
  readFrame,
  readOpen,
  sessionSeed,
} from '../../device/link/frame.js';
import { encodeLine, lineReader } from '../../device/link/lines.js';
import { type MessageName, type RequestOf, requestValues } from '../../device/link/messages.js';
import { encodePacket, packetReader } from '../../device/link/packets.js';
import { type Handlers, type LinkDeps, serveLink } from '../../device/link/server.js';
import { chance } from '../support/chance.js';
import { quietHandlers } from './handlers.js';
import { testClock } from './simulated.js';

/** A host that asks without waiting, and keeps what it hears. */
function plugIn(handlers: Handlers, more: Partial<LinkDeps> = {}) {
  const { clock, advance } = testClock();
  let toToken = (_: Uint8Array): void => {};
  const replies: Value[] = [];
  const lines: Uint8Array[] = [];
  let nonce = 1;
  const host: Channel = createChannel(0, clock, LIMITS, {
    sendFrame: (frame) => {
      const line = encodeLine(frame);
      lines.push(line);
      clock.after(0.001, () => toToken(line));
    },
    onOpen: () => {},
    onMessage: (message) => replies.push(decode(message)),
    onLost: () => {},
  });
  const read = lineReader(LIMITS.frameSize, host.receive);
  serveLink(
    {
      onData: (receive) => {
        toToken = receive;
      },
      write: (line) => {
        lines.push(line);
        clock.after(0.001, () => read(line));
      },
    },
    { clock, ...more },
    handlers,
  );
  const open = (): void => {
    host.open(nonce++);
    advance(0.1);
  };
  open();
  return {
    advance,
    lines,
    open,
    pipe: (chunk: Uint8Array) => toToken(chunk),
    replies,
    say: (message: Uint8Array): Value[] => {
      const before = replies.length;
      host.send(message);
      advance(0.2);
      return replies.slice(before);
    },
    ask: <N extends MessageName>(name: N, fields: RequestOf<N>): Value[] => {
      const before = replies.length;
      host.send(encode(requestValues(name, fields)));
      advance(0.2);
      return replies.slice(before);
    },
  };
}

describe('the token’s side of the link', () => {
  it('answers a request with its handler’s reply', () => {
    const asked: unknown[] = [];
    const bench = plugIn({
      ...quietHandlers,
      consent: (fields) => {
        asked.push(fields);
        return { state: 1, secondsLeft: 60 };
      },
    });
    expect(bench.ask('consent', { kind: 1, code: 'A7K2M9' })).toEqual([[1, 134, 1, 60]]);
    expect(asked).toEqual([{ kind: 1, code: 'A7K2M9' }]);
  });

  it('answers a fault by its number and detail', () => {
    const bench = plugIn({
      ...quietHandlers,
      request: () => {
        throw fault('too-soon', 'not for the wire', 7);
      },
    });
    expect(bench.ask('request', { kind: 2, courierTime: 5 })).toEqual([[1, 127, FAULTS['too-soon'], 7]]);
  });

  it('answers anything else that is thrown with "internal", and says so at home', () => {
    const thrown: unknown[] = [];
    const handlers: Handlers = {
      ...quietHandlers,
      hello: () => {
        throw new TypeError('a secret');
      },
      // A reply out of bounds is this side's mistake, not the asker's.
      consentState: () => ({ state: 99, secondsLeft: 0 }),
    };
    const bench = plugIn(handlers, { onInternal: (error) => thrown.push(error) });
    expect(bench.ask('hello', {})).toEqual([[1, 127, FAULTS.internal, 0]]);
    expect(bench.ask('consentState', {})).toEqual([[1, 127, FAULTS.internal, 0]]);
    expect(thrown.length).toBe(2);
    expect(plugIn(handlers).ask('hello', {})).toEqual([[1, 127, FAULTS.internal, 0]]);
  });

  it('names what is wrong with a message that is no request', () => {
    const bench = plugIn(quietHandlers);
    expect(bench.say(encode([2, 1]))).toEqual([[1, 127, FAULTS['message-version'], 0]]);
    expect(bench.say(encode([1, 99]))).toEqual([[1, 127, FAULTS['message-unknown'], 0]]);
    expect(bench.say(new Uint8Array([0xff]))).toEqual([[1, 127, FAULTS['message-malformed'], 0]]);
  });

  it('streams chunks until an empty one or none, and ends with an empty one', () => {
    for (const end of [undefined, new Uint8Array(0)]) {
      const chunks = [new Uint8Array([1]), new Uint8Array([2, 3]), end, new Uint8Array([9])];
      const bench = plugIn({ ...quietHandlers, fetch: () => () => chunks.shift() });
      expect(bench.ask('fetch', { from: 0 })).toEqual([
        [1, 137, new Uint8Array([1])],
        [1, 137, new Uint8Array([2, 3])],
        [1, 137, new Uint8Array(0)],
      ]);
      expect(chunks.length).toBe(1);
    }
  });

  it('ends a stream that fails with the error reply', () => {
    let left = 2;
    const next = (): Uint8Array => {
      if (left-- === 0) throw fault('batch-absent');
      return new Uint8Array([7]);
    };
    const bench = plugIn({ ...quietHandlers, fetch: () => next });
    const chunk = [1, 137, new Uint8Array([7])];
    expect(bench.ask('fetch', { from: 0 })).toEqual([chunk, chunk, [1, 127, FAULTS['batch-absent'], 0]]);
    expect(bench.ask('hello', {}).length).toBe(1);
  });

  it('drops a stream when the host begins anew', () => {
    let taken = 0;
    const bench = plugIn({
      ...quietHandlers,
      fetch: () => () => {
        taken++;
        return new Uint8Array(900);
      },
    });
    bench.ask('fetch', { from: 0 });
    bench.open();
    const before = taken;
    expect(bench.ask('hello', {}).map((reply) => (reply as Value[])[1])).toEqual([129]);
    expect(taken).toBe(before);
  });

  it('survives 100 000 hostile frames, half of them real ones mutated under a right checksum (R31)', () => {
    // Whatever reaches a handler fits the table; whether it is authentic is for the seals inside to tell.
    let calls = 0;
    const watch = <N extends MessageName>(name: N): Handlers[N] => {
      const handler = ((fields: RequestOf<N>) => {
        calls++;
        requestValues(name, fields);
        return quietHandlers[name](fields);
      }) as unknown;
      return handler as Handlers[N];
    };
    const names = Object.keys(quietHandlers) as MessageName[];
    const handlers = Object.fromEntries(names.map((name) => [name, watch(name)])) as unknown as Handlers;
    const thrown: unknown[] = [];
    const bench = plugIn(handlers, { onInternal: (error) => thrown.push(error) });
    const b = (length: number): Uint8Array => new Uint8Array(length).fill(length);
    bench.ask('hello', {});
    bench.ask('provision', { kAuth: b(32), kEnc: b(32), enc: b(32), secret: b(32), nonce: b(16), gatewayKey: b(32) });
    bench.ask('request', { kind: 2, courierTime: 1 });
    bench.ask('day', { index: 3, sealed: b(880) });
    bench.ask('fetch', { from: 3 });
    const recorded: Uint8Array[] = [];
    const read = lineReader(LIMITS.frameSize, (frame) => recorded.push(frame));
    for (const line of bench.lines) read(line);
    const seed = sessionSeed(1);
    const ours = recorded.filter((frame) => readFrame(frame, 0, seed) !== undefined || readOpen(frame) !== undefined);
    expect(ours.length).toBeGreaterThan(8);

    const random = chance(31);
    let right = 0;
    for (let i = 0; i < 100_000; i++) {
      const frame = new Uint8Array(ours[Math.floor(random() * ours.length)] as Uint8Array);
      for (let n = Math.floor(random() * 4); n >= 0; n--) {
        frame[Math.floor(random() * frame.length)] = Math.floor(random() * 256);
      }
      if (i % 2 === 0) {
        const body = frame.subarray(3, frame.length - 4);
        const kind = (frame[0] as number) & 0x7f;
        const [, seq = 0, ack = 0] = frame;
        right++;
        bench.pipe(encodeLine(buildFrame(kind, seq, ack, body, kind === OPEN ? new Uint8Array(0) : seed)));
      } else {
        bench.pipe(i % 3 === 0 ? frame : encodeLine(frame));
      }
      if (i % 1000 === 0) bench.advance(0.1);
    }
    bench.advance(1000);
    expect(right).toBe(50_000);
    expect(thrown).toEqual([]);
    expect(calls).toBeGreaterThan(5);
    bench.open();
    expect(bench.ask('hello', {}).length).toBe(1);
    expect(readFrame(buildFrame(ACCEPT, 0, 0, b(8), seed), FROM_TOKEN, seed)).toBeUndefined();
  });
});

/** A token with a cable and the air, and a host over the air whose connection a test holds in its hand. */
function onAir(handlers: Handlers = quietHandlers) {
  const { clock, advance } = testClock();
  let receive = (_: Uint8Array): void => {};
  let begin = (): void => {};
  let isConnected = true;
  const cable: Uint8Array[] = [];
  let toToken = (_: Uint8Array): void => {};
  const said: number[] = [];
  const replies: Value[] = [];
  const host: Channel = createChannel(0, clock, LIMITS, {
    sendFrame: (frame) => clock.after(0.001, () => isConnected && receive(encodePacket(frame))),
    onOpen: () => {},
    onMessage: (message) => replies.push(decode(message)),
    onLost: () => {},
  });
  const packets = packetReader((frame) => {
    said.push((frame[0] as number) & 0x7f);
    host.receive(frame);
  });
  serveLink({ onData: (take) => (toToken = take), write: (line) => cable.push(line) }, { clock }, handlers, {
    onData: (take) => (receive = take),
    onConnect: (listener) => (begin = listener),
    write: (chunk) => clock.after(0.001, () => isConnected && packets.read(chunk)),
  });
  return {
    advance,
    cable,
    host,
    replies,
    said,
    plug: (chunk: Uint8Array) => toToken(chunk),
    cut: () => {
      isConnected = false;
    },
    reconnect: () => {
      isConnected = true;
      packets.reset();
      said.length = 0;
      begin();
      host.resume();
    },
  };
}

describe('the token’s side of the link over Bluetooth', () => {
  it('answers where it was spoken to', () => {
    const { advance, cable, host, plug, said } = onAir();
    host.open(7);
    advance(0.1);
    expect(said).toEqual([ACCEPT]);
    plug(encodeLine(buildTerms(OPEN, { version: 1, nonce: 8, frameSize: 256, window: 8 })));
    expect(cable.length).toBe(1);
    expect(said).toEqual([ACCEPT]);
  });

  it('says at each new connection what it lacks, first of all, and goes on with what the counter lacks', () => {
    const log = Array.from({ length: 20 }, (_, i) => new Uint8Array(900).fill(i));
    let next = 0;
    const { advance, cut, host, reconnect, replies, said } = onAir({
      ...quietHandlers,
      fetch: () => () => log[next++],
    });
    host.open(7);
    advance(0.1);
    host.send(encode(requestValues('fetch', { from: 0 })));
    advance(0.0025);
    cut();
    advance(0.5);
    const before = replies.length;
    expect(before).toBeLessThan(20);
    reconnect();
    // Within far less than the second after which it would be sent again anyway.
    advance(0.2);
    expect(said[0]).toBe(NAK);
    expect(replies.length).toBe(21);
    expect(replies.slice(0, 20).map((reply) => ((reply as Value[])[2] as Uint8Array)[0])).toEqual(log.map((_, i) => i));
  });

  it('says nothing at a new connection without a session', () => {
    const { advance, host, reconnect, said } = onAir();
    reconnect();
    host.open(7);
    advance(0.1);
    expect(said).toEqual([ACCEPT]);
  });
});
