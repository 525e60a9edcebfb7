import { type Kysely, sql } from 'kysely';
import type { Dialect } from '../dialects.js';

/** Renewed keys of tokens: those that wait for their first use, and the K_auth of before for HELLOs already recorded. */
export async function up(db: Kysely<unknown>, dialect: Dialect): Promise<void> {
  const bytes = dialect === 'sqlite' ? sql`blob` : sql`bytea`;
  // One at a time: SQLite adds no two columns in one statement.
  for (const column of ['pendingAuth', 'pendingEnc', 'previousAuth']) {
    await db.schema.alterTable('cryptoIdentities').addColumn(column, bytes).execute();
  }
  await db.schema.alterTable('cryptoIdentities').addColumn('previousUntilDay', 'integer').execute();
}
