/**
 * What the small token remembers: one image of all facts and the states of the ratchet, on two flash pages that take turns
 * (docs/spec/log.md, "Puck.js"). A change is made in the image first and means nothing until `save` has written the image,
 * whole, to the other page; its checksum is the commit, and the page before is erased, with whatever secrets it had.
 *
 *   page : 0 image 612 | 612 CRC-32 of it | 616 blank | 640 slots of 64 bytes: states of the ratchet
 *   slot : 0 state 32 | 32 index u32 | 36 records u32 | 40 CRC-32 of bytes 0..39 | 44 blank
 */

import { crc32, isFilledWith, putU16, putU32, u16At, u32, u32At } from '../../bytes.js';
import { nextState } from '../../seal/ratchet.js';
import { digest, erasePage, readFlash, writeFlash } from './board.js';

export const PAGE = 4096;
/** Pages of the token: two of these, two of identifiers, two of log. */
export const IDENTIFIER_PAGE = 2;
export const LOG_PAGE = 4;
const PAGES = 6;

// Offsets in the image. Integers are big-endian.
/** Magic, life and sequence: what stays when everything else is forgotten. */
export const IMAGE_HEAD = 8;
const MAGIC = 0x4750;
const IMAGE_VERSION = 1;
/** u8: one of the stages below. */
export const LIFE = 3;
const SEQUENCE = 4;
/** u8 each. Sealed headers of reports are shorter than 256 bytes. */
export const TIMELINE = 8;
export const ANCHOR_COUNT = 9;
export const REPORT_STAGE = 10;
export const HEADER_LENGTH = 11;
/** NTP u32: when the clock was last right; from when the wearer is told of a risk, 0 never. */
export const FIX = 12;
export const SIGNAL_AT = 16;
export const SERVICE_START = 20;
export const END_TIME = 24;
/** u32: first and last batch of the report, records up to it; batches and records that have their receipt. */
export const FIRST_BATCH = 28;
export const LAST_BATCH = 32;
export const REPORT_RECORDS = 36;
export const DONE_BATCHES = 40;
export const DONE_RECORDS = 44;
/** The identifier of the last visit, epoch u32 and EBID: what a request is made with when the clock is lost. */
export const LAST_EPOCH = 48;
export const LAST_EBID = 52;
/** 32 bytes each; in place of the first, once the token is wiped, its proof. */
export const K_AUTH = 60;
export const PROOF = 60;
export const K_ENC = 92;
export const ENC = 124;
export const HEADER_KEY = 156;
export const RECEIPT_KEY = 188;
/** For each identifier page: answer key 32 | first day of that answer u32 | first day held u32 | day after the last u32. */
export const HELD = 220;
export const HELD_LENGTH = 44;
/** 0 timeline | 1 kind | 4 start u32 | 8 end u32 | 12 error + 2^31 u32, as in docs/spec/log.md; oldest first. */
export const ANCHORS = 308;
export const ANCHOR_LENGTH = 16;
export const ANCHORS_MAX = 4;
export const CODE_HASH = 372;
/** Begins with the report's id. */
export const HEADER = 404;
const IMAGE_LENGTH = 612;

export const BLANK = 0;
export const LIVE = 1;
export const WIPED = 2;
/** Wiped, and never to be set up again. */
export const OVER = 3;

const SLOTS_AT = 640;
const SLOT = 64;
const SLOTS = 54;
const STATE = 32;
const SLOT_CHECKED = 40;
const SLOT_LENGTH = 44;

export const facts = new Uint8Array(IMAGE_LENGTH);
/** The live state as its slot has it. */
const ratchet = new Uint8Array(SLOT_LENGTH);
let page = 0;
/** The slot of the live state, and the first one after it that was never written. */
let live = 0;
let free = 0;

export const fact = (at: number): number => u32At(facts, at);
export const setFact = (at: number, value: number): void => putU32(facts, at, value);
export const bytesOf = (at: number, length: number): Uint8Array => new Uint8Array(facts.subarray(at, at + length));

