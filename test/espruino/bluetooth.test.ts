/**
 * A counter on the air of a board on the real interpreter: who may connect and when (R27), what a token says meanwhile, a
 * visit in packets, and connections that are of no use.
 */
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { COLOUR_VIOLET, LIFE_TRACING } from '../../device/link/messages.js';
import { encodePacket } from '../../device/link/packets.js';
import { parseAdvert } from '../../device/robert/advert.js';
import { START } from '../support/fleet.js';
import { firmware, STORAGE_BYTES } from './support/board.js';
import { connect, refill, talk, UNIX_ZERO } from './support/counter.js';
import { type AdvertReport, ESPRUINO, type Interpreter, type Report, startInterpreter } from './support/interpreter.js';
import { settledPages } from './support/settled.js';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const MORNING = START + 8 * 3600;
const PRESENCE = [2, 1, 6];
const SERVICE = '1107' + '9ecadc240ee5a9e093f3a3b50100406e';
const BOARDS = ['bangle2', 'galet1'];

describe.skipIf(ESPRUINO === undefined).each(BOARDS)('Bluetooth on %s', (name) => {
  let board: Interpreter;
  let from = 0;
  let pages: Uint8Array;
  beforeAll(async () => {
    pages = await settledPages(MORNING);
  });
  afterEach(() => board.close());

  async function start(held?: Uint8Array): Promise<void> {
    const unix = MORNING - UNIX_ZERO;
    const settings = { seed: 7, unix, speed: 0, bluetooth: true, ...(held && { pages: held }) };
    board = startInterpreter({ ...(await firmware(name)), ...settings }, STORAGE_BYTES);
    from = 0;
    await board.pass(1);
  }

  /** What was reported since the last call. */
  function news(): Report[] {
    const reports = board.reports.slice(from);
    from = board.reports.length;
    return reports;
  }

  const adverts = (reports: Report[]): AdvertReport[] => reports.filter(({ t }) => t === 'advert') as AdvertReport[];

  const responses = (reports: Report[]): string[] =>
    reports.filter(({ t }) => t === 'response').map(({ data }) => Buffer.from(data as number[]).toString('hex'));

  const named = (colour: string): string => `${SERVICE}0809${Buffer.from(`Galet ${colour}`).toString('hex')}`;

  async function press(seconds: number): Promise<void> {
    board.press(seconds);
    await board.pass(0.1);
  }

  /** A token that says HELLO. */
  async function tracing(): Promise<void> {
    await start(pages);
    await board.pass(60);
    news();
  }

  it('lets nobody connect before the button is pressed, nor a minute after', async () => {
    await start();
    expect(adverts(news())).toEqual([]);
    expect(await connect(board)).toBe(false);
    await press(0.2);
    const asked = news();
    expect(adverts(asked).at(-1)).toMatchObject({ data: PRESENCE, connectable: true });
    expect(responses(asked).at(-1)).toBe(named('-'));
    await board.pass(59);
    expect(news().filter(({ t }) => t === 'silent')).toEqual([]);
    await board.pass(1.5);
    expect(news().filter(({ t }) => t === 'silent')).toHaveLength(1);
    expect(await connect(board)).toBe(false);
  });

  it('says the same under the same address while it admits a counter, after a long press too', async () => {
    await tracing();
    await board.pass(15);
    const before = adverts(news()).at(-1) as AdvertReport;
    expect(before.connectable).toBe(false);
    await press(3.5);
    const during = adverts(news());
    expect(during.at(-1)).toMatchObject({ address: before.address, connectable: true });
    expect(parseAdvert(new Uint8Array(during.at(-1)?.data ?? []))).toBeDefined();
    await board.pass(61);
    const after = adverts(news());
    expect(after.at(-1)).toMatchObject({ address: before.address, connectable: false });
    expect(new Set(after.map(({ address }) => address)).size).toBe(1);
  });

  it.each([20, 128])('serves a whole visit in packets of %d bytes', async (size) => {
    await tracing();
    await press(0.2);
    expect(await connect(board)).toBe(true);
    const link = talk(board, 2, size);
    expect((await link.ask('hello', {})).life).toBe(LIFE_TRACING);
    expect(await refill(link, MORNING + 61)).toBe(true);
    await link.close();
  });

  it('goes on tracing under a connection, which nobody else may have', async () => {
    await tracing();
    await press(0.2);
    await connect(board);
    const link = talk(board, 2, 128);
    await link.ask('hello', {});
    news();
    await board.pass(15);
    const during = adverts(news());
    expect(during.length).toBeGreaterThan(0);
    expect(during.filter(({ connectable, scannable }) => connectable || scannable)).toEqual([]);
    board.command({ t: 'disconnect' });
    await board.pass(0.1);
    expect(adverts(news()).at(-1)?.connectable).toBe(true);
  });

  it('keeps a connection beyond its minute, and says no new identifier under its address', async () => {
    await tracing();
    await press(0.2);
    await connect(board);
    const { address } = adverts(news()).at(-1) as AdvertReport;
    const link = talk(board, 2, 128);
    for (let second = 0; second < 900; second += 20) {
      await link.ask('hello', {});
      await board.pass(20);
    }
    const during = news();
    expect(during.filter(({ t }) => t === 'disconnected')).toEqual([]);
    expect(new Set(adverts(during).map((advert) => advert.address))).toEqual(new Set([address]));
    const identifiers = adverts(during).flatMap(({ data }) => {
      const hello = parseAdvert(new Uint8Array(data))?.hello;
      return hello ? [Buffer.from(hello.subarray(0, 9)).toString('hex')] : [];
    });
    expect(new Set(identifiers).size).toBe(1);
    board.command({ t: 'disconnect' });
    await board.pass(1);
    const after = adverts(news()).at(-1);
    expect(after?.connectable).toBe(false);
    expect(after?.data).not.toEqual(PRESENCE);
  });

  it.each([
    ['silent', undefined],
    ['of noise', encodePacket(new Uint8Array(20).fill(3))],
  ])('ends a connection that is %s after ten seconds', async (_what, noise) => {
    await start();
    await press(0.2);
    await connect(board);
    for (let second = 0; second < 9; second += 3) {
      if (noise) board.command({ t: 'packets', data: Buffer.from(noise).toString('base64') });
      await board.pass(3);
    }
    expect(news().filter(({ t }) => t === 'disconnected')).toEqual([]);
    await board.pass(1.2);
    expect(news().filter(({ t }) => t === 'disconnected')).toHaveLength(1);
    expect(await connect(board)).toBe(true);
  });

  it('ends a connection that has been quiet for thirty seconds', async () => {
    await start();
    await press(0.2);
    await connect(board);
    const link = talk(board, 2, 128);
    await link.ask('hello', {});
    await board.pass(29);
    expect(news().filter(({ t }) => t === 'disconnected')).toEqual([]);
    await board.pass(2);
    expect(news().filter(({ t }) => t === 'disconnected')).toHaveLength(1);
  });

  it('forgets half a frame when a connection begins', async () => {
    await start();
    await press(0.2);
    await connect(board);
    board.command({ t: 'packets', data: Buffer.from([200, 1, 2, 3]).toString('base64') });
    board.command({ t: 'disconnect' });
    await board.pass(0.1);
    expect(await connect(board)).toBe(true);
    await talk(board, 2, 128).ask('hello', {});
  });

  it('answers with the colour that the counter has it blink, until its minute is over', async () => {
    await start();
    await press(0.2);
    await connect(board);
    const link = talk(board, 2, 128);
    await link.ask('blink', { colour: COLOUR_VIOLET });
    news();
    board.command({ t: 'disconnect' });
    await board.pass(0.1);
    expect(responses(news()).at(-1)).toBe(named('3'));
    await board.pass(61);
    await press(0.2);
    expect(responses(news()).at(-1)).toBe(named('-'));
  });
});

describe.skipIf(ESPRUINO === undefined)('Bluetooth on a charger', () => {
  it('admits a counter as long as it lasts', async () => {
    const unix = MORNING - UNIX_ZERO;
    const settings = { seed: 7, unix, speed: 0, bluetooth: true };
    const board = startInterpreter({ ...(await firmware('bangle2')), ...settings }, STORAGE_BYTES);
    try {
      await board.pass(1);
      board.command({ t: 'charging', is: true });
      await board.pass(600);
      expect(await connect(board)).toBe(true);
      board.command({ t: 'disconnect' });
      board.command({ t: 'charging', is: false });
      await board.pass(1);
      expect(await connect(board)).toBe(false);
    } finally {
      await board.close();
    }
  });
});
