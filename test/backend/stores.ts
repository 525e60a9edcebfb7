/** Runs a set of tests on every database there is: SQLite always, PostgreSQL when GALET_TEST_POSTGRES holds a URL. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, describe } from 'vitest';
import { openStore, type Store } from '../../host/backend/store/store.js';

export interface TestDatabase {
  name: 'sqlite' | 'postgres';
  /** A directory of its own, removed at the end. */
  dir: string;
  /** Where `openStore` and `initBackend` find it. */
  databaseUrl?: string;
  /** Opens the same database each time. */
  open(): Promise<Store>;
}

const postgresUrl = process.env.GALET_TEST_POSTGRES;
if (postgresUrl === undefined) console.log('skipped: PostgreSQL (GALET_TEST_POSTGRES is not set)');

let schemas = 0;

function temporaryDirectory(): string {
  const dir = mkdtempSync(join(tmpdir(), 'galet-'));
  afterAll(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** A fresh SQLite database. Call inside `describe`. */
export function sqliteDatabase(): TestDatabase {
  const dir = temporaryDirectory();
  return { name: 'sqlite', dir, open: () => openStore({ file: join(dir, 'galet.db') }) };
}

async function onServer(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: postgresUrl });
  await client.connect();
  await client.query(statement);
  await client.end();
}

/** A fresh schema of the PostgreSQL database. */
function postgresDatabase(): TestDatabase {
  schemas += 1;
  const schema = `galet_test_${process.pid}_${schemas}`;
  const url = new URL(postgresUrl!);
  url.searchParams.set('options', `-c search_path=${schema}`);
  const databaseUrl = url.toString();
  let made: Promise<void> | undefined;
  afterAll(() => onServer(`drop schema if exists ${schema} cascade`));
  return {
    name: 'postgres',
    dir: temporaryDirectory(),
    databaseUrl,
    async open() {
      made ??= onServer(`create schema if not exists ${schema}`);
      await made;
      return openStore({ url: databaseUrl });
    },
  };
}

/** `describe`, once a database. */
export function describeStores(title: string, tests: (database: TestDatabase) => void): void {
  describe(`${title} (SQLite)`, () => tests(sqliteDatabase()));
  if (postgresUrl !== undefined) describe(`${title} (PostgreSQL)`, () => tests(postgresDatabase()));
}
