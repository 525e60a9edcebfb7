/**
 * Memory on the real interpreter, in its blocks: after boot, in a crowd, at the peak of a visit, and that none is lost
 * over a day. Time, as wall time beside that of a reference loop in the same process, is printed and not judged.
 * Figures and limits: device/boards/budget.json.
 */
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Allowance, budgetOf, delta } from '../../tools/firmware/budget.js';
import { START } from '../support/fleet.js';
import { firmware, STORAGE_BYTES } from './support/board.js';
import { plugIn, provision, refill, UNIX_ZERO } from './support/counter.js';
import { ESPRUINO, type Interpreter, type Report, startInterpreter } from './support/interpreter.js';

const BOARD = 'bangle2';
const MORNING = START + 8 * 3600;
const NEIGHBOURS = 60;
/** Blocks by which two like moments may differ: a timer or two, a row of numbers boxed, a page more in the log's list. */
const SLACK = 60;

const budget = budgetOf(resolve(import.meta.dirname, '../..'), BOARD);

describe.skipIf(ESPRUINO === undefined)(`memory of ${BOARD} on Espruino`, () => {
  let board: Interpreter;
  let total = 0;
  const rows: string[] = [];

  beforeAll(async () => {
    const unix = MORNING - UNIX_ZERO;
    board = startInterpreter({ ...(await firmware(BOARD)), seed: 7, unix, speed: 0, sample: true }, STORAGE_BYTES);
  }, 120_000);

  afterAll(async () => {
    await board.close();
    console.log(`memory of ${BOARD}, blocks of ${total}\n${rows.join('\n')}`);
  });

  /** Blocks used now, and the most since the last call; without what only the stand-in needs. */
  async function used(): Promise<{ now: number; peak: number }> {
    const memory = await board.memory();
    total = memory.total;
    return { now: memory.usage - memory.own, peak: memory.peak - memory.own };
  }

  function judge(what: string, blocks: number, allowance: Allowance | undefined): void {
    const share = ((100 * blocks) / total).toFixed(1);
    const change = allowance === undefined ? 'no budget' : delta(allowance, blocks);
    rows.push(`  ${what.padEnd(32)}${String(blocks).padStart(6)}  ${share.padStart(5)} %  ${change}`);
    expect(allowance).toBeDefined();
    expect(blocks, what).toBeLessThanOrEqual(allowance?.limit ?? 0);
  }

  async function visit(work: typeof provision, at: number): Promise<void> {
    const link = plugIn(board, at);
    try {
      await link.ask('hello', {});
      expect(await work(link, at)).toBe(true);
    } finally {
      await link.close();
    }
  }

  it('is little after boot', async () => {
    // The image starts when the selector has ended: it has booted once it answers.
    const link = plugIn(board);
    await link.ask('hello', {});
    await link.close();
    await board.pass(1);
    judge('booted', (await used()).now, budget?.boot);
  });

  it('keeps within the budget at the peak of a visit', async () => {
    await visit(provision, MORNING);
    const first = (await used()).peak;
    await board.pass(120);
    await used();
    await visit(refill, MORNING + 120);
    judge('peak of a visit', Math.max(first, (await used()).peak), budget?.visit);
  }, 300_000);

  it('keeps within the budget among sixty', async () => {
    await board.around(NEIGHBOURS, 1);
    await board.pass(240);
    await used();
    await board.leap(780 - 240);
    await board.pass(60);
    judge(`peak among ${NEIGHBOURS}`, (await used()).peak, budget?.crowd);
  }, 300_000);

  it('is not lost over a day and ten thousand adverts', async () => {
    const from = performance.now();
    await board.around(53, 2);
    await board.epochs(2);
    const early = (await used()).now;
    for (let part = 0; part < 94; part += 2) {
      await board.around(53, part + 3);
      await board.epochs(2);
    }
    const late = await used();
    const { heard } = await board.ask<Tally>({ t: 'tally' }, 'tally');
    rows.push(`  after 2 epochs ${early}, after 96 ${late.now}; ${heard} adverts heard`);
    rows.push(`  a day in brief took ${Math.round((performance.now() - from) / 1000)} s`);
    expect(heard).toBeGreaterThanOrEqual(10_000);
    expect(late.now).toBeLessThanOrEqual(early + SLACK);
  }, 900_000);

  it('says what things take', async () => {
    const spent = await board.ask<Timing>({ t: 'timing' }, 'timing');
    const loops = (seconds: number): string => Math.round((seconds / spent.loop) * 1000).toString();
    rows.push(`  1000 empty loops ${(spent.loop * 1e3).toFixed(2)} ms here; in thousands of loops, here:`);
    rows.push(`  a HELLO ${loops(spent.hello)}, an advert heard ${loops(spent.heard)}, an epoch ${loops(spent.epoch)}`);
  }, 120_000);
});

interface Tally extends Report {
  t: 'tally';
  heard: number;
}

/** Real seconds: of 1000 turns of an empty loop, and of each thing that a token does all day. */
interface Timing extends Report {
  t: 'timing';
  loop: number;
  hello: number;
  heard: number;
  epoch: number;
}
