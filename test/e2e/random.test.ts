/**
 * On demand: kills at random moments of a visit with a report, `GALET_RANDOM_KILLS` of them, drawn from `GALET_SEED`
 * (`npm run -s e2e:random -- --points 200 --seed 7`). Every case prints what is needed to tell it again.
 */
import './patience.js';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chance } from '../support/chance.js';
import { Bench, type Outcome, PARTS, type Part } from './bench.js';
import { makeTemplate, POSITIVE, type Template } from './template.js';

const POINTS = Number(process.env.GALET_RANDOM_KILLS ?? '0');
const SEED = Number(process.env.GALET_SEED ?? Math.floor(Math.random() * 0x1_0000_0000));

interface Moment {
  part: Part;
  /** How far into the visit: a share of what it takes when nobody dies. */
  share: number;
}

const draw = chance(SEED);
const moments: Moment[] = Array.from({ length: POINTS }, () => ({
  part: PARTS[Math.floor(draw() * PARTS.length)] as Part,
  share: Math.round(draw() * 1000) / 1000,
}));

let template: Template;
let undisturbed: Outcome;
let lasts = 0;
const met = new Map<Part, number>();

/** A visit and a report, and a kill on the way. */
async function visit(moment?: Moment): Promise<Outcome> {
  const bench = await Bench.open([], template.folder);
  try {
    bench.put({ flash: POSITIVE });
    await bench.up();
    const code = await bench.issueCode();
    const kill = async (): Promise<void> => {
      if (moment === undefined) return;
      await sleep(moment.share * lasts);
      if (await bench.killNow(moment.part)) met.set(moment.part, (met.get(moment.part) ?? 0) + 1);
    };
    const visiting = async (): Promise<void> => {
      await bench.sync();
      await bench.report(code);
    };
    const start = performance.now();
    await Promise.all([visiting(), kill()]);
    if (moment === undefined) lasts = performance.now() - start;
    return await bench.finish();
  } finally {
    await bench.close();
  }
}

describe.skipIf(POINTS === 0)(`random kills (seed ${SEED})`, () => {
  beforeAll(async () => {
    process.stdout.write(`random kills: GALET_SEED=${SEED}, ${POINTS} points\n`);
    template = await makeTemplate();
    undisturbed = await visit();
    expect(undisturbed.ledger).toMatchObject({ exposures: 4, doubleEpochs: 0, receipts: 1, codesUsed: 1 });
  });
  afterAll(() => {
    process.stdout.write(`kills met: ${JSON.stringify(Object.fromEntries(met))}\n`);
    template.remove();
  });

  it.concurrent.each(
    moments.map((moment, index) => ({ index, ...moment })),
  )('number $index: $part dies at $share of the visit, and nothing changes in the end', async (moment) => {
    expect(await visit(moment)).toEqual(undisturbed);
  });
});
