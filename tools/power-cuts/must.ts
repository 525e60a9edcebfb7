/** What an examination throws, and what every one of them looks for. */
import type { Chip } from '../../device/boards/twin/chip.js';
import type { ContactLog } from '../../device/log/log.js';
import { ratchet } from './server.js';

/** Ratchet states that are looked for, back from the current one. */
const OLD_STATES = 4;

/** Throws what was broken. */
export function must(isTrue: boolean, what: string): asserts isTrue {
  if (!isTrue) throw new Error(what);
}

export function includes(bytes: Uint8Array, part: Uint8Array): boolean {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).includes(Buffer.from(part));
}

/** No state that opens what is sealed, the batches before `next`, stands in the chip's first pages. */
export function mustHaveForgotten(chip: Chip, next: number, pages: number): void {
  const bytes = chip.bytes.subarray(0, pages * chip.pageSize);
  for (let index = Math.max(0, next - OLD_STATES); index < next; index++) {
    must(!includes(bytes, ratchet.state(index)), `the state of sealed batch ${index} is still in flash`);
  }
}

/** Index by index what the log gives. Nothing may be missing between its oldest batch and its next. */
export function readLog(log: ContactLog): Map<number, Uint8Array> {
  const found = new Map<number, Uint8Array>();
  const first = log.oldest().index;
  let expected = first;
  for (let batch = log.batchFrom(first); batch; batch = log.batchFrom(batch.index + 1)) {
    must(batch.index === expected, `batch ${expected} is missing before ${batch.index}`);
    expected += 1;
    found.set(batch.index, batch.bytes);
  }
  must(expected === log.nextIndex(), `batches end at ${expected}, the log says ${log.nextIndex()}`);
  return found;
}
