/**
 * The audit log: what operators and jobs did, in a chain of MACs so that a changed, removed or inserted entry shows.
 * Counts and names only: no identifier, no code, no address.
 *
 *   mac = HMAC(key, mac of the entry before (32 zero bytes for the first) | seq u32 | time u32 | action NUL detail)
 *
 * Entries older than the retention leave from the front. In place of the last one to leave an entry `pruned` stays, with
 * its number and MAC (in hex), from which the chain goes on.
 */
import { createHmac } from 'node:crypto';
import { concat, equal, u32 } from '../../../device/bytes.js';
import type { Db } from './store.js';
import type { AuditTable } from './tables.js';

export type AuditDetail = Record<string, string | number>;

const PRUNED = 'pruned';

function macOf(key: Uint8Array, before: Uint8Array, entry: Omit<AuditTable, 'mac'>): Uint8Array {
  const text = new TextEncoder().encode(`${entry.action}\0${entry.detail}`);
  const message = concat([before, u32(entry.seq), u32(entry.time), text]);
  return new Uint8Array(createHmac('sha256', key).update(message).digest());
}

/** Appends an entry. Call in the transaction that does what the entry says. */
export async function appendAudit(
  db: Db,
  key: Uint8Array,
  time: number,
  action: string,
  detail: AuditDetail = {},
): Promise<void> {
  const last = await db.selectFrom('audit').selectAll().orderBy('seq', 'desc').limit(1).executeTakeFirst();
  const entry = { seq: (last?.seq ?? 0) + 1, time: Math.floor(time), action, detail: JSON.stringify(detail) };
  const mac = macOf(key, last?.mac ?? new Uint8Array(32), entry);
  await db
    .insertInto('audit')
    .values({ ...entry, mac })
    .execute();
}

export function auditEntries(db: Db): Promise<AuditTable[]> {
  return db.selectFrom('audit').selectAll().orderBy('seq').execute();
}

/** The number of the first entry that is not as it was written, or undefined when the whole chain holds. */
export async function brokenAuditEntry(db: Db, key: Uint8Array): Promise<number | undefined> {
  let seq = 0;
  let mac: Uint8Array = new Uint8Array(32);
  for (const entry of await auditEntries(db)) {
    const isStart = seq === 0 && entry.action === PRUNED;
    if ((!isStart && entry.seq !== seq + 1) || !equal(entry.mac, macOf(key, mac, entry))) return entry.seq;
    seq = entry.seq;
    mac = isStart ? new Uint8Array(Buffer.from(entry.detail, 'hex')) : entry.mac;
  }
  return undefined;
}

/** Lets the entries of before `time` (NTP seconds) leave; returns how many did. */
export async function pruneAudit(db: Db, key: Uint8Array, time: number): Promise<number> {
  const last = await db
    .selectFrom('audit')
    .selectAll()
    .where('time', '<', Math.floor(time))
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (last === undefined || last.action === PRUNED) return 0;
  const result = await db.deleteFrom('audit').where('seq', '<=', last.seq).executeTakeFirst();
  const entry = { seq: last.seq, time: last.time, action: PRUNED, detail: Buffer.from(last.mac).toString('hex') };
  await db
    .insertInto('audit')
    .values({ ...entry, mac: macOf(key, new Uint8Array(32), entry) })
    .execute();
  return Number(result.numDeletedRows) - 1;
}
