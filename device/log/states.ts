/**
 * Where the ratchet's states stand: slots of 64 bytes on two pages, so that a slot's words can be written once and
 * zeroed once within what a 512-byte block allows (docs/spec/log.md).
 *
 *   slot : 0 state (32) | 32 index u32 | 36 records sealed so far u32 | 40 CRC-32 of bytes 0..39 | 44 unused
 *
 * A slot is live while its checksum is right. Anything else that is neither blank nor zeroed is residue of a cut and is
 * destroyed at mount by erasing its page, never by a third write.
 */
import { concat, copyOf, crc32, isFilledWith, u32, u32At } from '../bytes.js';
import { fault } from '../faults.js';
import type { Region } from './region.js';

const SLOT = 64;
const STATE = 32;
const CHECKED = 40;

export interface State {
  /** 32 bytes: opens batch `index` and all later ones, and no earlier one. */
  state: Uint8Array;
  index: number;
  /** Records in all batches before `index`. */
  records: number;
}

export interface States {
  /** The oldest live state: that of the next batch. Undefined before the first ticket. */
  current(): State | undefined;
  /** Stores the state after the current one; once more after a cut it finds the one already there. */
  stage(next: State): void;
  /** Zeroes the current state: the staged one becomes current. */
  drop(): void;
  /** Goes on without any state: the flash has been erased by others. */
  forget(): void;
  /** Erases everything, then stores the first state of a ticket. */
  begin(first: State): void;
}

interface Slot {
  page: number;
  offset: number;
  held: State;
}

/** `committed(index)` tells whether batch `index` is in the log: then its state has no right to exist any more. */
export function mountStates(flash: Region, committed: (index: number) => boolean): States {
  const slots = Math.floor(flash.pageSize / SLOT);
  let live: Slot[] = [];
  let page = 0;
  let free = 0;

  function slotAt(candidate: number, offset: number): { held?: State; clean: boolean; blank: boolean } {
    const raw = flash.read(candidate, offset, SLOT);
    const blank = isFilledWith(raw, 0xff);
    if (!blank && u32At(raw, CHECKED) === crc32(raw.subarray(0, CHECKED))) {
      const held = { state: copyOf(raw, 0, STATE), index: u32At(raw, STATE), records: u32At(raw, STATE + 4) };
      return { held, clean: true, blank };
    }
    return { clean: blank || isFilledWith(raw.subarray(0, STATE), 0), blank };
  }

  function write(next: State, commit: string): void {
    if (free === slots) {
      page = 1 - page;
      free = 0;
      flash.blank(page);
    }
    const offset = free * SLOT;
    free += 1;
    const body = concat([next.state, u32(next.index), u32(next.records)]);
    flash.write(page, offset, concat([body, u32(crc32(body))]));
    flash.sync(commit);
    live.push({ page, offset, held: next });
  }

  function zero(slot: Slot): void {
    flash.write(slot.page, slot.offset, new Uint8Array(STATE));
    flash.sync('ratchet.zero');
    live = live.filter((other) => other !== slot);
  }

  function mount(): void {
    const dirty = [false, false];
    const used = [0, 0];
    for (let candidate = 0; candidate < 2; candidate++) {
      for (let i = 0; i < slots; i++) {
        const found = slotAt(candidate, i * SLOT);
        if (found.held) live.push({ page: candidate, offset: i * SLOT, held: found.held });
        if (!found.blank) used[candidate] = i + 1;
        if (!found.clean) dirty[candidate] = true;
      }
    }
    live.sort((a, b) => a.held.index - b.held.index);
    const newest = live[live.length - 1];
    page = newest ? newest.page : 0;
    free = used[page] as number;
    // Zeroing may have been begun already, and a third write is not allowed: such a state goes with its page.
    while (live.length > 1 && isSuperseded(live[0] as Slot, live[1] as Slot)) {
      dirty[(live[0] as Slot).page] = true;
      live = live.slice(1);
    }
    for (let candidate = 0; candidate < 2; candidate++) if (dirty[candidate]) purge(candidate);
  }

  /** A state whose batch is in the log, or the original of one that was being moved when the power went. */
  function isSuperseded(slot: Slot, next: Slot): boolean {
    return slot.held.index === next.held.index || committed(slot.held.index);
  }

  /** Erases a page with residue. The current state is saved first; a staged one is not, for it follows from the current. */
  function purge(candidate: number): void {
    const current = live[0];
    live = live.filter((slot) => slot.page !== candidate);
    if (current && current.page === candidate) {
      live = [];
      page = 1 - candidate;
      free = 0;
      flash.blank(page);
      write(current.held, 'ratchet.move');
    } else if (page === candidate) {
      page = 1 - candidate;
      free = current ? slots : 0; // a page in unknown use counts as full
    }
    flash.erase(candidate);
    flash.sync('ratchet.purge');
  }

  mount();

  return {
    current: () => (live[0] ? (live[0] as Slot).held : undefined),
    stage(next) {
      const staged = live[1];
      if (staged && staged.held.index === next.index && staged.held.records === next.records) return;
      if (staged) zero(staged);
      write(next, 'ratchet.stage');
    },
    drop() {
      if (live.length < 2) throw fault('internal', 'no staged state');
      zero(live[0] as Slot);
    },
    forget() {
      live = [];
      page = 0;
      free = 0;
    },
    begin(first) {
      for (let i = 0; i < 2; i++) flash.blank(i);
      live = [];
      page = 0;
      free = 0;
      write(first, 'ratchet.begin');
    },
  };
}
