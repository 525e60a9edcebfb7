import { describe, expect, it } from 'vitest';
import { FAULTS, type FaultName, fault } from '../../../device/faults.js';
import { encode, type Value } from '../../../device/link/cbor.js';
import { type Channel, createChannel, LIMITS } from '../../../device/link/channel.js';
import { ACCEPT, buildTerms, FROM_TOKEN, readOpen } from '../../../device/link/frame.js';
import { packReply } from '../../../device/link/messages.js';
import { answerFrames, type Handlers } from '../../../device/link/server.js';
import { fill } from '../../../host/catalogue/catalogue.js';
import { errorSentences } from '../../../host/catalogue/errors.js';
import { GaletError } from '../../../host/errors.js';
import type { Carrier } from '../../../host/link/carrier.js';
import { type LinkSettings, TokenLink } from '../../../host/link/client.js';
import { refusalError } from '../../../host/link/refusals.js';
import { quietHandlers } from '../../link/handlers.js';
import { PERFECT, type TestClock, testClock, type WireFaults, wire } from '../../link/simulated.js';
import { chance, seededRandom } from '../../support/chance.js';

interface Bench {
  time: TestClock;
  link: TokenLink;
  pull(): void;
  opened: number;
  run<T>(asked: Promise<T>): Promise<T>;
  closed(): boolean;
}

/** A link to whatever `token` makes of frames, over a wire in memory. */
function plugIn(
  token: (send: (frame: Uint8Array) => void, time: TestClock) => (frame: Uint8Array) => void,
  settings: Partial<LinkSettings> = {},
  faults: WireFaults = PERFECT,
): Bench {
  const time = testClock();
  const random = chance(3);
  let onFrame = (_: Uint8Array): void => {};
  let onGone = (_: unknown): void => {};
  let closed = false;
  const toHost = wire(time.clock, random, faults, (frame) => onFrame(frame));
  const receive = token(toHost.send, time);
  const toToken = wire(time.clock, random, faults, (frame) => {
    if (readOpen(frame) !== undefined) bench.opened++;
    receive(frame);
  });
  const carrier: Carrier = {
    name: 'port-1',
    bytes: { sent: 0, received: 0 },
    listen: (frame, gone) => {
      onFrame = frame;
      onGone = gone;
    },
    send: toToken.send,
    close: async () => {
      closed = true;
    },
  };
  const bench: Bench = {
    time,
    link: new TokenLink(carrier, { clock: time.clock, random: seededRandom(5), ...settings }),
    pull: () => onGone(new Error('unplugged')),
    opened: 0,
    run: async (asked) => {
      let settled = false;
      const end = (): void => {
        settled = true;
      };
      asked.then(end, end);
      await time.settle(() => settled);
      return asked;
    },
    closed: () => closed,
  };
  return bench;
}

function realToken(handlers: Handlers) {
  return (send: (frame: Uint8Array) => void, time: TestClock) =>
    answerFrames(send, { clock: time.clock }, handlers).receive;
}

/** A token that answers every message with what `reply` says, however senseless. */
function strangeToken(reply: (channel: Channel) => void) {
  return (send: (frame: Uint8Array) => void, time: TestClock) => {
    const channel = createChannel(FROM_TOKEN, time.clock, LIMITS, {
      sendFrame: send,
      onOpen: () => {},
      onMessage: () => reply(channel),
      onLost: () => {},
    });
    return channel.receive;
  };
}

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<number[]> {
  const firsts: number[] = [];
  for await (const chunk of chunks) firsts.push(chunk[0] as number);
  return firsts;
}

/** A log of `count` chunks, each beginning with its number. */
function logOf(count: number): Handlers['fetch'] {
  return ({ from }) => {
    let next = from;
    return () => (next < count ? new Uint8Array(500).fill(next++) : undefined);
  };
}

