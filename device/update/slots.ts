/**
 * Two places for firmware, each a head page and the pages of an image, in flash that a wipe does not touch
 * (docs/spec/update.md). A slot's state is in words that are blank until they are zeroed, once:
 *
 *   head page : 0 magic "GF" | 2 format 1 | 3 zero | 4 version u32 | 8 size u32 | 12 expires u32 | 16 SHA-256 of the signed
 *               body (32) | 48 CRC-32 of bytes 0..47 | 52 ready | 56, 60, 64 a start on trial each | 68 confirmed | 72 failed |
 *               128 a word for each page that has arrived | 256 SHA-256 of each page (32)
 *
 * The image of a slot that is ready is never written again, and the slot that runs is never the one that is staged into.
 */
import { copyOf, crc32, equal, isFilledWith, putU16, putU32, u16At, u32, u32At } from '../bytes.js';
import type { Region } from '../log/region.js';
import { region, words } from '../log/region.js';
import type { Digest, Flash } from '../ports.js';
import { HASH_LENGTH, IMAGE_PAGES, PAGE } from './objects.js';

const SLOT_PAGES = 1 + IMAGE_PAGES;
export const TRUST_PAGES = 2;
export const FIRMWARE_PAGES = TRUST_PAGES + 2 * SLOT_PAGES;

/** Starts that an image gets to confirm itself. */
export const TRIALS = 3;
/** Seconds of one start in which it must. */
export const TRIAL_SECONDS = 600;

const MAGIC = 0x4746;
const FORMAT = 1;
const CHECKED = 48;
const READY = 52;
const TRIAL = 56;
const CONFIRMED = 68;
const FAILED = 72;
const WORDS_END = 76;
const ARRIVED = 128;
const HASHES = 256;
const ZERO = new Uint8Array(4);

export interface SlotHead {
  /** Number of the version (versions.ts). */
  version: number;
  /** Bytes of the image. */
  size: number;
  /** NTP seconds after which it is no longer started for the first time. */
  expires: number;
  /** SHA-256 of the signed body: what it was accepted by. */
  body: Uint8Array;
}

export interface Slot extends SlotHead {
  isReady: boolean;
  isConfirmed: boolean;
  isFailed: boolean;
  /** Starts on trial that are left. */
  trials: number;
}

/** The pages of slot 0 or 1: page 0 its head, the image from page 1 on. */
export function slotRegion(flash: Flash, slot: number): Region {
  return region(flash, TRUST_PAGES + slot * SLOT_PAGES, SLOT_PAGES);
}

/** Where the image of a slot begins, in bytes from the first page of the firmware's flash. */
export function imageAddress(slot: number): number {
  return (TRUST_PAGES + slot * SLOT_PAGES + 1) * PAGE;
}

/** Pages of an image of `size` bytes. */
export function pagesOf(size: number): number {
  return Math.ceil(size / PAGE);
}

function isSet(head: Uint8Array, at: number): boolean {
  return isFilledWith(copyOf(head, at, at + 4), 0);
}

/** What a slot says of itself; undefined when it holds nothing whole. */
export function readSlot(pages: Region): Slot | undefined {
  const head = pages.read(0, 0, WORDS_END);
  if (u16At(head, 0) !== MAGIC || head[2] !== FORMAT || u32At(head, CHECKED) !== crc32(copyOf(head, 0, CHECKED))) {
    return undefined;
  }
  let trials = 0;
  for (let at = TRIAL; at < CONFIRMED; at += 4) if (isFilledWith(copyOf(head, at, at + 4), 0xff)) trials += 1;
  return {
    version: u32At(head, 4),
    size: u32At(head, 8),
    expires: u32At(head, 12),
    body: copyOf(head, 16, CHECKED),
    isReady: isSet(head, READY),
    isConfirmed: isSet(head, CONFIRMED),
    isFailed: isSet(head, FAILED),
    trials,
  };
}

