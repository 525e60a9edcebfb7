/** What the gateway remembers of reports it has accepted: the receipt, and how far each ticket's batches have counted. */
import type { Db } from './store.js';

/** The receipt (16 bytes) that was given for this report, if it was accepted before. */
export async function findReceipt(db: Db, id: Uint8Array): Promise<Uint8Array | undefined> {
  const row = await db.selectFrom('receipts').select('receipt').where('id', '=', id).executeTakeFirst();
  return row?.receipt;
}

export async function insertReceipt(db: Db, id: Uint8Array, receipt: Uint8Array, expiresDay: number): Promise<void> {
  await db.insertInto('receipts').values({ id, receipt, expiresDay }).execute();
}

/** The highest batch of this ticket that has counted, or -1. */
export async function ticketMark(db: Db, id: Uint8Array): Promise<number> {
  const row = await db.selectFrom('ticketMarks').select('highestBatch').where('id', '=', id).executeTakeFirst();
  return row?.highestBatch ?? -1;
}

export async function setTicketMark(db: Db, id: Uint8Array, highestBatch: number, expiresDay: number): Promise<void> {
  await db
    .insertInto('ticketMarks')
    .values({ id, highestBatch, expiresDay })
    .onConflict((conflict) => conflict.column('id').doUpdateSet({ highestBatch, expiresDay }))
    .execute();
}
