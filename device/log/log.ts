/**
 * The contact log: sealed batches, append-only, on a ring of raw flash pages (docs/spec/log.md). The token itself cannot
 * read back what it has written.
 *
 *   page  : 0 magic "GL" | 2 version | 3 timeline | 4 sequence u32 | 8 day u32 | 12 first index u32 | 16 records before
 *           u32 | 20 CRC-32 of bytes 0..19 | 24 batches
 *   batch : 0 magic B1 | 1 day mod 256 | 2 body length u16 | 4 index u32 | 8 body | tag (8) | CRC-32 of all before it
 *
 * The CRC is the commit: a batch is there once it is right. A page holds one day of one timeline, so that a page is
 * erased as soon as its day has passed out of the 14, and not before.
 */
import { concat, crc32, isFilledWith, putU16, putU32, u16At, u32, u32At } from '../bytes.js';
import { fault } from '../faults.js';
import type { Digest } from '../ports.js';
import { batchKey, nextState } from '../seal/ratchet.js';
import { seal } from '../seal/seal.js';
import { BATCH_HEADER, BATCH_MAGIC, CHECK, OVERHEAD, PAGE_HEADER, PAGE_MAGIC, PAGE_VERSION, TAG } from './format.js';
import type { Page } from './page-table.js';
import { createPageTable } from './page-table.js';
import type { Region } from './region.js';
import { words } from './region.js';
import type { State, States } from './states.js';
import { mountStates } from './states.js';

/** The longest plaintext of one batch, bytes. */
export const BATCH_MAX = 1000;

export interface ContactLog {
  /** Forgets everything and starts with the first state of a ticket. */
  begin(state: Uint8Array): void;
  /**
   * Goes on under a new ticket, with its first state: of the batch that is next, after as many records as there are. The
   * caller remembers `first` until this returns, and does it again at boot when a cut came before.
   */
  renew(first: State): void;
  /** Goes on as an empty log whose flash has been erased by others. */
  forget(): void;
  /** NTP day of the newest page; 0 when there is none. */
  newestDay(): number;
  /** Index of the batch that comes next; 0 before the first ticket. */
  nextIndex(): number;
  /** Records in all batches so far. */
  records(): number;
  /**
   * Seals `plaintext` (at most BATCH_MAX bytes, `records` records of NTP day `day`) as the next batch. When it returns,
   * the batch survives a power cut and the state that sealed it is gone.
   */
  append(plaintext: Uint8Array, records: number, day: number, timeline: number): void;
  /** Erases the pages whose day is over according to `isExpired`. */
  expire(isExpired: (day: number, timeline: number) => boolean): void;
  /** Index of the oldest batch still there (nextIndex() when there is none), and the records before it. */
  oldest(): { index: number; records: number };
  /**
   * The first batch with an index of at least `from`, as it travels: slot u32 | header | body | tag. Undefined when
   * there is none.
   */
  batchFrom(from: number): { index: number; bytes: Uint8Array } | undefined;
  /** Bytes that can be written before the oldest page has to go, and the day of that page (-1 when there is none). */
  room(): { bytes: number; oldestDay: number };
}

/** In place of a page's first word. */
const NO_HEADER = new Uint8Array(4);

interface Batch {
  offset: number;
  index: number;
  /** Header, body and tag. */
  length: number;
}

/** A batch without its checksum, and where it stands. */
interface Written {
  page: number;
  offset: number;
  batch: Uint8Array;
}

function encodePage(page: Page): Uint8Array {
  const out = new Uint8Array(PAGE_HEADER);
  putU16(out, 0, PAGE_MAGIC);
  out[2] = PAGE_VERSION;
  out[3] = page.timeline;
  putU32(out, 4, page.sequence);
  putU32(out, 8, page.day);
  putU32(out, 12, page.firstIndex);
  putU32(out, 16, page.recordsBefore);
  putU32(out, 20, crc32(out.subarray(0, 20)));
  return out;
}

