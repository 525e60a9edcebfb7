/** Tables of the kiosk's outbox, one migration a version (docs/operations/counter.md says what is kept how long). */
import type { Kysely } from 'kysely';

/** What SQLite gives back for a blob: libsql hands out ArrayBuffers. */
export type Blob = ArrayBuffer | Uint8Array;

export type ReportState = 'draft' | 'kept' | 'sent' | 'refused' | 'done';

export interface ReportTable {
  /** 32 hexadecimal digits: drawn by the token (a report) or by the kiosk (a dummy). */
  id: string;
  kind: 'report' | 'dummy';
  state: ReportState;
  code: string | null;
  /** The public halves of one or two tickets. */
  encs: Blob | null;
  header: Blob | null;
  first_batch: number;
  last_batch: number;
  /** Index of the batch that is expected next. */
  next_batch: number;
  batches: number;
  bytes: number;
  /** NTP seconds, cut to the hour: enough for what is counted in days, too little to say who stood there. */
  changed: number;
  /** NTP second before which it must not leave; null until the random delay has been drawn. */
  not_before: number | null;
  receipt: Blob | null;
  refusal: string | null;
}

export interface BatchTable {
  report: string;
  batch: number;
  sealed: Blob;
}

export interface Schema {
  reports: ReportTable;
  batches: BatchTable;
}

async function createOutbox(query: Kysely<Schema>): Promise<void> {
  await query.schema
    .createTable('reports')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('code', 'text')
    .addColumn('enc', 'blob')
    .addColumn('header', 'blob')
    .addColumn('first_batch', 'integer', (column) => column.notNull())
    .addColumn('last_batch', 'integer', (column) => column.notNull())
    .addColumn('next_batch', 'integer', (column) => column.notNull())
    .addColumn('batches', 'integer', (column) => column.notNull())
    .addColumn('bytes', 'integer', (column) => column.notNull())
    .addColumn('changed', 'integer', (column) => column.notNull())
    .addColumn('not_before', 'integer')
    .addColumn('receipt', 'blob')
    .addColumn('refusal', 'text')
    .execute();
  await query.schema
    .createTable('batches')
    .addColumn('report', 'text', (column) => column.notNull().references('reports.id'))
    .addColumn('batch', 'integer', (column) => column.notNull())
    .addColumn('sealed', 'blob', (column) => column.notNull())
    .addPrimaryKeyConstraint('batches_key', ['report', 'batch'])
    .execute();
}

/** A report may be sealed under two tickets. */
async function nameTickets(query: Kysely<Schema>): Promise<void> {
  await query.schema.alterTable('reports').renameColumn('enc', 'encs').execute();
}

/** `migrations[n]` brings a file from version n to n + 1. */
export const migrations: ((query: Kysely<Schema>) => Promise<void>)[] = [createOutbox, nameTickets];

export const SCHEMA_VERSION = migrations.length;
