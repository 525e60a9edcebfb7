/** Who may register tokens and issue codes: hashes of credentials, by name. */
import type { Db } from './store.js';
import type { OperatorTable } from './tables.js';

export function operators(db: Db): Promise<OperatorTable[]> {
  return db.selectFrom('operators').selectAll().execute();
}

/** Keeps the credential that this name already has; returns whether it was new. */
export async function insertOperator(db: Db, name: string, credential: Uint8Array): Promise<boolean> {
  const result = await db
    .insertInto('operators')
    .values({ name, credential })
    .onConflict((conflict) => conflict.column('name').doNothing())
    .executeTakeFirst();
  return result.numInsertedOrUpdatedRows === 1n;
}
