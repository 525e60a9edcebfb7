import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ChunkSource, type Handlers, serveLink } from '../../../../device/link/server.js';
import { GaletError } from '../../../../host/errors.js';
import { type Asking, type CounterRadio, openCounterRadio } from '../../../../host/link/ble/counter-radio.js';
import { systemTimers, TokenLink } from '../../../../host/link/client.js';
import { openPty } from '../../../../host/link/pty.js';
import { type Adapter, plugAdapter } from '../../../../tools/air/adapter.js';
import { type EmulatedAir, startAir, whyNoAir } from '../../../../tools/air/btvirt.js';
import { quietHandlers } from '../../../link/handlers.js';
import { chance } from '../../../support/chance.js';
import {
  ADV_NONCONN_IND,
  field,
  type Peripheral,
  type PeripheralOptions,
  scanResponse,
  startPeripheral,
} from './peripheral.js';

const missing = whyNoAir();
if (missing) console.log(`skipped: ${missing}`);

const ATT_MTU = 0x02;
const ATT_SERVICES = 0x10;
const ATT_FOUND_SERVICES = 0x11;
const ATT_NOTIFICATION = 0x1b;
const OTHER = '6e40000fb5a3f393e0a9e50e24dcca9e';
const NUS = ['1', '2', '3'].map((digit) => `6e40000${digit}b5a3f393e0a9e50e24dcca9e`) as [string, string, string];

/** Chunk n is batch n. */
const LOG = Array.from({ length: 60 }, (_, batch) => new Uint8Array(900).fill(batch));
const handlers: Handlers = {
  ...quietHandlers,
  fetch: ({ from }): ChunkSource => {
    let next = from;
    return () => LOG[next++];
  },
};

