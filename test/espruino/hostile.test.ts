/**
 * Whatever is on air or on the line, the token stays what it is: hostile adverts and as many hostile frames, on the real
 * interpreter. `GALET_HOSTILE=100000` sends so many of each, which takes some twenty minutes; otherwise 5000 are.
 * `GALET_SEED` replays a run.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildTerms, OPEN } from '../../device/link/frame.js';
import { encodeLine } from '../../device/link/lines.js';
import { LIFE_TRACING } from '../../device/link/messages.js';
import { LINK_SECONDS } from '../../device/link/server.js';
import { START } from '../support/fleet.js';
import { STORAGE_BYTES } from './support/board.js';
import { plugIn, provision, refill, UNIX_ZERO } from './support/counter.js';
import { readToken } from './support/flash-log.js';
import { ESPRUINO, type Interpreter, type Report, startInterpreter } from './support/interpreter.js';
import { SMALL_PAGES, smallFirmware } from './support/small-board.js';

const MORNING = START + 8 * 3600;
const COUNT = Number(process.env.GALET_HOSTILE ?? 5000);
const PORTION = 2000;
const SEED = Number(process.env.GALET_SEED ?? Date.now() % 1_000_000);
/** Blocks: a session more or less, a row of numbers boxed. */
const SLACK = 80;
/** More than any session's patience. */
const QUIET = LINK_SECONDS + 30;

interface Hostile extends Report {
  t: 'hostile';
  taken: number;
}

describe.skipIf(ESPRUINO === undefined)(`hostile bytes on Espruino (GALET_SEED=${SEED})`, () => {
  let board: Interpreter;
  /** Frames of a real visit, base64. */
  const recorded: string[] = [];

  beforeAll(async () => {
    console.log(`hostile: GALET_SEED=${SEED}`);
    board = startInterpreter(
      { ...(await smallFirmware()), seed: 7, unix: MORNING - UNIX_ZERO, speed: 0 },
      STORAGE_BYTES,
    );
    const link = plugIn(board, 3, (line) => recorded.push(Buffer.from(line).toString('latin1').trim()));
    await provision(link, MORNING);
    await refill(link, MORNING + 1);
    await link.close();
    await board.around(70, 1);
    await board.pass(60);
  }, 120_000);

  afterAll(() => board.close());

  async function visit(): Promise<number> {
    const link = plugIn(board, 11);
    try {
      return (await link.ask('hello', {})).life;
    } finally {
      await link.close();
    }
  }

  async function usage(): Promise<number> {
    const { usage, own } = await board.memory();
    return usage - own;
  }

  /** Some of those around are heard and sealed at the end of the epoch. */
  async function stillHears(): Promise<void> {
    const { nextIndex } = readToken(board.image(), SMALL_PAGES);
    await board.around(3, 9);
    await board.epochs(2);
    expect(readToken(board.image(), SMALL_PAGES).nextIndex).toBeGreaterThan(nextIndex);
  }

  it('changes nothing on air', async () => {
    const before = { image: board.image(), usage: await usage() };
    const from = performance.now();
    let taken = 0;
    for (let portion = 0; taken < COUNT; portion++) {
      // A window stays open while time stands still.
      const hostile = await board.ask<Hostile>(
        { t: 'hostileAdverts', seed: SEED + portion, count: PORTION },
        'hostile',
      );
      taken += hostile.taken;
      if (hostile.taken < PORTION) await board.pass(1);
    }
    console.log(`${taken} adverts in ${Math.round((performance.now() - from) / 1000)} s`);
    expect(Buffer.compare(board.image(), before.image)).toBe(0);
    expect(Math.abs((await usage()) - before.usage)).toBeLessThanOrEqual(SLACK);
    expect(await visit()).toBe(LIFE_TRACING);
    await stillHears();
  }, 7_200_000);

  it('changes nothing on the line', async () => {
    await board.around(0, 0);
    await board.pass(QUIET);
    const before = { image: board.image(), usage: await usage() };
    const from = performance.now();
    const nonce = 0x01020304;
    const opening = buildTerms(OPEN, { version: 1, nonce, frameSize: 256, window: 8 });
    board.type(encodeLine(opening));
    const frames = [Buffer.from(opening).toString('base64'), ...recorded.slice(0, 40)];
    const session = Buffer.from([1, 2, 3, 4]).toString('base64');
    for (let sent = 0, portion = 0; sent < COUNT; sent += PORTION, portion++) {
      await board.ask<Hostile>(
        { t: 'hostileFrames', seed: SEED + portion, count: PORTION, frames: pick(frames, portion), session },
        'hostile',
      );
      // The ends of half lines, and the timers of sessions.
      board.type('\n');
    }
    console.log(`${COUNT} frames in ${Math.round((performance.now() - from) / 1000)} s`);
    expect(Buffer.compare(board.image(), before.image)).toBe(0);
    await board.pass(QUIET);
    expect(Math.abs((await usage()) - before.usage)).toBeLessThanOrEqual(SLACK);
    expect(await visit()).toBe(LIFE_TRACING);
    await stillHears();
  }, 7_200_000);

  it('leaves no trouble behind', () => {
    expect(board.reports.filter(({ t }) => t === 'trouble')).toEqual([]);
  });
});

/** A control line holds a few frames; each portion takes its own. */
function pick(frames: string[], portion: number): string[] {
  return [frames[0] as string, frames[1 + (portion % (frames.length - 1))] as string];
}
