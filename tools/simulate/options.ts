/** The command line of simulate. */
import { parseArgs } from 'node:util';
import { SEED_LIMIT } from './random.js';
import { SCENARIO_NAMES, type ScenarioName } from './scenarios.js';

const TOKENS = 12;
const DAYS = 3;
const TOKENS_MAX = 500;
const DAYS_MAX = 60;
const SEEDS_MAX = 10_000;

export const HELP = `Lives a world of wearers, tokens, counters and a server in virtual time, with faults, and checks what must always hold.

  npm run -s simulate -- [--scenario NAME] [--tokens N] [--days D] [--seed S] [--seeds N] [--twice] [--no-faults]
                         [--report FILE] [--lang fr|en] [--json]

  --scenario NAME  ${SCENARIO_NAMES.join(', ')} (default care-home)
  --tokens N       wearers (default ${TOKENS})
  --days D         days (default ${DAYS})
  --seed S         0 to 2^32 - 1; the same one gives the same world to the byte (default: drawn, and printed)
  --seeds N        so many worlds, from seed S on; says in which share of them each fault happened
  --twice          lives each world twice and compares the event hashes
  --no-faults      nothing goes wrong
  --report FILE    writes a page (HTML) about the world for people
  --lang fr|en     its language (default en)
  --json           for machines

Exit code 1 when something that must hold did not; the line that lives it again is printed.

Examples:
  npm run -s simulate -- --tokens 50 --days 14 --seed 7 --report report.html
  npm run -s simulate -- --tokens 4 --days 1 --seed 1 --seeds 100 --twice
`;

export interface Options {
  scenario: ScenarioName;
  tokens: number;
  days: number;
  seed: number;
  seeds: number;
  twice: boolean;
  faults: boolean;
  report: string | undefined;
  language: 'fr' | 'en';
  json: boolean;
}

class Wrong extends Error {}

function whole(name: string, text: string, least: number, limit: number): number {
  const value = Number(text);
  if (/^\d{1,10}$/.test(text) && value >= least && value < limit) return value;
  throw new Wrong(`--${name} takes a whole number from ${least} to ${limit - 1}`);
}

/** What is asked for, `help`, or a sentence that says what is wrong with it. `drawSeed` gives one where none is asked for. */
export function optionsFrom(args: string[], drawSeed: () => number): Options | 'help' | { wrong: string } {
  try {
    const { values } = parseArgs({
      args,
      options: {
        scenario: { type: 'string', default: 'care-home' },
        tokens: { type: 'string', default: String(TOKENS) },
        days: { type: 'string', default: String(DAYS) },
        seed: { type: 'string' },
        seeds: { type: 'string', default: '1' },
        twice: { type: 'boolean', default: false },
        'no-faults': { type: 'boolean', default: false },
        report: { type: 'string' },
        lang: { type: 'string', default: 'en' },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) return 'help';
    const scenario = SCENARIO_NAMES.find((name) => name === values.scenario);
    if (scenario === undefined) throw new Wrong(`--scenario takes one of ${SCENARIO_NAMES.join(', ')}`);
    const { lang } = values;
    if (lang !== 'fr' && lang !== 'en') throw new Wrong('--lang takes fr or en');
    return {
      scenario,
      tokens: whole('tokens', values.tokens, 2, TOKENS_MAX + 1),
      days: whole('days', values.days, 1, DAYS_MAX + 1),
      seed: values.seed === undefined ? drawSeed() : whole('seed', values.seed, 0, SEED_LIMIT),
      seeds: whole('seeds', values.seeds, 1, SEEDS_MAX + 1),
      twice: values.twice,
      faults: !values['no-faults'],
      report: values.report,
      language: lang,
      json: values.json,
    };
  } catch (thrown) {
    // The first line says it; what follows is advice on quoting.
    return { wrong: (thrown as Error).message.split('\n')[0] ?? '' };
  }
}
