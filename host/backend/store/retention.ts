/** Forgetting: every row whose time has come, and everything after the end of the service. */
import { deleteIdentity, deletePreviousKeys } from './identities.js';
import { deleteRegistration } from './registrations.js';
import type { Db } from './store.js';

/** Rows that were deleted, by table, and keys of before a renewal. */
export type Forgotten = Partial<Record<'receipts' | 'ticketMarks' | 'codes' | 'wipes' | 'previousKeys', number>>;

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
  forgotten.previousKeys = await deletePreviousKeys(db, day);
  return forgotten;
}

/**
 * Deletes whoever has been silent for so long that no key opens their last identifier: no call could ever reach them.
 * Silent since before `epoch`, or since before `day` where they never asked; returns how many. `today` is noted for
 * those who are new.
 */
export async function forgetSilent(db: Db, epoch: number, day: number, today: number): Promise<number> {
  await db.updateTable('registrations').set({ firstSeenDay: today }).where('firstSeenDay', 'is', null).execute();
  const silent = await db
    .selectFrom('registrations')
    .select('idA')
    .where((e) =>
      e.or([
        e.and([e('lastStatusRequestEpoch', '>', 0), e('lastStatusRequestEpoch', '<', epoch)]),
        e.and([e('lastStatusRequestEpoch', '=', 0), e('firstSeenDay', '<', day)]),
      ]),
    )
    .execute();
  for (const { idA } of silent) {
    await deleteRegistration(db, idA);
    await deleteIdentity(db, idA);
  }
  return silent.length;
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
