/**
 * The power goes right after any of the first flash operations of a token's life on the real interpreter: being set up,
 * sealing what it heard epoch by epoch, turning its pages, losing the old ones, two visits. It always boots, and nothing
 * that it had acknowledged is lost.
 *
 * One life is recorded, with 40 real cuts in it: each shows that the log of operations tells what the flash then holds.
 * So the flash after every other operation is rebuilt here from the log, and the interpreter boots on it.
 * `GALET_CUTS=2000` boots after each of so many operations; otherwise after 150 of them. `GALET_SEED` draws which.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { LIFE_BLANK, LIFE_TRACING } from '../../device/link/messages.js';
import { utcDay } from '../../device/robert/time.js';
import { chance } from '../support/chance.js';
import { START } from '../support/fleet.js';
import { type Installed, STORAGE_BYTES } from './support/board.js';
import { plugIn, provision, refill, UNIX_ZERO } from './support/counter.js';
import { CommittedBatches, type Held, type Operation, operationsOf, perform, readToken } from './support/flash-log.js';
import { ESPRUINO, type Interpreter, type InterpreterOptions, startInterpreter } from './support/interpreter.js';
import { SMALL_PAGES, smallFirmware } from './support/small-board.js';
import { TOKEN_PAGE } from './support/token-file.js';

const OPERATIONS = 2000;
const KILLS = 40;
const DAY = 86_400;
const KEEP_DAYS = 14;
/** Far more than the operations take. */
const DAYS_MAX = 60;
const SEED = Number(process.env.GALET_SEED ?? Date.now() % 1_000_000);
const CUTS = Math.min(OPERATIONS, Number(process.env.GALET_CUTS ?? 150));

/** What a counter has been told, and after how many operations. */
interface Acknowledged {
  after: number;
  /** NTP seconds of the answer that the token applied. */
  time: number;
}

interface Recording {
  /** What the flash held before the first operation. */
  first: Uint8Array;
  operations: Operation[];
  acknowledged: Acknowledged[];
  /** For each real cut: how many operations there had been, and whether the flash then was what the log says. */
  kills: { after: number; isAsRecorded: boolean }[];
}

/** A board, its life so far, and cuts that come by themselves. */
class Recorder {
  readonly recording: Recording;
  private readonly board: Interpreter;
  private seen = 0;
  private begun = 0;

  constructor(
    private readonly draw: () => number,
    options: InterpreterOptions,
  ) {
    const pages = new Uint8Array(SMALL_PAGES * TOKEN_PAGE).fill(0xff);
    this.board = startInterpreter({ ...options, pages }, STORAGE_BYTES);
    this.recording = { first: this.board.begun(), operations: [], acknowledged: [], kills: [] };
    this.nextCut();
  }

  /** NTP seconds by the board's clock. */
  get now(): number {
    return (this.board.reports.at(-1)?.at ?? 0) + UNIX_ZERO;
  }

  /** The token's own word for it: it may have renewed its keys in an answer whose receipt a cut has swallowed. */
  private get kEnc(): Uint8Array | undefined {
    return readToken(this.board.image(), SMALL_PAGES).facts.keys()?.kEnc;
  }

  get troubles(): unknown[] {
    return this.board.reports.filter(({ t }) => t === 'trouble');
  }

  get operations(): number {
    return this.recording.operations.length;
  }

  /** Does something until it has been done without a cut. */
  async until(action: (board: Interpreter) => Promise<void>): Promise<void> {
    for (;;) {
      const gone = this.board.ended.then(() => 'cut' as const);
      const done = await Promise.race([
        action(this.board).then(
          () => 'done' as const,
          () => gone,
        ),
        gone,
      ]);
      this.take();
      if (done === 'done') return;
      this.isCut();
    }
  }

  /** A visit; what the token says it has applied counts as acknowledged. */
  visit(kind: 'provision' | 'refill'): Promise<void> {
    return this.until(async (board) => {
      const link = plugIn(board, Math.floor(this.draw() * 1e6));
      try {
        const { life } = await link.ask('hello', {});
        if (kind === 'provision' && life !== LIFE_BLANK) return;
        const time = this.now;
        const isApplied = await (kind === 'provision' ? provision(link, time) : refill(link, time, this.kEnc));
        expect(isApplied).toBe(true);
        this.take();
        this.recording.acknowledged.push({ after: this.operations, time: Math.floor(time) });
      } finally {
        await link.close();
      }
    });
  }

  private take(): void {
    this.recording.operations.push(...operationsOf(this.board.reports.slice(this.seen)));
    this.seen = this.board.reports.length;
  }

  private isCut(): void {
    const { board, recording } = this;
    const rebuilt = board.begun().slice();
    for (const operation of recording.operations.slice(this.begun)) perform(rebuilt, operation);
    const isAsRecorded = Buffer.compare(rebuilt, board.image()) === 0;
    recording.kills.push({ after: this.operations, isAsRecorded });
    this.begun = this.operations;
    board.restart({ unix: this.now - UNIX_ZERO });
    this.nextCut();
  }

  private nextCut(): void {
    if (this.recording.kills.length >= KILLS) return;
    const after = 1 + Math.floor(this.draw() * 1.5 * (OPERATIONS / KILLS));
    this.board.command({ t: 'cut', after });
  }

