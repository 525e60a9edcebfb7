/**
 * The care home's floor plan, in metres. Eight bedrooms in the south; a corridor; two dining rooms at its far ends, a
 * music room and a library between them with the staff room in the middle, and a passage to the garden in the north.
 *
 *   garden                                                             y 14..
 *   | dining room 0 |  music   | staff | |  library  |  dining room 1 |  y  6..14
 *   ============================ corridor ============================  y  4..6
 *   | room 0 | room 1 | room 2 |  ...                       | room 7 |  y  0..4
 */
import type { Point, Standing, Wall } from './radio.js';

const ROOM_WIDTH = 5;
export const BEDROOMS = 8;
const WIDTH = ROOM_WIDTH * BEDROOMS;
const MASONRY_DB = 15;
const NORTH_EDGES = [0, 10, 17, 21, 23, 30, WIDTH];

function wall(x1: number, y1: number, x2: number, y2: number): Wall {
  return { from: { x: x1, y: y1 }, to: { x: x2, y: y2 }, lossDb: MASONRY_DB };
}

function partitions(edges: readonly number[], y1: number, y2: number): Wall[] {
  return edges.map((x) => wall(x, y1, x, y2));
}

export const WALLS: readonly Wall[] = [
  wall(0, 0, WIDTH, 0),
  wall(0, 4, WIDTH, 4),
  wall(0, 6, WIDTH, 6),
  wall(0, 14, WIDTH, 14),
  ...partitions(
    Array.from({ length: BEDROOMS + 1 }, (_, i) => i * ROOM_WIDTH),
    0,
    4,
  ),
  ...partitions(NORTH_EDGES, 6, 14),
];

/** A place to be: where exactly, and the way out to the corridor (undefined: one is out of the house). */
export interface Spot {
  at: Standing;
  door: Point;
}

const CORRIDOR_Y = 5;

function spot(x: number, y: number, heading: number, doorX: number): Spot {
  return { at: { x, y, heading }, door: { x: doorX, y: CORRIDOR_Y } };
}

/** The armchair of a bedroom. */
export function chair(room: number): Spot {
  const x = room * ROOM_WIDTH + 1.8;
  return spot(x, 1.8, 0, x + 1);
}

/** In front of that armchair, 1 m away: where a visitor or a carer sits. */
export function bedside(room: number): Spot {
  const x = room * ROOM_WIDTH + 2.8;
  return spot(x, 1.8, Math.PI, x);
}

export function bed(room: number): Spot {
  return spot(room * ROOM_WIDTH + 2.5, 0.9, Math.PI / 2, room * ROOM_WIDTH + 2.8);
}

/** A seat of `seats` around a table or a circle of chairs, everybody facing the middle. */
function around(centre: Point, radius: number, seat: number, seats: number, doorX: number): Spot {
  const angle = (2 * Math.PI * seat) / seats;
  const x = centre.x + radius * Math.cos(angle);
  const y = centre.y + radius * Math.sin(angle);
  return spot(x, y, angle + Math.PI, doorX);
}

const DINING: readonly Point[] = [
  { x: 5, y: 10 },
  { x: 35, y: 10 },
];

/** Seat 0..4 at the round table of dining room 0 or 1: neighbours 0.9 m apart, those across 1.4 m. */
export function tableSeat(table: number, seat: number): Spot {
  const centre = DINING[table] as Point;
  return around(centre, 0.75, seat, 5, centre.x);
}

const CIRCLES: readonly Point[] = [
  { x: 13.5, y: 10 },
  { x: 26.5, y: 10 },
];

/** A chair of the circle in the music room (0) or the library (1), for at most 5 people, about 1 to 1.6 m apart. */
export function circleSeat(room: number, seat: number, seats: number): Spot {
  const centre = CIRCLES[room] as Point;
  return around(centre, 0.85, seat, seats, centre.x);
}

/** Two chairs in the staff room. */
export function staffSeat(seat: number): Spot {
  return spot(18 + 2 * seat, 10, seat === 0 ? 0 : Math.PI, 19);
}

/** Two ends of the garden bench, 1 m apart, reached by the passage. */
export function bench(end: number): Spot {
  return spot(21.5 + end, 20, end === 0 ? 0 : Math.PI, 22);
}
