/** Forgetting: every row whose time has come, and everything after the end of the service. */
import { deleteIdentity } from './identities.js';
import type { Db } from './store.js';

/** Rows that were deleted, by table. */
export type Forgotten = Partial<Record<'receipts' | 'ticketMarks' | 'codes' | 'wipes', number>>;

/** Deletes what expires on a day before `day`, and codes whose validity ended before `codesUntil` (NTP seconds). */
export async function forgetExpired(db: Db, day: number, codesUntil: number): Promise<Forgotten> {
  const forgotten: Forgotten = {};
  const unproven = db.selectFrom('wipes').select('idA').where('expiresDay', '<', day).where('idA', 'is not', null);
  for (const { idA } of await unproven.execute()) await deleteIdentity(db, idA!);
  for (const table of ['receipts', 'ticketMarks', 'wipes'] as const) {
    const result = await db.deleteFrom(table).where('expiresDay', '<', day).executeTakeFirst();
    forgotten[table] = Number(result.numDeletedRows);
  }
  const codes = await db.deleteFrom('codes').where('validUntil', '<', codesUntil).executeTakeFirst();
  forgotten.codes = Number(codes.numDeletedRows);
  return forgotten;
}

/** At the end of the service: everything about contacts, reports and codes. Identities stay, to be told of the end. */
export async function forgetContacts(db: Db): Promise<void> {
  const tables = ['exposures', 'contacts', 'mixingContacts', 'mixingPool', 'receipts', 'ticketMarks', 'codes'] as const;
  for (const table of tables) await db.deleteFrom(table).execute();
}

/** Some time after the end: everybody, and the keys that could tell who an identifier was. */
export async function forgetEverybody(db: Db): Promise<void> {
  await forgetContacts(db);
  for (const table of ['registrations', 'cryptoIdentities', 'cryptoServerKeys', 'wipes'] as const) {
    await db.deleteFrom(table).execute();
  }
}
