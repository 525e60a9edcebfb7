/** Who there is, and the keys shared with each: idA (5 bytes) and K_auth, K_enc wrapped under the key-encryption key. */
import type { Db } from './store.js';
import type { CryptoIdentityTable } from './tables.js';

/** Returns false, and changes nothing, when the idA is taken: draw another. */
export async function insertIdentity(
  db: Db,
  identity: Pick<CryptoIdentityTable, 'idA' | 'kAuth' | 'kEnc'>,
): Promise<boolean> {
  const result = await db
    .insertInto('cryptoIdentities')
    .values(identity)
    .onConflict((conflict) => conflict.column('idA').doNothing())
    .executeTakeFirst();
  return result.numInsertedOrUpdatedRows === 1n;
}

export function findIdentity(db: Db, idA: Uint8Array): Promise<CryptoIdentityTable | undefined> {
  return db.selectFrom('cryptoIdentities').selectAll().where('idA', '=', idA).executeTakeFirst();
}

/** Changes some keys of an identity; returns false when there is none. */
export async function updateIdentity(
  db: Db,
  idA: Uint8Array,
  keys: Partial<Omit<CryptoIdentityTable, 'idA'>>,
): Promise<boolean> {
  const result = await db.updateTable('cryptoIdentities').set(keys).where('idA', '=', idA).executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** Deletes every K_auth of before a renewal that counted until a day before `day`; returns how many. */
export async function deletePreviousKeys(db: Db, day: number): Promise<number> {
  const result = await db
    .updateTable('cryptoIdentities')
    .set({ previousAuth: null, previousUntilDay: null })
    .where('previousUntilDay', '<', day)
    .executeTakeFirst();
  return Number(result.numUpdatedRows);
}

export async function deleteIdentity(db: Db, idA: Uint8Array): Promise<boolean> {
  const result = await db.deleteFrom('cryptoIdentities').where('idA', '=', idA).executeTakeFirst();
  return result.numDeletedRows === 1n;
}

export async function countIdentities(db: Db): Promise<number> {
  const row = await db
    .selectFrom('cryptoIdentities')
    .select((e) => e.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  return row.count;
}