export const ratchetState = (): Uint8Array => ratchet.subarray(0, STATE);
/** Index of the next batch, and records in all before it. */
export const nextIndex = (): number => u32At(ratchet, STATE);
export const recordsSoFar = (): number => u32At(ratchet, STATE + 4);

function slotAt(slot: number): number {
  return page * PAGE + SLOTS_AT + slot * SLOT;
}

/** Commits the image, with the live state, to the other page. */
export function save(): void {
  const before = page;
  page = 1 - page;
  putU16(facts, 0, MAGIC);
  facts[2] = IMAGE_VERSION;
  setFact(SEQUENCE, fact(SEQUENCE) + 1);
  if (facts[LIFE] === LIVE) writeFlash(slotAt(0), ratchet);
  live = 0;
  free = 1;
  writeFlash(page * PAGE, facts);
  writeFlash(page * PAGE + IMAGE_LENGTH, u32(crc32(facts)));
  erasePage(before);
}

/** The ratchet's state from now on: that of batch `index`, after `records` records. The caller saves. */
function setRatchet(state: Uint8Array, index: number, records: number): void {
  ratchet.set(state);
  putU32(ratchet, STATE, index);
  putU32(ratchet, STATE + 4, records);
  putU32(ratchet, SLOT_CHECKED, crc32(ratchet.subarray(0, SLOT_CHECKED)));
}

/** The first state of a ticket; the caller saves. */
export function beginRatchet(state: Uint8Array): void {
  setRatchet(state, 0, 0);
}

/** Batch `nextIndex()`, of so many records, is in the log: the state after it takes the place of the one that sealed it. */
export function step(records: number): void {
  setRatchet(nextState(digest, ratchetState()), nextIndex() + 1, recordsSoFar() + records);
  if (free >= SLOTS) {
    save();
    return;
  }
  writeFlash(slotAt(free), ratchet);
  writeFlash(slotAt(live), new Uint8Array(STATE));
  live = free++;
}

/** Whether anything but the live state is left of the states that were: residue of a power cut. */
function mountStates(): boolean {
  let isDirty = false;
  live = -1;
  for (let slot = 0; slot < SLOTS; slot++) {
    const raw = readFlash(slotAt(slot), SLOT_LENGTH);
    if (isFilledWith(raw, 0xff)) continue;
    // One is left out: a write may have been begun there that no bit shows, and zeroing would be the third.
    free = slot + 2;
    if (u32At(raw, SLOT_CHECKED) === crc32(raw.subarray(0, SLOT_CHECKED))) {
      // The one before should have been zeroed when this one was written.
      if (live >= 0) isDirty = true;
      live = slot;
      ratchet.set(raw);
    } else if (!isFilledWith(raw.subarray(0, STATE), 0)) isDirty = true;
  }
  return isDirty;
}

/** Reads what the last commit left; `recover` is called before residue goes, with the state of the next batch in force. */
export function mountStore(recover: () => void): void {
  for (let candidate = 0; candidate < 2; candidate++) {
    const raw = readFlash(candidate * PAGE, IMAGE_LENGTH + 4);
    const image = raw.subarray(0, IMAGE_LENGTH);
    if (u16At(raw, 0) !== MAGIC || u32At(raw, IMAGE_LENGTH) !== crc32(image)) continue;
    if (u32At(raw, SEQUENCE) <= fact(SEQUENCE)) continue;
    facts.set(image);
    page = candidate;
  }
  // Even if it looks blank: its erasing may have been cut short, and words be half worn that show it by no bit.
  erasePage(1 - page);
  if (facts[LIFE] === LIVE) {
    const isDirty = mountStates();
    recover();
    if (isDirty) save();
  } else if (fact(SEQUENCE) > 0) {
    // A wipe may have been cut short.
    for (let number = IDENTIFIER_PAGE; number < PAGES; number++) erasePage(number);
  }
}