/** Erases what the slot held and begins to fill it; `hashes` are those of its pages. The checksum is written last. */
export function beginSlot(pages: Region, head: SlotHead, hashes: Uint8Array): void {
  pages.erase(0);
  const bytes = new Uint8Array(CHECKED);
  putU16(bytes, 0, MAGIC);
  bytes[2] = FORMAT;
  putU32(bytes, 4, head.version);
  putU32(bytes, 8, head.size);
  putU32(bytes, 12, head.expires);
  bytes.set(head.body, 16);
  pages.write(0, HASHES, hashes);
  pages.write(0, 0, bytes);
  pages.sync('update.slot');
  pages.write(0, CHECKED, u32(crc32(bytes)));
  pages.sync('update.begin');
}

/** The SHA-256 that page `page` of the image must have. */
export function hashOf(pages: Region, page: number): Uint8Array {
  return pages.read(0, HASHES + page * HASH_LENGTH, HASH_LENGTH);
}

/** Pages of the image that are there and right: those before the first without its word. */
export function arrivedPages(pages: Region, slot: SlotHead): number {
  const count = pagesOf(slot.size);
  for (let page = 0; page < count; page++) {
    if (!isFilledWith(pages.read(0, ARRIVED + page * 4, 4), 0)) return page;
  }
  return count;
}

export function setArrived(pages: Region, page: number): void {
  // First the page itself: a computer may write a file's blocks back in any order.
  pages.sync('update.page');
  pages.write(0, ARRIVED + page * 4, ZERO);
  pages.sync('update.page');
}

/** Bytes of page `page` of the image. */
export function sizeOfPage(slot: SlotHead, page: number): number {
  return Math.min(PAGE, slot.size - page * PAGE);
}

/**
 * Writes a piece of a page at `at`; the first erases it, and the one that completes it has it read back, for what counts is
 * what stands in flash. False when the page is then not the signed one: it has to come again.
 */
export function writePiece(
  digest: Digest,
  pages: Region,
  slot: SlotHead,
  page: number,
  at: number,
  piece: Uint8Array,
): boolean {
  const size = sizeOfPage(slot, page);
  if (at === 0) pages.erase(1 + page);
  pages.write(1 + page, at, words(piece, 0xff));
  if (at + piece.length < size) return true;
  if (!equal(digest.sha256(pages.read(1 + page, 0, size)), hashOf(pages, page))) return false;
  setArrived(pages, page);
  return true;
}

/** From here on the selector may start it. */
export function setReady(pages: Region): void {
  pages.write(0, READY, ZERO);
  pages.sync('update.ready');
}

export function setConfirmed(pages: Region): void {
  pages.write(0, CONFIRMED, ZERO);
  pages.sync('update.confirm');
}

export function setFailed(pages: Region): void {
  pages.write(0, FAILED, ZERO);
  pages.sync('update.failed');
}

/** Whether a slot is one that is running unconfirmed, or would be. */
export function isOnTrial(slot: Slot): boolean {
  return slot.isReady && !slot.isConfirmed && !slot.isFailed;
}

/**
 * The slot to start: of those that are confirmed, or ready with a trial left, the newest. -1 when there is none.
 */
export function chooseSlot(slots: (Slot | undefined)[]): number {
  let chosen = -1;
  for (let i = 0; i < slots.length; i++) {
    const slot = slots[i];
    const best = slots[chosen];
    if (!slot?.isReady || slot.isFailed || !(slot.isConfirmed || slot.trials > 0)) continue;
    if (!best || slot.version > best.version) chosen = i;
  }
  return chosen;
}

/** Takes one of the trials of a slot that is about to be started unconfirmed. */
export function spendTrial(pages: Region): void {
  for (let at = TRIAL; at < CONFIRMED; at += 4) {
    if (isFilledWith(pages.read(0, at, 4), 0xff)) {
      pages.write(0, at, ZERO);
      pages.sync('update.trial');
      return;
    }
  }
}
