/**
 * Where people live and go: for each scenario who wears a token, and where everybody is on each day. Days begin at 06:00.
 */
import { DAY_LENGTH, drawDay, type Household } from './day.js';
import { BEDROOMS, type Spot, WALLS } from './house.js';
import { Person, type Role } from './people.js';
import type { Wall } from './radio.js';
import { Stream } from './random.js';

export type ScenarioName = 'care-home' | 'pharmacy' | 'market' | 'town';

export interface Member {
  name: string;
  role: Role | 'stranger';
}

export interface Scenario {
  members: readonly Member[];
  walls: readonly Wall[];
  /** Where everybody is on day `day` (0 is the first), by name. */
  day(day: number): Map<string, Person>;
}

const WING = { resident: 8, carer: 2, visitor: 2 } as const;
const WING_SIZE = WING.resident + WING.carer + WING.visitor;
/** Out of the numbers of wings: an open place without walls. */
const SHOP = 1000;
const SQUARE = 1001;
const HOUR = 3600;
const MINUTE = 60;
/** The house opens its day at 06:00, a shop at nine. */
const OPENS = 3 * HOUR;
const OPEN_HOURS = 9;

function open(x: number, y: number, heading: number): Spot {
  return { at: { x, y, heading }, door: { x, y: y + 0.5 } };
}

/** Residents first, then carers, then visitors, wing after wing. */
function roleIn(wingSeat: number): Role {
  if (wingSeat < WING.resident) return 'resident';
  return wingSeat < WING.resident + WING.carer ? 'carer' : 'visitor';
}

function careHome(seed: number, tokens: number): Scenario {
  const members = Array.from({ length: tokens }, (_, i): Member => {
    const role = roleIn(i % WING_SIZE);
    return { name: `${role} ${i + 1}`, role };
  });
  const wings = Math.ceil(tokens / WING_SIZE);
  const of = (wing: number, role: Role): string[] =>
    members.slice(wing * WING_SIZE, (wing + 1) * WING_SIZE).flatMap((one) => (one.role === role ? [one.name] : []));
  const rooms = Array.from({ length: wings }, (_, wing) =>
    new Stream(seed, `rooms of wing ${wing}`).shuffled(Array.from({ length: BEDROOMS }, (_, i) => i)),
  );
  // Carers and visitors go round: they are how wings meet.
  const household = (wing: number, day: number): Household => ({
    residents: of(wing, 'resident'),
    carers: of((wing + day) % wings, 'carer'),
    visitors: of((wing + 2 * day) % wings, 'visitor'),
    rooms: rooms[wing] as number[],
    place: wing,
  });
  return {
    members,
    walls: WALLS,
    day(day) {
      const people = new Map<string, Person>();
      for (let wing = 0; wing < wings; wing++) {
        const drawn = drawDay(new Stream(seed, `day ${day} of wing ${wing}`), household(wing, day));
        for (const person of drawn.people) people.set(person.name, person);
      }
      return people;
    },
  };
}

/** Moves of one person, in order of time. */
type Errand = (random: Stream, person: Person, at: number) => void;

/** Waits on a chair, stands in line at a distance, is served at the counter. */
function shopping(random: Stream, person: Person, at: number): void {
  const waits = random.below(2) === 0 ? 0 : 10 + random.below(10);
  if (waits > 0) person.go(at, open(random.below(6), 0, 0));
  const lined = at + waits * MINUTE + 1;
  person.go(lined, open(10 + 1.5 * random.below(4), 3, Math.PI));
  person.go(lined + (2 + random.below(6)) * MINUTE, open(8, 3, Math.PI));
  person.go(lined + (10 + random.below(4)) * MINUTE, undefined);
}

/** From stall to stall. */
function strolling(random: Stream, person: Person, at: number): void {
  let time = at;
  for (let stalls = 4 + random.below(4); stalls > 0; stalls--) {
    person.go(time, open(4 * random.below(10) + random.unit(), 2 * random.below(4), 2 * Math.PI * random.unit()));
    time += (3 + random.below(6)) * MINUTE;
  }
  person.go(time, undefined);
}

/** Strangers who live alone and come to a place, most of them in the two hours when everybody does. */
function outings(seed: number, names: readonly string[], place: number, errand: Errand): Scenario {
  return {
    members: names.map((name): Member => ({ name, role: 'stranger' })),
    walls: [],
    day(day) {
      return new Map(
        names.map((name) => {
          const random = new Stream(seed, `${name} on day ${day}`);
          const person = new Person(name, 'visitor', undefined, place);
          const hours = random.below(3) > 0 ? 2 : OPEN_HOURS - 1;
          if (random.below(4) > 0) errand(random, person, OPENS + random.unit() * hours * HOUR);
          return [name, person];
        }),
      );
    },
  };
}

function strangers(from: number, count: number): string[] {
  return Array.from({ length: count }, (_, i) => `stranger ${from + i + 1}`);
}

/** A care home, and people who live alone, go to the market one day and to the pharmacy the next. */
function town(seed: number, tokens: number): Scenario {
  const living = Math.ceil(tokens / 2);
  const home = careHome(seed, living);
  const names = strangers(living, tokens - living);
  const turns = [outings(seed, names, SQUARE, strolling), outings(seed, names, SHOP, shopping)] as const;
  return {
    members: [...home.members, ...turns[0].members],
    walls: WALLS,
    day: (day) => new Map([...home.day(day), ...(turns[day % 2] as Scenario).day(day)]),
  };
}

const SCENARIOS: Record<ScenarioName, (seed: number, tokens: number) => Scenario> = {
  'care-home': careHome,
  pharmacy: (seed, tokens) => outings(seed, strangers(0, tokens), SHOP, shopping),
  market: (seed, tokens) => outings(seed, strangers(0, tokens), SQUARE, strolling),
  town,
};

export const SCENARIO_NAMES = Object.keys(SCENARIOS) as ScenarioName[];

export function openScenario(name: ScenarioName, seed: number, tokens: number): Scenario {
  return SCENARIOS[name](seed, tokens);
}

/** Seconds of one day. */
export const SCENARIO_DAY = DAY_LENGTH;
