/** The search for the schedule: what it must do, and the one that does it on the least current. */
import { Stream } from '../simulate/random.js';
import type { Currents } from './currents.js';
import { monteCarlo } from './detection.js';
import { scoreShare } from './fidelity.js';
import { bound, current, EVENT_JITTER_MAX, latency, type Schedule } from './model.js';
import { WINDOW_JITTER } from './ours.js';

/** What a schedule must do. */
export const WANTED = {
  /** Times the bound at its own latency, at most. */
  ofBound: 1.75,
  /** Of 5-minute contacts noticed while half of all adverts are lost. */
  noticed: 0.999,
  /** Of the score of a phone that listens every 5 s. */
  score: 0.95,
} as const;

const LOSS = 0.5;
const CONTACT_SECONDS = 300;
/** Each token's own interval lies within a twentieth of these; Bluetooth 4 allows none below 100 ms. */
const INTERVALS = [0.106, 0.125, 0.15, 0.18, 0.2, 0.25, 0.3];
const INTERVAL_SPREAD = 0.05;
const PERIODS = [5, 6, 8, 9, 10, 12, 15, 20, 30];
const EVENTS = [1, 2, 3];

export interface Candidate {
  schedule: Schedule;
  /** Microamperes. */
  current: number;
  latency: number;
  ofBound: number;
  noticed: number;
  score: number;
  isGood: boolean;
}

export function judged(schedule: Schedule, of: Currents, seed: number, trials: number): Candidate {
  const name = JSON.stringify(schedule);
  const draws = (what: string): Stream => new Stream(seed, `${what} of ${name}`);
  const noticed = monteCarlo(draws('detection'), schedule, 1 - LOSS, CONTACT_SECONDS, trials);
  const score = scoreShare(draws('score'), schedule, LOSS, Math.ceil(trials / 10));
  const drawn = current(schedule, of);
  const ofBound = drawn / bound(latency(schedule), of);
  const isGood = ofBound <= WANTED.ofBound && noticed >= WANTED.noticed && score >= WANTED.score;
  return { schedule, current: drawn, latency: latency(schedule), ofBound, noticed, score, isGood };
}

/** Every schedule that is looked at: windows that span one, two or three adverts. */
export function schedules(): Schedule[] {
  return PERIODS.flatMap((scan) =>
    INTERVALS.flatMap((advertising) =>
      EVENTS.map((events) => ({
        advertising,
        scan,
        window: Math.ceil(1000 * events * (advertising * (1 + INTERVAL_SPREAD) + EVENT_JITTER_MAX)) / 1000,
        jitter: WINDOW_JITTER,
      })),
    ),
  );
}

/** All candidates, the one with the least current first. */
export function candidates(of: Currents, seed: number, trials: number): Candidate[] {
  return schedules()
    .map((schedule) => judged(schedule, of, seed, trials))
    .sort((a, b) => a.current - b.current);
}
