/** The command `mutants`: plants defects one by one, and says which the tests did not find. */
import { parseArgs } from 'node:util';
import { SEED_LIMIT } from '../simulate/random.js';
import { AREAS, type AreaName } from './areas.js';
import { Garden } from './garden.js';
import { idOf, type Mutant, mutantsOf, sampleOf } from './mutants.js';

const OK = 0;
const FAILED = 1;
const USAGE = 2;
const INTERRUPTED = 130;
const COUNT = 60;
const SEED = 1;
/** Of the planted defects that the tests must find. */
const SHARE = 0.9;
const NAMES = Object.keys(AREAS) as AreaName[];

const HELP = `Plants defects into the sources, one at a time, and lets the tests look for them.

  npm run -s mutants -- [AREA...] [--count N] [--seed N] [--file TEXT] [--list] [--json]

  AREA          ${NAMES.join(', ')} (default: all)
  --count N     defects to plant in each area, drawn from the seed (default ${COUNT}; 0 for all that there are)
  --seed N      draws them (default ${SEED})
  --file TEXT   only in files whose path has this in it
  --list        says which defects there are, and plants none
  --json        for machines

Exit code 1 when less than ${SHARE * 100} % of an area's were found. An area takes ten minutes and more.

Examples:
  npm run -s mutants -- log
  npm run -s mutants -- seal --file hmac --count 0
`;

export interface Output {
  out(text: string): void;
  /** Progress, and what is wrong. */
  error(text: string): void;
}

interface Options {
  areas: AreaName[];
  count: number;
  seed: number;
  file: string;
  list: boolean;
  json: boolean;
}

interface AreaResult {
  area: AreaName;
  possible: number;
  planted: number;
  killed: number;
  survivors: string[];
}

/** What is asked for, the help, or a sentence that says what is wrong with it. */
function optionsFrom(args: string[]): Options | 'help' | { wrong: string } {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        count: { type: 'string', default: String(COUNT) },
        seed: { type: 'string', default: String(SEED) },
        file: { type: 'string', default: '' },
        list: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) return 'help';
    const unknown = positionals.find((name) => !NAMES.includes(name as AreaName));
    if (unknown !== undefined) return { wrong: `there is no area ${JSON.stringify(unknown)}: ${NAMES.join(', ')}` };
    const [count, seed] = [values.count, values.seed].map((text) => (/^\d{1,10}$/.test(text) ? Number(text) : -1));
    if (count === undefined || count < 0) return { wrong: '--count takes a whole number' };
    if (seed === undefined || seed < 0 || seed >= SEED_LIMIT)
      return { wrong: '--seed takes a whole number below 2^32' };
    const areas = positionals.length > 0 ? (positionals as AreaName[]) : NAMES;
    return {
      areas,
      count: count || Number.POSITIVE_INFINITY,
      seed,
      file: values.file,
      list: values.list,
      json: values.json,
    };
  } catch (thrown) {
    // The first line says it; what follows is advice on quoting.
    return { wrong: (thrown as Error).message.split('\n')[0] ?? '' };
  }
}

function drawn(area: AreaName, { count, seed, file }: Options): { possible: number; sample: Mutant[] } {
  const all = mutantsOf('.', area).filter((mutant) => mutant.file.includes(file));
  return { possible: all.length, sample: sampleOf(all, count, seed, area) };
}

async function tried(area: AreaName, options: Options, garden: Garden, { error }: Output): Promise<AreaResult> {
  const { possible, sample } = drawn(area, options);
  const { tests } = AREAS[area];
  const survivors: string[] = [];
  for (const [done, mutant] of sample.entries()) {
    error(`${area} ${done + 1} of ${sample.length}, ${survivors.length} survived\n`);
    if ((await garden.fateOf(mutant, tests)) === 'survived') survivors.push(idOf(mutant));
  }
  return { area, possible, planted: sample.length, killed: sample.length - survivors.length, survivors };
}

function textOf({ area, possible, planted, killed, survivors }: AreaResult): string {
  const share = planted === 0 ? '' : `, ${((100 * killed) / planted).toFixed(1)} %`;
  const lines = survivors.map((id) => `  survived  ${id}\n`);
  return `${area}: ${killed} of ${planted} found${share}; ${possible} possible\n${lines.join('')}`;
}

/** The exit code: 0, 1 when too few were found or the tests fail by themselves, 2 when the arguments make no sense. */
export async function command(args: string[], output: Output): Promise<number> {
  const options = optionsFrom(args);
  if (options === 'help') {
    output.out(HELP);
    return OK;
  }
  if ('wrong' in options) {
    output.error(`${options.wrong}\n`);
    return USAGE;
  }
  if (options.list) {
    for (const area of options.areas) for (const mutant of drawn(area, options).sample) output.out(`${idOf(mutant)}\n`);
    return OK;
  }
  const garden = new Garden(process.cwd());
  const leave = (): void => {
    garden.close();
    process.exit(INTERRUPTED);
  };
  process.once('SIGINT', leave);
  try {
    const results: AreaResult[] = [];
    for (const area of options.areas) {
      if (!(await garden.isGreen(AREAS[area].tests))) {
        output.error(`the tests of ${area} fail without any defect: run them first\n`);
        return FAILED;
      }
      const result = await tried(area, options, garden, output);
      results.push(result);
      if (!options.json) output.out(textOf(result));
    }
    if (options.json) output.out(`${JSON.stringify({ seed: options.seed, areas: results })}\n`);
    return results.every(({ planted, killed }) => killed >= SHARE * planted) ? OK : FAILED;
  } finally {
    process.off('SIGINT', leave);
    garden.close();
  }
}
