/**
 * Opens the batches of a report: one walk of the ratchet from the ticket's first state, in steps that let other
 * requests in between. A wrong tag, a repeat or a batch from outside the report is dropped and counted; so is what is
 * missing. The work is bounded by the header's last batch and by the size of the upload.
 */
import { setImmediate } from 'node:timers/promises';
import { copyOf, u16At, u32At } from '../../../device/bytes.js';
import { batchKey, nextState } from '../../../device/seal/ratchet.js';
import { open } from '../../../device/seal/seal.js';
import { nodeDigest } from '../../crypto.js';
import { decodeBatch, type LoggedBatch } from './record.js';
import { RECORDS_MAX } from './upload.js';

const SLOT = 4;
const HEADER = 8;
const TAG = 8;
const MAGIC = 0xb1;
const STEPS_AT_A_TIME = 2_000;
const BATCHES_AT_A_TIME = 50;
const REPEATS_TRIED = 4;

export interface BatchCounts {
  opened: number;
  /** In the range of the report, but absent from it. */
  missing: number;
  /** No layout of a batch, a wrong tag, or a plaintext that is none. */
  bad: number;
  /** More than one for the same index, whichever of them was good. */
  repeated: number;
  /** Before the first or after the last batch that the header names, or counted by an earlier report. */
  outside: number;
  /** Beyond what the header says there is. */
  surplusRecords: number;
}

export interface OpenedBatches {
  batches: LoggedBatch[];
  /** Index of the last batch that was opened; -1 for none. */
  highest: number;
  counts: BatchCounts;
}

export interface BatchRange {
  first: number;
  last: number;
  /** Records that the header says there are. */
  recordCount: number;
}

/** The index that a travelling batch gives itself; undefined when it is not laid out like one. */
function indexOf(travelling: Uint8Array): number | undefined {
  if (travelling.length < SLOT + HEADER + TAG || travelling[SLOT] !== MAGIC) return undefined;
  const bodyLength = u16At(travelling, SLOT + 2);
  return travelling.length === SLOT + HEADER + bodyLength + TAG ? u32At(travelling, SLOT + 4) : undefined;
}

function openBatch(state: Uint8Array, travelling: Uint8Array): LoggedBatch | undefined {
  const context = new Uint8Array(HEADER + SLOT);
  context.set(travelling.subarray(SLOT, SLOT + HEADER));
  context.set(travelling.subarray(0, SLOT), HEADER);
  const sealed = copyOf(travelling, SLOT + HEADER, travelling.length);
  const plain = open(nodeDigest, batchKey(nodeDigest, state), context, sealed, TAG);
  if (plain === undefined) return undefined;
  const batch = decodeBatch(plain);
  return typeof batch === 'string' ? undefined : batch;
}

/** `state` is the ticket's, of batch 0; batches up to `mark` have counted before. */
export async function openBatches(
  state: Uint8Array,
  travelling: Uint8Array[],
  range: BatchRange,
  mark: number,
): Promise<OpenedBatches> {
  const counts: BatchCounts = { opened: 0, missing: 0, bad: 0, repeated: 0, outside: 0, surplusRecords: 0 };
  const candidates = new Map<number, Uint8Array[]>();
  for (const batch of travelling) {
    const index = indexOf(batch);
    if (index === undefined) counts.bad += 1;
    else if (index < range.first || index > range.last || index <= mark) counts.outside += 1;
    else if (candidates.has(index)) candidates.get(index)!.push(batch);
    else candidates.set(index, [batch]);
  }

  const batches: LoggedBatch[] = [];
  let recordsLeft = Math.min(range.recordCount, RECORDS_MAX);
  let highest = -1;
  let current = state;
  let at = 0;
  for (const [position, index] of [...candidates.keys()].sort((a, b) => a - b).entries()) {
    if (position % BATCHES_AT_A_TIME === 0) await setImmediate();
    for (; at < index; at++) {
      current = nextState(nodeDigest, current);
      if (at % STEPS_AT_A_TIME === 0) await setImmediate();
    }
    const [first, ...repeats] = candidates.get(index)!;
    // A courier may have put a forged batch before the true one; it cannot make us try for ever.
    const opened =
      openBatch(current, first!) ??
      repeats
        .slice(0, REPEATS_TRIED)
        .map((repeat) => openBatch(current, repeat))
        .find((batch) => batch !== undefined);
    counts.repeated += repeats.length;
    if (opened === undefined) {
      counts.bad += 1;
      continue;
    }
    counts.opened += 1;
    counts.surplusRecords += Math.max(0, opened.records.length - recordsLeft);
    batches.push({ ...opened, records: opened.records.slice(0, recordsLeft) });
    recordsLeft -= Math.min(recordsLeft, opened.records.length);
    highest = index;
  }
  counts.missing = Math.max(0, range.last - Math.max(range.first - 1, mark) - counts.opened);
  return { batches, highest, counts };
}
