/**
 * Every named commit and acknowledgement, killed once before and once after: what is restarted and repeated ends as if
 * nothing had happened. Where the report has left anything, it has one effect.
 */
import './patience.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHECKPOINTS, type CheckpointName, type CheckpointPhase } from '../../host/checkpoint.js';
import type { Kill, Outcome } from './bench.js';
import { comparable, isPassedAgain, PLAN, partOf, STORIES, type StoryName, tellStory } from './kill-plan.js';
import { makeTemplate, type Template } from './template.js';

const NAMES = Object.values(CHECKPOINTS).flat() as CheckpointName[];
const PHASES: CheckpointPhase[] = ['before', 'after'];

let template: Template;
const undisturbed = new Map<StoryName, Promise<Outcome>>();
const histogram = new Map<string, number>();

/** How a story ends when nobody dies: told once. */
function undisturbedEnd(story: StoryName): Promise<Outcome> {
  let end = undisturbed.get(story);
  if (end === undefined) {
    end = tellStory(story, template.folder);
    undisturbed.set(story, end);
  }
  return end;
}

beforeAll(async () => {
  template = await makeTemplate();
});

afterAll(() => {
  template.remove();
});

describe('undisturbed', () => {
  it.concurrent.each(Object.keys(STORIES) as StoryName[])('%s ends as it should', async (story) => {
    const { ledger, token } = await undisturbedEnd(story);
    expect(ledger).toMatchObject({ doubleEpochs: 0, waiting: 0, wipesAwaited: 0, codesUnused: 0 });
    if (story === 'heard') expect(ledger.exposures).toBe(token?.records);
    expect(token?.wholeDays).toBe(token?.days);
    if (['report', 'delayed', 'refused', 'codes', 'release'].includes(story)) {
      expect(ledger).toMatchObject({ exposures: 4, atRisk: 1, receipts: 1, codesUsed: 1 });
      expect(token).toMatchObject({ batches: 4, reportedBatches: 4, reportStage: 3 });
    }
  });
});

/** What dies in one telling: at a point before and then, repeated, after; or at each in a telling of its own. */
interface Telling {
  name: CheckpointName;
  phases: CheckpointPhase[];
  points: string;
}

const TELLINGS: Telling[] = NAMES.flatMap((name) => {
  const tellings = isPassedAgain(name) ? [PHASES] : PHASES.map((phase) => [phase]);
  return tellings.map((phases) => ({ name, phases, points: `${phases.join(' and ')} ${name}` }));
});

describe('kill -9', () => {
  it.concurrent.each(TELLINGS)('$points changes nothing in the end', async ({ name, phases }) => {
    const { story, passage, after } = PLAN[name];
    const part = partOf(name);
    const kills: Kill[] = phases.map((phase) => ({
      part,
      at: passage === undefined ? `${name}:${phase}` : `${name}:${phase}:${passage}`,
    }));
    if (after !== undefined) kills.unshift({ part, at: after });
    const { hits, ...outcome } = await tellStory(story, template.folder, kills);
    for (const phase of phases) {
      const point = `${name}:${phase}`;
      histogram.set(point, (histogram.get(point) ?? 0) + (hits === kills.length ? 1 : 0));
    }
    const control = await undisturbedEnd(story);
    expect(comparable(story, outcome, control)).toEqual({ ledger: control.ledger, token: control.token });
  });
});

describe('the histogram of kills', () => {
  it('has no empty place', () => {
    const lines = NAMES.map((name) => {
      const [before, after] = PHASES.map((phase) => histogram.get(`${name}:${phase}`) ?? 0);
      return `${name.padEnd(26)} before ${before}  after ${after}   (${PLAN[name].story})`;
    });
    process.stdout.write(`Kills met, by checkpoint:\n${lines.join('\n')}\n`);
    const points = NAMES.flatMap((name) => PHASES.map((phase) => `${name}:${phase}`));
    expect(points.filter((point) => !histogram.get(point))).toEqual([]);
  });
});