describe('TokenLink', () => {
  it('opens a session by itself and answers in turn', async () => {
    const { link, run } = plugIn(realToken(quietHandlers));
    const both = Promise.all([link.ask('hello', {}), link.ask('consentState', {})]);
    expect(await run(both)).toEqual([quietHandlers.hello({}), { state: 2, secondsLeft: 0 }]);
    const { frames } = link.traffic;
    expect(frames.sent).toBeGreaterThan(20);
    expect(frames.received).toBeGreaterThan(40);
  });

  it('opens another session after a minute of silence, in which the token may have forgotten the first', async () => {
    const bench = plugIn(realToken(quietHandlers));
    await bench.run(bench.link.ask('hello', {}));
    bench.time.advance(55);
    await bench.run(bench.link.ask('hello', {}));
    expect(bench.opened).toBe(1);
    bench.time.advance(61);
    await bench.run(bench.link.ask('hello', {}));
    expect(bench.opened).toBe(2);
  });

  it('works on a bad wire', async () => {
    const faults = { ...PERFECT, loss: 0.3, repeat: 0.2, reorder: 0.2, flip: 0.05 };
    const handlers = { ...quietHandlers, fetch: logOf(20) };
    const { link, run } = plugIn(realToken(handlers), { openSeconds: 60, replySeconds: 300 }, faults);
    expect(await run(link.ask('hello', {}))).toMatchObject({ board: 'test' });
    expect(await run(collect(link.fetch(15)))).toEqual([15, 16, 17, 18, 19]);
  });

  it('lets a reader stop in the middle of a stream, and others wait for its end', async () => {
    const { link, run } = plugIn(realToken({ ...quietHandlers, fetch: logOf(200) }));
    const some: number[] = [];
    const reading = (async () => {
      for await (const chunk of link.fetch(10)) {
        some.push(chunk[0] as number);
        if (some.length === 3) break;
      }
    })();
    const waiting = link.ask('hello', {});
    await run(reading);
    expect(some).toEqual([10, 11, 12]);
    expect(await run(waiting)).toMatchObject({ board: 'test' });
    expect(await run(collect(link.fetch(198)))).toEqual([198, 199]);
  });

  it('gives the token’s refusal a name, and goes on', async () => {
    const handlers: Handlers = {
      ...quietHandlers,
      request: () => {
        throw fault('too-soon', 'cause', 7);
      },
    };
    const { link, run } = plugIn(realToken(handlers));
    await expect(run(link.ask('request', { kind: 2, courierTime: 1 }))).rejects.toMatchObject({
      code: 'token-too-soon',
      parameters: { seconds: 7 },
    });
    expect(await run(link.ask('hello', {}))).toMatchObject({ life: 1 });
  });

  it('waits for an answer no longer than told, then opens a new session for the next request', async () => {
    let deaf = true;
    const bench = plugIn((send, time) => {
      const answer = answerFrames(send, { clock: time.clock }, quietHandlers).receive;
      return (frame) => {
        if (!deaf) answer(frame);
      };
    });
    await expect(bench.run(bench.link.ask('hello', {}))).rejects.toMatchObject({
      code: 'link-silent',
      parameters: { port: 'port-1', seconds: 6 },
    });
    deaf = false;
    expect(await bench.run(bench.link.ask('hello', {}))).toMatchObject({ life: 1 });
    deaf = true;
    await expect(bench.run(bench.link.ask('hello', {}))).rejects.toMatchObject({
      code: 'link-silent',
      parameters: { seconds: 15 },
    });
    deaf = false;
    const before = bench.opened;
    expect(await bench.run(bench.link.ask('hello', {}))).toMatchObject({ life: 1 });
    expect(bench.opened).toBe(before + 1);
  });

  it('says at once that the carrier is gone, also in the middle of a stream, and stays gone', async () => {
    const bench = plugIn(realToken({ ...quietHandlers, fetch: logOf(255) }));
    const read: number[] = [];
    const reading = (async () => {
      for await (const chunk of bench.link.fetch(0)) {
        read.push(chunk[0] as number);
        if (read.length === 5) bench.pull();
      }
    })();
    await expect(bench.run(reading)).rejects.toMatchObject({ code: 'link-lost', parameters: { port: 'port-1' } });
    await expect(bench.run(bench.link.ask('hello', {}))).rejects.toMatchObject({ code: 'link-lost' });
    await bench.link.close();
    expect(bench.closed()).toBe(true);
  });

  it('ends a wait when it is closed', async () => {
    const bench = plugIn(() => () => {});
    const asked = bench.link.ask('hello', {});
    await new Promise((resolve) => setImmediate(resolve));
    await bench.link.close();
    await expect(asked).rejects.toMatchObject({ code: 'link-lost' });
  });

  it.each<[string, (channel: Channel) => void]>([
    ['bytes that are no message', (channel) => channel.send(new Uint8Array([0xff]))],
    ['a reply to something else', (channel) => channel.send(packReply('kept', {}))],
    ['a reply with other fields', (channel) => channel.send(encode([1, 129, 1]))],
    ['a reply out of bounds', (channel) => channel.send(encode([1, 129, 9, '', '', 0, 0, 0, 0]))],
    ['an error without a number', (channel) => channel.send(encode([1, 127] as Value))],
    ['a message without end', (channel) => channel.stream(() => new Uint8Array(4000))],
  ])('calls %s garbled', async (_, reply) => {
    const { link, run } = plugIn(strangeToken(reply));
    await expect(run(link.ask('hello', {}))).rejects.toMatchObject({ code: 'link-garbled' });
  });

  it('holds no more than a bounded number of messages that nobody asked for', async () => {
    let sent = 0;
    const token = strangeToken((channel) =>
      channel.stream(() => {
        sent++;
        return packReply('consentState', { state: 0, secondsLeft: 0 });
      }),
    );
    const { link, run, time } = plugIn(token);
    await run(link.ask('consentState', {}));
    for (let i = 0; i < 300; i++) time.advance(0.5);
    const before = sent;
    expect(before).toBeGreaterThan(4000);
    expect(before).toBeLessThan(4200);
    time.advance(200);
    expect(sent).toBe(before);
  });

  it('tells a token of another version', async () => {
    const { link, run } = plugIn((send) => (frame) => {
      const open = readOpen(frame);
      if (open !== undefined) send(buildTerms(ACCEPT | FROM_TOKEN, { ...open, version: 2 }));
    });
    await expect(run(link.ask('hello', {}))).rejects.toMatchObject({ code: 'link-version' });
  });
});

describe('every fault of the token', () => {
  it.each(Object.keys(FAULTS) as FaultName[])('%s has a named error and a complete sentence', (name) => {
    const error = refusalError(fault(name, 'cause', 9), 'port-1');
    expect(error).toBeInstanceOf(GaletError);
    for (const sentence of Object.values(errorSentences[error.code])) {
      expect(fill(sentence, error.parameters)).not.toMatch(/[{}]/);
    }
  });

  it('that a person can do something about has an error of its own', () => {
    const shared = (Object.keys(FAULTS) as FaultName[]).filter(
      (name) => refusalError(fault(name), 'p').code === 'token-refused',
    );
    expect(shared.sort()).toEqual([
      'flash-rule',
      'frame-malformed',
      'internal',
      'key-refused',
      'message-malformed',
      'message-unknown',
      'port-absent',
    ]);
  });
});
