/**
 * Same inputs, same outputs: the firmware on the real interpreter and the same token code under Node get one randomness
 * and one script of events, and must agree to the byte on all that leaves or stays.
 */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { concat } from '../../device/bytes.js';
import { buildAdvert } from '../../device/robert/advert.js';
import { buildHello } from '../../device/robert/hello.js';
import { unixOfNtp } from '../../device/robert/time.js';
import { nodeDigest } from '../../host/crypto.js';
import { chance } from '../support/chance.js';
import { START } from '../support/fleet.js';
import { factsIn } from './support/board.js';
import { ESPRUINO } from './support/interpreter.js';
import { deliver, type Heard, provision, type SteppedToken, steppedBoard, steppedTwin } from './support/stepped.js';

vi.setConfig({ testTimeout: 900_000, hookTimeout: 120_000 });

const SEED = 2026;
/** Not at the beginning of an epoch. */
const BEGIN = START + 9 * 3600 + 100;
const EPOCH = 900_000;
const MINUTE = 60_000;
const CODE = 'ABCDEFGH';
const PRESS = 3.2;

interface ScriptStep {
  to: number;
  heard: Heard[];
}

const ntpAt = (milliseconds: number): number => BEGIN + milliseconds / 1000;

/** Three neighbours, one of them far, and somebody who says nonsense. */
function adverts(from: number, draw: () => number): Heard[] {
  const heard: Heard[] = [];
  for (let at = from + 40; at < from + 400; at += 97) {
    const who = Math.floor(draw() * 4);
    const epoch = Math.floor(ntpAt(at) / 900);
    const ebid = new Uint8Array(8).fill(epoch + who);
    const hello = buildHello(nodeDigest, new Uint8Array(32).fill(who), 0x21, ebid, Math.floor(ntpAt(at)) - who);
    const payload = buildAdvert(hello, who === 2 ? 5 : -10);
    if (who === 3) payload[Math.floor(draw() * payload.length)] = Math.floor(draw() * 256);
    heard.push([at, -50 - who * 12 - Math.floor(draw() * 10), Buffer.from(payload).toString('base64')]);
  }
  return heard;
}

/** Lets the simulated token live, and writes down what happened to it. */
async function live(token: ReturnType<typeof steppedTwin>, from: number, to: number): Promise<ScriptStep[]> {
  const draw = chance(from + 7);
  const script: ScriptStep[] = [];
  let { next } = await token.step(from, []);
  for (let now = from; now < to; ) {
    const heard = token.isListening() ? adverts(now, draw).filter(([at]) => at < next) : [];
    now = next < 0 ? to : Math.min(next, to);
    ({ next } = await token.step(now, heard));
    script.push({ to: now, heard });
  }
  return script;
}

async function replay(token: SteppedToken, script: ScriptStep[]): Promise<void> {
  for (const { to, heard } of script) await token.step(to, heard);
}

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** The first few pages that differ: a diff of a megabyte helps nobody. */
function differences(a: Uint8Array, b: Uint8Array): string[] {
  const found: string[] = [];
  for (let at = 0; at < a.length && found.length < 4; at += 64) {
    const [x, y] = [hexOf(a.subarray(at, at + 64)), hexOf(b.subarray(at, at + 64))];
    if (x !== y) found.push(`page ${at >> 12} byte ${at & 4095}: ${x} ${y}`);
  }
  return found;
}

describe.skipIf(ESPRUINO === undefined)('the firmware on the interpreter and the token under Node', () => {
  let board: SteppedToken;
  let twin: ReturnType<typeof steppedTwin>;

  beforeAll(async () => {
    const unix = unixOfNtp(BEGIN);
    board = await steppedBoard(SEED, unix);
    twin = steppedTwin(SEED, unix);
    await board.step(0, []);
    await twin.step(0, []);
  });

  afterAll(async () => {
    await board?.close();
    await twin?.close();
  });

  /** The same with both. */
  async function both<T>(work: (token: SteppedToken) => Promise<T>): Promise<[T, T]> {
    return [await work(twin), await work(board)];
  }

  function expectSamePages(): void {
    expect(differences(twin.pages(), board.pages())).toEqual([]);
  }

  it('keep the same when they are set up', async () => {
    await both((token) => provision(token, BEGIN));
    expectSamePages();
  });

  it('say the same over two epochs, at the same times, from the same addresses', async () => {
    const script = await live(twin, 0, 2 * EPOCH + MINUTE);
    await replay(board, script);
    expect(board.emissions).toEqual(twin.emissions);
    const said = twin.emissions.filter(({ kind }) => kind === 'advert');
    expect(said.length).toBeGreaterThan(100);
    expect(new Set(said.map((advert) => 'address' in advert && advert.address)).size).toBe(3);
  });

  it('keep the same batches and states, and make the same ticket and the same new keys', () => {
    expectSamePages();
    const facts = factsIn(board.pages());
    expect(facts.tickets()?.own).toBe(true);
    expect(facts.share()).toBeDefined();
    const blank = new Uint8Array(4096).fill(0xff);
    const firstOfLog = twin.pages().subarray(16 * 4096, 17 * 4096);
    expect(hexOf(firstOfLog)).not.toBe(hexOf(blank));
  });

  it('make the same request, and keep the same of its answer', async () => {
    const at = 2 * EPOCH + MINUTE;
    const [expected, made] = await both((token) =>
      token.visit(2, async (link) => {
        const request = await link.ask('request', { kind: 2, courierTime: Math.floor(ntpAt(at)) });
        await deliver(link, request, Math.floor(ntpAt(at)) + 3);
        return request;
      }),
    );
    expect(made).toEqual(expected);
    expectSamePages();
  });

  it('report the same', async () => {
    const [expected, made] = await both((token) =>
      token.visit(3, async (link) => {
        await link.ask('consent', { kind: 1, code: CODE });
        await token.press(PRESS);
        const header = await link.ask('report', { code: CODE });
        const chunks: Uint8Array[] = [];
        for await (const chunk of link.fetch(header.firstBatch)) chunks.push(chunk);
        return { header, batches: hexOf(concat(chunks)) };
      }),
    );
    expect(made).toEqual(expected);
    expect(expected.batches.length / 2).toBeGreaterThan(300);
    expectSamePages();
  });

  it('live on alike after that, with another clock and other identifiers', async () => {
    const from = 2 * EPOCH + MINUTE;
    const script = await live(twin, from, from + EPOCH / 2);
    await replay(board, script);
    expect(board.emissions).toEqual(twin.emissions);
    expectSamePages();
  });
});
