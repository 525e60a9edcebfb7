/** What the wearer of the small token sees: what holds, or for some seconds what has just happened. */

import { DAY_SECONDS } from '../../robert/time.js';
import { light, monotonic, percent } from './board.js';
import { fact, facts, LIFE, LIVE, OVER, SIGNAL_AT } from './store.js';
import { goodUntil, isLost, now } from './time.js';

/** The signals of device/ports.ts by numbers. */
const WELL = 0;
const CHARGE = 1;
const VISIT = 2;
const SILENT = 3;
const AT_RISK = 4;
export const CONSENT = 5;
export const CONSENTED = 6;
export const KEPT = 7;
const ENDED = 8;
/** The colour 0 of a counter, which blinks; the others follow. */
export const BLINK = 9;

const CHARGE_BELOW = 15;
const VISIT_DAYS = 2;

let shown = -1;
let passingUntil = 0;

/** Whether the battery is low; 255 stands for a board that cannot tell. */
export const needsCharge = (): boolean => percent() < CHARGE_BELOW;

function standing(): number {
  if (facts[LIFE] === OVER) return ENDED;
  const time = now();
  if (facts[LIFE] !== LIVE) return VISIT;
  if (fact(SIGNAL_AT) > 0 && time >= fact(SIGNAL_AT)) return AT_RISK;
  if (needsCharge()) return CHARGE;
  if (isLost() || time >= goodUntil()) return SILENT;
  return time + VISIT_DAYS * DAY_SECONDS > goodUntil() ? VISIT : WELL;
}

/** Shows a passing signal for so many seconds; without one, what holds now. The day calls it every few seconds. */
export function show(passing?: number, seconds?: number): void {
  const time = monotonic();
  let signal = passing;
  if (signal !== undefined) passingUntil = time + (seconds as number);
  else if (time < passingUntil) return;
  else signal = standing();
  if (signal === shown) return;
  shown = signal;
  light(signal);
}

/** Ends a passing signal. */
export function endPassing(): void {
  passingUntil = 0;
  show();
}
