/** People who move about: an itinerary of stays and walks, and where somebody is at any moment of it. */
import type { Spot } from './house.js';
import { distance, type Point, type Standing } from './radio.js';

export type Role = 'resident' | 'carer' | 'visitor';

/** From `from` on (seconds since the day began): walking evenly to `end` until `until`, or, without `until`, staying. */
interface Leg {
  from: number;
  until: number | undefined;
  start: Standing;
  end: Standing;
}

/** Out of the house, from a time on. */
interface Away {
  from: number;
  until: undefined;
  end: undefined;
}

const WALKING_SPEED = 0.8;
const ENTRANCE: Point = { x: 20, y: 5 };

export class Person {
  private readonly legs: (Leg | Away)[] = [];
  private here: Spot | undefined;

  /** `first` is where the day finds the person; undefined for out of the house. */
  constructor(
    readonly name: string,
    readonly role: Role,
    first: Spot | undefined,
    private readonly place = 0,
  ) {
    this.here = first;
    this.stay(0, first);
  }

  /** Sets off at `at` and walks along the corridor to `to`, or out of the house. Calls come in order of time. */
  go(at: number, to: Spot | undefined): void {
    const way: Point[] = [];
    if (this.here !== undefined) way.push(this.here.at, this.here.door);
    if (this.here === undefined || to === undefined) way.push(ENTRANCE);
    if (to !== undefined) way.push(to.door, to.at);
    let time = at;
    for (let i = 1; i < way.length; i++) {
      const a = way[i - 1] as Point;
      const b = way[i] as Point;
      const metres = distance(a, b);
      if (metres === 0) continue;
      const heading = Math.atan2(b.y - a.y, b.x - a.x);
      const until = time + metres / WALKING_SPEED;
      const walking = { heading, place: this.place };
      this.add({ from: time, until, start: { x: a.x, y: a.y, ...walking }, end: { x: b.x, y: b.y, ...walking } });
      time = until;
    }
    this.here = to;
    this.stay(time, to);
  }

  /** Where the person is `seconds` into the day; undefined when out of the house. */
  standing(seconds: number): Standing | undefined {
    let low = 0;
    let high = this.legs.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.legs[middle] as Leg).from <= seconds) low = middle;
      else high = middle - 1;
    }
    const leg = this.legs[low] as Leg | Away;
    if (leg.until === undefined) return leg.end;
    const share = Math.min(1, Math.max(0, (seconds - leg.from) / (leg.until - leg.from)));
    return {
      x: leg.start.x + share * (leg.end.x - leg.start.x),
      y: leg.start.y + share * (leg.end.y - leg.start.y),
      heading: leg.start.heading,
      place: this.place,
    };
  }

  private stay(from: number, spot: Spot | undefined): void {
    if (spot === undefined) this.add({ from, until: undefined, end: undefined });
    else {
      // One object for the whole stay: the air knows by it that nobody moved.
      const at = { ...spot.at, place: this.place };
      this.add({ from, until: undefined, start: at, end: at });
    }
  }

  private add(leg: Leg | Away): void {
    const last = this.legs[this.legs.length - 1];
    if (last !== undefined && leg.from < last.from) {
      throw new Error(`${this.name} cannot be in two places at ${leg.from} s`);
    }
    this.legs.push(leg);
  }
}
