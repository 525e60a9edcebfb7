/** The mixing pool: contacts of several reports, shuffled together by their random ids until enough reports are in. */
import type { Random } from '../../../device/ports.js';
import { type Contact, insertContacts, type QueuedContact, readContacts } from './contacts.js';
import type { Db } from './store.js';

export interface MixingPool {
  reports: number;
  /** NTP seconds at which the first of these reports came; 0 while there is none. */
  since: number;
}

const ROW = 1;

export async function mixingPool(db: Db): Promise<MixingPool> {
  const row = await db.selectFrom('mixingPool').select(['reports', 'since']).where('id', '=', ROW).executeTakeFirst();
  return row ?? { reports: 0, since: 0 };
}

/** Adds the contacts of one report to the pool. Call in the transaction that accepts the report. */
export async function poolReport(db: Db, random: Random, contacts: Contact[], now: number): Promise<void> {
  const pool = await mixingPool(db);
  const next = { reports: pool.reports + 1, since: pool.reports === 0 ? Math.floor(now) : pool.since };
  await db
    .insertInto('mixingPool')
    .values({ id: ROW, ...next })
    .onConflict((conflict) => conflict.column('id').doUpdateSet(next))
    .execute();
  await insertContacts(db, 'mixingContacts', random, contacts);
}

/** Takes all contacts out of the pool, in the order of their random ids. Call in the transaction that delivers them. */
export async function drainPool(db: Db): Promise<QueuedContact[]> {
  const contacts = await readContacts(db, 'mixingContacts', Number.MAX_SAFE_INTEGER);
  await db.deleteFrom('mixingContacts').execute();
  await db.updateTable('mixingPool').set({ reports: 0, since: 0 }).where('id', '=', ROW).execute();
  return contacts;
}
