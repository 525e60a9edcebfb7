import { describe, expect, it } from 'vitest';
import { decode, encode, type Value } from '../../device/link/cbor.js';
import { createChannel, LIMITS } from '../../device/link/channel.js';
import { encodeLine, lineReader } from '../../device/link/lines.js';
import { type MessageName, type RequestOf, replyFrom, requestValues } from '../../device/link/messages.js';
import { type ChunkSource, serveLink } from '../../device/link/server.js';
import { quietHandlers } from './handlers.js';
import { testClock } from './simulated.js';

const DAYS = 2;
const LOG = [0, 1, 2, 3].map((batch) => new Uint8Array(300 + batch).fill(batch));

/** What must survive a pulled cable: the token's side. */
interface TokenState {
  days: Uint8Array[];
  greeted: number;
}

/** A cable that passes `budget` bytes, both ways together, and then none until it is plugged in again. */
function visit(budget: number): { bytes: number; plugs: number; token: TokenState; log: Uint8Array[] } {
  const { clock, advance } = testClock();
  const token: TokenState = { days: [], greeted: 0 };
  const log: Uint8Array[] = [];
  let left = budget;
  let bytes = 0;
  let plugs = 0;
  let toToken = (_: Uint8Array): void => {};
  let toHost = (_: Uint8Array): void => {};

  const pass = (line: Uint8Array, deliver: (part: Uint8Array) => void): void => {
    const part = line.subarray(0, Math.min(line.length, left));
    left -= part.length;
    bytes += part.length;
    clock.after(0.001, () => deliver(part));
  };
  serveLink(
    { onData: (receive) => (toToken = receive), write: (line) => pass(line, (part) => toHost(part)) },
    { clock },
    {
      ...quietHandlers,
      hello: () => {
        token.greeted++;
        return quietHandlers.hello({});
      },
      // As on a real token, a block that is already there changes nothing.
      day: ({ index, sealed }) => {
        if (index === token.days.length) token.days.push(sealed);
        return { nextDay: token.days.length, applied: token.days.length === DAYS ? 1 : 0 };
      },
      fetch: ({ from }): ChunkSource => {
        let next = from;
        return () => LOG[next++];
      },
    },
  );

  let nonce = 1;
  let done = false;
  while (!done) {
    plugs++;
    let nextDay = 0;
    const ask = <N extends MessageName>(name: N, fields: RequestOf<N>): void => {
      host.send(encode(requestValues(name, fields)));
    };
    const next = (reply: Value): void => {
      if (nextDay < DAYS) nextDay = replyFrom('day', reply).nextDay;
      else {
        const { chunk } = replyFrom('fetch', reply);
        if (chunk.length === 0) done = true;
        else log.push(chunk);
        return;
      }
      if (nextDay < DAYS) ask('day', { index: nextDay, sealed: new Uint8Array(880).fill(nextDay) });
      else ask('fetch', { from: log.length });
    };
    let greeted = false;
    const host = createChannel(0, clock, LIMITS, {
      sendFrame: (frame) => pass(encodeLine(frame), (part) => toToken(part)),
      onOpen: () => ask('hello', {}),
      onMessage: (message) => {
        if (greeted) return next(decode(message));
        greeted = true;
        ask('day', { index: 0, sealed: new Uint8Array(880).fill(0) });
      },
      onLost: () => {},
    });
    toHost = lineReader(LIMITS.frameSize, host.receive);
    host.open(nonce++);
    // A counter that hears nothing for a while is plugged in again, with nothing but what it has already got.
    for (let seconds = 0; seconds < 3 && !done; seconds++) advance(1);
    host.close();
    left = Number.POSITIVE_INFINITY;
    if (plugs > 5) throw new Error('never finishes');
  }
  return { bytes, plugs, token, log };
}

describe('a cable pulled at any byte', () => {
  const whole = visit(Number.POSITIVE_INFINITY);

  it('needs no second plug when nobody pulls it', () => {
    expect(whole).toMatchObject({ plugs: 1, log: LOG, token: { greeted: 1 } });
  });

  it('costs nothing but a second plug: the visit goes on where it was', () => {
    // One comparison of bytes a visit: there are thousands of visits.
    const result = ({ token, log }: typeof whole): Buffer => Buffer.concat([...token.days, ...log]);
    const expected = result(whole);
    expect(whole.token.days.length).toBe(DAYS);
    expect(whole.bytes).toBeGreaterThan(4000);
    for (let cut = 0; cut < whole.bytes; cut++) {
      const resumed = visit(cut);
      if (resumed.plugs > 2 || !result(resumed).equals(expected)) expect(resumed, `cut at byte ${cut}`).toEqual(whole);
    }
  });
});
