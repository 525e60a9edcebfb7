import { type Kysely, sql } from 'kysely';
import { checkpoint } from '../../checkpoint.js';
import { GaletError } from '../../errors.js';
import type { Dialect } from './dialects.js';
import { up as first } from './migrations/0001-first.js';
import { up as renewal } from './migrations/0002-renewal.js';
import { up as fleet } from './migrations/0003-fleet.js';

/** In order; a released migration is never changed. */
const MIGRATIONS: ((db: Kysely<unknown>, dialect: Dialect) => Promise<void>)[] = [first, renewal, fleet];

export const SCHEMA_VERSION = MIGRATIONS.length;

interface VersionTables {
  galetSchema: { version: number };
}

/**
 * Brings the database to SCHEMA_VERSION, one transaction for all steps; several processes may try at once. Throws
 * 'database-newer', naming `file`, when the database was written by a later version of Galet.
 */
export async function migrate(db: Kysely<unknown>, dialect: Dialect, file: string): Promise<void> {
  const isNew = await db.transaction().execute(async (transaction) => {
    // Held until the end of the transaction. On SQLite the transaction itself excludes all others.
    if (dialect === 'postgres') await sql`select pg_advisory_xact_lock(7161)`.execute(transaction);
    await transaction.schema.createTable('galetSchema').ifNotExists().addColumn('version', 'integer').execute();
    const versions = transaction as unknown as Kysely<VersionTables>;
    const row = await versions.selectFrom('galetSchema').select('version').executeTakeFirst();
    const found = row?.version ?? 0;
    if (found > SCHEMA_VERSION) throw new GaletError('database-newer', { file });
    if (found === SCHEMA_VERSION) return false;
    for (const up of MIGRATIONS.slice(found)) await up(transaction, dialect);
    await versions.deleteFrom('galetSchema').execute();
    await versions.insertInto('galetSchema').values({ version: SCHEMA_VERSION }).execute();
    checkpoint('backend.migrate', 'before');
    return true;
  });
  if (isNew) checkpoint('backend.migrate', 'after');
}