describe.skipIf(missing)('the radio of a counter', () => {
  let air: EmulatedAir;
  let adapter: Adapter;
  let radio: CounterRadio;
  let strengths: Record<string, number>;
  const toClose: (() => unknown)[] = [];

  // An emulator for each test: what one does to it does not reach the next.
  beforeEach(async () => {
    air = await startAir();
    strengths = {};
    adapter = await plugAdapter(air, { rssiOf: (address) => strengths[address.toString('hex')] });
    radio = await openCounterRadio(adapter.path);
  });

  afterEach(async () => {
    for (const close of toClose.splice(0).reverse()) await close();
    await radio?.close();
    adapter?.close();
    await air?.close();
  });

  async function peripheral(options: PeripheralOptions = {}): Promise<Peripheral> {
    const started = await startPeripheral(air, options);
    toClose.push(started.close);
    return started;
  }

  async function token(options: PeripheralOptions = {}): Promise<Peripheral> {
    const started = await peripheral(options);
    serveLink({ onData: () => {}, write: () => {} }, { clock: systemTimers }, handlers, started.ble);
    return started;
  }

  async function onlyOne(): Promise<Asking> {
    const [asking, ...others] = await radio.discover(0.5);
    expect(others).toEqual([]);
    return asking as Asking;
  }

  async function linkTo(asking: Asking): Promise<TokenLink> {
    const link = new TokenLink(await radio.open(asking));
    toClose.push(() => link.close());
    return link;
  }

  async function collect(link: TokenLink, onChunk: (count: number) => void): Promise<Buffer> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of link.fetch(0)) onChunk(chunks.push(chunk));
    return Buffer.concat(chunks);
  }

  it('finds a token that asks, and talks with it', async () => {
    await token();
    const asking = await onlyOne();
    expect(asking).toEqual({ id: 'c0ffee000001', kind: 'token', name: 'Galet -', colour: undefined, rssi: undefined });
    const link = await linkTo(asking);
    expect(await link.ask('hello', {})).toMatchObject({ board: 'test' });
    expect(await link.ask('day', { index: 3, sealed: new Uint8Array(880) })).toEqual({ nextDay: 4, applied: 0 });
    const { wire, frames } = link.traffic;
    expect(wire.sent).toBeGreaterThan(frames.sent);
    expect(wire.received).toBeLessThan(frames.received * 1.1);
  });

  it('tells several apart, nearest first, and is told of each at once and when it has another colour', async () => {
    strengths = { c0ffee00000a: -70, c0ffee00000b: -48 };
    const far = await token({ address: 'c0ffee00000a', response: scanResponse('Galet 2') });
    await token({ address: 'c0ffee00000b', response: scanResponse('Galet 4') });
    await token({ address: 'c0ffee00000c', response: scanResponse('Galet -') });
    await peripheral({ address: 'c0ffee00000d', type: ADV_NONCONN_IND });
    await peripheral({ address: 'c0ffee00000e', response: scanResponse('headphones') });
    const told: Asking[] = [];
    const searching = radio.discover(1, (asking) => {
      if (told.push(asking) === 3) far.advertise({ response: scanResponse('Galet 0') });
    });
    const found = await searching;
    expect(found.map(({ id, colour, rssi }) => [id, colour, rssi])).toEqual([
      ['c0ffee00000b', 4, -48],
      ['c0ffee00000a', 0, -70],
      ['c0ffee00000c', undefined, undefined],
    ]);
    expect(told.length).toBe(4);
    expect(told[3]).toMatchObject({ id: 'c0ffee00000a', colour: 0 });
  });

  it('goes on where it was when the connection drops, without anybody noticing', async () => {
    const one = await token({ mtu: 53 });
    const link = await linkTo(await onlyOne());
    const log = await collect(link, (count) => {
      if (count % 8 === 0) one.cut();
    });
    expect(log.equals(Buffer.concat(LOG))).toBe(true);
    expect(one.connections).toBe(8);
  });

  it('finds a token again by its colour when its address has changed, and no other', async () => {
    const one = await token({ response: scanResponse('Galet 3') });
    const other = await token({ address: 'c0ffee00000f', response: scanResponse('Galet 1') });
    const asking = (await radio.discover(0.5)).find(({ colour }) => colour === 3);
    const link = await linkTo(asking as Asking);
    const log = await collect(link, (count) => {
      if (count !== 8) return;
      one.cut();
      one.advertise({ address: 'c0ffee0000aa' });
    });
    expect(log.equals(Buffer.concat(LOG))).toBe(true);
    expect([one.connections, other.connections]).toEqual([2, 0]);
  });

  it('says so within a bound when the token is gone', async () => {
    const one = await token();
    const asking = await onlyOne();
    const link = await linkTo(asking);
    await link.ask('hello', {});
    one.advertise({ type: ADV_NONCONN_IND });
    one.cut();
    const started = performance.now();
    await expect(link.ask('hello', {})).rejects.toMatchObject({ code: 'link-lost', parameters: { port: 'Bluetooth' } });
    expect(performance.now() - started).toBeLessThan(14_000);
    await expect(radio.open(asking)).rejects.toMatchObject({ code: 'token-gone' });
    expect(await radio.discover(0.3)).toEqual([]);
  });

  it('opens a board’s console as bytes', async () => {
    const one = await peripheral({ response: scanResponse('Puck.js 1') });
    one.ble.onData((chunk) => one.ble.write(chunk.map((byte) => byte ^ 1)));
    const asking = await onlyOne();
    expect(asking).toMatchObject({ kind: 'board', name: 'Puck.js 1' });
    const pipe = await radio.openBytes(asking);
    expect(pipe.name).toBe('Bluetooth (Puck.js 1)');
    const got: Uint8Array[] = [];
    const gone = new Promise((resolve) => pipe.listen((chunk) => got.push(chunk), resolve));
    const sent = new Uint8Array(1000).map((_, i) => i);
    pipe.write(sent);
    await expect.poll(() => Buffer.concat(got).equals(sent.map((byte) => byte ^ 1))).toBe(true);
    one.cut();
    await gone;
    await pipe.close();
  });

  describe('near somebody hostile', () => {
    /** Fails with a named error, in time; then an honest token is served by the same radio. */
    async function fails(code: string | undefined, options: PeripheralOptions, seconds = 8): Promise<void> {
      const bad = await peripheral({ address: 'c0ffee0000bb', ...options });
      const asking = await onlyOne();
      const started = performance.now();
      const failure = await radio.open(asking).then(
        async (carrier) => {
          const link = new TokenLink(carrier);
          const ended = link.ask('hello', {}).catch((error: unknown) => error);
          const error = await ended;
          await link.close();
          return error;
        },
        (error: unknown) => error,
      );
      expect(failure).toBeInstanceOf(GaletError);
      if (code !== undefined) expect(failure).toMatchObject({ code });
      expect(performance.now() - started).toBeLessThan(seconds * 1000);
      bad.close();
      await token();
      expect(await (await linkTo(await onlyOne())).ask('hello', {})).toMatchObject({ board: 'test' });
    }

    it('takes no other service for its own', () => fails('link-garbled', { uuids: [OTHER, NUS[1], NUS[2]] }));

    it('takes no other characteristics', () => fails('link-garbled', { uuids: [NUS[0], OTHER, NUS[2]] }));

    it('waits for silence no longer than it said', () => fails('link-silent', { answer: () => null }));

    it('is not held by services without end', () => {
      const endless = Buffer.from([ATT_FOUND_SERVICES, 6, 1, 0, 5, 0, 0, 0x18]);
      return fails('link-silent', { answer: ([opcode]) => (opcode === ATT_SERVICES ? [endless] : undefined) });
    });

    it('survives an MTU of nothing, and answers with nothing in them', async () => {
      await fails('link-silent', {
        answer: ([opcode]) => {
          if (opcode === ATT_MTU) return [Buffer.from([0x03, 0, 0])];
          return opcode === ATT_SERVICES ? [Buffer.from([ATT_FOUND_SERVICES, 20])] : undefined;
        },
      });
    });

    it('ends a session that notifications without end keep alive', async () => {
      const bad = await peripheral({ address: 'c0ffee0000bc' });
      const random = chance(3);
      let isOn = true;
      toClose.push(() => {
        isOn = false;
      });
      const flood = (): void => {
        const noise = new Uint8Array(20).map(() => random() * 256);
        for (let i = 0; i < 50; i++) bad.sendAtt(Buffer.concat([Buffer.from([ATT_NOTIFICATION, 5, 0]), noise]));
        if (isOn) setTimeout(flood, 10);
      };
      const carrier = await radio.open(await onlyOne());
      flood();
      const link = new TokenLink(carrier);
      const started = performance.now();
      await expect(link.ask('hello', {})).rejects.toMatchObject({ code: 'link-silent' });
      expect(performance.now() - started).toBeLessThan(10_000);
      await link.close();
    });

    it('survives random answers, packets that are none, and adverts of anything', async () => {
      const random = chance(11);
      const noise = (max: number): Uint8Array => new Uint8Array(random() * max).map(() => random() * 256);
      for (let round = 0; round < 20; round++) {
        const advert = noise(32);
        const junk = await peripheral({
          address: `c0ffee0001${round.toString(16).padStart(2, '0')}`,
          advert,
          response: noise(32),
        });
        const bad = await peripheral({
          address: `c0ffee0002${round.toString(16).padStart(2, '0')}`,
          advert: field(0x0a, new Uint8Array(0)),
          answer: (request): Uint8Array[] | undefined => {
            if (random() < 0.5) return undefined;
            bad.sendAcl(noise(40));
            const answer = noise(60);
            if (random() < 0.7) answer[0] = (request[0] as number) + 1;
            return answer.length === 0 ? [] : [answer];
          },
        });
        for (const asking of await radio.discover(0.2)) {
          const failure = radio.open(asking).then((carrier) => carrier.close());
          const cut = setTimeout(bad.cut, 300);
          await failure.catch((error: unknown) => expect(error).toBeInstanceOf(GaletError));
          clearTimeout(cut);
        }
        bad.close();
        junk.close();
      }
      await token();
      expect(await (await linkTo(await onlyOne())).ask('hello', {})).toMatchObject({ board: 'test' });
    });
  });

  describe('as an adapter', () => {
    it('leaves nothing behind: no listener of the process, and the port free for the next', async () => {
      const listeners = (): number[] => ['SIGINT', 'exit', 'SIGTERM'].map((event) => process.listenerCount(event));
      const own = await plugAdapter(air);
      toClose.push(own.close);
      const before = listeners();
      for (let i = 0; i < 3; i++) {
        const again = await openCounterRadio(own.path);
        expect(process.listenerCount('SIGINT')).toBe(before[0]);
        await again.close();
        await again.close();
      }
      expect(listeners()).toEqual(before);
    });

    it('is missing, silent, or goes away: each has its error', async () => {
      await expect(openCounterRadio('/dev/no-such-adapter')).rejects.toMatchObject({
        code: 'adapter-missing',
        parameters: { adapter: '/dev/no-such-adapter' },
      });
      const silent = openPty();
      toClose.push(silent.close);
      await expect(openCounterRadio(silent.path)).rejects.toMatchObject({ code: 'adapter-off' });
      await expect(openCounterRadio(adapter.path)).rejects.toMatchObject({ code: 'port-busy' });
      const searching = radio.discover(20);
      setTimeout(adapter.close, 200);
      await expect(searching).rejects.toMatchObject({ code: 'adapter-off' });
      await expect(radio.discover(1)).rejects.toMatchObject({ code: 'adapter-off' });
    });
  });
});
