import { type CreateTableBuilder, type Kysely, sql } from 'kysely';
import type { Dialect } from '../dialects.js';

/**
 * All tables. On SQLite each is WITHOUT ROWID: a hidden rowid would number the contacts in the order of their arrival
 * and so give away which of them came from one reporter.
 */
export async function up(db: Kysely<unknown>, dialect: Dialect): Promise<void> {
  const bytes = dialect === 'sqlite' ? sql`blob` : sql`bytea`;

  async function table(
    name: string,
    columns: (builder: CreateTableBuilder<string, never>) => CreateTableBuilder<string, string>,
  ): Promise<void> {
    const builder = columns(db.schema.createTable(name));
    await (dialect === 'sqlite' ? builder.modifyEnd(sql`without rowid`) : builder).execute();
  }

  await table('cryptoIdentities', (t) =>
    t
      .addColumn('idA', bytes, (c) => c.primaryKey().notNull())
      .addColumn('kAuth', bytes, (c) => c.notNull())
      .addColumn('kEnc', bytes, (c) => c.notNull()),
  );
  await table('cryptoServerKeys', (t) =>
    t.addColumn('day', 'integer', (c) => c.primaryKey().notNull()).addColumn('wrapped', bytes, (c) => c.notNull()),
  );
  await table('cryptoSystemKeys', (t) =>
    t.addColumn('name', 'text', (c) => c.primaryKey().notNull()).addColumn('wrapped', bytes, (c) => c.notNull()),
  );

  await table('registrations', (t) =>
    t
      .addColumn('idA', bytes, (c) => c.primaryKey().notNull())
      .addColumn('kind', 'text', (c) => c.notNull().check(sql`kind in ('phone', 'token')`))
      .addColumn('isNotified', 'integer', (c) => c.notNull())
      .addColumn('atRisk', 'integer', (c) => c.notNull())
      .addColumn('notifiedForCurrentRisk', 'integer', (c) => c.notNull())
      .addColumn('outdatedRisk', 'integer', (c) => c.notNull())
      .addColumn('lastStatusRequestEpoch', 'integer', (c) => c.notNull())
      .addColumn('latestRiskEpoch', 'integer', (c) => c.notNull())
      .addColumn('lastContactTimestamp', 'bigint', (c) => c.notNull())
      .addColumn('lastFailedStatusRequestEpoch', 'integer')
      .addColumn('lastFailedStatusRequestMessage', 'text')
      .addColumn('lastTimestampDrift', 'bigint')
      .addColumn('lastAnsweredRisk', 'integer', (c) => c.notNull())
      .addColumn('firstSeenDay', 'integer'),
  );
  await table('exposures', (t) =>
    t
      .addColumn('idA', bytes, (c) => c.notNull().references('registrations.idA').onDelete('cascade'))
      .addColumn('epoch', 'integer', (c) => c.notNull())
      .addColumn('id', bytes, (c) => c.notNull())
      .addColumn('score', 'double precision', (c) => c.notNull())
      .addPrimaryKeyConstraint('exposuresKey', ['idA', 'epoch', 'id'] as never[]),
  );
  for (const name of ['contacts', 'mixingContacts']) {
    await table(name, (t) =>
      t
        .addColumn('id', bytes, (c) => c.primaryKey().notNull())
        .addColumn('ecc', 'integer', (c) => c.notNull())
        .addColumn('ebid', bytes, (c) => c.notNull())
        .addColumn('hellos', bytes, (c) => c.notNull()),
    );
  }

  await table('mixingPool', (t) =>
    t
      .addColumn('id', 'integer', (c) => c.primaryKey().notNull())
      .addColumn('reports', 'integer', (c) => c.notNull())
      .addColumn('since', 'bigint', (c) => c.notNull()),
  );
  await table('receipts', (t) =>
    t
      .addColumn('id', bytes, (c) => c.primaryKey().notNull())
      .addColumn('receipt', bytes, (c) => c.notNull())
      .addColumn('expiresDay', 'integer', (c) => c.notNull()),
  );
  await table('ticketMarks', (t) =>
    t
      .addColumn('id', bytes, (c) => c.primaryKey().notNull())
      .addColumn('highestBatch', 'bigint', (c) => c.notNull())
      .addColumn('expiresDay', 'integer', (c) => c.notNull()),
  );
  await table('codes', (t) =>
    t
      .addColumn('id', bytes, (c) => c.primaryKey().notNull())
      .addColumn('kind', 'text', (c) => c.notNull().check(sql`kind in ('short', 'jwt')`))
      .addColumn('validFrom', 'bigint', (c) => c.notNull())
      .addColumn('validUntil', 'bigint', (c) => c.notNull())
      .addColumn('used', 'integer', (c) => c.notNull()),
  );
  await table('wipes', (t) =>
    t
      .addColumn('proof', bytes, (c) => c.primaryKey().notNull())
      .addColumn('idA', bytes)
      .addColumn('verified', 'integer', (c) => c.notNull())
      .addColumn('expiresDay', 'integer', (c) => c.notNull()),
  );
  await table('operators', (t) =>
    t.addColumn('name', 'text', (c) => c.primaryKey().notNull()).addColumn('credential', bytes, (c) => c.notNull()),
  );
  await table('audit', (t) =>
    t
      .addColumn('seq', 'integer', (c) => c.primaryKey().notNull())
      .addColumn('time', 'bigint', (c) => c.notNull())
      .addColumn('action', 'text', (c) => c.notNull())
      .addColumn('detail', 'text', (c) => c.notNull())
      .addColumn('mac', bytes, (c) => c.notNull()),
  );
}
