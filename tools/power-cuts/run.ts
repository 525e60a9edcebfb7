/** Makes the cuts of a plan, one scenario after the other, and counts what came of them. */
import { createHash } from 'node:crypto';
import { type Cut, nameOf } from './cuts.js';
import { type CutFailure, failureOf } from './failure.js';
import { type HeaderResult, spoilHeaders } from './headers.js';
import { OPERATIONS } from './operations.js';
import { planCuts } from './plan.js';
import { PAIRS, recordScenario, type Scenario, scenarioNames } from './scenarios.js';
import { type Wear, wearOf } from './wear.js';

export interface OperationResult {
  operation: string;
  cuts: number;
  /** Of all cuts. */
  share: number;
  failures: number;
  /** The most that a page of the log was read at a boot, in whole pages. */
  mountReads: number;
}

export interface RunResult {
  seed: number;
  cuts: number;
  /** Different contents of the chips that those cuts left: two moments can leave the same. */
  contents: number;
  operations: OperationResult[];
  /** Cuts and failures in each write behaviour, by how a page was bad. */
  combinations: { writes: 'in-order' | 'out-of-order'; bad: string; cuts: number; failures: number }[];
  /** Undefined when the operation that they are measured on could not be recorded; so are the headers. */
  wear: Wear | undefined;
  headers: HeaderResult | undefined;
  failures: CutFailure[];
}

export interface RunOptions {
  cuts: number;
  seed: number;
  /** Told how many cuts were made, now and then. */
  progress?: (done: number, of: number) => void;
}

const PROGRESS_EVERY = 500;

function contentOf(scenario: Scenario, cut: Cut): string {
  const hash = createHash('sha1').update(scenario.name);
  for (const chip of scenario.after(cut)) hash.update(chip.bytes);
  return hash.digest('base64');
}

export async function runCuts({ cuts, seed, progress = () => {} }: RunOptions): Promise<RunResult> {
  const scenarios: Scenario[] = [];
  const failures: CutFailure[] = [];
  for (const name of scenarioNames()) {
    try {
      scenarios.push((await recordScenario(name))!);
    } catch (thrown) {
      // Without any cut it does not do what it should.
      failures.push({ id: `${name}:1:t0`, what: failureOf(thrown) });
    }
  }
  const headers = scenarios.some(({ name }) => name === 'expire') ? await spoilHeaders() : undefined;
  failures.push(...(headers?.failures ?? []));
  const plan = planCuts(scenarios, cuts, seed);
  const operations = new Map<string, OperationResult>();
  const combinations = new Map<string, RunResult['combinations'][number]>();
  const contents = new Set<string>();
  let done = 0;
  for (const name of [...OPERATIONS, PAIRS]) {
    operations.set(name, { operation: name, cuts: 0, share: 0, failures: 0, mountReads: 0 });
  }
  for (const scenario of scenarios) {
    const result = operations.get(scenario.operation)!;
    for (const cut of plan.of(scenario)) {
      const writes = cut.mode === 'torn' ? 'in-order' : 'out-of-order';
      const bad = scenario.bad?.how ?? 'none';
      const known = combinations.get(`${writes} ${bad}`);
      const combination = known ?? { writes, bad, cuts: 0, failures: 0 };
      combinations.set(`${writes} ${bad}`, combination);
      result.cuts += 1;
      combination.cuts += 1;
      contents.add(contentOf(scenario, cut));
      try {
        result.mountReads = Math.max(result.mountReads, scenario.examine(cut));
      } catch (thrown) {
        result.failures += 1;
        combination.failures += 1;
        failures.push({ id: `${scenario.name}:${nameOf(cut)}`, what: failureOf(thrown) });
      }
      if (++done % PROGRESS_EVERY === 0) progress(done, plan.count);
    }
  }
  for (const result of operations.values()) result.share = result.cuts / plan.count;
  const wrap = scenarios.find(({ name }) => name === 'wrap');
  return {
    seed,
    cuts: plan.count,
    contents: contents.size,
    operations: [...operations.values()],
    combinations: [...combinations.values()],
    wear: wrap && wearOf(wrap.recording),
    headers,
    failures,
  };
}
