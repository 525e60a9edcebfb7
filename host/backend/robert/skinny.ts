/**
 * SKINNY-64/192 (Beierle et al., ePrint 2016/660), the block cipher behind ROBERT's EBIDs: 64-bit blocks, 192-bit
 * tweakey, 40 rounds. Written by hand because no library on the platform offers it.
 *
 * The state is four rows of four cells, a row in 16 bits with its first cell in the highest nibble; the 64-bit block
 * fills them row by row. A table of all 65 536 rows does the four S-boxes of a row in one step.
 */
const ROUNDS = 40;
const CELLS = 16;

export const SKINNY_KEY_LENGTH = 24;

const SBOX = [12, 6, 9, 0, 1, 10, 2, 11, 3, 8, 5, 13, 4, 14, 7, 15];
const PERMUTATION = [9, 15, 8, 13, 10, 14, 12, 11, 0, 1, 2, 3, 4, 5, 6, 7];

const SUBSTITUTE = new Uint16Array(0x10000);
const UNSUBSTITUTE = new Uint16Array(0x10000);
for (let row = 0; row < 0x10000; row++) {
  const substituted =
    (SBOX[row >> 12]! << 12) | (SBOX[(row >> 8) & 15]! << 8) | (SBOX[(row >> 4) & 15]! << 4) | SBOX[row & 15]!;
  SUBSTITUTE[row] = substituted;
  UNSUBSTITUTE[substituted] = row;
}

/** An expanded key: for each round what is added to row 0 and to row 1, constants included. */
export type SkinnyKey = Uint16Array;

/** Expands 24 bytes: TK1, TK2 and TK3, eight bytes each. */
export function expandKey(key: Uint8Array): SkinnyKey {
  if (key.length !== SKINNY_KEY_LENGTH) throw new RangeError(`a SKINNY-64/192 key has 24 bytes, not ${key.length}`);
  let tk1 = cellsOf(key, 0);
  let tk2 = cellsOf(key, 8);
  let tk3 = cellsOf(key, 16);
  const expanded = new Uint16Array(2 * ROUNDS);
  let constant = 0;
  for (let round = 0; round < ROUNDS; round++) {
    constant = ((constant << 1) & 0x3f) | ((((constant >> 5) ^ (constant >> 4)) & 1) ^ 1);
    const row = (first: number): number => {
      let value = 0;
      for (let i = first; i < first + 4; i++) value = (value << 4) | (tk1[i]! ^ tk2[i]! ^ tk3[i]!);
      return value;
    };
    expanded[2 * round] = row(0) ^ ((constant & 15) << 12);
    expanded[2 * round + 1] = row(4) ^ ((constant >> 4) << 12);
    tk1 = permute(tk1);
    tk2 = permute(tk2);
    tk3 = permute(tk3);
    for (let i = 0; i < CELLS / 2; i++) {
      const two = tk2[i]!;
      tk2[i] = ((two << 1) & 15) | (((two >> 3) ^ (two >> 2)) & 1);
      const three = tk3[i]!;
      tk3[i] = (three >> 1) | (((three ^ (three >> 3)) & 1) << 3);
    }
  }
  return expanded;
}

export function encryptBlock(key: SkinnyKey, block: Uint8Array): Uint8Array {
  let r0 = (block[0]! << 8) | block[1]!;
  let r1 = (block[2]! << 8) | block[3]!;
  let r2 = (block[4]! << 8) | block[5]!;
  let r3 = (block[6]! << 8) | block[7]!;
  for (let i = 0; i < 2 * ROUNDS; i += 2) {
    const a = SUBSTITUTE[r0]! ^ key[i]!;
    const b = rotate(SUBSTITUTE[r1]! ^ key[i + 1]!, 4);
    const c = rotate(SUBSTITUTE[r2]! ^ 0x2000, 8);
    const d = rotate(SUBSTITUTE[r3]!, 12);
    r0 = a ^ c ^ d;
    r1 = a;
    r2 = b ^ c;
    r3 = a ^ c;
  }
  return blockOf(r0, r1, r2, r3);
}

export function decryptBlock(key: SkinnyKey, block: Uint8Array): Uint8Array {
  let r0 = (block[0]! << 8) | block[1]!;
  let r1 = (block[2]! << 8) | block[3]!;
  let r2 = (block[4]! << 8) | block[5]!;
  let r3 = (block[6]! << 8) | block[7]!;
  for (let i = 2 * ROUNDS - 2; i >= 0; i -= 2) {
    const a = r1;
    const c = r1 ^ r3;
    const b = r2 ^ c;
    const d = r0 ^ r3;
    r0 = UNSUBSTITUTE[a ^ key[i]!]!;
    r1 = UNSUBSTITUTE[rotate(b, 12) ^ key[i + 1]!]!;
    r2 = UNSUBSTITUTE[rotate(c, 8) ^ 0x2000]!;
    r3 = UNSUBSTITUTE[rotate(d, 4)]!;
  }
  return blockOf(r0, r1, r2, r3);
}

/** Rotates a row to the right by `bits`. */
function rotate(row: number, bits: number): number {
  return ((row >> bits) | (row << (16 - bits))) & 0xffff;
}

function blockOf(r0: number, r1: number, r2: number, r3: number): Uint8Array {
  return new Uint8Array([r0 >> 8, r0 & 255, r1 >> 8, r1 & 255, r2 >> 8, r2 & 255, r3 >> 8, r3 & 255]);
}

function cellsOf(bytes: Uint8Array, at: number): Uint8Array {
  const cells = new Uint8Array(CELLS);
  for (let i = 0; i < CELLS; i++) cells[i] = (i & 1) === 0 ? bytes[at + (i >> 1)]! >> 4 : bytes[at + (i >> 1)]! & 15;
  return cells;
}

function permute(cells: Uint8Array): Uint8Array {
  const permuted = new Uint8Array(CELLS);
  for (let i = 0; i < CELLS; i++) permuted[i] = cells[PERMUTATION[i]!]!;
  return permuted;
}
