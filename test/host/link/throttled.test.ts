import { describe, expect, it } from 'vitest';
import { encodeLine, lineReader } from '../../../device/link/lines.js';
import { CHUNK_BYTES } from '../../../device/link/messages.js';
import { type Handlers, serveLink } from '../../../device/link/server.js';
import { TokenLink } from '../../../host/link/client.js';
import { type Updated, update } from '../../../host/link/visit/update.js';
import { quietHandlers } from '../../link/handlers.js';
import { PERFECT, testClock, wire } from '../../link/simulated.js';
import { introduced, UpdatingStage } from '../../link/visit/updating.js';
import { chance, seededRandom } from '../../support/chance.js';
import { someImage } from '../../support/release-keys.js';

const LOG_BYTES = 130_000;

/** The slowest carrier that the design plans for: 2.5 kB/s and a round trip of 250 ms. Here it even carries lines. */
function slowLink(handlers: Partial<Handlers> = {}) {
  const { clock, settle } = testClock();
  const slow = { ...PERFECT, latency: 0.125, rate: 2500 };
  let toHost = (_: Uint8Array): void => {};
  let toToken = (_: Uint8Array): void => {};
  const up = wire(clock, chance(1), slow, (line) => toHost(line));
  const down = wire(clock, chance(2), slow, (line) => toToken(line));
  serveLink(
    {
      onData: (receive) => {
        toToken = receive;
      },
      write: up.send,
    },
    { clock },
    {
      ...quietHandlers,
      fetch: () => {
        let left = LOG_BYTES;
        return () => {
          const chunk = new Uint8Array(Math.min(left, CHUNK_BYTES));
          left -= chunk.length;
          return chunk;
        };
      },
      ...handlers,
    },
  );
  const link = new TokenLink(
    {
      name: 'slow',
      bytes: { sent: 0, received: 0 },
      listen: (onFrame) => {
        toHost = lineReader(256, onFrame);
      },
      send: (frame) => down.send(encodeLine(frame)),
      close: async () => {},
    },
    { clock, random: seededRandom(4) },
  );
  const timed = async (work: Promise<unknown>): Promise<number> => {
    const start = clock.monotonic();
    let done = false;
    void work.then(() => {
      done = true;
    });
    await settle(() => done);
    return clock.monotonic() - start;
  };
  return { link, timed, now: () => clock.monotonic() };
}

describe('a carrier of 2.5 kB/s and 250 ms', () => {
  it('carries status and refill in 20 s, with time to spare for the token and the server', async () => {
    const { link, timed } = slowLink();
    const visit = async (): Promise<void> => {
      await link.ask('hello', {});
      await link.ask('request', { kind: 2, courierTime: 1 });
      await link.ask('head', { sealed: new Uint8Array(144) });
      // Two requests at a time: a day travels while the token works on the one before.
      const days = Array.from({ length: 22 }, (_, index) => link.ask('day', { index, sealed: new Uint8Array(880) }));
      expect((await Promise.all(days)).at(-1)).toEqual({ nextDay: 22, applied: 1 });
    };
    expect(await timed(visit())).toBeLessThan(14);
  });

  it('carries a resident’s log of 14 days in 75 s, at less than 1.05 bytes a byte', async () => {
    const { link, timed } = slowLink();
    await timed(link.ask('hello', {}));
    const before = link.traffic.frames;
    let received = 0;
    const read = async (): Promise<void> => {
      for await (const chunk of link.fetch(0)) received += chunk.length;
    };
    expect(await timed(read())).toBeLessThan(75);
    expect(received).toBe(LOG_BYTES);
    const { sent, received: got } = link.traffic.frames;
    expect((sent + got - before.sent - before.received) / LOG_BYTES).toBeLessThan(1.05);
  });

  it('carries an update; how long it takes is printed', async () => {
    const stage = await introduced(UpdatingStage.published({ image: someImage(55_000) }));
    const { token, counter } = stage;
    const { link, timed, now } = slowLink({
      trust: (fields) => token.answer('trust', fields),
      offer: (fields) => token.answer('offer', fields),
      proof: (fields) => token.answer('proof', fields),
      page: (fields) => token.answer('page', fields),
      install: (fields) => token.answer('install', fields),
    });
    const began = new Map<string, number>();
    const visit = {
      ...stage.visit(),
      token: link,
      counter,
      progress: ({ step }: { step: string }) => void (began.has(step) || began.set(step, now())),
    };
    let done: Updated | undefined;
    await timed(
      update(visit, token.answer('hello', {})).then((updated) => {
        done = updated;
      }),
    );
    expect(done).toMatchObject({ outcome: 'updated' });
    const seconds = (from: string, to: string): string => ((began.get(to) ?? 0) - (began.get(from) ?? 0)).toFixed(1);
    const { sent, received } = link.traffic.frames;
    console.log(
      `an update at 2.5 kB/s and 250 ms: two signatures in ${seconds('signatures', 'image')} s, an image of 55 kB in`,
      `${seconds('image', 'restart')} s; ${sent} bytes of frames to the token, ${received} from it`,
    );
  });
});
