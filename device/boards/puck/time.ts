/**
 * The small token's time is the board's counter itself, set by each sealed answer; when a power loss has cleared the
 * counter, the token is silent until its next visit. Its identifiers: day blocks, four to a page, still sealed.
 */

import { DAY_SECONDS, EPOCH_SECONDS, epochAt } from '../../robert/time.js';
import { IDENTIFIER_LENGTH, openIdentifier } from '../../seal/answer.js';
import { digest, readFlash, rtc } from './board.js';
import { bytesOf, FIX, fact, HELD, HELD_LENGTH, IDENTIFIER_PAGE, PAGE, SERVICE_START } from './store.js';

/** A board without a crystal: seconds that it may gain or lose in one. */
const DRIFT = 500e-6;
const FIX_ERROR = 1;
const DAY_BLOCK = 1024;

export const isLost = (): boolean => rtc() === 0;

/** NTP seconds; since a loss of the clock, the time of the last visit. */
export const now = (): number => rtc() || fact(FIX);

/** Seconds that `now` may be wrong, 1 to 254. */
export const uncertainty = (): number => Math.min(254, Math.ceil(FIX_ERROR + (now() - fact(FIX)) * DRIFT));

/** Where in the image the page of a day is described, and where in flash its block stands. */
export const heldAt = (day: number): number => HELD + HELD_LENGTH * ((day >> 2) & 1);
export const blockAt = (day: number): number => (IDENTIFIER_PAGE + ((day >> 2) & 1)) * PAGE + (day & 3) * DAY_BLOCK;

/** Whether the identifiers of an NTP day are there. */
export const isHeld = (day: number): boolean => day >= fact(heldAt(day) + 36) && day < fact(heldAt(day) + 40);

/** EBID 8 | ECC of the epoch that runs at `time`, if there is one. */
export function identifierAt(time: number): Uint8Array | undefined {
  const start = fact(SERVICE_START) + epochAt(fact(SERVICE_START), time) * EPOCH_SECONDS;
  const day = Math.floor(start / DAY_SECONDS);
  if (!isHeld(day)) return undefined;
  const ofDay = Math.floor((start % DAY_SECONDS) / EPOCH_SECONDS);
  const sealed = readFlash(blockAt(day) + ofDay * IDENTIFIER_LENGTH, IDENTIFIER_LENGTH);
  const held = heldAt(day);
  return openIdentifier(digest, bytesOf(held, 32), day - fact(held + 32), ofDay, sealed);
}

/** NTP seconds at which the identifiers run out. */
export const goodUntil = (): number => Math.max(fact(HELD + 40), fact(HELD + HELD_LENGTH + 40)) * DAY_SECONDS;
