/** Sealed log batches as they travel (docs/spec/log.md): the courier reads their clear header, never their body. */
import { copyOf, u16At, u32At } from '../../device/bytes.js';
import { GaletError } from '../errors.js';

/** slot u32 | magic and version u8 | day u8 | body length u16 | index u32 | body | tag 8. */
const SLOT = 4;
const HEADER = 8;
const TAG = 8;
const MAGIC = 0xb1;

export interface Batch {
  index: number;
  /** The whole travelling batch. */
  sealed: Uint8Array;
}

/**
 * Cuts concatenated travelling batches apart. Throws 'report-malformed' when a header is none, when one is cut short
 * or when their indices do not rise.
 */
export function splitBatches(bytes: Uint8Array): Batch[] {
  const batches: Batch[] = [];
  let at = 0;
  let previous = -1;
  while (at < bytes.length) {
    if (bytes.length - at < SLOT + HEADER + TAG || bytes[at + SLOT] !== MAGIC) throw new GaletError('report-malformed');
    const length = SLOT + HEADER + u16At(bytes, at + SLOT + 2) + TAG;
    const index = u32At(bytes, at + SLOT + 4);
    if (length > bytes.length - at || index <= previous) throw new GaletError('report-malformed');
    batches.push({ index, sealed: copyOf(bytes, at, at + length) });
    previous = index;
    at += length;
  }
  return batches;
}
