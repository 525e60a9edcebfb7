/**
 * The content of a simulated NOR chip, the wear of its parts, and what the part does to them: whole operations, and torn
 * ones, as a power cut leaves them. Who uses it decides what a rule broken means.
 */

/** nRF52832 product specification: writes to one 512-byte block between erases. The 52840 allows 403. */
const BLOCK_SIZE = 512;
const BLOCK_WRITES = 181;
/** nRF52840 product specification, nWRITE: writes to one word between erases. */
const WORD_WRITES = 2;
/** All bits of a word. */
export const WHOLE_WORD = 0xffffffff;

export interface Chip {
  readonly pageSize: number;
  readonly pageCount: number;
  readonly bytes: Uint8Array;
  /** Writes to each word since its last erase. */
  readonly words: Uint8Array;
  /** Writes to each block of 512 bytes since its last erase. */
  readonly blocks: Uint16Array;
  /** Erases of each page, ever. */
  readonly erases: Uint16Array;
}

/** One thing that is done to a chip. Words are unsigned and big-endian. */
export type Operation =
  | { kind: 'erase'; page: number }
  | { kind: 'word'; address: number; value: number }
  | { kind: 'sync'; commit: string };

export function blankChip(pageCount: number, pageSize: number): Chip {
  const bytes = new Uint8Array(pageCount * pageSize);
  for (let i = 0; i < bytes.length; i++) bytes[i] = 0xff;
  return {
    pageSize,
    pageCount,
    bytes,
    words: new Uint8Array(bytes.length / 4),
    blocks: new Uint16Array(Math.ceil(bytes.length / BLOCK_SIZE)),
    erases: new Uint16Array(pageCount),
  };
}

/** `to` becomes what `from` is; both have one geometry. */
export function copyChip(from: Chip, to: Chip): void {
  to.bytes.set(from.bytes);
  to.words.set(from.words);
  to.blocks.set(from.blocks);
  to.erases.set(from.erases);
}

export function wordAt(bytes: Uint8Array, address: number): number {
  const high = ((bytes[address] as number) << 8) | (bytes[address + 1] as number);
  return high * 0x10000 + ((bytes[address + 2] as number) << 8) + (bytes[address + 3] as number);
}

function putWord(bytes: Uint8Array, address: number, value: number): void {
  bytes[address] = value >>> 24;
  bytes[address + 1] = value >>> 16;
  bytes[address + 2] = value >>> 8;
  bytes[address + 3] = value;
}

/** Why the part must not do this write, or undefined. What does not wear (`isFile`) is only asked for bits. */
export function ruleBroken(chip: Chip, address: number, value: number, isFile: boolean): string | undefined {
  if ((wordAt(chip.bytes, address) & value) >>> 0 !== value) return `bit set by a write at ${address}`;
  if (isFile) return undefined;
  if ((chip.words[address / 4] as number) >= WORD_WRITES) return `word at ${address} written too often`;
  if ((chip.blocks[Math.floor(address / BLOCK_SIZE)] as number) >= BLOCK_WRITES) {
    return `block of ${address} is worn out`;
  }
  return undefined;
}

/** Writes a word as the part does: bits are only cleared, of those in `mask` alone when the power goes meanwhile. */
export function programWord(chip: Chip, address: number, value: number, mask: number): void {
  const block = Math.floor(address / BLOCK_SIZE);
  chip.words[address / 4] = (chip.words[address / 4] as number) + 1;
  chip.blocks[block] = (chip.blocks[block] as number) + 1;
  putWord(chip.bytes, address, (wordAt(chip.bytes, address) & (value | ~mask)) >>> 0);
}

/** Sets the words to ones for which `isErased` holds, counted from the page's first; all of them without it. */
export function erasePage(chip: Chip, page: number, isErased?: (word: number) => boolean): void {
  const base = page * chip.pageSize;
  for (let at = 0; at < chip.pageSize; at += 4) {
    if (isErased && !isErased(at / 4)) continue;
    putWord(chip.bytes, base + at, WHOLE_WORD);
    chip.words[(base + at) / 4] = 0;
    // The last word of a block: what has erased it has erased all of the block.
    if ((at + 4) % BLOCK_SIZE === 0) chip.blocks[(base + at + 4) / BLOCK_SIZE - 1] = 0;
  }
  if (!isErased) chip.erases[page] = (chip.erases[page] as number) + 1;
}

/** Carries out a whole operation. */
export function carryOut(chip: Chip, operation: Operation): void {
  if (operation.kind === 'erase') erasePage(chip, operation.page);
  else if (operation.kind === 'word') programWord(chip, operation.address, operation.value, WHOLE_WORD);
}

interface Part {
  address: number;
  length: number;
  value: number;
}

/** An erase reaches a disk by blocks of 512 bytes, a write word by word. */
function partsOf(chip: Chip, operations: Operation[]): Part[] {
  const parts: Part[] = [];
  for (let i = 0; i < operations.length; i++) {
    const operation = operations[i] as Operation;
    if (operation.kind === 'word') parts.push({ address: operation.address, length: 4, value: operation.value });
    if (operation.kind !== 'erase') continue;
    const base = operation.page * chip.pageSize;
    for (let at = base; at < base + chip.pageSize; at += BLOCK_SIZE) {
      parts.push({ address: at, length: Math.min(BLOCK_SIZE, base + chip.pageSize - at), value: WHOLE_WORD });
    }
  }
  return parts;
}

/**
 * What a computer's disk may hold of operations that no sync has made durable: about `share` of them (0 to 1), in any
 * order, both drawn by `random`. A file is no NOR chip: what is written last stands, and nothing wears.
 */
export function carryOutOfOrder(chip: Chip, operations: Operation[], share: number, random: () => number): void {
  const parts = partsOf(chip, operations);
  for (let left = parts.length; left > 0; left--) {
    const drawn = Math.floor(random() * left);
    const part = parts[drawn] as Part;
    parts[drawn] = parts[left - 1] as Part;
    if (random() >= share) continue;
    for (let at = part.address; at < part.address + part.length; at += 4) putWord(chip.bytes, at, part.value);
  }
}
