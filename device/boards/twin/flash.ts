/**
 * NOR flash in memory that enforces the rules of the real part and counts what is done to it. A cut can be planted at
 * any operation, with the operation left undone, done, or torn.
 */
import { copyOf } from '../../bytes.js';
import { fault } from '../../faults.js';
import type { Flash } from '../../ports.js';

/** nRF52832 product specification: writes to one 512-byte block between erases. The 52840 allows 403. */
const BLOCK_SIZE = 512;
const BLOCK_WRITES = 181;
/** nRF52840 product specification, nWRITE: writes to one word between erases. */
const WORD_WRITES = 2;

/** What a power cut leaves behind: it ends the run by being thrown, and is no fault of the token. */
export interface PowerCut extends Error {
  powerCut: true;
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

interface Wear {
  words: Uint8Array;
  blocks: Uint16Array;
  erases: Uint16Array;
}

export function twinFlash(pageCount: number, pageSize: number, onCommit?: (name: string) => void): TwinFlash {
  const bytes = new Uint8Array(pageCount * pageSize);
  for (let i = 0; i < bytes.length; i++) bytes[i] = 0xff;
  return build(bytes, pageCount, pageSize, onCommit, {
    words: new Uint8Array(bytes.length / 4),
    blocks: new Uint16Array(bytes.length / BLOCK_SIZE),
    erases: new Uint16Array(pageCount),
  });
}

function build(
  bytes: Uint8Array,
  pageCount: number,
  pageSize: number,
  onCommit: ((name: string) => void) | undefined,
  wear: Wear,
): TwinFlash {
  let operations = 0;
  let cutOperation = 0;
  let cutTear = 0;
  let cutRandom: () => number = () => 0;
  let off = false;

  /** Counts an operation; true when the power goes during it. */
  function cutsNow(): boolean {
    if (off) throw powerCut();
    operations += 1;
    if (operations !== cutOperation) return false;
    off = true;
    return true;
  }

  function erase(page: number): void {
    if (page < 0 || page >= pageCount) throw fault('flash-rule', 'erase outside the flash');
    const cut = cutsNow();
    const end = cut ? Math.floor(pageSize * cutTear) : pageSize;
    const base = page * pageSize;
    for (let i = 0; i < end; i++) bytes[base + i] = 0xff;
    for (let i = base / 4; i < (base + end) / 4; i++) wear.words[i] = 0;
    if (end === pageSize) {
      for (let i = base / BLOCK_SIZE; i < (base + pageSize) / BLOCK_SIZE; i++) wear.blocks[i] = 0;
      wear.erases[page] = (wear.erases[page] as number) + 1;
    }
    if (cut) throw powerCut();
  }

  function writeWord(address: number, data: Uint8Array, at: number): void {
    const cut = cutsNow();
    const word = address / 4;
    const block = Math.floor(address / BLOCK_SIZE);
    for (let i = 0; i < 4; i++) {
      const before = bytes[address + i] as number;
      const wanted = data[at + i] as number;
      if ((before & wanted) !== wanted) throw fault('flash-rule', `bit set by a write at ${address + i}`);
    }
    if ((wear.words[word] as number) >= WORD_WRITES) throw fault('flash-rule', `word at ${address} written too often`);
    if ((wear.blocks[block] as number) >= BLOCK_WRITES) throw fault('flash-rule', `block of ${address} is worn out`);
    wear.words[word] = (wear.words[word] as number) + 1;
    wear.blocks[block] = (wear.blocks[block] as number) + 1;
    for (let i = 0; i < 4; i++) {
      const wanted = data[at + i] as number;
      let left = wanted;
      if (cut && cutTear < 1) {
        left = 0xff;
        for (let bit = 1; bit < 0x100; bit <<= 1) if (!(wanted & bit) && cutRandom() < cutTear) left &= ~bit;
      }
      bytes[address + i] = (bytes[address + i] as number) & left;
    }
    if (cut) throw powerCut();
  }

  return {
    pageSize,
    pageCount,
    bytes,
    erase,
    write(address, data) {
      if (address % 4 !== 0 || data.length % 4 !== 0) throw fault('flash-rule', 'unaligned write');
      if (address < 0 || address + data.length > bytes.length) throw fault('flash-rule', 'write outside the flash');
      for (let at = 0; at < data.length; at += 4) writeWord(address + at, data, at);
    },
    read(address, length) {
      if (off) throw powerCut();
      if (address < 0 || address + length > bytes.length) throw fault('flash-rule', 'read outside the flash');
      return copyOf(bytes, address, address + length);
    },
    sync(commit) {
      if (onCommit) onCommit(commit);
    },
    operations: () => operations,
    erasesOf: (page) => wear.erases[page] as number,
    cutAt(operation, tear, random) {
      cutOperation = operations + operation;
      cutTear = tear;
      cutRandom = random;
    },
    afterReset: () => build(bytes, pageCount, pageSize, onCommit, wear),
  };
}
