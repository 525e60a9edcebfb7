/** The uploader's side of the outbox: what is due, what has become of it, and what is deleted when. */
import { sql } from 'kysely';
import { copyOf } from '../../device/bytes.js';
import type { Random } from '../../device/ports.js';
import type { ErrorCode } from '../errors.js';
import type { KioskDatabase } from './database.js';
import { dropBodies, dropDraft } from './deletion.js';
import type { Report } from './envelope.js';
import type { Blob } from './migrations.js';

const HOUR = 3600;
const DAY = 24 * HOUR;
/** An unfinished draft waits one day for its token to come back; the token has everything. */
const DRAFT_LIFE = DAY;
/** The records of a report are 14 days old at most when it is kept, so none is of use to anybody after this. */
const REPORT_LIFE = 14 * DAY + HOUR;
/** Receipts wait this long for the token's next visit; so does the reason of a refusal. */
const RECEIPT_LIFE = 15 * DAY;
/** After this the page warns. */
const WARN_AFTER = 72 * HOUR;

export interface Due {
  id: string;
  kind: 'report' | 'dummy';
  /** NTP second before which it must not leave; null until drawn. */
  notBefore: number | null;
}

export interface QueueSummary {
  /** Reports that wait for the server. */
  waiting: number;
  /** Of these, how many have waited for more than 72 h. */
  overdue: number;
  /** Reports that are still arriving from a token. */
  drafts: number;
  /** Reports that the server refused for good in the last 15 days, by reason. */
  refused: Partial<Record<ErrorCode, number>>;
  /** Receipts that wait for a token's next visit. */
  receipts: number;
}

export class Queue {
  constructor(private readonly database: KioskDatabase) {}

  /** Queues an upload that carries nothing. Throws 'kiosk-full'. */
  async addDummy(random: Random, now: number): Promise<void> {
    const id = new Uint8Array(16);
    random.fill(id);
    await this.database.commit('outbox.dummy', async (transaction) => {
      await transaction
        .insertInto('reports')
        .values({
          id: Buffer.from(id).toString('hex'),
          kind: 'dummy',
          state: 'kept',
          first_batch: 0,
          last_batch: 0,
          next_batch: 0,
          batches: 0,
          bytes: 0,
          changed: hourOf(now),
        })
        .execute();
    });
  }

  /** What waits to leave; reports and dummies alike. */
  async due(): Promise<Due[]> {
    const rows = await this.database.query
      .selectFrom('reports')
      .select(['id', 'kind', 'not_before'])
      .where('state', '=', 'kept')
      .execute();
    return rows.map((row) => ({ id: row.id, kind: row.kind, notBefore: row.not_before }));
  }

  async load(id: string): Promise<Report> {
    const row = await this.database.query
      .selectFrom('reports')
      .select(['code', 'encs', 'header'])
      .where('id', '=', id)
      .executeTakeFirstOrThrow();
    const batches = await this.database.query
      .selectFrom('batches')
      .select('sealed')
      .where('report', '=', id)
      .orderBy('batch')
      .execute();
    return {
      code: row.code ?? '',
      encs: bytesOf(row.encs),
      header: bytesOf(row.header),
      batches: batches.map((batch) => bytesOf(batch.sealed)),
    };
  }

  async delayUntil(id: string, notBefore: number): Promise<void> {
    await this.database.commit('outbox.delay', async (transaction) => {
      await transaction.updateTable('reports').set({ not_before: notBefore }).where('id', '=', id).execute();
    });
  }

  /** The server has it: keeps the receipt, forgets the code, deletes the body. */
  async sent(id: string, receipt: Uint8Array, now: number): Promise<void> {
    await this.database.commit('outbox.sent', async (transaction) => {
      await transaction
        .updateTable('reports')
        .set({ state: 'sent', receipt, code: null, encs: null, header: null, not_before: null, changed: hourOf(now) })
        .where('id', '=', id)
        .execute();
    });
    await dropBodies(this.database);
  }

  /** The server will never take it: keeps the reason, deletes the body; the token still has everything. */
  async refused(id: string, refusal: ErrorCode, now: number): Promise<void> {
    await this.database.commit('outbox.refused', async (transaction) => {
      await transaction
        .updateTable('reports')
        .set({
          state: 'refused',
          refusal,
          code: null,
          encs: null,
          header: null,
          not_before: null,
          changed: hourOf(now),
        })
        .where('id', '=', id)
        .execute();
    });
    await dropBodies(this.database);
  }

  async dummySent(id: string): Promise<void> {
    await this.database.commit('outbox.sent', async (transaction) => {
      await transaction.deleteFrom('reports').where('id', '=', id).where('kind', '=', 'dummy').execute();
    });
    this.database.fold();
  }

  /** Deletes what has had its time; also what a crash left half deleted. */
  async sweep(now: number): Promise<void> {
    const before = (life: number): number => now - life - HOUR;
    const drafts = await this.database.query
      .selectFrom('reports')
      .select('id')
      .where('state', '=', 'draft')
      .where('changed', '<', before(DRAFT_LIFE))
      .execute();
    for (const { id } of drafts) await dropDraft(this.database, id);
    await this.database.commit('outbox.sweep', async (transaction) => {
      await transaction
        .updateTable('reports')
        .set({ state: 'refused', refusal: 'report-expired', code: null, encs: null, header: null })
        .set({ changed: hourOf(now), not_before: null })
        .where('state', '=', 'kept')
        .where('changed', '<', before(REPORT_LIFE))
        .execute();
    });
    await dropBodies(this.database);
    await this.database.commit('outbox.sweep', async (transaction) => {
      await transaction
        .deleteFrom('reports')
        .where('state', 'in', ['sent', 'refused', 'done'])
        .where('changed', '<', before(RECEIPT_LIFE))
        .execute();
    });
    this.database.fold();
  }

  async summary(now: number): Promise<QueueSummary> {
    const rows = await this.database.query
      .selectFrom('reports')
      .select(['state', 'refusal', sql<number>`count(*)`.as('count')])
      .select(sql<number>`coalesce(sum(changed < ${now - WARN_AFTER}), 0)`.as('old'))
      .where('kind', '=', 'report')
      .groupBy(['state', 'refusal'])
      .execute();
    const summary: QueueSummary = { waiting: 0, overdue: 0, drafts: 0, refused: {}, receipts: 0 };
    for (const row of rows) {
      if (row.state === 'draft') summary.drafts += row.count;
      if (row.state === 'sent') summary.receipts += row.count;
      if (row.state === 'refused') summary.refused[row.refusal as ErrorCode] = row.count;
      if (row.state === 'kept') {
        summary.waiting += row.count;
        summary.overdue += row.old;
      }
    }
    return summary;
  }
}

function bytesOf(blob: Blob | null): Uint8Array {
  const bytes = new Uint8Array(blob ?? []);
  return copyOf(bytes, 0, bytes.length);
}

/** NTP seconds cut to the hour. */
export function hourOf(now: number): number {
  return Math.floor(now / HOUR) * HOUR;
}
