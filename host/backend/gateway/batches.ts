/**
 * Opens the batches of a report: one walk of each ticket's ratchet from its first state, in steps that let other
 * requests in between. A wrong tag, a repeat or a batch from outside the report is dropped and counted; so is what is
 * missing. The work is bounded by the header's first start and last batch, and by the size of the upload.
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
  /** No layout of a batch, a wrong tag, a ticket that does not open, or a plaintext that is none. */
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
  /** Of each ticket the index of the last batch that was opened; -1 for none. */
  highest: number[];
  counts: BatchCounts;
}

/** One of a report's tickets, as far as opening batches goes. */
export interface BatchTicket {
  /** The ratchet's first state, that of batch `start`; undefined when the ticket cannot be opened. */
  state: Uint8Array | undefined;
  start: number;
  /** Its batches up to this index have counted before; -1 for none. */
  mark: number;
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

/** What a report's walk over all of its tickets goes on with. */
interface Walk {
  counts: BatchCounts;
  batches: LoggedBatch[];
  recordsLeft: number;
}

/** The good one of the batches that claim one index. A courier may have put a forged one first, but not for ever many. */
function openOneOf(state: Uint8Array, claims: Uint8Array[]): LoggedBatch | undefined {
  for (const claim of claims.slice(0, 1 + REPEATS_TRIED)) {
    const opened = openBatch(state, claim);
    if (opened !== undefined) return opened;
  }
  return undefined;
}

/** Opens what is there under one ticket, by rising index; the last index that opened, or -1. */
async function openUnder(
  { state, start }: BatchTicket,
  candidates: Map<number, Uint8Array[]>,
  walk: Walk,
): Promise<number> {
  const { counts, batches } = walk;
  let highest = -1;
  let current = state;
  let at = start;
  for (const [position, index] of [...candidates.keys()].sort((a, b) => a - b).entries()) {
    if (position % BATCHES_AT_A_TIME === 0) await setImmediate();
    for (; current !== undefined && at < index; at++) {
      current = nextState(nodeDigest, current);
      if (at % STEPS_AT_A_TIME === 0) await setImmediate();
    }
    const claims = candidates.get(index)!;
    const opened = current && openOneOf(current, claims);
    counts.repeated += claims.length - 1;
    if (opened === undefined) {
      counts.bad += 1;
      continue;
    }
    counts.opened += 1;
    counts.surplusRecords += Math.max(0, opened.records.length - walk.recordsLeft);
    batches.push({ ...opened, records: opened.records.slice(0, walk.recordsLeft) });
    walk.recordsLeft -= Math.min(walk.recordsLeft, opened.records.length);
    highest = index;
  }
  return highest;
}

/** `tickets` by rising start: each has the batches from its start to the next one's, whichever ticket made them. */
export async function openBatches(
  tickets: BatchTicket[],
  travelling: Uint8Array[],
  range: BatchRange,
): Promise<OpenedBatches> {
  const counts: BatchCounts = { opened: 0, missing: 0, bad: 0, repeated: 0, outside: 0, surplusRecords: 0 };
  const parts = tickets.map((ticket, i) => ({
    ticket,
    from: Math.max(range.first, ticket.start, ticket.mark + 1),
    to: Math.min(range.last, (tickets[i + 1]?.start ?? Number.POSITIVE_INFINITY) - 1),
    candidates: new Map<number, Uint8Array[]>(),
  }));
  for (const batch of travelling) {
    const index = indexOf(batch);
    const part = parts.find(({ from, to }) => index !== undefined && index >= from && index <= to);
    if (index === undefined) counts.bad += 1;
    else if (part === undefined) counts.outside += 1;
    else if (part.candidates.has(index)) part.candidates.get(index)!.push(batch);
    else part.candidates.set(index, [batch]);
  }

  const walk: Walk = { counts, batches: [], recordsLeft: Math.min(range.recordCount, RECORDS_MAX) };
  const highest: number[] = [];
  let expected = 0;
  for (const { ticket, from, to, candidates } of parts) {
    highest.push(await openUnder(ticket, candidates, walk));
    expected += Math.max(0, to - from + 1);
  }
  counts.missing = expected - counts.opened;
  return { batches: walk.batches, highest, counts };
}
