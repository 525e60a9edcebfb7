import { spawnSync } from 'node:child_process';
import { afterEach, describe, expect, it } from 'vitest';
import { type ChunkSource, type Handlers, serveLink } from '../../../device/link/server.js';
import type { LinkPort } from '../../../device/ports.js';
import type { Carrier } from '../../../host/link/carrier.js';
import { systemTimers, TokenLink } from '../../../host/link/client.js';
import { openPty, type Pty } from '../../../host/link/pty.js';
import { openSerial } from '../../../host/link/serial.js';
import { quietHandlers } from '../../link/handlers.js';
import { chance } from '../../support/chance.js';

/** 130 kB of log, as batches of different sizes. */
const LOG = Array.from({ length: 260 }, (_, batch) => new Uint8Array(400 + (batch % 7) * 33).fill(batch));
const LOG_BYTES = LOG.reduce((sum, batch) => sum + batch.length, 0);

/** Chunks of one batch each; chunk n is batch n. */
const handlers: Handlers = {
  ...quietHandlers,
  fetch: ({ from }): ChunkSource => {
    let next = from;
    return () => LOG[next++];
  },
};

const toClose: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of toClose.splice(0).reverse()) await close();
});

function token(wrap: (port: LinkPort) => LinkPort = (port) => port): Pty {
  const pty = openPty();
  toClose.push(pty.close);
  serveLink(wrap(pty.port), { clock: systemTimers }, handlers);
  return pty;
}

async function plugIn(path: string): Promise<{ carrier: Carrier; link: TokenLink }> {
  const carrier = await openSerial(path);
  const link = new TokenLink(carrier, { openSeconds: 5, replySeconds: 5 });
  toClose.push(() => link.close());
  return { carrier, link };
}

async function collect(link: TokenLink, from: number): Promise<Uint8Array[]> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of link.fetch(from)) chunks.push(chunk);
  return chunks;
}

function same(chunks: Uint8Array[], from: number): boolean {
  return Buffer.concat(chunks).equals(Buffer.concat(LOG.slice(from)));
}

describe('a pseudo-terminal', () => {
  it('is a clean pipe of bytes both ways: no echo, no translation, no flow control', async () => {
    const pty = openPty();
    toClose.push(pty.close);
    const flag = process.platform === 'darwin' ? '-f' : '-F';
    const modes = spawnSync('stty', [flag, pty.path, '-a'], { encoding: 'utf8' }).stdout;
    for (const off of ['-echo', '-icrnl', '-inlcr', '-ixon', '-ixoff', '-opost', '-isig', '-icanon']) {
      expect(modes.split(/[\s;]+/)).toContain(off);
    }
    const every = new Uint8Array(256).map((_, i) => i);
    const { SerialPort } = await import('serialport');
    const port = new SerialPort({ path: pty.path, baudRate: 9600 });
    toClose.push(() => new Promise((resolve) => port.close(resolve)));
    const atHost: Buffer[] = [];
    const atToken: Uint8Array[] = [];
    port.on('data', (chunk: Buffer) => atHost.push(chunk));
    pty.port.onData((chunk) => atToken.push(chunk));
    await new Promise((resolve) => port.once('open', resolve));
    pty.port.write(every);
    port.write(Buffer.from(every));
    await expect.poll(() => Buffer.concat(atHost).length).toBe(256);
    await expect.poll(() => Buffer.concat(atToken).length).toBe(256);
    expect(Buffer.concat(atHost).equals(every)).toBe(true);
    expect(Buffer.concat(atToken).equals(every)).toBe(true);
  });

  it('never holds the token up when nobody reads', () => {
    const pty = openPty();
    toClose.push(pty.close);
    const start = performance.now();
    for (let i = 0; i < 1000; i++) pty.port.write(new Uint8Array(345).fill(0x41));
    expect(performance.now() - start).toBeLessThan(1000);
  });
});

