/**
 * The small token's contact log: the batches of docs/spec/log.md on two pages that take turns. A page takes the batches of
 * up to seven days, whatever their timeline, and goes when the first of them is more than fourteen days past.
 */

import { concat, crc32, isFilledWith, putU16, putU32, u16At, u32, u32At } from '../../bytes.js';
import {
  BATCH_HEADER,
  BATCH_MAGIC,
  CHECK,
  OVERHEAD,
  PAGE_HEADER,
  PAGE_MAGIC,
  PAGE_VERSION,
  TAG,
} from '../../log/format.js';
import { DAY_SECONDS, utcDay } from '../../robert/time.js';
import { batchKey } from '../../seal/ratchet.js';
import { seal } from '../../seal/seal.js';
import { digest, erasePage, readFlash, writeFlash } from './board.js';
import { facts, LOG_PAGE, nextIndex, PAGE, ratchetState, recordsSoFar, step, TIMELINE } from './store.js';

const OPEN_DAYS = 7;
const KEEP_DAYS = 14;

/** Which of the two pages was begun last; -1 for none. */
let newest = -1;
let free = 0;
/** Of the newest page. */
let sequence = 0;

function read(page: number, offset: number, length: number): Uint8Array {
  return readFlash((LOG_PAGE + page) * PAGE + offset, length);
}

/** The page's header, if it has one: 0 "GL" | 4 sequence u32 | 8 day u32 | 12 first index u32 | 16 records before u32. */
function headerOf(page: number): Uint8Array | undefined {
  const raw = read(page, 0, PAGE_HEADER);
  return u16At(raw, 0) === PAGE_MAGIC && u32At(raw, 20) === crc32(raw.subarray(0, 20)) ? raw : undefined;
}

/** Where the page's first batch from index `from` on stands, in `offset`; behind them all when there is none. */
function find(page: number, from: number): { offset: number; length: number; index: number } {
  let at = PAGE_HEADER;
  while (at + OVERHEAD <= PAGE) {
    const header = read(page, at, BATCH_HEADER);
    const length = BATCH_HEADER + u16At(header, 2) + TAG;
    if (isFilledWith(header.subarray(0, 4), 0xff)) break;
    const isWhole =
      header[0] === BATCH_MAGIC &&
      at + length + CHECK <= PAGE &&
      u32At(read(page, at + length, CHECK), 0) === crc32(read(page, at, length));
    if (isWhole && u32At(header, 4) >= from) return { offset: at, length, index: u32At(header, 4) };
    // What a power cut tore is passed by word by word: nothing is ever written over it.
    at += isWhole ? length + CHECK : 4;
  }
  return { offset: at, length: 0, index: -1 };
}

/** Finds the newest page, and makes good a power cut between a batch and the ratchet's step. `most`: records of a batch. */
export function mountLog(most: number): void {
  let latest = 0;
  for (let page = 0; page < 2; page++) {
    const header = headerOf(page);
    if (!header || u32At(header, 4) <= latest) continue;
    newest = page;
    latest = u32At(header, 4);
  }
  sequence = latest;
  if (newest < 0) return;
  // How many records it had is not known any more; too many is what does no harm.
  if (find(newest, nextIndex()).length > 0) step(most);
  free = find(newest, nextIndex()).offset;
}

export function forgetLog(): void {
  for (let page = 0; page < 2; page++) erasePage(LOG_PAGE + page);
  newest = -1;
  sequence = 0;
}

function openPage(day: number): void {
  newest = newest === 0 ? 1 : 0;
  // Where every page has expired, the batch count takes over, so that page numbers go on rising.
  sequence = Math.max(sequence, nextIndex()) + 1;
  free = PAGE_HEADER;
  erasePage(LOG_PAGE + newest);
  const header = new Uint8Array(PAGE_HEADER);
  putU16(header, 0, PAGE_MAGIC);
  header[2] = PAGE_VERSION;
  header[3] = facts[TIMELINE] as number;
  putU32(header, 4, sequence);
  putU32(header, 8, day);
  putU32(header, 12, nextIndex());
  putU32(header, 16, recordsSoFar());
  putU32(header, 20, crc32(header.subarray(0, 20)));
  writeFlash((LOG_PAGE + newest) * PAGE, header);
}

/** Seals `plain`, whole words, with so many records as the next batch. On return it survives a power cut. */
export function append(plain: Uint8Array, records: number, now: number): void {
  const day = utcDay(now);
  const header = newest < 0 ? undefined : headerOf(newest);
  if (!header || day >= u32At(header, 8) + OPEN_DAYS || free + OVERHEAD + plain.length > PAGE) openPage(day);
  const head = new Uint8Array(BATCH_HEADER);
  head[0] = BATCH_MAGIC;
  head[1] = day & 0xff;
  putU16(head, 2, plain.length);
  putU32(head, 4, nextIndex());
  const slot = u32((sequence * PAGE + free) / 4);
  const key = batchKey(digest, ratchetState());
  const batch = concat([head, seal(digest, key, concat([head, slot]), plain, TAG)]);
  const at = (LOG_PAGE + newest) * PAGE + free;
  free += OVERHEAD + plain.length;
  writeFlash(at, batch);
  writeFlash(at + batch.length, u32(crc32(batch)));
  step(records);
}

/** Erases what is too old at `now`. */
export function expire(now: number): void {
  for (let page = 0; page < 2; page++) {
    const header = headerOf(page);
    if (!header || (u32At(header, 8) + KEEP_DAYS + 1) * DAY_SECONDS > now) continue;
    erasePage(LOG_PAGE + page);
    if (page === newest) newest = -1;
  }
}

/** The first batch from index `from` on, as it travels: slot u32 | header | body | tag. */
export function batchFrom(from: number): { index: number; bytes: Uint8Array; recordsBefore: number } | undefined {
  for (let i = 1; i >= 0; i--) {
    const page = newest ^ i;
    const header = newest < 0 ? undefined : headerOf(page);
    if (!header) continue;
    const found = find(page, from);
    if (found.length === 0) continue;
    const slot = u32((u32At(header, 4) * PAGE + found.offset) / 4);
    const bytes = concat([slot, read(page, found.offset, found.length)]);
    return { index: found.index, bytes, recordsBefore: u32At(header, 16) };
  }
  return undefined;
}
