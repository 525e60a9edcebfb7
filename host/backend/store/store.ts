/** The one door to the database: opening, named transactions, and leaving nothing behind. */
import { setTimeout } from 'node:timers/promises';
import { CamelCasePlugin, Kysely, sql } from 'kysely';
import { type CheckpointName, checkpoint } from '../../checkpoint.js';
import { type Dialect, postgresDialect, sqliteDialect } from './dialects.js';
import { migrate } from './migrate.js';
import type { Tables } from './tables.js';

/** What the repositories take: the database itself or a transaction on it. */
export type Db = Kysely<Tables>;

export interface Store {
  readonly dialect: Dialect;
  readonly db: Db;
  /**
   * Runs `work` in one serializable transaction: all of it is durable when the promise resolves, or none. `name` is
   * the checkpoint around the commit. `work` runs again when it collided with another transaction, so it must have no
   * effect but on the database.
   */
  transaction<T>(name: CheckpointName, work: (db: Db) => Promise<T>): Promise<T>;
  /** Makes what was deleted disappear from files too: empties SQLite's write-ahead log, vacuums on PostgreSQL. */
  settle(): Promise<void>;
  close(): Promise<void>;
}

/** PostgreSQL: serialization_failure and deadlock_detected; SQLite: another connection holds the write lock. */
const COLLISIONS = ['40001', '40P01', 'SQLITE_BUSY', 'SQLITE_BUSY_SNAPSHOT'];
/** Ten seconds in all. */
const ATTEMPTS_MAX = 220;
const PAUSE_MAX_MS = 50;

/** Tables in which rows of persons are deleted, and the counts, whose earlier values would tell when each grew. */
const SWEPT = [
  'crypto_identities',
  'registrations',
  'exposures',
  'contacts',
  'mixing_contacts',
  'codes',
  'wipes',
  'fleet_visits',
];

function isCollision(error: unknown): boolean {
  return error instanceof Error && COLLISIONS.includes((error as Error & { code?: string }).code ?? '');
}

/** Does `work`, and does it again as long as it collides with somebody else's. */
async function retried<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (!isCollision(error) || attempt === ATTEMPTS_MAX) throw error;
      await setTimeout(Math.min(attempt, PAUSE_MAX_MS));
    }
  }
}

/** Opens and migrates. Throws 'database-newer' for a database of a later version. */
export async function openStore(where: { file: string } | { url: string }): Promise<Store> {
  const dialect: Dialect = 'url' in where ? 'postgres' : 'sqlite';
  const db = new Kysely<Tables>({
    dialect: 'url' in where ? postgresDialect(where.url) : sqliteDialect(where.file),
    plugins: [new CamelCasePlugin()],
  });
  try {
    await retried(() => migrate(db as unknown as Kysely<unknown>, dialect, 'url' in where ? 'PostgreSQL' : where.file));
  } catch (error) {
    await db.destroy();
    throw error;
  }

  function begin<T>(name: CheckpointName, work: (db: Db) => Promise<T>): Promise<T> {
    const transaction = db.transaction();
    const isolated = dialect === 'postgres' ? transaction.setIsolationLevel('serializable') : transaction;
    return isolated.execute(async (inner) => {
      const result = await work(inner);
      checkpoint(name, 'before');
      return result;
    });
  }

  return {
    dialect,
    db,
    async transaction(name, work) {
      const result = await retried(() => begin(name, work));
      checkpoint(name, 'after');
      return result;
    },
    async settle() {
      // Where somebody is in the way, SQLite does what it can; the next call does the rest.
      if (dialect === 'sqlite') await sql`pragma wal_checkpoint(truncate)`.execute(db);
      else for (const table of SWEPT) await sql`vacuum ${sql.table(table)}`.execute(db);
    },
    close: () => db.destroy(),
  };
}
