/**
 * Every flash operation of a board, as its reports tell them: what the Storage held after each, and which batches of
 * contacts had been committed by then.
 */
import { u16At, u32At } from '../../../device/bytes.js';
import { mountJournal } from '../../../device/log/journal.js';
import { mountLog } from '../../../device/log/log.js';
import type { Flash } from '../../../device/ports.js';
import { type Facts, factsOf } from '../../../device/token/facts.js';
import { layout } from '../../../device/token/layout.js';
import { nodeDigest } from '../../../host/crypto.js';
import type { Report } from './interpreter.js';
import { TOKEN_PAGE, tokenPages } from './token-file.js';

/** Where the interpreter's Linux build has its flash. */
const FLASH_START = 0x10000000;
const BATCH_MAGIC = 0xb1;
const BATCH_HEADER = 8;
const TAG = 8;

export interface Operation {
  /** Unix seconds by the board's clock. */
  at: number;
  /** Offset in the image. */
  offset: number;
  /** What was written; undefined when a page was erased. */
  data: Uint8Array | undefined;
}

interface OperationReport extends Report {
  address: number;
  data?: string;
}

export function operationsOf(reports: Report[]): Operation[] {
  const found = reports.filter((report): report is OperationReport => report.t === 'op');
  return found.map(({ at, address, data }) => ({
    at,
    offset: address - FLASH_START,
    data: data === undefined ? undefined : new Uint8Array(Buffer.from(data, 'base64')),
  }));
}

/** Does to `image` what the operation did to the flash. */
export function perform(image: Uint8Array, { offset, data }: Operation): void {
  if (data === undefined) image.fill(0xff, offset, offset + TOKEN_PAGE);
  else for (let i = 0; i < data.length; i++) image[offset + i] = (image[offset + i] as number) & (data[i] as number);
}

/** The token's pages on a copy of the image. */
function pagesOf(image: Uint8Array, pageCount: number): Flash {
  const bytes = tokenPages(image, pageCount * TOKEN_PAGE).slice();
  return {
    pageSize: TOKEN_PAGE,
    pageCount,
    erase: (page) => bytes.fill(0xff, page * TOKEN_PAGE, (page + 1) * TOKEN_PAGE),
    write: (address, data) => perform(bytes, { at: 0, offset: address, data }),
    read: (address, length) => bytes.slice(address, address + length),
    sync: () => {},
  };
}

export interface Held {
  facts: Facts;
  /** Sealed batches by index, as they would travel. */
  batches: Map<number, Buffer>;
  nextIndex: number;
}

/** What a token finds when it boots on this image, by the same code, here. */
export function readToken(image: Uint8Array, pageCount: number): Held {
  const places = layout(pagesOf(image, pageCount));
  const facts = factsOf(mountJournal(places.journal));
  const log = mountLog(nodeDigest, places.log, places.states);
  const batches = new Map<number, Buffer>();
  for (let from = 0; ; ) {
    const batch = log.batchFrom(from);
    if (batch === undefined) return { facts, batches, nextIndex: log.nextIndex() };
    // The slot number in front depends on the log's place alone.
    batches.set(batch.index, Buffer.from(batch.bytes.subarray(4)));
    from = batch.index + 1;
  }
}

/**
 * Follows the operations of a log and knows, without the log's own code, which batches are committed: a write that
 * begins like a batch, then the checksum right behind it.
 */
export class CommittedBatches {
  /** Of each batch: what was written, and on which page of the image. */
  readonly all = new Map<number, { bytes: Buffer; page: number; at: number }>();
  private begun = new Map<number, { index: number; bytes: Buffer; page: number; at: number }>();

  take({ at, offset, data }: Operation): void {
    const page = Math.floor(offset / TOKEN_PAGE);
    if (data === undefined) {
      for (const [index, batch] of this.all) if (batch.page === page) this.all.delete(index);
      return;
    }
    const finished = data.length === 4 ? this.begun.get(offset) : undefined;
    if (finished !== undefined) this.all.set(finished.index, finished);
    this.begun = new Map();
    const length = data.length >= BATCH_HEADER ? BATCH_HEADER + u16At(data, 2) + TAG : 0;
    if (data[0] === BATCH_MAGIC && length === data.length) {
      this.begun.set(offset + length, { index: u32At(data, 4), bytes: Buffer.from(data), page, at });
    }
  }
}