describe('the link over a serial port', () => {
  it('asks and is answered', async () => {
    const { link } = await plugIn(token().path);
    expect(await link.ask('hello', {})).toMatchObject({ board: 'test', battery: 80 });
    expect(await link.ask('day', { index: 3, sealed: new Uint8Array(880) })).toEqual({ nextDay: 4, applied: 0 });
    expect(
      await Promise.all([link.ask('consentState', {}), link.ask('head', { sealed: new Uint8Array(144) })]),
    ).toEqual([
      { state: 2, secondsLeft: 0 },
      { nextDay: 0, dayCount: 22 },
    ]);
  });

  it('streams 130 kB and counts the bytes', async () => {
    const { link } = await plugIn(token().path);
    const start = performance.now();
    expect(same(await collect(link, 0), 0)).toBe(true);
    expect(performance.now() - start).toBeLessThan(10_000);
    const { frames, wire } = link.traffic;
    expect(LOG_BYTES).toBeGreaterThan(125_000);
    expect((frames.sent + frames.received) / LOG_BYTES).toBeLessThan(1.1);
    const lines = (wire.sent + wire.received) / (frames.sent + frames.received);
    expect(lines).toBeGreaterThan(4 / 3);
    expect(lines).toBeLessThan(1.36);
  });

  it('goes on where it was, however often the cable is pulled', async () => {
    const pty = token();
    const random = chance(8);
    const chunks: Uint8Array[] = [];
    let plugs = 0;
    while (chunks.length < LOG.length) {
      plugs++;
      const { carrier, link } = await plugIn(pty.path);
      // Pulled after any number of bytes, in the middle of lines too, and by the end not at all.
      const budget = plugs > 40 ? Number.POSITIVE_INFINITY : Math.floor(random() * 9000);
      const watch = setInterval(() => {
        if (carrier.bytes.received >= budget) void link.close();
      }, 0);
      try {
        for await (const chunk of link.fetch(chunks.length)) chunks.push(chunk);
      } catch (error) {
        expect(error).toMatchObject({ code: 'link-lost', parameters: { port: pty.path } });
      }
      clearInterval(watch);
      await link.close();
    }
    expect(plugs).toBeGreaterThan(5);
    expect(same(chunks, 0)).toBe(true);
  });

  it('works through console noise, random bytes and endless lines in both directions', async () => {
    const random = chance(5);
    const noise = (): Uint8Array => {
      const kind = random();
      if (kind < 0.3) return Buffer.from('\r\n>console.log("x")\r\n=undefined\r\n>', 'latin1');
      if (kind < 0.6) return new Uint8Array(Math.floor(random() * 300)).map(() => random() * 256);
      if (kind < 0.7) return new Uint8Array(20_000).fill(0x41);
      return Buffer.from('\x1b[J\n', 'latin1');
    };
    const pty = token((port) => ({
      onData: (receive) =>
        port.onData((chunk) => {
          if (random() < 0.2) receive(noise());
          receive(chunk);
        }),
      write: (chunk) => {
        if (random() < 0.05) port.write(noise());
        port.write(chunk);
      },
    }));
    const { link } = await plugIn(pty.path);
    expect(await link.ask('hello', {})).toMatchObject({ life: 1 });
    expect(same(await collect(link, 60), 60)).toBe(true);
  });

  it('says which port is missing, busy or gone', async () => {
    await expect(openSerial('/dev/no-such-token')).rejects.toMatchObject({
      code: 'port-missing',
      parameters: { port: '/dev/no-such-token' },
    });
    await expect(openSerial('')).rejects.toMatchObject({ code: 'port-missing' });
    const pty = token();
    const { link } = await plugIn(pty.path);
    await expect(openSerial(pty.path)).rejects.toMatchObject({ code: 'port-busy' });
    await link.ask('hello', {});
    pty.close();
    await expect(link.ask('hello', {})).rejects.toMatchObject({ code: 'link-lost' });
    await expect(link.ask('hello', {})).rejects.toMatchObject({ code: 'link-lost' });
  });

  it('frees the port when it is closed', async () => {
    const pty = token();
    for (let i = 0; i < 5; i++) {
      const { link } = await plugIn(pty.path);
      await link.ask('hello', {});
      await link.close();
      await link.close();
    }
  });

  it('says so when nobody answers', async () => {
    const pty = openPty();
    toClose.push(pty.close);
    const link = new TokenLink(await openSerial(pty.path), { openSeconds: 0.2 });
    toClose.push(() => link.close());
    await expect(link.ask('hello', {})).rejects.toMatchObject({
      code: 'link-silent',
      parameters: { port: pty.path, seconds: 0.2 },
    });
  });
});
