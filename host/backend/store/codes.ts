/** One-time codes at rest: keyed hashes, never the codes themselves. */
import type { Db } from './store.js';
import type { CodeTable } from './tables.js';

/** Returns false, and changes nothing, when the code is taken: draw another. */
export async function insertCode(db: Db, code: CodeTable): Promise<boolean> {
  const result = await db
    .insertInto('codes')
    .values(code)
    .onConflict((conflict) => conflict.column('id').doNothing())
    .executeTakeFirst();
  return result.numInsertedOrUpdatedRows === 1n;
}

export function findCode(db: Db, id: Uint8Array): Promise<CodeTable | undefined> {
  return db.selectFrom('codes').selectAll().where('id', '=', id).executeTakeFirst();
}

/** Marks a code used; returns false when it was used already or does not exist. Of two that try, one succeeds. */
export async function useCode(db: Db, id: Uint8Array): Promise<boolean> {
  const result = await db
    .updateTable('codes')
    .set({ used: 1 })
    .where('id', '=', id)
    .where('used', '=', 0)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}
