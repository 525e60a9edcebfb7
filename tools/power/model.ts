/** Current, latency and physical bound of a schedule. */
import type { Currents } from './currents.js';

/** When a radio is on. Seconds. */
export interface Schedule {
  advertising: number;
  /** From window to window, on average. */
  scan: number;
  window: number;
  /** Share of `scan` by which a window may come sooner or later. */
  jitter: number;
}

/** Mean of the 0 to 10 ms that Bluetooth adds to every interval. */
export const EVENT_JITTER_MAX = 0.01;
const EVENT_JITTER_MEAN = EVENT_JITTER_MAX / 2;
const MICRO = 1e6;
const MILLI = 1e3;
const HOURS_A_DAY = 24;
/** What a coin cell gives under pulses, of what is printed on it. */
const CELL_SHARE = 0.85;

/** Mean current, microamperes. */
export function current({ advertising, scan, window }: Schedule, of: Currents): number {
  const says = of.eventMicrocoulombs / (advertising + EVENT_JITTER_MEAN);
  const hears = (of.receiveMilliamperes * MILLI * window) / scan;
  return says + hears + of.idleMicroamperes;
}

/** Seconds after which two who stay in reach have heard each other for certain, if nothing is lost. */
export function latency({ scan, window, jitter }: Schedule): number {
  return scan * (1 + jitter) + window;
}

/**
 * The least current at which two devices that are not synchronised can be certain to meet within `seconds` (Kindt and
 * Chakraborty, SIGCOMM 2019, restated in charge): 2 sqrt(q I / L) + idle. Microamperes.
 */
export function bound(seconds: number, of: Currents): number {
  const charge = of.eventMicrocoulombs / MICRO;
  const receive = of.receiveMilliamperes / MILLI;
  return 2 * Math.sqrt((charge * receive) / seconds) * MICRO + of.idleMicroamperes;
}

/** Days on a cell of so many milliampere-hours. */
export function days(microamperes: number, cellMilliampereHours: number): number {
  return (cellMilliampereHours * CELL_SHARE * MILLI) / (HOURS_A_DAY * microamperes);
}
