/** The state of each identity as robert-server keeps it (ROBERT server behaviour, "Stored data"), without its times of creation. */
import type { Db } from './store.js';
import type { RegistrationTable } from './tables.js';

export interface Registration {
  /** 5 bytes. */
  idA: Uint8Array;
  kind: 'phone' | 'token';
  /** Was ever told that it is at risk. */
  isNotified: boolean;
  atRisk: boolean;
  /** A status has answered since the current risk was found. A token's risk is reset only then, or after 21 days. */
  notifiedForCurrentRisk: boolean;
  /** Has new scores that no risk has been computed from yet. */
  outdatedRisk: boolean;
  /** Epoch of the last successful status; 0 before the first. */
  lastStatusRequestEpoch: number;
  latestRiskEpoch: number;
  /** NTP seconds of 00:00 UTC, 0 for none. */
  lastContactTimestamp: number;
  lastFailedStatusRequestEpoch: number | null;
  lastFailedStatusRequestMessage: string | null;
  /** Whole seconds, server minus client, written only by authentic requests. */
  lastTimestampDrift: number | null;
  /** What the last status answered, repeated inside the status gap. */
  lastAnsweredRisk: 0 | 4;
}

const BOOLEANS = ['isNotified', 'atRisk', 'notifiedForCurrentRisk', 'outdatedRisk'] as const;

function fromRow({ firstSeenDay: _, ...row }: RegistrationTable): Registration {
  return {
    ...row,
    isNotified: row.isNotified === 1,
    atRisk: row.atRisk === 1,
    notifiedForCurrentRisk: row.notifiedForCurrentRisk === 1,
    outdatedRisk: row.outdatedRisk === 1,
    lastAnsweredRisk: row.lastAnsweredRisk === 4 ? 4 : 0,
  };
}

type Changes = Partial<Omit<Registration, 'idA' | 'kind'>>;

function toRow(changes: Changes): Partial<Omit<RegistrationTable, 'idA' | 'kind' | 'firstSeenDay'>> {
  const row: Record<string, unknown> = { ...changes };
  for (const column of BOOLEANS) if (column in row) row[column] = row[column] ? 1 : 0;
  return row;
}

/** A new registration, never asked, never at risk. Throws when the idA is registered. */
export async function insertRegistration(db: Db, idA: Uint8Array, kind: Registration['kind']): Promise<void> {
  await db
    .insertInto('registrations')
    .values({
      idA,
      kind,
      isNotified: 0,
      atRisk: 0,
      notifiedForCurrentRisk: 0,
      outdatedRisk: 0,
      lastStatusRequestEpoch: 0,
      latestRiskEpoch: 0,
      lastContactTimestamp: 0,
      lastFailedStatusRequestEpoch: null,
      lastFailedStatusRequestMessage: null,
      lastTimestampDrift: null,
      lastAnsweredRisk: 0,
      firstSeenDay: null,
    })
    .execute();
}

export async function findRegistration(db: Db, idA: Uint8Array): Promise<Registration | undefined> {
  const row = await db.selectFrom('registrations').selectAll().where('idA', '=', idA).executeTakeFirst();
  return row === undefined ? undefined : fromRow(row);
}

/** Changes some fields of a registration; returns false when there is none. */
export async function updateRegistration(db: Db, idA: Uint8Array, changes: Changes): Promise<boolean> {
  const result = await db.updateTable('registrations').set(toRow(changes)).where('idA', '=', idA).executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** Deletes a registration and its exposures; returns false when there is none. */
export async function deleteRegistration(db: Db, idA: Uint8Array): Promise<boolean> {
  const result = await db.deleteFrom('registrations').where('idA', '=', idA).executeTakeFirst();
  return result.numDeletedRows === 1n;
}

/** Up to `limit` registrations whose risk has to be computed anew, in no meaningful order. */
export async function outdatedRegistrations(db: Db, limit: number): Promise<Registration[]> {
  const rows = await db.selectFrom('registrations').selectAll().where('outdatedRisk', '=', 1).limit(limit).execute();
  return rows.map(fromRow);
}

/** All registrations at risk, for the daily reset. */
export async function registrationsAtRisk(db: Db): Promise<Registration[]> {
  const rows = await db.selectFrom('registrations').selectAll().where('atRisk', '=', 1).execute();
  return rows.map(fromRow);
}
