import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { type Kysely, sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { appendAudit, auditEntries, brokenAuditEntry, pruneAudit } from '../../../host/backend/store/audit.js';
import { insertCode, useCode } from '../../../host/backend/store/codes.js';
import { insertContacts } from '../../../host/backend/store/contacts.js';
import { insertExposure } from '../../../host/backend/store/exposures.js';
import { type Hello, packHellos, unpackHellos } from '../../../host/backend/store/hellos.js';
import { deleteIdentity, findIdentity, insertIdentity } from '../../../host/backend/store/identities.js';
import { SCHEMA_VERSION } from '../../../host/backend/store/migrate.js';
import { drainPool, poolReport } from '../../../host/backend/store/mixing.js';
import { deleteRegistration, insertRegistration } from '../../../host/backend/store/registrations.js';
import { openStore, type Store } from '../../../host/backend/store/store.js';
import { nodeRandom } from '../../../host/crypto.js';
import { describeStores, sqliteDatabase } from '../stores.js';

describeStores('store', (database) => {
  let store: Store;
  beforeAll(async () => {
    store = await database.open();
  });
  afterAll(() => store.close());

  it('opens again what it made, and refuses what a later version made', async () => {
    await (await database.open()).close();
    await sql`update galet_schema set version = ${SCHEMA_VERSION + 1}`.execute(store.db);
    await expect(database.open()).rejects.toMatchObject({ code: 'database-newer' });
    await sql`update galet_schema set version = ${SCHEMA_VERSION}`.execute(store.db);
    await (await database.open()).close();
  });

  it('brings a database of before the renewal of keys up to date, with everybody in it', async () => {
    const keys = { kAuth: new Uint8Array(60).fill(2), kEnc: new Uint8Array(60).fill(3) };
    const idA = new Uint8Array(5).fill(7);
    await insertIdentity(store.db, { idA, ...keys });
    for (const column of ['pending_auth', 'pending_enc', 'previous_auth', 'previous_until_day']) {
      await sql`alter table crypto_identities drop column ${sql.ref(column)}`.execute(store.db);
    }
    await sql`drop table fleet_visits`.execute(store.db);
    await sql`update galet_schema set version = 1`.execute(store.db);
    const upgraded = await database.open();
    expect(await findIdentity(upgraded.db, idA)).toEqual({
      idA,
      ...keys,
      pendingAuth: null,
      pendingEnc: null,
      previousAuth: null,
      previousUntilDay: null,
    });
    await deleteIdentity(upgraded.db, idA);
    await upgraded.close();
  });

  it('migrates once when several processes start at the same time', async () => {
    const stores = await Promise.all(Array.from({ length: 5 }, () => database.open()));
    for (const other of stores) await other.close();
  });

  it('keeps nothing of a transaction that fails', async () => {
    const work = store.transaction('codes.issue', async (db) => {
      await insertRegistration(db, new Uint8Array(5).fill(1), 'phone');
      throw new Error('no');
    });
    await expect(work).rejects.toThrow('no');
    expect(await store.db.selectFrom('registrations').selectAll().execute()).toEqual([]);
  });

  it('serialises transactions that read and then write', async () => {
    const id = new Uint8Array(32).fill(9);
    await store.transaction('codes.issue', (db) =>
      insertCode(db, { id, kind: 'short', validFrom: 0, validUntil: 0, used: 0 }),
    );
    const other = await database.open();
    // Each reads the count and writes it back raised by one: lost updates would show.
    const raise = (from: Store) =>
      from.transaction('codes.issue', async (db) => {
        const row = await db.selectFrom('codes').select('validFrom').where('id', '=', id).executeTakeFirstOrThrow();
        await db
          .updateTable('codes')
          .set({ validFrom: row.validFrom + 1 })
          .where('id', '=', id)
          .execute();
      });
    await Promise.all(Array.from({ length: 20 }, (_, i) => raise(i % 2 === 0 ? store : other)));
    const row = await store.db.selectFrom('codes').select('validFrom').where('id', '=', id).executeTakeFirstOrThrow();
    expect(row.validFrom).toBe(20);
    const uses = await Promise.all([useCode(store.db, id), useCode(other.db, id), useCode(store.db, id)]);
    expect(uses.filter(Boolean)).toHaveLength(1);
    await other.close();
  });

  it('settles while it is in use', async () => {
    await store.settle();
    await store.settle();
  });
});

describeStores('audit log', (database) => {
  const KEY = new Uint8Array(32).fill(3);
  let store: Store;
  beforeAll(async () => {
    store = await database.open();
    for (let i = 0; i < 6; i++) await appendAudit(store.db, KEY, 1000.5 + i, 'tested', { i });
  });
  afterAll(() => store.close());

  it('holds as it was written', async () => {
    expect(await brokenAuditEntry(store.db, KEY)).toBeUndefined();
    expect((await auditEntries(store.db)).map((entry) => entry.detail)).toContain('{"i":3}');
    expect(await brokenAuditEntry(store.db, new Uint8Array(32))).toBe(1);
  });

  it('shows every changed bit, removal and swap (R60)', async () => {
    const entries = await auditEntries(store.db);
    const replace = async (rows: typeof entries) => {
      await store.db.deleteFrom('audit').execute();
      if (rows.length > 0) await store.db.insertInto('audit').values(rows).execute();
    };
    for (const [at, entry] of entries.entries()) {
      const changed = [
        { ...entry, time: entry.time ^ 1 },
        { ...entry, action: `${entry.action.slice(0, -1)}e` },
        { ...entry, detail: entry.detail.replace(/\d/, (digit) => String(Number(digit) ^ 1)) },
        { ...entry, mac: entry.mac.map((byte, i) => (i === 31 ? byte ^ 128 : byte)) },
      ];
      for (const row of changed) {
        await replace(entries.map((kept, i) => (i === at ? row : kept)));
        expect(await brokenAuditEntry(store.db, KEY)).toBeDefined();
      }
      if (at === entries.length - 1) continue;
      await replace(entries.filter((_, i) => i !== at));
      expect(await brokenAuditEntry(store.db, KEY)).toBeDefined();
    }
    await replace(entries);
    expect(await brokenAuditEntry(store.db, KEY)).toBeUndefined();
  });

  it('goes on after the oldest entries have left', async () => {
    expect(await pruneAudit(store.db, KEY, 1003)).toBe(2);
    expect(await pruneAudit(store.db, KEY, 1003)).toBe(0);
    expect((await auditEntries(store.db)).map((entry) => entry.action)).toEqual([
      'pruned',
      'tested',
      'tested',
      'tested',
    ]);
    await appendAudit(store.db, KEY, 1010, 'tested');
    expect(await brokenAuditEntry(store.db, KEY)).toBeUndefined();
    expect(await pruneAudit(store.db, KEY, 2000)).toBe(4);
    expect(await brokenAuditEntry(store.db, KEY)).toBeUndefined();
    await store.db.updateTable('audit').set({ time: 5 }).execute();
    expect(await brokenAuditEntry(store.db, KEY)).toBeDefined();
  });
});

describe('what was deleted', () => {
  const database = sqliteDatabase();
  const marked = (length: number): Uint8Array => new TextEncoder().encode('CANARY-galet-0123456789'.slice(0, length));

  function occurrences(needle: Uint8Array): number {
    return readdirSync(database.dir).filter((file) =>
      readFileSync(join(database.dir, file)).includes(Buffer.from(needle)),
    ).length;
  }

  it('is in no file of the database once it has settled (R59)', async () => {
    const store = await database.open();
    const idA = marked(5);
    const ebid = new TextEncoder().encode('eBiD-caN');
    const contact = { ecc: 1, ebid, hellos: [{ received: 1, time16: 1, mac: new Uint8Array(5), rssi: -40 }] };
    await insertIdentity(store.db, { idA, kAuth: marked(20), kEnc: marked(20) });
    await insertRegistration(store.db, idA, 'token');
    for (let epoch = 0; epoch < 300; epoch++) await insertExposure(store.db, nodeRandom, idA, { epoch, score: 1 });
    await insertContacts(store.db, 'contacts', nodeRandom, Array(300).fill(contact));
    await poolReport(store.db, nodeRandom, Array(300).fill(contact), 3_900_000_000);
    expect(occurrences(idA)).toBeGreaterThan(0);
    expect(occurrences(ebid)).toBeGreaterThan(0);
    await store.settle();
    expect(occurrences(idA)).toBeGreaterThan(0);

    await deleteRegistration(store.db, idA);
    await deleteIdentity(store.db, idA);
    await drainPool(store.db);
    await store.db.deleteFrom('contacts').execute();
    await store.settle();
    expect(occurrences(idA)).toBe(0);
    expect(occurrences(ebid)).toBe(0);
    await store.close();
  });

  it('has no hidden row number that would tell the order of arrival (R39)', async () => {
    const store = await database.open();
    for (const table of [
      'contacts',
      'mixing_contacts',
      'registrations',
      'receipts',
      'crypto_identities',
      'fleet_visits',
    ]) {
      await expect(sql`select rowid from ${sql.table(table)}`.execute(store.db)).rejects.toThrow(/rowid/);
    }
    await store.close();
  });
});

describe('SQLite settings', () => {
  it('are durable, overwriting and enforcing', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'galet-'));
    const store = await openStore({ file: join(dir, 'galet.db') });
    const pragma = async (name: string): Promise<unknown> => {
      const { rows } = await sql
        .raw<Record<string, unknown>>(`pragma ${name}`)
        .execute(store.db as unknown as Kysely<unknown>);
      return Object.values(rows[0]!)[0];
    };
    expect(await pragma('journal_mode')).toBe('wal');
    expect(await pragma('synchronous')).toBe(2);
    expect(await pragma('secure_delete')).toBe(1);
    expect(await pragma('foreign_keys')).toBe(1);
    await store.close();
    rmSync(dir, { recursive: true });
  });
});

describe('packed hellos', () => {
  it('come out as they went in', () => {
    const hello: fc.Arbitrary<Hello> = fc.record({
      received: fc.integer({ min: 0, max: 0xffffffff }),
      time16: fc.integer({ min: 0, max: 0xffff }),
      mac: fc.uint8Array({ minLength: 5, maxLength: 5 }),
      rssi: fc.integer({ min: -127 * 4, max: 0 }).map((quarters) => quarters / 4 + 0),
    });
    fc.assert(
      fc.property(fc.array(hello), (hellos) => {
        expect(unpackHellos(packHellos(hellos))).toEqual(hellos);
      }),
    );
  });
});
