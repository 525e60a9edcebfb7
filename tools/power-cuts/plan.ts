/**
 * Which cuts a run makes, of all that there are: every single moment of every operation, the last word before each sync at each
 * of its bits, what a disk may have of what waits for each sync, all pairs on a small log, chips with a bad page; and then,
 * drawn by the seed, as many torn and reordered ones as are asked for, so that each operation has its share.
 */
import { Stream } from '../simulate/random.js';
import { type Cut, nameOf, ordersOf, tearsOf, waitingParts } from './cuts.js';
import { OPERATIONS } from './operations.js';
import type { Recording } from './record.js';
import type { Scenario } from './scenarios.js';

/** No operation has less of all cuts than this share. */
export const SHARE_MIN = 0.05;
/** Draws of what the disk has before each sync, and at least in all of an operation: one with few syncs has more of each. */
const SYNC_ORDERS = 8;
const ALL_ORDERS = 400;
/** Where the last thing was an erase, of which any part may be left. */
const ERASE_ORDERS = 24;
/** Moments, and draws of what the disk has, that are tried on each chip with a bad page. */
const BAD_MOMENTS = 30;
const BAD_ORDERS = 15;

class Plan {
  private readonly cuts = new Map<Scenario, Map<string, Cut>>();
  count = 0;

  add(scenario: Scenario, cut: Cut): boolean {
    const known = this.cuts.get(scenario) ?? new Map<string, Cut>();
    this.cuts.set(scenario, known);
    const name = nameOf(cut);
    if (known.has(name)) return false;
    known.set(name, cut);
    this.count += 1;
    return true;
  }

  /** Leaves so many of all cuts, drawn. */
  thin(count: number, random: Stream): void {
    const all = [...this.cuts.values()].flatMap((own) => [...own.keys()].map((name) => ({ own, name })));
    for (const { own, name } of random.shuffled(all).slice(count)) own.delete(name);
    this.count = Math.min(this.count, count);
  }

  /** In the order of their moments, which is the fastest. */
  of(scenario: Scenario): Cut[] {
    const cuts = [...(this.cuts.get(scenario)?.values() ?? [])];
    return cuts.sort((a, b) => a.index - b.index || (a.next?.index ?? 0) - (b.next?.index ?? 0));
  }

  countOf(operation: string): number {
    let count = 0;
    for (const [scenario, cuts] of this.cuts) if (scenario.operation === operation) count += cuts.size;
    return count;
  }
}

const undone = (index: number): Cut => ({ index, mode: 'torn', how: 0 });

/** The last step before each sync of a chip that anything waited for. */
function lastBeforeSync({ steps, syncs }: Recording): Set<number> {
  const indices = new Set<number>();
  for (const { chip, after } of syncs) {
    for (let index = after; index > 0; index--) {
      if (steps[index - 1]!.chip !== chip) continue;
      indices.add(index);
      break;
    }
  }
  return indices;
}

function planEvery(plan: Plan, scenario: Scenario): void {
  const { recording } = scenario;
  const waiting = waitingParts(recording);
  for (let index = 1; index <= recording.steps.length + 1; index++) plan.add(scenario, undone(index));
  const last = lastBeforeSync(recording);
  const draws = Math.max(SYNC_ORDERS, Math.ceil(ALL_ORDERS / last.size));
  for (const index of last) {
    const step = recording.steps[index - 1]!;
    const drawn = step.kind === 'erase' ? Math.max(draws, ERASE_ORDERS) : draws;
    const orders = Math.min(drawn, ordersOf(waiting[index - 1]!));
    for (let how = 1; how <= tearsOf(step); how++) plan.add(scenario, { index, mode: 'torn', how });
    for (let how = 1; how <= orders; how++) plan.add(scenario, { index, mode: 'reordered', how });
  }
}

function planPairs(plan: Plan, scenario: Scenario): void {
  for (let index = 1; index <= scenario.recording.steps.length + 1; index++) {
    const second = scenario.second!(undone(index));
    for (let then = 1; then <= second.steps.length + 1; then++)
      plan.add(scenario, { ...undone(index), next: undone(then) });
  }
}

/** Any torn or reordered cut of a scenario. */
function drawn({ recording }: Scenario, waiting: number[], random: Stream): Cut {
  const index = 1 + random.below(recording.steps.length);
  const tears = tearsOf(recording.steps[index - 1]!);
  const orders = ordersOf(waiting[index - 1]!);
  if (tears > 0 && random.below(2) === 0) return { index, mode: 'torn', how: 1 + random.below(tears) };
  return { index, mode: 'reordered', how: 1 + random.below(orders) };
}

function planBad(plan: Plan, scenario: Scenario, random: Stream): void {
  const { recording } = scenario;
  const waiting = waitingParts(recording);
  const moments = recording.steps.length + 1;
  for (let i = 0; i < BAD_MOMENTS; i++) plan.add(scenario, undone(1 + random.below(moments)));
  plan.add(scenario, undone(moments));
  for (let i = 0; i < BAD_ORDERS && recording.steps.length > 0; i++) {
    const index = 1 + random.below(recording.steps.length);
    plan.add(scenario, { index, mode: 'reordered', how: 1 + random.below(ordersOf(waiting[index - 1]!)) });
  }
}

/** Draws cuts of one scenario until there are `count` of its operation; false when there are no more to be found. */
function fill(plan: Plan, scenario: Scenario, until: () => boolean, random: Stream): boolean {
  const waiting = waitingParts(scenario.recording);
  for (let misses = 0; !until(); ) {
    if (plan.add(scenario, drawn(scenario, waiting, random))) misses = 0;
    else if (++misses > 1000) return false;
  }
  return true;
}

/** Exactly `count` cuts, unless there are not so many; fewer than every run should make are drawn from those. */
export function planCuts(scenarios: Scenario[], count: number, seed: number): Plan {
  const plan = new Plan();
  const random = new Stream(seed, 'cuts');
  for (const scenario of scenarios) {
    if (scenario.second) planPairs(plan, scenario);
    else if (scenario.bad) planBad(plan, scenario, random);
    else planEvery(plan, scenario);
  }
  if (plan.count > count) plan.thin(count, random);
  const whole = OPERATIONS.flatMap((name) => scenarios.filter((each) => each.name === name));
  for (const scenario of plan.count < count ? whole : []) {
    fill(plan, scenario, () => plan.countOf(scenario.operation) >= Math.ceil(SHARE_MIN * count), random);
  }
  // What is left goes to all alike.
  let open = whole;
  while (plan.count < count && open.length > 0) {
    open = open.filter((scenario) => {
      const goal = Math.min(count, plan.count + Math.ceil((count - plan.count) / open.length));
      return fill(plan, scenario, () => plan.count >= goal, random);
    });
  }
  return plan;
}
