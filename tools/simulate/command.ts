/** The command `simulate`: lives worlds, and says whether everything held that must. */
import { writeFileSync } from 'node:fs';
import type { Watcher, WorldEvent } from './chronicle.js';
import { DrawnFaults, FAULT_KINDS, type FaultKind } from './faults.js';
import { Guard, Violation } from './invariants.js';
import { HELP, type Options, optionsFrom } from './options.js';
import type { RunRecord } from './record.js';
import { Collector } from './report/collect.js';
import { reportPage } from './report/page.js';
import { World } from './world.js';

const OK = 0;
const FAILED = 1;
const USAGE = 2;
const PERCENT = 100;
/** No line of progress before the first second, nor oftener. */
const PROGRESS_MS = 1000;

export interface Output {
  out(text: string): void;
  /** Progress, and what is wrong. */
  error(text: string): void;
}

/** How often each fault happened. */
class Firings implements Watcher {
  readonly counts = new Map<FaultKind, number>();

  see(event: WorldEvent): void {
    if (event.what !== 'fault') return;
    const kind = event.kind as FaultKind;
    this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1);
  }
}

interface Lived {
  record: RunRecord;
  faults: Partial<Record<FaultKind, number>>;
  held: { property: string; says: string }[];
}

/** The line that lives this world again. */
function replayOf({ scenario, tokens, days, faults }: Options, seed: number): string {
  const quiet = faults ? '' : ' --no-faults';
  return `npm run -s simulate -- --scenario ${scenario} --tokens ${tokens} --days ${days} --seed ${seed}${quiet}`;
}

function progressOn({ error }: Output, seed: number): (share: number) => void {
  let told = performance.now();
  return (share) => {
    if (performance.now() - told < PROGRESS_MS) return;
    told = performance.now();
    error(`seed ${seed}: ${Math.floor(share * PERCENT)} %\n`);
  };
}

async function live(options: Options, seed: number, output: Output, more: readonly Watcher[] = []): Promise<Lived> {
  const { scenario, tokens, days, faults } = options;
  const guard = new Guard();
  const firings = new Firings();
  const world = new World({
    ...{ scenario, tokens, days, seed },
    ...(faults && { faults: new DrawnFaults(seed) }),
    watchers: [guard, firings, ...more],
    atEnd: (ending) => guard.end(ending),
    progress: progressOn(output, seed),
  });
  const record = await world.run();
  return {
    record,
    faults: Object.fromEntries(firings.counts),
    held: guard.invariants.map(({ property, says }) => ({ property, says })),
  };
}

function textOf({ record, faults, held }: Lived, replay: string): string {
  const { seed, eventHash, virtualSeconds, realSeconds, counts, people } = record;
  const events = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const of = (verdict: string): number => people.filter((person) => person.verdict === verdict).length;
  return [
    `seed ${seed}`,
    `event hash ${eventHash}`,
    `${events} events: ${JSON.stringify(counts)}`,
    `${Math.round(virtualSeconds)} s lived in ${realSeconds.toFixed(1)} s: ${Math.round(virtualSeconds / realSeconds)} times as fast as real`,
    `${of('warn')} to be warned, ${of('spare')} not, ${of('borderline')} borderline; ${people.filter(({ isWarned }) => isWarned).length} warned`,
    `faults ${JSON.stringify(faults)}`,
    `held: ${held.map(({ property }) => property).join(', ')}`,
    `again: ${replay}\n`,
  ].join('\n');
}

/** The share of worlds in which each fault happened. */
function sharesOf(lived: readonly Lived[]): Record<string, number> {
  return Object.fromEntries(
    FAULT_KINDS.map((kind) => [kind, lived.filter(({ faults }) => faults[kind] !== undefined).length / lived.length]),
  );
}

async function liveAll(options: Options, output: Output): Promise<number> {
  const { out, error } = output;
  const lived: Lived[] = [];
  let differing = 0;
  for (let seed = options.seed; seed < options.seed + options.seeds; seed++) {
    const replay = replayOf(options, seed);
    const collector = new Collector();
    try {
      const once = await live(options, seed, output, options.report === undefined ? [] : [collector]);
      lived.push(once);
      if (options.twice && (await live(options, seed, output)).record.eventHash !== once.record.eventHash) {
        differing += 1;
        error(`two runs of seed ${seed} differ (R6)\nagain: ${replay} --twice\n`);
      }
      if (options.report !== undefined) {
        writeFileSync(
          options.report,
          reportPage({ ...once, replay, collected: collector.collected() }, options.language),
        );
      }
      if (!options.json && options.seeds === 1) out(textOf(once, replay));
    } catch (thrown) {
      if (!(thrown instanceof Violation)) error(`seed ${seed} failed\nagain: ${replay}\n`);
      else error(`${thrown.message}, at second ${Math.round(thrown.at)}\nagain: ${replay}\n`);
      if (!(thrown instanceof Violation)) throw thrown;
      return FAILED;
    }
  }
  const shares = sharesOf(lived);
  if (options.json) {
    const { twice, seeds } = options;
    out(`${JSON.stringify({ seeds, twice, differing, shares, runs: lived })}\n`);
  } else if (options.seeds > 1) {
    out(`${lived.length} worlds${options.twice ? `, each lived twice: ${differing} differ` : ''}\n`);
    for (const [kind, share] of Object.entries(shares)) {
      out(`${(share * PERCENT).toFixed(0).padStart(4)} % of seeds had ${kind}\n`);
    }
  }
  return differing === 0 ? OK : FAILED;
}

/** The exit code: 0, 1 when something did not hold, 2 when the arguments make no sense. */
export async function command(args: string[], output: Output, drawSeed: () => number): Promise<number> {
  const options = optionsFrom(args, drawSeed);
  if (options === 'help') {
    output.out(HELP);
    return OK;
  }
  if ('wrong' in options) {
    output.error(`${options.wrong}\n`);
    return USAGE;
  }
  return await liveAll(options, output);
}
