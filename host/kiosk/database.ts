/** The kiosk's SQLite file: opened for one process, durable at every commit, versioned, and free of what was deleted. */

import { Kysely, type SqliteDatabase, SqliteDialect, type SqliteStatement, type Transaction } from 'kysely';
import Database from 'libsql';
import { type CheckpointName, checkpoint } from '../checkpoint.js';
import { GaletError } from '../errors.js';
import { migrations, SCHEMA_VERSION, type Schema } from './migrations.js';

/** "GKio": written in the file's header, so that a foreign SQLite file is not taken for ours. */
const APPLICATION_ID = 0x474b696f;

export interface KioskDatabase {
  query: Kysely<Schema>;
  /** Runs one commit; where the disk is full nothing of it is done and it throws 'kiosk-full'. */
  commit<T>(name: CheckpointName, work: (transaction: Transaction<Schema>) => Promise<T>): Promise<T>;
  /** Shrinks the file and empties the write-ahead log, so that deleted bytes are nowhere on disk. */
  fold(): void;
  close(): Promise<void>;
}

type Connection = Database.Database;

const nothing: SqliteStatement = {
  reader: false,
  all: () => [],
  run: () => ({ changes: 0, lastInsertRowid: 0 }),
  iterate: () => [][Symbol.iterator](),
};

/**
 * SQLite rolls a transaction back by itself when the disk is full; Kysely's own rollback would then fail and hide why.
 */
function rollbackTolerant(connection: Connection): SqliteDatabase {
  return {
    close: () => connection.close(),
    prepare: (sql) => {
      if (sql === 'rollback' && !connection.inTransaction) return nothing;
      return connection.prepare(sql) as unknown as SqliteStatement;
    },
  };
}

function pragma(connection: Connection, name: string): number {
  const rows = connection.pragma(name) as Record<string, number>[];
  return rows[0]?.[name] ?? 0;
}

function sqliteCode(error: unknown): string {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' ? code : '';
}

/** Whether an error means that the disk, or the quota, has no room left. */
function isFull(error: unknown): boolean {
  const code = sqliteCode(error);
  return code === 'SQLITE_FULL' || code === 'SQLITE_IOERR_WRITE' || code === 'ENOSPC';
}

function refusal(error: unknown, file: string): unknown {
  if (error instanceof GaletError) return error;
  const code = sqliteCode(error);
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) {
    return new GaletError('database-busy', { file }, error);
  }
  if (isFull(error)) return new GaletError('kiosk-full', {}, error);
  if (code === '' || code === 'SQLITE_NOTADB' || code.startsWith('SQLITE_CORRUPT')) {
    return new GaletError('database-foreign', { file }, error);
  }
  return error;
}

async function commit<T>(
  query: Kysely<Schema>,
  name: CheckpointName,
  work: (transaction: Transaction<Schema>) => Promise<T>,
): Promise<T> {
  try {
    const result = await query.transaction().execute(async (transaction) => {
      const value = await work(transaction);
      checkpoint(name, 'before');
      return value;
    });
    checkpoint(name, 'after');
    return result;
  } catch (error) {
    if (isFull(error)) throw new GaletError('kiosk-full', {}, error);
    throw error;
  }
}

async function migrate(connection: Connection, query: Kysely<Schema>, file: string): Promise<void> {
  const version = pragma(connection, 'user_version');
  const application = pragma(connection, 'application_id');
  const blank = version === 0 && connection.prepare('select 1 from sqlite_schema').all().length === 0;
  if (!blank && application !== APPLICATION_ID) throw new GaletError('database-foreign', { file });
  if (version > SCHEMA_VERSION) throw new GaletError('database-newer', { file });
  for (let next = version; next < SCHEMA_VERSION; next++) {
    const step = migrations[next];
    await commit(query, 'outbox.migrate', async (transaction) => {
      await step?.(transaction);
      // Inside the transaction: a file is never at a version that it does not have the tables of.
      connection.exec(`pragma application_id = ${APPLICATION_ID}`);
      connection.exec(`pragma user_version = ${next + 1}`);
    });
  }
}

function fold(connection: Connection): void {
  try {
    connection.exec('pragma incremental_vacuum');
    connection.pragma('wal_checkpoint(TRUNCATE)');
  } catch (error) {
    // Tidying needs room as well; what is deleted is deleted, and the next fold shrinks the file.
    if (!isFull(error)) throw error;
  }
}

/**
 * Gives the file's lock back. libsql closes a file only when its statements have been collected as garbage, so closing
 * alone would keep it locked for as long as this process happens to live on.
 */
function release(connection: Connection): void {
  try {
    connection.pragma('journal_mode = DELETE');
    connection.pragma('locking_mode = NORMAL');
    connection.prepare('select 1 from sqlite_schema').all();
  } catch {
    // A full disk: everything is durable already, and the lock ends with the process.
  }
}

/**
 * Opens (and makes, or brings up to date) the file. Throws 'database-foreign', 'database-newer', 'database-busy' when
 * another process has it, 'kiosk-full'. `maxPages` bounds the file's size in pages of 4 kB; for tests of a full disk.
 */
export async function openDatabase(file: string, maxPages?: number): Promise<KioskDatabase> {
  let connection: Connection | undefined;
  try {
    connection = new Database(file, { timeout: 1 });
    // Before the first table: what is deleted gives its room back to the disk.
    connection.pragma('auto_vacuum = INCREMENTAL');
    // Exclusive before WAL: no shared-memory file, and no second kiosk on the same queue.
    connection.pragma('locking_mode = EXCLUSIVE');
    connection.pragma('journal_mode = WAL');
    connection.pragma('synchronous = FULL');
    connection.pragma('fullfsync = ON');
    connection.pragma('secure_delete = ON');
    // In pages: a short log is soon folded back, so that little disk is needed beyond what is kept.
    connection.pragma('wal_autocheckpoint = 64');
    connection.pragma('foreign_keys = ON');
    if (maxPages !== undefined) connection.pragma(`max_page_count = ${maxPages}`);
    const opened = connection;
    const query = new Kysely<Schema>({ dialect: new SqliteDialect({ database: rollbackTolerant(opened) }) });
    await migrate(opened, query, file);
    return {
      query,
      commit: (name, work) => commit(query, name, work),
      fold: () => fold(opened),
      close: async () => {
        release(opened);
        await query.destroy();
        if (opened.open) opened.close();
      },
    };
  } catch (error) {
    if (connection !== undefined) {
      release(connection);
      connection.close();
    }
    throw refusal(error, file);
  }
}
