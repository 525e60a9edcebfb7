/** Who comes to a counter when, and who tested positive, drawn from a seed. */

import type { Stream } from './random.js';
import type { Member } from './scenarios.js';

/** Seconds are counted from the beginning of the first day, at 06:00. */
export interface PlannedVisit {
  who: string;
  at: number;
  kiosk: string;
  /** The wearer tested positive and reports. */
  isReport: boolean;
}

const DAY = 86_400;
const HOUR = 3600;
/** Every so many days; some let one visit go, some come only after two or nearly three weeks. */
const HABITS = [7, 7, 7, 7, 7, 7, 14, 20];
/** Share of visits that are let go. */
const MISSED = 0.1;
/** One of so many wearers tests positive. */
const POSITIVE_ONE_IN = 12;
/** A counter is open from 09:00 to 17:00. */
const OPENS = 3 * HOUR;
const OPEN_FOR = 8 * HOUR;
/** A test's result comes in the evening, when the day has been lived. */
const RESULTS = 14.5 * HOUR;

function hour(random: Stream): number {
  return OPENS + random.unit() * OPEN_FOR;
}

/** All visits, in order of time. The last ones, of everybody when the days are over, are not among them. */
export function planVisits(
  random: Stream,
  members: readonly Member[],
  days: number,
  kiosks: readonly string[],
): PlannedVisit[] {
  const visits: PlannedVisit[] = [];
  const kioskOf = () => kiosks[random.below(kiosks.length)] as string;
  for (const { name } of members) {
    const every = HABITS[random.below(HABITS.length)] as number;
    for (let day = 1 + random.below(every); day < days; day += every) {
      if (random.unit() < MISSED) continue;
      visits.push({ who: name, at: day * DAY + hour(random), kiosk: kioskOf(), isReport: false });
    }
  }
  const count = Math.max(1, Math.floor(members.length / POSITIVE_ONE_IN));
  for (const { name } of random.shuffled(members).slice(0, count)) {
    // Not on the very first day of a long run, when nobody has met anybody.
    const day = days === 1 ? 0 : 1 + random.below(days - 1);
    visits.push({ who: name, at: day * DAY + RESULTS + random.unit() * HOUR, kiosk: kioskOf(), isReport: true });
  }
  return visits.sort((a, b) => a.at - b.at);
}
