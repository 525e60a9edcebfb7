/** Which flash pages belong to what. The log takes whatever follows the fixed parts, at most 256 pages. */
import { fault } from '../faults.js';
import type { Region } from '../log/region.js';
import { region } from '../log/region.js';
import type { Flash } from '../ports.js';
import { ANSWER_DAYS } from '../seal/answer.js';

/** A day block is 880 bytes: four to a 4 kB page, so that each starts at a multiple of 1 kB. */
export const DAY_BLOCK = 1024;
const LOG_PAGES_MAX = 256;
const LOG_PAGES_MIN = 2;

export interface Layout {
  journal: Region;
  states: Region;
  /** Two places for the identifiers: the ones in use, and the ones arriving. */
  refills: [Region, Region];
  log: Region;
}

export function layout(flash: Flash): Layout {
  const refillPages = Math.ceil((ANSWER_DAYS * DAY_BLOCK) / flash.pageSize);
  const fixed = 2 + 2 + 2 * refillPages;
  const logPages = Math.min(LOG_PAGES_MAX, flash.pageCount - fixed);
  if (logPages < LOG_PAGES_MIN) throw fault('flash-full', 'too few pages for a token');
  return {
    journal: region(flash, 0, 2),
    states: region(flash, 2, 2),
    refills: [region(flash, 4, refillPages), region(flash, 4 + refillPages, refillPages)],
    log: region(flash, fixed, logPages),
  };
}
