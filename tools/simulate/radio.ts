/**
 * The physics of the simulated air. Powers are calibrated dBm: what 1 m of free space brings is -40 dBm, whatever the
 * gains of emitter and receiver. Angles are radians, lengths metres.
 */
import type { Stream } from './random.js';

export interface Point {
  x: number;
  y: number;
}

/** Where somebody wears a token, and which way the person faces. */
export interface Standing extends Point {
  heading: number;
  /** Which of the places that no radio connects; 0 unless said otherwise. */
  place?: number;
}

/** Anything in the way: a wall, a floor, a partition. */
export interface Wall {
  from: Point;
  to: Point;
  lossDb: number;
}

export interface Propagation {
  /** 2 in free space, 2.2 to 3 indoors. */
  exponent: number;
  /** Loss through the wearer's own body when the other is right behind, dB; nothing when right in front. */
  bodyDb: number;
  walls: readonly Wall[];
}

/** A link as the fading-free world has it. */
export interface Link {
  /** Mean received power, calibrated dBm. */
  dbm: number;
  /** Rician K, linear: power of the direct path over that of all the others. 0 is Rayleigh fading. */
  k: number;
}

export const POWER_AT_1_M = -40;
/** Closer than this, antennas on two bodies do not come. */
const NEAREST = 0.4;
const K_IN_SIGHT = 4;
const IN_SIGHT = 4;

export function distance(a: Point, b: Point): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}

function side(a: Point, b: Point, p: Point): number {
  return (b.x - a.x) * (p.y - a.y) - (b.y - a.y) * (p.x - a.x);
}

function crosses(wall: Wall, a: Point, b: Point): boolean {
  return (
    side(wall.from, wall.to, a) > 0 !== side(wall.from, wall.to, b) > 0 &&
    side(a, b, wall.from) > 0 !== side(a, b, wall.to) > 0
  );
}

/** Summed loss of the walls between two points, dB. */
export function wallLoss(walls: readonly Wall[], a: Point, b: Point): number {
  let loss = 0;
  for (const wall of walls) if (crosses(wall, a, b)) loss += wall.lossDb;
  return loss;
}

/** Loss through the wearer's own body towards `other`: 0 in front, half to the sides, all of `bodyDb` behind. */
function bodyLoss(wearer: Standing, other: Point, bodyDb: number): number {
  const towards = Math.atan2(other.y - wearer.y, other.x - wearer.x);
  return (bodyDb * (1 - Math.cos(towards - wearer.heading))) / 2;
}

/** Mean power and fading of the link between two wearers; the same in both directions. */
export function link(world: Propagation, a: Standing, b: Standing): Link {
  const metres = Math.max(distance(a, b), NEAREST);
  const walls = wallLoss(world.walls, a, b);
  const bodies = bodyLoss(a, b, world.bodyDb) + bodyLoss(b, a, world.bodyDb);
  return {
    dbm: POWER_AT_1_M - 10 * world.exponent * Math.log10(metres) - walls - bodies,
    k: walls === 0 && metres < IN_SIGHT ? K_IN_SIGHT : 0,
  };
}

/**
 * A power factor with mean 1, so that fading spreads the received powers and leaves their mean: Rician with factor
 * `k`, Rayleigh (exponential power) when `k` is 0.
 */
export function fading(random: Stream, k: number): number {
  if (k === 0) return random.exponential();
  const direct = Math.sqrt(k / (k + 1));
  // A complex Gaussian of power 1 / (k + 1): exponential power, uniform phase.
  const scattered = Math.sqrt(random.exponential() / (k + 1));
  const phase = 2 * Math.PI * random.unit();
  const inPhase = direct + scattered * Math.cos(phase);
  const quadrature = scattered * Math.sin(phase);
  return inPhase * inPhase + quadrature * quadrature;
}

/**
 * Offsets (seconds from the start of a scan window) of the advertising events that fall in it. The spec's 0 to 10 ms
 * of jitter after every interval lets the phase wander, so that it is drawn afresh for every window.
 */
export function eventsInWindow(random: Stream, interval: number, window: number): number[] {
  const offsets: number[] = [];
  for (let t = random.unit() * (interval + 0.005); t < window; t += interval + 0.01 * random.unit()) offsets.push(t);
  return offsets;
}
