/** Kysely over SQLite (package libsql) and over PostgreSQL, made to give the same types: byte strings as Uint8Array, all integers as numbers. */

import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect as KyselyDialect,
  PostgresDialect,
  type SqliteDatabase,
  SqliteDialect,
  SqliteDriver,
  type SqliteStatement,
} from 'kysely';
import Libsql from 'libsql';
import pg from 'pg';

export type Dialect = 'sqlite' | 'postgres';

/** libsql aborts the process on a boolean, and when a lone byte string is not wrapped in an array. */
function bindable(parameters: readonly unknown[]): unknown[] {
  return parameters.map((value) => (typeof value === 'boolean' ? Number(value) : value));
}

/** libsql returns byte strings as ArrayBuffer; everything here wants Uint8Array. */
function withByteArrays(row: unknown): unknown {
  const record = row as Record<string, unknown>;
  for (const [column, value] of Object.entries(record)) {
    if (value instanceof ArrayBuffer) record[column] = new Uint8Array(value);
  }
  return record;
}

const NOTHING: SqliteStatement = {
  reader: false,
  all: () => [],
  run: () => ({ changes: 0, lastInsertRowid: 0 }),
  iterate: () => [][Symbol.iterator](),
};

function openFile(file: string): SqliteDatabase {
  const database = new Libsql(file);
  // Waiting blocks the whole process, and the one waited for may be in it: briefly here, and store.ts tries again.
  database.pragma('busy_timeout = 20');
  database.pragma('journal_mode = WAL');
  // An acknowledged commit is on the disk, not in the system's cache.
  database.pragma('synchronous = FULL');
  // What is deleted is overwritten, not only unlinked.
  database.pragma('secure_delete = ON');
  database.pragma('foreign_keys = ON');
  return {
    close: () => {
      database.close();
    },
    prepare: (text) => {
      // SQLite rolls back by itself when the disk is full; a second rollback would fail and hide why.
      if (text === 'rollback' && !database.inTransaction) return NOTHING;
      const statement = database.prepare<unknown[]>(text);
      return {
        reader: statement.reader,
        all: (parameters) => statement.all(bindable(parameters)).map(withByteArrays),
        run: (parameters) => statement.run(bindable(parameters)),
        *iterate(parameters) {
          for (const row of statement.iterate(bindable(parameters))) yield withByteArrays(row);
        },
      };
    },
  };
}

/** Takes the write lock at the start: a transaction that has read can then always write, whoever else has the file open. */
class ImmediateSqliteDriver extends SqliteDriver {
  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin immediate'));
  }
}

class FileDialect extends SqliteDialect {
  readonly #file: string;

  constructor(file: string) {
    super({ database: async () => openFile(file) });
    this.#file = file;
  }

  override createDriver(): SqliteDriver {
    return new ImmediateSqliteDriver({ database: async () => openFile(this.#file) });
  }
}

export function sqliteDialect(file: string): KyselyDialect {
  return new FileDialect(file);
}

const INT8 = 20;
const BYTEA = 17;

export function postgresDialect(url: string): KyselyDialect {
  const types = {
    getTypeParser(oid: number, format?: 'text' | 'binary') {
      if (oid === INT8 && format !== 'binary') return Number;
      const parse = pg.types.getTypeParser(oid, format);
      if (oid === BYTEA) return (value: string) => new Uint8Array(parse(value) as Uint8Array);
      return parse;
    },
  };
  return new PostgresDialect({ pool: new pg.Pool({ connectionString: url, types, max: 8 }) });
}
