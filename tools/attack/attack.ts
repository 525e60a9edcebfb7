/** A whole attack on one token's flash image, and what it may find. */
import { batchesIn } from './image.js';
import { openedBatches, search } from './search.js';

export interface AttackReport {
  windows: number;
  batches: number;
  /** Indices of the batches of the image that opened, and of those that may. */
  opened: number[];
  allowed: number[];
  /** The positive control: batches made after the image, and those of them that opened. */
  later: number[];
  laterOpened: number[];
  passed: boolean;
}

/**
 * Everything in `image` and `ram` against every batch of `image`, and against those of `later`, an image of the same
 * token made afterwards: the positive control.
 */
export function attack(
  image: Uint8Array,
  ram: Uint8Array,
  later: Uint8Array | undefined,
  pageSize: number,
): AttackReport {
  const batches = batchesIn(image, pageSize);
  const newest = batches[batches.length - 1]?.index ?? -1;
  const after = later === undefined ? [] : batchesIn(later, pageSize).filter(({ index }) => index > newest);
  // One pass over both: the search is linear in the number of batches.
  const all = [...batches, ...after];
  const searched = [search(image, all), search(ram, all)];
  const opened = [...new Set(searched.flatMap(openedBatches))].sort((a, b) => a - b);
  const own = opened.filter((index) => index <= newest);
  const laterOpened = opened.filter((index) => index > newest);
  const allowed = newest < 0 ? [] : [newest];
  return {
    windows: searched.reduce((sum, { windows }) => sum + windows, 0),
    batches: batches.length,
    opened: own,
    allowed,
    later: after.map(({ index }) => index),
    laterOpened,
    passed: own.every((index) => allowed.includes(index)) && laterOpened.length === after.length,
  };
}
