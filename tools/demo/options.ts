/** The demo's command line. */
import { parseArgs } from 'node:util';
import { type Language, languageOf } from '../../host/catalogue/catalogue.js';
import { SEED_LIMIT } from '../simulate/random.js';

/** What `--break` can plant. */
export const PLANTED = ['mac', 'seal', 'ratchet', 'outbox'] as const;
export type Planted = (typeof PLANTED)[number];

export interface DemoOptions {
  json: boolean;
  seed: number;
  nobodyPositive: boolean;
  planted: Planted | undefined;
  keep: boolean;
  /** Over real Bluetooth on an emulated controller, in real time. */
  isOnAir: boolean;
  language: Language;
}

/** Undefined when the arguments make no sense. `draw` gives a seed where none is asked for. */
export function optionsFrom(
  args: string[],
  locale: string | undefined,
  draw: (limit: number) => number,
): DemoOptions | undefined {
  let values: ReturnType<typeof parse>;
  try {
    values = parse(args);
  } catch {
    return undefined;
  }
  const seed = values.seed === undefined ? draw(SEED_LIMIT) : Number(values.seed);
  const planted = PLANTED.find((name) => name === values.break);
  const isSeed = /^\d+$/.test(values.seed ?? '0') && seed < SEED_LIMIT;
  const isLanguage = values.lang === undefined || values.lang === 'fr' || values.lang === 'en';
  // A fault shows in a report: without one there is nothing to notice.
  const isPlantable = values.break === undefined || (planted !== undefined && !values['nobody-positive']);
  // What is drawn, planted and kept belongs to the simulated day.
  const isOnAir = values.air !== undefined;
  const isDay = values.seed !== undefined || values.break !== undefined || values['nobody-positive'] || values.keep;
  const isAir = !isOnAir || (values.air === 'ble' && !isDay);
  if (!isSeed || !isLanguage || !isPlantable || !isAir) return undefined;
  return {
    json: values.json,
    seed,
    nobodyPositive: values['nobody-positive'],
    planted,
    keep: values.keep,
    isOnAir,
    language: languageOf(values.lang ?? locale),
  };
}

function parse(args: string[]) {
  return parseArgs({
    args,
    options: {
      json: { type: 'boolean', default: false },
      seed: { type: 'string' },
      'nobody-positive': { type: 'boolean', default: false },
      break: { type: 'string' },
      keep: { type: 'boolean', default: false },
      air: { type: 'string' },
      lang: { type: 'string' },
    },
  }).values;
}
