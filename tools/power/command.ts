/** The command `schedule`: what schedules cost, what they notice, and which one the tokens have. */
import { parseArgs } from 'node:util';
import { SEED_LIMIT } from '../simulate/random.js';
import { type Candidate, candidates, judged, WANTED } from './choose.js';
import { CURRENTS, type CurrentsName } from './currents.js';
import { days } from './model.js';
import { OURS } from './ours.js';

const OK = 0;
const FAILED = 1;
const USAGE = 2;
const SEED = 1;
const TRIALS = 4000;
const SHOWN = 12;
const CELL = 1000;
const NAMES = Object.keys(CURRENTS) as CurrentsName[];

const HELP = `Searches when a token's radio should be on: least current for what must be noticed.

  npm run -s schedule -- [--radio NAME] [--seed N] [--trials N] [--json]

  --radio NAME  whose currents: ${NAMES.join(', ')} (default espruino)
  --seed N      of the random contacts (default ${SEED})
  --trials N    contacts for each schedule (default ${TRIALS})
  --json        all of them, for machines

Exit code 1 when the tokens' own schedule does not do what it must.

Examples:
  npm run -s schedule
  npm run -s schedule -- --radio zephyr --trials 20000 --json
`;

export interface Output {
  out(text: string): void;
  error(text: string): void;
}

function lineOf({ schedule, current, ofBound, noticed, score, isGood }: Candidate): string {
  const { advertising, scan, window } = schedule;
  return [
    `${(1000 * advertising).toFixed(0)} ms`.padStart(9),
    `${(1000 * window).toFixed(0)} ms every ${scan} s`.padStart(19),
    `${current.toFixed(0)} uA`.padStart(8),
    `${days(current, CELL).toFixed(0)} d`.padStart(7),
    ofBound.toFixed(2).padStart(9),
    `${(100 * noticed).toFixed(2)} %`.padStart(10),
    score.toFixed(3).padStart(7),
    isGood ? '  yes' : '  no',
  ].join('');
}

const HEAD = '   advert             window current  1000mAh  of bound  5 min seen  score  all three\n';

function textOf(found: readonly Candidate[], ours: Candidate): string {
  const best = found.find(({ isGood }) => isGood);
  const cheap = found.filter((one) => one === best || one.score >= WANTED.score - 0.02).slice(0, SHOWN);
  const chosen =
    best === undefined ? 'no schedule has all three\n' : `least current with all three:\n${lineOf(best)}\n`;
  return `${HEAD}${cheap.map(lineOf).join('\n')}\n\n${chosen}the tokens have:\n${lineOf(ours)}\n`;
}

/** The exit code: 0, 1 when the tokens' schedule does not do what it must, 2 when the arguments make no sense. */
export function command(args: string[], { out, error }: Output): number {
  const options = {
    radio: { type: 'string', default: 'espruino' },
    seed: { type: 'string', default: String(SEED) },
    trials: { type: 'string', default: String(TRIALS) },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  } as const;
  let values: { radio: string; seed: string; trials: string; json: boolean; help: boolean };
  try {
    ({ values } = parseArgs({ args, options }));
  } catch (thrown) {
    error(`${(thrown as Error).message.split('\n')[0]}\n`);
    return USAGE;
  }
  if (values.help) {
    out(HELP);
    return OK;
  }
  const radio = NAMES.find((name) => name === values.radio);
  const isNumber = (text: string): boolean => /^\d{1,10}$/.test(text) && Number(text) < SEED_LIMIT;
  if (radio === undefined || !isNumber(values.seed) || !isNumber(values.trials) || Number(values.trials) < 10) {
    error(`--radio takes one of ${NAMES.join(', ')}; --seed and --trials take whole numbers, trials from 10\n`);
    return USAGE;
  }
  const [seed, trials] = [Number(values.seed), Number(values.trials)];
  const found = candidates(CURRENTS[radio], seed, trials);
  const ours = judged(OURS, CURRENTS[radio], seed, trials);
  const best = found.find(({ isGood }) => isGood);
  out(
    values.json
      ? `${JSON.stringify({ wanted: WANTED, radio, seed, trials, best, ours, found })}\n`
      : textOf(found, ours),
  );
  return ours.isGood ? OK : FAILED;
}
