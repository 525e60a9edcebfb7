/** The command line of power-cuts. */
import { parseArgs } from 'node:util';
import { SEED_LIMIT } from '../simulate/random.js';

/** Losses of power in littlefs' default test run, and in its exhaustive one of single cuts. */
export const CI_CUTS = 28_741;
const NIGHT_CUTS = 199_092;
const CUTS_LIMIT = 1_000_000;
/** Whoever brings no seed gets this one: two runs of one commit are the same. */
const SEED = 1;

export const HELP = `Cuts the power of a simulated token at every moment that matters, boots it again, and asks whether every promise was kept.

  npm run -s power-cuts -- [--cuts N] [--seed N] [--json]
  npm run -s power-cuts -- --replay ID [--json]

  --cuts N      distinct cuts to make (default ${CI_CUTS}, littlefs' default run; ${NIGHT_CUTS} is its exhaustive one)
  --seed N      draws those cuts that are not made in every run (default ${SEED})
  --replay ID   makes the one cut that a failing run has named, and shows the flash operations around it
  --json        for machines
  --help

Examples:
  npm run -s power-cuts
  npm run -s power-cuts -- --cuts ${NIGHT_CUTS}
  npm run -s power-cuts -- --replay wrap:2079:o1
`;

export interface Options {
  cuts: number;
  seed: number;
  replay: string | undefined;
  json: boolean;
  help: boolean;
}

function wholeNumber(text: string, limit: number): number | undefined {
  const value = Number(text);
  return /^\d{1,10}$/.test(text) && value < limit ? value : undefined;
}

/** What is asked for, or a sentence that says what is wrong with it. */
export function optionsFrom(args: string[]): Options | string {
  let values: { cuts?: string; seed?: string; replay?: string; json?: boolean; help?: boolean };
  try {
    ({ values } = parseArgs({
      args,
      options: {
        cuts: { type: 'string' },
        seed: { type: 'string' },
        replay: { type: 'string' },
        json: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    }));
  } catch (thrown) {
    // The first line says it; what follows is advice on quoting.
    return (thrown as Error).message.split('\n')[0]!;
  }
  const cuts = wholeNumber(values.cuts ?? String(CI_CUTS), CUTS_LIMIT);
  const seed = wholeNumber(values.seed ?? String(SEED), SEED_LIMIT);
  if (cuts === undefined) return `--cuts takes a whole number below ${CUTS_LIMIT}`;
  if (seed === undefined) return '--seed takes a whole number below 2^32';
  return { cuts, seed, replay: values.replay, json: values.json ?? false, help: values.help ?? false };
}
