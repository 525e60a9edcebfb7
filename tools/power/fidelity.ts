/** How much of the score of a contact a schedule keeps, against a phone that listens every 5 seconds in the same room. */
import { DEFAULT_SCORING, type Reception, scoreContact } from '../../host/backend/robert/scoring.js';
import { eventsInWindow, fading, link } from '../simulate/radio.js';
import type { Stream } from '../simulate/random.js';
import type { Schedule } from './model.js';

/** Android's balanced scan hears for about a second; here every 5 s. */
const PHONE: Omit<Schedule, 'advertising'> = { scan: 5, window: 1.024, jitter: 0 };
/** A token keeps at most one sighting of an identifier in so many seconds (docs/spec/log.md). */
const SIGHTING_GAP = 5;
const EPOCH = 900;
const PROPAGATION = { exponent: 2.2, bodyDb: 8, walls: [] };
const SENSITIVITY = -76;

/** Two people: how far apart, how they are turned, how long. */
interface Contact {
  metres: number;
  heading: number;
  seconds: number;
}

function drawContact(random: Stream): Contact {
  return {
    metres: random.between(0.7, 2.2),
    heading: random.between(0, 2 * Math.PI),
    seconds: random.between(300, EPOCH),
  };
}

function receptions(random: Stream, schedule: Schedule, loss: number, contact: Contact): Reception[] {
  const here = { x: 0, y: 0, heading: 0 };
  const { dbm, k } = link(PROPAGATION, here, { x: contact.metres, y: 0, heading: contact.heading });
  const heard: Reception[] = [];
  const next = (): number => schedule.scan * (1 + schedule.jitter * (2 * random.unit() - 1));
  for (let from = random.unit() * schedule.scan; from < contact.seconds; from += next()) {
    for (const offset of eventsInWindow(random, schedule.advertising, schedule.window)) {
      const power = dbm + 10 * Math.log10(fading(random, k));
      if (random.unit() < loss || power < SENSITIVITY) continue;
      const received = Math.floor(from + offset);
      const last = heard[heard.length - 1];
      if (last === undefined || received - last.received >= SIGHTING_GAP)
        heard.push({ received, rssi: Math.round(power) });
    }
  }
  return heard;
}

/** The sum of scores over `contacts` of one epoch at most, as a share of the phone's. `loss`: of adverts, 0 to 1. */
export function scoreShare(random: Stream, schedule: Schedule, loss: number, contacts: number): number {
  const phone = { ...PHONE, advertising: schedule.advertising };
  let [ours, theirs] = [0, 0];
  for (let i = 0; i < contacts; i++) {
    const contact = drawContact(random);
    const score = (by: Schedule): number =>
      scoreContact(receptions(random, by, loss, contact), DEFAULT_SCORING)?.score ?? 0;
    ours += score(schedule);
    theirs += score(phone);
  }
  return ours / theirs;
}
