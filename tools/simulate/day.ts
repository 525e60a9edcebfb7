/**
 * A care home's day, drawn from a seed: who sits with whom, who visits whom, who chats on the bench. Distances and
 * durations are such that two people are either together for long (a meal, an activity, a visit: three quarters of an
 * hour at least, at 0.9 to 1.7 m) or hardly at all (a few minutes, or a wall between them), because a day that hovers
 * about the threshold would test luck.
 */
import { BEDROOMS, bed, bedside, bench, chair, circleSeat, type Spot, staffSeat, tableSeat } from './house.js';
import { Person } from './people.js';
import type { Stream } from './random.js';

export type MomentName =
  | 'waking'
  | 'breakfast'
  | 'activities'
  | 'lunch'
  | 'rest'
  | 'visits'
  | 'dinner'
  | 'night'
  | 'morning';

export interface Day {
  people: Person[];
  /** For the narration; `at` in seconds since the day began. */
  moments: { at: number; what: MomentName }[];
}

/** The day begins and ends at 06:00 of the house. */
const BEGINS = 6;
export const DAY_LENGTH = 24 * 3600;
const MINUTE = 60;

const RESIDENTS: readonly string[] = [
  'Bruyère',
  'Campanule',
  'Dolomie',
  'Fauvette',
  'Genêt',
  'Mésange',
  'Pinson',
  'Tilleul',
];
const CARERS: readonly string[] = ['Jaspe', 'Lavande'];
const VISITORS: readonly string[] = ['Nacre', 'Quartz'];

/** Who a wing of the house is for on one day: at most 8 residents, 2 carers, 2 visitors. */
export interface Household {
  residents: readonly string[];
  carers: readonly string[];
  visitors: readonly string[];
  /** Of each resident. */
  rooms: readonly number[];
  /** Which place of the world (radio.ts). */
  place: number;
}

/** The twelve of the demo. */
function drawHousehold(random: Stream): Household {
  const rooms = random.shuffled(Array.from({ length: BEDROOMS }, (_, i) => i));
  return { residents: RESIDENTS, carers: CARERS, visitors: VISITORS, rooms, place: 0 };
}

function clock(hour: number, minute: number): number {
  return ((hour - BEGINS) * 60 + minute) * MINUTE;
}

/** What the second table, circle or visitor is behind the first, so that two groups do not meet in the corridor. */
const STAGGER = 8 * MINUTE;

/** One move of one person, collected in any order and made in order of time. */
interface Move {
  at: number;
  to: Spot | undefined;
}

export function drawDay(random: Stream, household: Household = drawHousehold(random)): Day {
  const { rooms, place } = household;
  const residents = household.residents.map((name, i) => new Person(name, 'resident', bed(rooms[i] as number), place));
  const carers = household.carers.map((name) => new Person(name, 'carer', undefined, place));
  const visitors = household.visitors.map((name) => new Person(name, 'visitor', undefined, place));
  const people = [...residents, ...carers, ...visitors];
  const moves = new Map<Person, Move[]>(people.map((person) => [person, []]));
  const room = new Map(residents.map((person, i) => [person, rooms[i] as number]));

  // Nobody sets off on the minute: everyone is up to 40 s late.
  function plan(person: Person | undefined, at: number, to: Spot | undefined): void {
    if (person !== undefined) moves.get(person)?.push({ at: at + random.between(0, 40), to });
  }
  function roomOf(person: Person): number {
    return room.get(person) as number;
  }
  function together(person: Person, from: number, until: number, to: Spot): void {
    plan(person, from, to);
    plan(person, until, chair(roomOf(person)));
  }

  for (const person of residents) {
    plan(person, clock(6, 45) + random.below(10) * MINUTE, chair(roomOf(person)));
    plan(person, clock(20, 30) + random.below(30) * MINUTE, bed(roomOf(person)));
  }

  const seated = random.shuffled(residents);
  const tables = [seated.slice(0, 4), seated.slice(4)];
  tables.forEach((table, t) => {
    const late = t * STAGGER;
    const carer = carers[t];
    plan(carer, clock(6, 40) + late, staffSeat(t));
    table.forEach((person, seat) => {
      const care = clock(7, 5) + late / 2 + seat * 12 * MINUTE;
      plan(carer, care, bedside(roomOf(person)));
      together(person, clock(8, 0) + late, clock(8, 50) + late, tableSeat(t, seat));
      together(person, clock(12, 15) + late, clock(13, 10) + late, tableSeat(t, seat));
      together(person, clock(18, 30) + late, clock(19, 20) + late, tableSeat(t, seat));
      plan(carer, care + 5 * MINUTE, staffSeat(t));
    });
    plan(carer, clock(12, 15) + late, tableSeat(t, 4));
    plan(carer, clock(13, 12) + late, staffSeat(t));
    plan(carer, clock(20, 0) + late, undefined);
  });

  // Three to five people a circle, whoever they share a table with.
  const active = random.shuffled(residents);
  const inFirst = 3 + random.below(3);
  const circles = [active.slice(0, inFirst), active.slice(inFirst)];
  circles.forEach((circle, c) => {
    const late = c * STAGGER;
    circle.forEach((person, seat) => {
      together(person, clock(10, 30) + late, clock(11, 30) + late, circleSeat(c, seat, circle.length));
    });
  });

  // Three chats between people of different tables, nobody in two of them. The second table's go and read afterwards:
  // bedroom neighbours who hear each other faintly right after a chat would be a close call.
  for (let i = 0; i < 3; i++) {
    const at = clock(13, 45) + i * 15 * MINUTE;
    const until = at + (2 + random.below(3)) * MINUTE;
    const [one, other] = tables.map((table) => table[i]);
    if (one === undefined || other === undefined) continue;
    together(one, at, until, bench(0));
    plan(other, at, bench(1));
    together(other, until, clock(14, 50), circleSeat(1, i, 3));
  }

  const visited = random.shuffled(residents);
  visitors.forEach((visitor, v) => {
    const late = v * STAGGER;
    const host = visited[v];
    if (host === undefined) return;
    plan(visitor, clock(15, 0) + late, bedside(roomOf(host)));
    plan(visitor, clock(15, 55) + late, undefined);
  });

  for (const person of people) {
    const inOrder = (moves.get(person) as Move[]).sort((a, b) => a.at - b.at);
    for (const move of inOrder) person.go(move.at, move.to);
  }
  return {
    people,
    moments: [
      { at: clock(6, 40), what: 'waking' },
      { at: clock(8, 0), what: 'breakfast' },
      { at: clock(10, 30), what: 'activities' },
      { at: clock(12, 15), what: 'lunch' },
      { at: clock(13, 15), what: 'rest' },
      { at: clock(15, 0), what: 'visits' },
      { at: clock(18, 30), what: 'dinner' },
      { at: clock(21, 0), what: 'night' },
      { at: clock(30, 0), what: 'morning' },
    ],
  };
}
