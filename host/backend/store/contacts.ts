/**
 * Contacts on their way from a report to a score: first in the mixing pool, then queued for the ROBERT server. Each has
 * a random id, by which it is also read: nothing says when it came, from whom, or with which others.
 */
import type { Random } from '../../../device/ports.js';
import { type Hello, packHellos, unpackHellos } from './hellos.js';
import type { Db } from './store.js';

/** One (ECC, EBID) of one report, with its hellos by rising reception time. */
export interface Contact {
  ecc: number;
  /** 8 bytes. */
  ebid: Uint8Array;
  hellos: Hello[];
}

export interface QueuedContact extends Contact {
  /** 16 bytes. */
  id: Uint8Array;
}

/** Where contacts wait. */
export type ContactQueue = 'contacts' | 'mixingContacts';

/** SQLite's bound variables are limited to 32 766, four a row. */
const ROWS_A_STATEMENT = 500;

export async function insertContacts(db: Db, queue: ContactQueue, random: Random, contacts: Contact[]): Promise<void> {
  for (let from = 0; from < contacts.length; from += ROWS_A_STATEMENT) {
    const rows = contacts.slice(from, from + ROWS_A_STATEMENT).map((contact) => {
      const id = new Uint8Array(16);
      random.fill(id);
      return { id, ecc: contact.ecc, ebid: contact.ebid, hellos: packHellos(contact.hellos) };
    });
    await db.insertInto(queue).values(rows).execute();
  }
}

/** Up to `limit` contacts, in the order of their random ids. */
export async function readContacts(db: Db, queue: ContactQueue, limit: number): Promise<QueuedContact[]> {
  const rows = await db.selectFrom(queue).selectAll().orderBy('id').limit(limit).execute();
  return rows.map((row) => ({ id: row.id, ecc: row.ecc, ebid: row.ebid, hellos: unpackHellos(row.hellos) }));
}

/** Returns false when the contact is gone: another process has taken it. */
export async function deleteContact(db: Db, queue: ContactQueue, id: Uint8Array): Promise<boolean> {
  const result = await db.deleteFrom(queue).where('id', '=', id).executeTakeFirst();
  return result.numDeletedRows === 1n;
}

export async function countContacts(db: Db, queue: ContactQueue): Promise<number> {
  const row = await db
    .selectFrom(queue)
    .select((e) => e.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  return row.count;
}
