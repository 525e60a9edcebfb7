/**
 * How soon a token notices a neighbour: by the formula, and by the simulator's own windows and adverts, drawn again and
 * again.
 */
import { eventsInWindow } from '../simulate/radio.js';
import type { Stream } from '../simulate/random.js';
import { EVENT_JITTER_MAX, type Schedule } from './model.js';

/** The probability that one whole window hears at least one advert, each being decoded with probability `p`. */
function windowProbability({ advertising, window }: Schedule, p: number): number {
  const events = window / (advertising + EVENT_JITTER_MAX / 2);
  return events >= 1 ? 1 - (1 - p) ** events : p * events;
}

/** The probability that a contact of `seconds` is noticed: windows at a random phase, so that their number varies by one. */
export function formula(schedule: Schedule, p: number, seconds: number): number {
  const missed = 1 - windowProbability(schedule, p);
  const windows = (seconds + schedule.window) / schedule.scan;
  const whole = Math.floor(windows);
  const share = windows - whole;
  return 1 - (1 - share) * missed ** whole - share * missed ** (whole + 1);
}

/** A window that begins before the contact, or ends after it, hears only what falls into it. */
function isNoticed(
  random: Stream,
  { advertising, window }: Schedule,
  p: number,
  from: number,
  seconds: number,
): boolean {
  return eventsInWindow(random, advertising, window).some((offset) => {
    const at = from + offset;
    return at >= 0 && at < seconds && random.unit() < p;
  });
}

/** The share of `trials` contacts that are noticed; `skipped`: of windows that are left out. */
export function monteCarlo(
  random: Stream,
  schedule: Schedule,
  p: number,
  seconds: number,
  trials: number,
  skipped = 0,
): number {
  const { scan, window, jitter } = schedule;
  let noticed = 0;
  for (let trial = 0; trial < trials; trial++) {
    const next = (): number => scan * (1 + jitter * (2 * random.unit() - 1));
    // A window in every phase, equally likely.
    for (let from = -window - random.unit() * (next() - window); from < seconds; from += next()) {
      if (from + window <= 0 || random.unit() < skipped) continue;
      if (!isNoticed(random, schedule, p, from, seconds)) continue;
      noticed += 1;
      break;
    }
  }
  return noticed / trials;
}
