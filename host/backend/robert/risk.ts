/**
 * From scores to a warning, and back (robert-server behaviour; docs/spec/robert.md, "Risk"). Pure: state in, state out,
 * with the time and the random source as parameters. All times NTP seconds.
 */
import type { Random } from '../../../device/ports.js';
import { DAY_SECONDS, dayStart, EPOCHS_A_DAY, epochAt, epochStart } from '../../../device/robert/time.js';

/** What the health authority tunes. The defaults are the reference's. */
export interface RiskParameters {
  /** Weight of a score in the aggregate. */
  r0: number;
  /** Aggregate from which a person is at risk. */
  threshold: number;
  /** Exposures older than this many days raise no risk. */
  lastContactDays: number;
  /** A risk is kept for this many whole days after the contact. */
  riskRetentionDays: number;
  /** Exposures are kept for this many days. */
  contagiousDays: number;
  /** For a token: how long after the contact a warning waits for a visit. */
  tokenRiskDays: number;
}

export const DEFAULT_RISK: RiskParameters = {
  r0: 0.0071,
  threshold: 0.1,
  lastContactDays: 7,
  riskRetentionDays: 7,
  contagiousDays: 14,
  tokenRiskDays: 21,
};

/** The last contact's day is published up to a day early (`blurredContactDay`). */
const BLUR_DAYS = 1;

export interface ExposedEpoch {
  epoch: number;
  scores: number[];
}

export interface RiskState {
  exposedEpochs: ExposedEpoch[];
  atRisk: boolean;
  /** Whether a status has answered this risk: set by every status, cleared by a new risk. */
  notifiedForCurrentRisk: boolean;
  /** Scores up to this epoch have been counted already; 0 before the first risk. */
  latestRiskEpoch: number;
  /** 00:00 UTC of the blurred day of the last contact; 0 for none. */
  lastContact: number;
}

/** 1 - exp(-r0 * sum of the scores). */
export function aggregate(scores: number[], r0: number): number {
  let sum = 0;
  for (const score of scores) sum += score;
  return 1 - Math.exp(-r0 * sum);
}

export interface RiskVerdict {
  /** The state to store; the one given when nothing changed. */
  state: RiskState;
  /** High enough, but the newest exposure is too old to raise a risk. Counted, nothing else. */
  expired: boolean;
}

/** Decides whether the exposures since the last risk make a new one. Never takes a risk back: see `isRiskOver`. */
export function evaluateRisk(
  state: RiskState,
  serviceStart: number,
  now: number,
  parameters: RiskParameters,
  random: Random,
): RiskVerdict {
  const fresh = state.exposedEpochs.filter(({ epoch }) => epoch > state.latestRiskEpoch);
  const scores = fresh.flatMap((exposed) => exposed.scores);
  if (aggregate(scores, parameters.r0) < parameters.threshold) return { state, expired: false };
  const newest = Math.max(...state.exposedEpochs.map(({ epoch }) => epoch));
  const contact = epochStart(serviceStart, newest);
  if (contact <= now - parameters.lastContactDays * DAY_SECONDS) return { state, expired: true };
  const lastContact = Math.min(blurredContactDay(contact, now, random), dayStart(now));
  return {
    state: {
      ...state,
      atRisk: true,
      notifiedForCurrentRisk: false,
      latestRiskEpoch: epochAt(serviceStart, now),
      lastContact: Math.max(state.lastContact, lastContact),
    },
    expired: false,
  };
}

/**
 * 00:00 UTC of the contact's day, give or take one: whoever learns it should not learn which day it was. The offsets at
 * 0, 7 and 8 days' distance keep the result within what can have been, as the reference does.
 */
export function blurredContactDay(contact: number, now: number, random: Random): number {
  const days = Math.trunc((now - contact) / DAY_SECONDS);
  const offsets = days === 0 || days === 8 ? [-1, 0] : days === 7 ? [0, 1] : [-1, 0, 1];
  return dayStart(contact + pick(offsets, random) * DAY_SECONDS);
}

function pick(choices: number[], random: Random): number {
  // Bytes at or above the largest multiple of the number of choices would favour the first ones: drawn again.
  const limit = 256 - (256 % choices.length);
  const byte = new Uint8Array(1);
  do random.fill(byte);
  while (byte[0]! >= limit);
  return choices[byte[0]! % choices.length]!;
}

/** Whose rule ends a risk. */
export type Bearer = 'phone' | 'token';

/**
 * Whether a risk ends. A phone's ends more than 7 whole days after the contact (robert-server behaviour). A token may
 * not have asked by then: its risk stays until a status has answered it, or the contact is 21 days past.
 */
export function isRiskOver(
  state: Pick<RiskState, 'atRisk' | 'notifiedForCurrentRisk' | 'lastContact'>,
  bearer: Bearer,
  now: number,
  parameters: RiskParameters,
): boolean {
  if (!state.atRisk) return false;
  const days = Math.trunc((dayStart(now) - state.lastContact) / DAY_SECONDS);
  if (bearer === 'token' && !state.notifiedForCurrentRisk) return days > parameters.tokenRiskDays + BLUR_DAYS;
  return days > parameters.riskRetentionDays;
}

/** The state after a risk has ended: dates, and whatever else a registration holds, stay. */
export function resetRisk<State extends RiskState>(state: State): State {
  return { ...state, atRisk: false, notifiedForCurrentRisk: false };
}

/** The first epoch whose exposures are kept: those at most 14 days old, in epochs. */
export function oldestKeptEpoch(currentEpoch: number, contagiousDays: number): number {
  return currentEpoch - contagiousDays * EPOCHS_A_DAY;
}
