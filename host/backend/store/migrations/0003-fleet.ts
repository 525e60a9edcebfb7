import { type Kysely, sql } from 'kysely';
import type { Dialect } from '../dialects.js';

/** How many visits a day brought tokens of which version. WITHOUT ROWID as in the first step: no order of arrival. */
export async function up(db: Kysely<unknown>, dialect: Dialect): Promise<void> {
  const table = db.schema
    .createTable('fleetVisits')
    .addColumn('day', 'integer', (c) => c.notNull())
    .addColumn('board', 'text', (c) => c.notNull())
    .addColumn('firmware', 'text', (c) => c.notNull())
    .addColumn('visits', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('fleetVisitsKey', ['day', 'board', 'firmware']);
  await (dialect === 'sqlite' ? table.modifyEnd(sql`without rowid`) : table).execute();
}
