/**
 * What ought to happen: who met whom, and the score that a world without loss and fading would give. A run is judged
 * by it, so it shares nothing with the token's log, the link or the gateway: only the air's scan windows and the
 * scorer.
 */
import { epochAt } from '../../device/robert/time.js';
import { DEFAULT_RISK } from '../../host/backend/robert/risk.js';
import { DEFAULT_SCORING, type Reception, scoreContact } from '../../host/backend/robert/scoring.js';
import type { AirWatcher } from './air.js';
import { DAY_LENGTH } from './day.js';
import { WALLS } from './house.js';
import type { Person } from './people.js';
import { distance, wallLoss } from './radio.js';

/** The sum of scores from which a person is at risk: -ln(1 - 0.1) / 0.0071 = 14.84. */
export const RISK_SUM = -Math.log(1 - DEFAULT_RISK.threshold) / DEFAULT_RISK.r0;
/** Sums this close to the threshold (as a share of it) say nothing about a system with real radios. */
const BORDERLINE = 0.25;
/** A token keeps at most one sighting of an identifier in so many seconds (docs/spec/log.md). */
const SIGHTING_GAP = 5;
/** Two people this close, with no wall between, are together. Metres. */
const TOGETHER = 2;

export type Verdict = 'warn' | 'spare' | 'borderline';

export function verdict(score: number): Verdict {
  if (Math.abs(score - RISK_SUM) <= BORDERLINE * RISK_SUM) return 'borderline';
  return score > RISK_SUM ? 'warn' : 'spare';
}

/** Listens to the loss-free, fading-free side of the air for one wearer. */
export class Truth implements AirWatcher {
  private readonly contacts = new Map<string, Map<number, Reception[]>>();

  constructor(
    private readonly receiver: string,
    private readonly serviceStart: number,
  ) {}

  ideal(receiver: string, sender: string, time: number, dbm: number): void {
    if (receiver !== this.receiver) return;
    const received = Math.floor(time);
    const epoch = epochAt(this.serviceStart, received);
    const epochs = this.contacts.get(sender) ?? new Map<number, Reception[]>();
    const contact = epochs.get(epoch) ?? [];
    const last = contact[contact.length - 1];
    if (last === undefined || received - last.received >= SIGHTING_GAP) contact.push({ received, rssi: dbm });
    epochs.set(epoch, contact);
    this.contacts.set(sender, epochs);
  }

  /** Sum of the scores of all epochs in which the receiver was in reach of `sender`. */
  score(sender: string): number {
    let sum = 0;
    for (const contact of this.contacts.get(sender)?.values() ?? []) {
      sum += scoreContact(contact, DEFAULT_SCORING)?.score ?? 0;
    }
    return sum;
  }
}

/** Minutes of the day that two people spent within 2 m, no wall between. */
export function minutesTogether(a: Person, b: Person): number {
  let minutes = 0;
  for (let t = 0; t < DAY_LENGTH; t += 60) {
    const here = a.standing(t);
    const there = b.standing(t);
    if (here === undefined || there === undefined || distance(here, there) > TOGETHER) continue;
    if (wallLoss(WALLS, here, there) === 0) minutes += 1;
  }
  return minutes;
}
