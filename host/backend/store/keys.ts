/** Wrapped keys at rest: the daily server keys K_S, and the system's own keys by name. */
import type { Db } from './store.js';
import type { CryptoServerKeyTable } from './tables.js';

/** All server keys there are, by rising day. */
export function serverKeys(db: Db): Promise<CryptoServerKeyTable[]> {
  return db.selectFrom('cryptoServerKeys').selectAll().orderBy('day').execute();
}

/** Keeps the key that a day already has: a key once handed out in identifiers is never replaced. */
export async function insertServerKey(db: Db, day: number, wrapped: Uint8Array): Promise<boolean> {
  const result = await db
    .insertInto('cryptoServerKeys')
    .values({ day, wrapped })
    .onConflict((conflict) => conflict.column('day').doNothing())
    .executeTakeFirst();
  return result.numInsertedOrUpdatedRows === 1n;
}

/** Deletes the keys of every day before `day`; returns how many. */
export async function deleteServerKeysBefore(db: Db, day: number): Promise<number> {
  const result = await db.deleteFrom('cryptoServerKeys').where('day', '<', day).executeTakeFirst();
  return Number(result.numDeletedRows);
}

export async function systemKeys(db: Db): Promise<Map<string, Uint8Array>> {
  const rows = await db.selectFrom('cryptoSystemKeys').selectAll().execute();
  return new Map(rows.map((row) => [row.name, row.wrapped]));
}

/** Keeps the key that already has this name. */
export async function insertSystemKey(db: Db, name: string, wrapped: Uint8Array): Promise<boolean> {
  const result = await db
    .insertInto('cryptoSystemKeys')
    .values({ name, wrapped })
    .onConflict((conflict) => conflict.column('name').doNothing())
    .executeTakeFirst();
  return result.numInsertedOrUpdatedRows === 1n;
}
