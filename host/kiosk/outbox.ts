/**
 * The durable outbox: reports go draft -> kept -> sent (or refused) -> done. What it holds is sealed for the server;
 * "kept" is said only once SQLite has committed it with the disk's word (synchronous = FULL).
 */
import type { Transaction } from 'kysely';
import { type ErrorCode, GaletError } from '../errors.js';
import type { Batch } from './batches.js';
import type { KioskDatabase } from './database.js';
import { dropDraft } from './deletion.js';
import type { Blob, ReportState, ReportTable, Schema } from './migrations.js';
import { hourOf } from './queue.js';

/** A log is at most 256 pages of 4 kB, so more than this is no report. */
const REPORT_BYTES_MAX = 1_900_000;

export interface Draft {
  code: string;
  /** The public halves of one or two tickets, 32 or 64 bytes. */
  encs: Uint8Array;
  header: Uint8Array;
  firstBatch: number;
  lastBatch: number;
}

export interface Progress {
  state: ReportState;
  /** Index of the batch that is expected next; lastBatch + 1 when all are there. */
  nextBatch: number;
  batches: number;
}

export interface ReportStatus {
  state: ReportState;
  /** 16 bytes, once sent. */
  receipt?: Uint8Array;
  /** Why the server refuses it for good. */
  refusal?: ErrorCode;
}

type Query = KioskDatabase['query'] | Transaction<Schema>;

const bytesOf = (blob: Blob): Uint8Array => new Uint8Array(blob);

/** Whether a repeated draft is the one already there. */
function isSame(row: ReportTable, draft: Draft): boolean {
  return (
    row.code === draft.code &&
    row.first_batch === draft.firstBatch &&
    row.last_batch === draft.lastBatch &&
    row.encs !== null &&
    row.header !== null &&
    Buffer.from(bytesOf(row.encs)).equals(draft.encs) &&
    Buffer.from(bytesOf(row.header)).equals(draft.header)
  );
}

export class Outbox {
  constructor(
    readonly database: KioskDatabase,
    /** Says no ('kiosk-full') before the disk does, so that there is always room to finish what was kept. */
    private readonly assertRoom: () => Promise<void> = async () => {},
  ) {}

  private async row(query: Query, id: string): Promise<ReportTable> {
    const row = await query.selectFrom('reports').selectAll().where('id', '=', id).executeTakeFirst();
    if (row === undefined || row.kind !== 'report') throw new GaletError('report-unknown');
    return row;
  }

  /**
   * Starts a report, or finds it again: the same draft may be put any number of times. `now` in NTP seconds. Throws
   * 'report-conflict' when the number already means another report, 'kiosk-full'.
   */
  async draft(id: string, draft: Draft, now: number): Promise<Progress> {
    await this.assertRoom();
    return await this.database.commit('outbox.draft', async (transaction) => {
      const row = await transaction.selectFrom('reports').selectAll().where('id', '=', id).executeTakeFirst();
      if (row === undefined) {
        await transaction
          .insertInto('reports')
          .values({
            id,
            kind: 'report',
            state: 'draft',
            code: draft.code,
            encs: draft.encs,
            header: draft.header,
            first_batch: draft.firstBatch,
            last_batch: draft.lastBatch,
            next_batch: draft.firstBatch,
            batches: 0,
            bytes: 0,
            changed: hourOf(now),
          })
          .execute();
        return { state: 'draft', nextBatch: draft.firstBatch, batches: 0 };
      }
      // Of a report that has left, only the number remains to compare.
      const isHere = row.state === 'draft' || row.state === 'kept';
      if (row.kind !== 'report' || (isHere && !isSame(row, draft))) throw new GaletError('report-conflict');
      return { state: row.state, nextBatch: row.next_batch, batches: row.batches };
    });
  }

  /** Adds batches to a draft, skipping those already there. Throws 'report-unknown', 'report-malformed', 'kiosk-full'. */
  async append(id: string, batches: Batch[]): Promise<Progress> {
    await this.assertRoom();
    return await this.database.commit('outbox.append', async (transaction) => {
      const row = await this.row(transaction, id);
      let { next_batch: nextBatch, batches: count, bytes } = row;
      if (row.state !== 'draft') return { state: row.state, nextBatch, batches: count };
      for (const batch of batches) {
        if (batch.index < nextBatch) continue;
        if (batch.index > row.last_batch) throw new GaletError('report-malformed');
        bytes += batch.sealed.length;
        if (bytes > REPORT_BYTES_MAX) throw new GaletError('report-malformed');
        await transaction
          .insertInto('batches')
          .values({ report: id, batch: batch.index, sealed: batch.sealed })
          .execute();
        nextBatch = batch.index + 1;
        count += 1;
      }
      await transaction
        .updateTable('reports')
        .set({ next_batch: nextBatch, batches: count, bytes })
        .where('id', '=', id)
        .execute();
      return { state: 'draft', nextBatch, batches: count };
    });
  }

  /**
   * Keeps a whole draft; answers only after the commit. Repeated: answers what has become of it. Throws
   * 'report-incomplete' when the last batch is not there yet, 'report-unknown', 'kiosk-full'.
   */
  async keep(id: string, now: number): Promise<ReportState> {
    return await this.database.commit('outbox.keep', async (transaction) => {
      const row = await this.row(transaction, id);
      if (row.state !== 'draft') return row.state;
      if (row.next_batch <= row.last_batch) throw new GaletError('report-incomplete');
      await transaction
        .updateTable('reports')
        .set({ state: 'kept', changed: hourOf(now) })
        .where('id', '=', id)
        .execute();
      return 'kept';
    });
  }

  /** What has become of a report; throws 'report-unknown'. */
  async status(id: string): Promise<ReportStatus> {
    const row = await this.row(this.database.query, id);
    const status: ReportStatus = { state: row.state };
    if (row.receipt !== null) status.receipt = bytesOf(row.receipt);
    if (row.refusal !== null) status.refusal = row.refusal as ErrorCode;
    return status;
  }

  /** The token has taken the receipt: nothing but the number is kept. Throws 'report-unknown', 'report-incomplete'. */
  async done(id: string, now: number): Promise<ReportState> {
    return await this.database.commit('outbox.done', async (transaction) => {
      const row = await this.row(transaction, id);
      if (row.state !== 'sent' && row.state !== 'done') throw new GaletError('report-incomplete');
      const state: ReportState = 'done';
      await transaction
        .updateTable('reports')
        .set({ state, receipt: null, changed: hourOf(now) })
        .where('id', '=', id)
        .execute();
      return state;
    });
  }

  /** Gives back the room of a draft that cannot be finished; the token still has everything. */
  async discardDraft(id: string): Promise<void> {
    await dropDraft(this.database, id);
  }
}
