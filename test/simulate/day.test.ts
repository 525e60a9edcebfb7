import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_SERVICE_START } from '../../device/robert/time.js';
import { AIR_DEFAULTS, Air } from '../../tools/simulate/air.js';
import { DAY_LENGTH, drawDay } from '../../tools/simulate/day.js';
import { WALLS } from '../../tools/simulate/house.js';
import { SEED_LIMIT, Stream } from '../../tools/simulate/random.js';
import { Timeline } from '../../tools/simulate/timeline.js';
import { minutesTogether, Truth, verdict } from '../../tools/simulate/truth.js';

const START = 4_000_000_000 - (4_000_000_000 % 900);
const seeds = fc.integer({ min: 0, max: SEED_LIMIT - 1 });

/** A day of radios that advertise and scan like a token, and nothing more. */
function live(seed: number, receiver: string) {
  const timeline = new Timeline(START, () => 0);
  const day = drawDay(new Stream(seed, 'day'));
  const people = new Map(day.people.map((person) => [person.name, person]));
  const truth = new Truth(receiver, DEFAULT_SERVICE_START);
  const hash = createHash('sha256');
  const air = new Air(
    timeline,
    new Stream(seed, 'air'),
    { ...AIR_DEFAULTS, walls: WALLS },
    (name, time) => people.get(name)?.standing(time - START),
    {
      ideal: (...sighting) => truth.ideal(...sighting),
      heard: (to, from, time, _payload, rssi) => hash.update(`${to} ${from} ${time} ${rssi}\n`),
    },
  );
  for (const person of day.people) {
    const radio = air.radio(person.name);
    const random = new Stream(seed, `token of ${person.name}`);
    radio.advertise(new Uint8Array(29), new Uint8Array(6), 0.156);
    const listen = () => {
      radio.scan(0.166, () => undefined);
      timeline.at(timeline.now() + random.between(13.5, 16.5), listen);
    };
    listen();
  }
  timeline.advance(START + DAY_LENGTH);
  return { day, truth, hash: hash.digest('hex') };
}

describe("a care home's day", () => {
  it('is the same again for the same seed, and another for another', () => {
    const once = live(11, 'Bruyère').hash;
    expect(live(11, 'Bruyère').hash).toBe(once);
    expect(live(12, 'Bruyère').hash).not.toBe(once);
  });

  it('can be walked: everybody is in one place at a time, whatever the seed', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const day = drawDay(new Stream(seed, 'day'));
        expect(day.people).toHaveLength(12);
        for (const person of day.people) {
          if (person.role === 'resident') expect(person.standing(DAY_LENGTH)).toEqual(person.standing(0));
          else expect(person.standing(DAY_LENGTH)).toBeUndefined();
        }
      }),
      { numRuns: 200 },
    );
  });

  it('keeps people together for three quarters of an hour at least, or for minutes', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const { people } = drawDay(new Stream(seed, 'day'));
        for (const a of people.filter(({ role }) => role === 'resident')) {
          for (const b of people) {
            if (a === b) continue;
            const minutes = minutesTogether(a, b);
            expect(minutes >= 45 || minutes <= 6, `${a.name} and ${b.name}: ${minutes} min`).toBe(true);
          }
        }
      }),
      { numRuns: 50 },
    );
  });

  it('leaves at most 15 % of the pairs too close to call, and has both people to warn and people to spare', () => {
    for (let seed = 0; seed < 20; seed++) {
      const receiver = 'Bruyère';
      const { day, truth } = live(seed, receiver);
      const verdicts = day.people.filter(({ name }) => name !== receiver).map(({ name }) => verdict(truth.score(name)));
      expect(verdicts.filter((v) => v === 'borderline').length).toBeLessThanOrEqual(0.15 * verdicts.length);
      expect(verdicts).toContain('warn');
      expect(verdicts).toContain('spare');
    }
  });
});
