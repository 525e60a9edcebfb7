/**
 * Deleting, for good (secure_delete), and in small steps: every deletion needs room in the write-ahead log first, and a
 * disk that is nearly full is when it matters most. Each step leaves a state that may be cut.
 */
import type { KioskDatabase } from './database.js';
import type { ReportState } from './migrations.js';

const STEP = 32;
const GONE: ReportState[] = ['sent', 'refused', 'done'];

/** Deletes the batches of every report that has left or was refused. */
export async function dropBodies(database: KioskDatabase): Promise<void> {
  for (;;) {
    const rows = await database.query
      .selectFrom('batches')
      .innerJoin('reports', 'reports.id', 'batches.report')
      .select(['batches.report', 'batches.batch'])
      .where('reports.state', 'in', GONE)
      .limit(STEP)
      .execute();
    if (rows.length > 0) {
      await database.commit('outbox.drop', async (transaction) => {
        for (const row of rows) {
          await transaction
            .deleteFrom('batches')
            .where('report', '=', row.report)
            .where('batch', '=', row.batch)
            .execute();
        }
      });
    }
    database.fold();
    if (rows.length < STEP) return;
  }
}

/** Deletes a draft from its end, so that what is left of it can still be continued. */
export async function dropDraft(database: KioskDatabase, id: string): Promise<void> {
  for (;;) {
    const isGone = await database.commit('outbox.drop', async (transaction) => {
      const report = transaction.selectFrom('reports').select(['batches', 'bytes']).where('id', '=', id);
      const row = await report.where('state', '=', 'draft').executeTakeFirst();
      if (row === undefined) return true;
      const last = await transaction
        .selectFrom('batches')
        .select(['batch', 'sealed'])
        .where('report', '=', id)
        .orderBy('batch', 'desc')
        .limit(STEP)
        .execute();
      const lowest = last[last.length - 1]?.batch;
      if (lowest === undefined) {
        await transaction.deleteFrom('reports').where('id', '=', id).execute();
        return true;
      }
      const bytes = last.reduce((sum, { sealed }) => sum + sealed.byteLength, 0);
      await transaction.deleteFrom('batches').where('report', '=', id).where('batch', '>=', lowest).execute();
      await transaction
        .updateTable('reports')
        .set({ next_batch: lowest, batches: row.batches - last.length, bytes: row.bytes - bytes })
        .where('id', '=', id)
        .execute();
      return false;
    });
    database.fold();
    if (isGone) return;
  }
}
