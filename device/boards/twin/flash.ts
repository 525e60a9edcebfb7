/**
 * NOR flash in memory that enforces the rules of the real part and counts what is done to it. A cut can be planted at
 * any operation, with the operation left undone, done, or torn; how the chip behaves otherwise is data.
 */
import { copyOf } from '../../bytes.js';
import { fault } from '../../faults.js';
import type { Flash } from '../../ports.js';
import {
  blankChip,
  type Chip,
  carryOutOfOrder,
  copyChip,
  erasePage,
  type Operation,
  programWord,
  ruleBroken,
  WHOLE_WORD,
  wordAt,
} from './chip.js';

/** What a power cut leaves behind: it ends the run by being thrown, and is no fault of the token. */
export interface PowerCut extends Error {
  powerCut: true;
}

/** How a page is bad: the call fails with an error, or does nothing and says nothing. */
export type BadPage = 'erase-fails' | 'erase-idle' | 'write-fails' | 'write-idle' | 'read-fails';

export interface Behaviour {
  /**
   * What a power cut finds. A NOR chip has carried out its operations in their order; a file has of those since the last
   * sync whichever the computer had written back, and refuses a write only for the bits that it would set.
   */
  writes?: 'in-order' | 'out-of-order';
  bad?: { page: number; how: BadPage };
  /** Told of every operation that is carried out whole, and of every sync. */
  watch?: (operation: Operation) => void;
  /** Told of every read: its address and length in bytes. */
  watchRead?: (address: number, length: number) => void;
}

export interface TwinFlash extends Flash {
  /** The raw bytes, as a dump of the chip would show them. */
  readonly bytes: Uint8Array;
  /** Erases and word writes so far. */
  operations(): number;
  erasesOf(page: number): number;
  /**
   * Cuts the power at operation number `operation` (1 is the next one). `tear` is the share of that operation that is
   * carried out, 0 to 1; a word written in part has a random half of its bits cleared, drawn by `random`.
   */
  cutAt(operation: number, tear: number, random: () => number): void;
  /** Copies the content into a new chip: the same token after a reset. Wear counters of words are kept. */
  afterReset(): TwinFlash;
}

export function isPowerCut(thrown: unknown): thrown is PowerCut {
  return thrown instanceof Error && (thrown as PowerCut).powerCut === true;
}

function powerCut(): PowerCut {
  const cut = new Error('power cut') as PowerCut;
  cut.powerCut = true;
  return cut;
}

export function twinFlash(
  pageCount: number,
  pageSize: number,
  onCommit?: (name: string) => void,
  behaviour: Behaviour = {},
): TwinFlash {
  return flashOf(blankChip(pageCount, pageSize), behaviour, onCommit);
}

/** The flash that a chip is: what is done to the one is done to the other. */
export function flashOf(chip: Chip, behaviour: Behaviour = {}, onCommit?: (name: string) => void): TwinFlash {
  const { pageSize, pageCount, bytes } = chip;
  const isFile = behaviour.writes === 'out-of-order';
  /** Only a file has them: the content at the last sync, and what was done since. */
  const synced = isFile ? blankChip(pageCount, pageSize) : undefined;
  let since: Operation[] = [];
  let operations = 0;
  let cutOperation = 0;
  let cutTear = 0;
  let cutRandom: () => number = () => 0;
  let off = false;
  if (synced) copyChip(chip, synced);

  /** Counts an operation; true when the power goes during it. */
  function cutsNow(): boolean {
    if (off) throw powerCut();
    operations += 1;
    if (operations !== cutOperation) return false;
    off = true;
    return true;
  }

  function lose(): never {
    if (synced) {
      copyChip(synced, chip);
      carryOutOfOrder(chip, since, cutTear, cutRandom);
    }
    throw powerCut();
  }

  function done(operation: Operation): void {
    if (isFile) since.push(operation);
    if (behaviour.watch) behaviour.watch(operation);
  }

  /** Whether the call is to do nothing; throws when it is to fail. */
  function isIdle(what: 'erase' | 'write' | 'read', address: number, length: number): boolean {
    const bad = behaviour.bad;
    if (!bad || address >= (bad.page + 1) * pageSize || address + length <= bad.page * pageSize) return false;
    if (bad.how === `${what}-fails`) throw fault('flash-rule', `bad page ${bad.page}`);
    return bad.how === `${what}-idle`;
  }

  function erase(page: number): void {
    if (page < 0 || page >= pageCount) throw fault('flash-rule', 'erase outside the flash');
    const cut = cutsNow();
    if (isIdle('erase', page * pageSize, pageSize)) return;
    const end = Math.floor((pageSize * cutTear) / 4);
    if (cut && cutTear < 1) erasePage(chip, page, (word) => word < end);
    else erasePage(chip, page);
    if (!cut || cutTear === 1) done({ kind: 'erase', page });
    if (cut) lose();
  }

  function writeWord(address: number, value: number): void {
    const cut = cutsNow();
    if (isIdle('write', address, 4)) return;
    const isBad = behaviour.bad !== undefined && Math.floor(address / pageSize) === behaviour.bad.page;
    const broken = isBad ? undefined : ruleBroken(chip, address, value, isFile);
    if (broken !== undefined) throw fault('flash-rule', broken);
    let mask = WHOLE_WORD;
    if (cut && cutTear < 1) {
      mask = 0;
      for (let bit = 0; bit < 32; bit++) if (cutRandom() < cutTear) mask |= 1 << bit;
    }
    programWord(chip, address, value, mask);
    if (!cut || cutTear === 1) done({ kind: 'word', address, value });
    if (cut) lose();
  }

  return {
    pageSize,
    pageCount,
    bytes,
    erase,
    write(address, data) {
      if (address % 4 !== 0 || data.length % 4 !== 0) throw fault('flash-rule', 'unaligned write');
      if (address < 0 || address + data.length > bytes.length) throw fault('flash-rule', 'write outside the flash');
      for (let at = 0; at < data.length; at += 4) writeWord(address + at, wordAt(data, at));
    },
    read(address, length) {
      if (off) throw powerCut();
      if (address < 0 || address + length > bytes.length) throw fault('flash-rule', 'read outside the flash');
      isIdle('read', address, length);
      if (behaviour.watchRead) behaviour.watchRead(address, length);
      return copyOf(bytes, address, address + length);
    },
    sync(commit) {
      if (synced && !off) copyChip(chip, synced);
      since = [];
      if (behaviour.watch) behaviour.watch({ kind: 'sync', commit });
      if (onCommit) onCommit(commit);
    },
    operations: () => operations,
    erasesOf: (page) => chip.erases[page] as number,
    cutAt(operation, tear, random) {
      cutOperation = operations + operation;
      cutTear = tear;
      cutRandom = random;
    },
    afterReset: () => flashOf(chip, behaviour, onCommit),
  };
}
