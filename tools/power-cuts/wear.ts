/** How often the log's pages were erased while it wrapped (R5). */
import { FIXED_PAGES } from './operations.js';
import type { Recording } from './record.js';

export interface Wear {
  pages: number;
  /** Times that the whole log was written. */
  wraps: number;
  /** Erases of the page that was erased most. */
  erasesMax: number;
}

export function wearOf({ base, steps }: Recording): Wear {
  const pages = base[0]!.pageCount - FIXED_PAGES;
  const erases = new Array<number>(pages).fill(0);
  let begun = 0;
  for (const step of steps) {
    if (step.chip !== 0) continue;
    if (step.kind === 'erase' && step.page >= FIXED_PAGES) erases[step.page - FIXED_PAGES]! += 1;
    // The first word of a page is that of its header, and is cleared when the page goes.
    const isFirst = step.kind === 'word' && step.address % base[0]!.pageSize === 0 && step.value !== 0;
    if (isFirst && step.address >= FIXED_PAGES * base[0]!.pageSize) begun += 1;
  }
  return { pages, wraps: Math.floor((begun - 1) / pages), erasesMax: Math.max(...erases) };
}
