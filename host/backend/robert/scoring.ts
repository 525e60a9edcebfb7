/**
 * Exposure score of one contact, version 2 (robert-server behaviour; docs/spec/robert.md, "Scoring"). The windows, the
 * table and the averages are the reference's, its oddities included: scores of tokens and phones must be comparable.
 */
import { EPOCH_SECONDS } from '../../../device/robert/time.js';

const MINUTE = 60;
/** Minutes 0..14; a window is two of them, the last window one. */
const MINUTES = 15;

/** What the health authority tunes. The defaults are the reference's. */
export interface ScoringParameters {
  /** dBm at and below which a window carries no risk. */
  p0: number;
  /** dB above p0 at full risk, by the number of HELLOs in the window (the last entry for all larger numbers). */
  deltas: number[];
  /** Scale of the averaging of RSSIs. */
  softMaxA: number;
  /** Scale of the averaging of risks. */
  softMaxB: number;
  /** dBm at which stronger receptions are cut. */
  rssiMax: number;
  /** dBm above which a value is taken for an error. */
  rssiErrorAbove: number;
  /** s by which a contact may last longer than an epoch. */
  epochTolerance: number;
  scoreMultiplier: number;
  scoreCap: number;
}

export const DEFAULT_SCORING: ScoringParameters = {
  p0: -66,
  deltas: [39, 27, 23, 21, 20, 15],
  softMaxA: 4.342,
  softMaxB: 0.2,
  rssiMax: -35,
  rssiErrorAbove: -5,
  epochTolerance: 0,
  scoreMultiplier: 1.2,
  scoreCap: 1,
};

/** One reception, as far as the score is concerned. */
export interface Reception {
  /** NTP seconds. */
  received: number;
  /** Calibrated, dBm. */
  rssi: number;
}

export interface ContactScore {
  /** 0..14. */
  score: number;
  /** Index of the last window with a reception: minutes. */
  duration: number;
  /** Windows with a risk above zero. */
  riskyWindows: number;
}

const NOTHING: ContactScore = { score: 0, duration: 0, riskyWindows: 0 };

/** Scores the receptions in the order given: the first is the start, the last the end. Undefined when there are none. */
export function scoreContact(receptions: Reception[], parameters: ScoringParameters): ContactScore | undefined {
  const first = receptions[0];
  const last = receptions[receptions.length - 1];
  if (first === undefined || last === undefined) return undefined;
  if (last.received - first.received > EPOCH_SECONDS + parameters.epochTolerance) return NOTHING;

  const minutes = byMinute(receptions, first.received, parameters);
  const risks: number[] = [];
  let lastWindow = 0;
  for (let k = 0; k < MINUTES; k++) {
    const values = [...minutes[k]!, ...(minutes[k + 1] ?? [])];
    if (values.length === 0) continue;
    const delta = parameters.deltas[Math.min(values.length, parameters.deltas.length - 1)]!;
    risks.push(clampToUnit((softMax(values, parameters.softMaxA) - parameters.p0) / delta));
    lastWindow = k;
  }
  if (risks.length === 0) return NOTHING;
  const risk = Math.min(parameters.scoreMultiplier * softMax(risks, parameters.softMaxB), parameters.scoreCap);
  return { score: risk * lastWindow, duration: lastWindow, riskyWindows: risks.filter((value) => value > 0).length };
}

/** RSSIs of each minute from `start`; receptions before it are lost, as are those of minute 15. */
function byMinute(receptions: Reception[], start: number, parameters: ScoringParameters): number[][] {
  const minutes: number[][] = Array.from({ length: MINUTES }, () => []);
  for (const { received, rssi } of receptions) {
    if (rssi > parameters.rssiErrorAbove) continue;
    const minute = Math.floor((received - start) / MINUTE);
    minutes[minute > MINUTES ? MINUTES - 1 : minute]?.push(Math.min(rssi, parameters.rssiMax));
  }
  return minutes;
}

/** c ln(mean(exp(v / c))): between the mean and the maximum. */
function softMax(values: number[], scale: number): number {
  let sum = 0;
  for (const value of values) sum += Math.exp(value / scale);
  return scale * Math.log(sum / values.length);
}

function clampToUnit(value: number): number {
  return Math.min(Math.max(value, 0), 1);
}