/** Mounts the log and the states of its ratchet, finishing a commit that a power cut interrupted. */
export function mountLog(digest: Digest, flash: Region, stateFlash: Region): ContactLog {
  const pages = createPageTable(flash.pages);
  /** The page that was begun last, whether or not it could be used. */
  let place = -1;
  /** Where the next batch goes in the newest page; the page size when that page is closed. */
  let free = flash.pageSize;
  let last = -1;
  let sequence = 0;

  /** A page that cannot be read is no page; once more, so that a fault of the moment does not make it one. */
  function headerAt(number: number): Uint8Array | undefined {
    for (let tries = 0; tries < 2; tries++) {
      try {
        return flash.read(number, 0, PAGE_HEADER);
      } catch {}
    }
    return undefined;
  }

  function pageAt(number: number): Page | undefined {
    const raw = headerAt(number);
    if (!raw || u16At(raw, 0) !== PAGE_MAGIC || u32At(raw, 20) !== crc32(raw.subarray(0, 20))) return undefined;
    if (raw[2] !== PAGE_VERSION) throw fault('message-version', 'log page');
    return {
      page: number,
      timeline: raw[3] as number,
      sequence: u32At(raw, 4),
      day: u32At(raw, 8),
      firstIndex: u32At(raw, 12),
      recordsBefore: u32At(raw, 16),
    };
  }

  /** The committed batch at `offset` of a page, if there is one. */
  function batchAt(page: number, offset: number): Batch | undefined {
    if (offset + OVERHEAD > flash.pageSize) return undefined;
    const header = flash.read(page, offset, BATCH_HEADER);
    const length = BATCH_HEADER + u16At(header, 2) + TAG;
    if (header[0] !== BATCH_MAGIC || offset + length + CHECK > flash.pageSize) return undefined;
    const check = u32At(flash.read(page, offset + length, CHECK), 0);
    if (check !== crc32(flash.read(page, offset, length))) return undefined;
    return { offset, index: u32At(header, 4), length };
  }

  function eachBatch(page: Page, visit: (batch: Batch) => void): number {
    let at = PAGE_HEADER;
    for (let batch = batchAt(page.page, at); batch; batch = batchAt(page.page, at)) {
      visit(batch);
      at += batch.length + CHECK;
    }
    return at;
  }

  function newestPlace(): number {
    const newest = pages.newest();
    return newest ? newest.page : -1;
  }

  function mount(): void {
    let latest: Page | undefined;
    for (let i = 0; i < flash.pages; i++) {
      const page = pageAt(i);
      if (page && (!latest || page.sequence > latest.sequence)) latest = page;
    }
    pages.clear();
    // Each page was begun in the place behind the one before it, or the next: round the ring from the newest they come oldest first.
    for (let i = 1; latest && i <= flash.pages; i++) {
      const page = pageAt((latest.page + i) % flash.pages);
      if (page) pages.push(page);
    }
    free = flash.pageSize;
    last = -1;
    const newest = pages.newest();
    place = newestPlace();
    if (!newest) return;
    sequence = newest.sequence;
    last = newest.firstIndex - 1;
    const end = eachBatch(newest, (batch) => {
      last = batch.index;
    });
    // Behind a torn batch nothing is written any more: a slot that was programmed, even in part, is never used again.
    if (isFilledWith(flash.read(newest.page, end, flash.pageSize - end), 0xff)) free = end;
  }

  /**
   * Makes a page blank, for good. Its header goes first, and durably: under it, what an erase leaves that is cut short would be
   * a page with batches missing. Where that cannot be written, by a cut that came before it had any effect, the erase has to do.
   */
  function clear(number: number, commit: string): void {
    if (pageAt(number)) {
      try {
        flash.write(number, 0, NO_HEADER);
        flash.sync(commit);
      } catch {}
      flash.erase(number);
    } else flash.blank(number);
    flash.sync(commit);
  }

  function openPage(day: number, timeline: number, current: { index: number; records: number }): void {
    place = (place + 1) % flash.pages;
    const number = place;
    // The ring has come round: the page that is about to be erased is the oldest, where all are in use.
    for (let i = pages.count() - 1; i >= 0; i--) if (pages.at(i).page === number) pages.remove(i);
    clear(number, 'log.page');
    sequence += 1;
    const page = {
      page: number,
      sequence,
      day,
      timeline,
      firstIndex: current.index,
      recordsBefore: current.records,
    };
    flash.write(number, 0, encodePage(page));
    flash.sync('log.page');
    pages.push(page);
    free = PAGE_HEADER;
  }

  /** Unique to every place that is ever written: no two batches share one, even after an erase or a torn write. */
  function slotOf(page: Page, offset: number): Uint8Array {
    return u32(page.sequence * (flash.pageSize / 4) + offset / 4);
  }

  /**
   * Seals the next batch and writes all of it but its checksum. A page that does not take it is passed over; but only one, for
   * when the next one fails as well it is not the page, and older pages are not to go for it.
   */
  function write(body: Uint8Array, state: State, day: number, timeline: number): Written {
    let page = pages.newest();
    const size = OVERHEAD + body.length;
    if (!page || page.day !== day || page.timeline !== timeline || free + size > flash.pageSize) {
      openPage(day, timeline, state);
      page = pages.newest() as Page;
    }
    const header = new Uint8Array(BATCH_HEADER);
    header[0] = BATCH_MAGIC;
    header[1] = day & 0xff;
    putU16(header, 2, body.length);
    putU32(header, 4, state.index);
    const offset = free;
    const sealed = seal(digest, batchKey(digest, state.state), concat([header, slotOf(page, offset)]), body, TAG);
    const batch = concat([header, sealed]);
    free = flash.pageSize; // until the commit, a failure leaves this page closed
    flash.write(page.page, offset, batch);
    return { page: page.page, offset, batch };
  }

  mount();
  const states: States = mountStates(stateFlash, (index) => index <= last);
  // Where every page has expired, the batch count takes over, so that page numbers go on rising.
  sequence = Math.max(sequence, states.current()?.index ?? 0);

  function current(): { state: Uint8Array; index: number; records: number } {
    const state = states.current();
    if (!state) throw fault('not-provisioned');
    return state;
  }

  return {
    begin(state) {
      for (let i = 0; i < flash.pages; i++) flash.blank(i);
      states.begin({ state, index: 0, records: 0 });
      mount();
    },
    renew(first) {
      states.begin(first);
      sequence = Math.max(sequence, first.index);
    },
    forget() {
      states.forget();
      mount();
    },
    newestDay: () => pages.newest()?.day ?? 0,
    nextIndex: () => (states.current() ? current().index : 0),
    records: () => (states.current() ? current().records : 0),
    append(plaintext, records, day, timeline) {
      const state = current();
      const body = words(plaintext, 0);
      if (body.length > BATCH_MAX) throw fault('flash-full', 'batch too long');
      let written: Written | undefined;
      for (let tries = 0; !written; tries++) {
        try {
          written = write(body, state, day, timeline);
        } catch (thrown) {
          free = flash.pageSize;
          if (tries > 0) {
            place = newestPlace();
            throw thrown;
          }
        }
      }
      const { page, offset, batch } = written;
      states.stage({
        state: nextState(digest, state.state),
        index: state.index + 1,
        records: state.records + records,
      });
      flash.write(page, offset + batch.length, u32(crc32(batch)));
      flash.sync('log.batch');
      free = offset + batch.length + CHECK;
      last = state.index;
      states.drop();
    },
    expire(isExpired) {
      // The oldest first: a cut in between must not leave older pages than the newest one's number says.
      for (let i = 0; i < pages.count(); ) {
        const page = pages.at(i);
        if (!isExpired(page.day, page.timeline)) {
          i++;
          continue;
        }
        if (i === pages.count() - 1) free = flash.pageSize;
        pages.remove(i);
        try {
          clear(page.page, 'log.expire');
        } catch {
          // A page that cannot be erased keeps none of the others from going.
        }
      }
    },
    oldest() {
      for (let i = 0; i < pages.count(); i++) {
        const page = pages.at(i);
        if (batchAt(page.page, PAGE_HEADER)) return { index: page.firstIndex, records: page.recordsBefore };
      }
      const state = states.current();
      return { index: state ? state.index : 0, records: state ? state.records : 0 };
    },
    batchFrom(from) {
      for (let i = 0; i < pages.count(); i++) {
        if (i + 1 < pages.count() && pages.firstIndex(i + 1) <= from) continue;
        const page = pages.at(i);
        let found: Batch | undefined;
        eachBatch(page, (batch) => {
          if (!found && batch.index >= from) found = batch;
        });
        if (found) {
          const bytes = concat([slotOf(page, found.offset), flash.read(page.page, found.offset, found.length)]);
          return { index: found.index, bytes };
        }
      }
      return undefined;
    },
    room() {
      const oldest = pages.count() > 0 ? pages.at(0) : undefined;
      const unused = flash.pages - pages.count();
      return {
        bytes: unused * (flash.pageSize - PAGE_HEADER) + (flash.pageSize - free),
        oldestDay: oldest ? oldest.day : -1,
      };
    },
  };
}