  close(): Promise<void> {
    return this.board.close();
  }
}

async function record(installed: Installed, seed: number): Promise<Recording> {
  const options = { ...installed, seed, unix: START + 8 * 3600 - UNIX_ZERO, speed: 0, log: true };
  const recorder = new Recorder(chance(seed), options);
  try {
    await recorder.visit('provision');
    for (let day = 1; recorder.operations < OPERATIONS; day++) {
      expect(day).toBeLessThan(DAYS_MAX);
      for (let part = 0; part < 4; part++) {
        await recorder.until(async (board) => {
          await board.around(2, day);
          await board.epochs(8);
        });
      }
      if (day % 6 === 0) await recorder.visit('refill');
      // A fortnight in a drawer, so that pages expire, and the visit that this makes necessary.
      await recorder.until((board) => board.leap(day === 6 ? 15 * DAY : 16 * 3600));
      if (day === 6) await recorder.visit('refill');
    }
    expect(recorder.troubles).toEqual([]);
    return recorder.recording;
  } finally {
    await recorder.close();
  }
}

/** Boots on `image` and says what is there then. */
async function boot(
  installed: Installed,
  image: Uint8Array,
  unix: number,
  isLived: boolean,
): Promise<Held & { life: number }> {
  const board = startInterpreter({ ...installed, seed: 99, unix, speed: 0, image }, STORAGE_BYTES);
  const link = plugIn(board);
  try {
    const { life } = await link.ask('hello', {});
    const held = readToken(board.image(), SMALL_PAGES);
    if (isLived && life === LIFE_TRACING) await goesOn(board, held);
    expect(board.reports.filter(({ t }) => t === 'trouble')).toEqual([]);
    return { ...held, life };
  } finally {
    await link.close();
    await board.close();
  }
}

/** It hears, and seals the batch that comes next. */
async function goesOn(board: Interpreter, held: Held): Promise<void> {
  const next = held.nextIndex;
  await board.around(1, 99);
  await board.pass(40);
  await board.epochs(1);
  expect(readToken(board.image(), SMALL_PAGES).nextIndex).toBeGreaterThan(next);
}

describe.skipIf(ESPRUINO === undefined)(`a cut of the power on Espruino (GALET_SEED=${SEED})`, () => {
  let installed: Installed;
  let recording: Recording;

  beforeAll(async () => {
    console.log(`power cuts: GALET_SEED=${SEED}`);
    const from = performance.now();
    installed = await smallFirmware();
    recording = await record(installed, SEED);
    const seconds = Math.round((performance.now() - from) / 1000);
    console.log(`${recording.operations.length} operations, ${recording.kills.length} real cuts, in ${seconds} s`);
  }, 900_000);

  it('leaves what the log of operations says', () => {
    expect(recording.kills.length).toBe(KILLS);
    for (const kill of recording.kills) expect(kill).toEqual({ after: kill.after, isAsRecorded: true });
  });

  it('happens in a life that has everything in it', () => {
    const { operations, acknowledged } = recording;
    const erased = operations.filter(({ data }) => data === undefined);
    expect(acknowledged.length).toBeGreaterThanOrEqual(3);
    expect(erased.length).toBeGreaterThan(20);
  });

  it('loses nothing that was acknowledged, after any operation', async () => {
    const { first, operations, acknowledged } = recording;
    const chosen = choose(CUTS, chance(SEED + 1));
    const image = first.slice();
    const committed = new CommittedBatches();
    let done = 0;
    let next = 0;
    const from = performance.now();

    async function worker(): Promise<void> {
      while (next < chosen.length) {
        const turn = next++;
        const after = chosen[turn] as number;
        for (; done < after; done++) {
          perform(image, operations[done] as Operation);
          committed.take(operations[done] as Operation);
        }
        const { at } = operations[after - 1] as Operation;
        const wanted = [...committed.all].filter(
          ([, batch]) => utcDay(batch.at + UNIX_ZERO) >= utcDay(at + UNIX_ZERO) - KEEP_DAYS,
        );
        const applied = acknowledged.filter((answer) => answer.after <= after).at(-1);
        const held = await boot(installed, image.slice(), at, turn % 10 === 0);
        const where = `after operation ${after}`;
        if (applied !== undefined) {
          expect(held.life, where).toBe(LIFE_TRACING);
          expect(held.facts.answer()?.head.time, where).toBeGreaterThanOrEqual(applied.time);
          expect(held.facts.keys(), where).toBeDefined();
          expect(held.facts.tickets(), where).toBeDefined();
        }
        for (const [index, { bytes }] of wanted) {
          expect(held.batches.get(index)?.equals(bytes), `${where}, batch ${index}`).toBe(true);
        }
      }
    }
    await Promise.all([worker(), worker()]);
    const seconds = Math.round((performance.now() - from) / 1000);
    console.log(`${chosen.length} boots in ${seconds} s`);
  }, 3_600_000);
});

/** So many of the operations, in order. */
function choose(count: number, draw: () => number): number[] {
  const all = Array.from({ length: OPERATIONS }, (_, i) => i + 1);
  while (all.length > count) all.splice(Math.floor(draw() * all.length), 1);
  return all;
}
