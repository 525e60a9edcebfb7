/** What the server does for updates, over HTTP: it serves what is signed, orders, and counts; it learns who runs what from nobody. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { sql } from 'kysely';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { versionNumber } from '../../../device/update/versions.js';
import { initBackend } from '../../../host/backend/admin/initialise.js';
import { type BackendClient, connectBackend } from '../../../host/backend/client.js';
import { parametersFrom } from '../../../host/backend/parameters.js';
import { type Backend, type BackendOptions, startBackend } from '../../../host/backend/serve.js';
import type { Store } from '../../../host/backend/store/store.js';
import { nodeRandom } from '../../../host/crypto.js';
import { GaletError } from '../../../host/errors.js';
import { someImage } from '../../support/release-keys.js';
import { publishConfiguration, publishRelease, publishRoot } from '../published.js';
import { describeStores, sqliteDatabase, type TestDatabase } from '../stores.js';
import { START } from '../world.js';
import { TestToken } from './token.js';

const DAY = 86_400;

interface Running {
  backend: Backend;
  client: BackendClient;
  credential: string;
  folder: string;
  now: number;
  log: string[];
}

async function start(database: TestDatabase, given: object = {}, more: Partial<BackendOptions> = {}): Promise<Running> {
  const place = { dir: database.dir, ...(database.databaseUrl && { databaseUrl: database.databaseUrl }) };
  await (await database.open()).close();
  const running: Partial<Running> = { now: START + 43_200, log: [], folder: join(database.dir, 'releases') };
  const clock = (): number => running.now!;
  const { credentialFile } = await initBackend(place, clock);
  running.credential = readFileSync(credentialFile, 'utf8').trim();
  const sink = new Writable({
    write(chunk, _encoding, done) {
      running.log!.push(String(chunk));
      done();
    },
  });
  running.backend = await startBackend({
    ...place,
    port: 0,
    captcha: 'off',
    clock,
    random: nodeRandom,
    logger: pino({ level: 'trace' }, sink),
    parameters: parametersFrom(given),
    schedule: false,
    ...more,
  });
  running.client = connectBackend(running.backend.url);
  return running as Running;
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof GaletError) return error.code;
    throw error;
  }
  return 'none';
}

describeStores('releases', (database) => {
  let running: Running;
  let client: BackendClient;
  beforeAll(async () => {
    running = await start(database);
    client = running.client;
  });
  afterAll(() => running.backend.close());

  const get = (path: string, headers: Record<string, string> = {}) =>
    fetch(`${running.backend.url}/galet/v1${path}`, { headers });

  it('are none until there are some, then are there without a restart', async () => {
    expect(await client.releases('bangle2')).toEqual({ roots: [] });
    expect(await codeOf(client.image('bangle2'))).toBe('not-found');
    const roots = [publishRoot(running.folder, 1), publishRoot(running.folder, 2)];
    const configuration = publishConfiguration(running.folder, 0);
    const { object, image } = publishRelease(running.folder, 'bangle2', '0.3.0');
    expect(await client.releases('bangle2')).toEqual({ roots, configuration, release: object });
    expect(await client.image('bangle2')).toEqual(image);
  });

  it('are answered for every board, also one that nobody knows', async () => {
    for (const board of ['nobody', '__proto__', 'b/../bangle2', '%2e%2e', 'é', 'x'.repeat(32)]) {
      const { roots, release } = await client.releases(board);
      expect([board, roots.length, release]).toEqual([board, 2, undefined]);
      expect(await codeOf(client.image(board))).toBe('not-found');
    }
    expect((await get(`/releases/${'x'.repeat(33)}`)).status).toBe(400);
    expect((await get('/releases/..%2foperator/image')).status).toBe(404);
  });

  it('have an image that is octets, named by its hash', async () => {
    const response = await get('/releases/bangle2/image');
    const bytes = new Uint8Array(await response.arrayBuffer());
    const tag = `"${createHash('sha256').update(bytes).digest('hex')}"`;
    expect(response.headers.get('content-type')).toBe('application/octet-stream');
    expect(response.headers.get('etag')).toBe(tag);
    const again = await get('/releases/bangle2/image', { 'if-none-match': tag });
    expect([again.status, (await again.arrayBuffer()).byteLength]).toEqual([304, 0]);
    expect((await get('/releases/bangle2/image', { 'if-none-match': '"another"' })).status).toBe(200);
  });

  it('are ordered in the sealed answer: to a token that says it runs something older', async () => {
    const token = await TestToken.register(client, running.credential);
    const orderFor = async (firmware?: string) => {
      running.now += 1800;
      const names = firmware === undefined ? undefined : { board: 'bangle2', firmware };
      return (await token.visit(client, running.now, names)).release;
    };
    expect(await orderFor('0.2.0')).toBe(versionNumber('0.3.0'));
    expect(await orderFor('0.3.0')).toBe(0);
    expect(await orderFor('0.4.0')).toBe(0);
    expect(await orderFor('0.1.0')).toBe(0);
    expect(await orderFor()).toBe(0);
    expect((await token.visit(client, running.now, { board: 'other', firmware: '0.2.0' })).release).toBe(0);
    // Inside the status gap too: the token may have come back for it.
    expect((await token.visit(client, running.now, { board: 'bangle2', firmware: '0.2.0' })).release).toBeGreaterThan(
      0,
    );
  });

  it('are limited like the rest, and described', async () => {
    const openapi = (await (await fetch(`${running.backend.url}/openapi.json`)).json()) as { paths: object };
    expect(Object.keys(openapi.paths)).toEqual(
      expect.arrayContaining(['/galet/v1/releases/{board}', '/galet/v1/releases/{board}/image', '/galet/v1/fleet']),
    );
    expect((await get('/releases/bangle2')).headers.get('x-ratelimit-limit')).toBe('600');
  });

  it('are named with a visit in texts of bounded length, by a status alone', async () => {
    const token = await TestToken.register(client, running.credential);
    const visit = (board: string, firmware: string) =>
      codeOf(client.visit(token.request(2, running.now), { board, firmware }));
    expect(await visit('x'.repeat(33), '0.2.0')).toBe('request-malformed');
    expect(await visit('bangle2', 'x'.repeat(33))).toBe('request-malformed');
    expect(await visit('', '')).toBe('none');
    expect(await visit('<b>', 'ÀÉ\u0000')).toBe('none');
    const response = await fetch(`${running.backend.url}/galet/v1/unregister`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ board: 'bangle2' }),
    });
    expect(response.status).toBe(400);
  });
});

/** Every row of every table, as text, bytes in hexadecimal. */
async function everything(store: Store): Promise<Map<string, string>> {
  const names =
    store.dialect === 'sqlite'
      ? sql<{ name: string }>`select name from sqlite_master where type = 'table'`
      : sql<{
          name: string;
        }>`select table_name as name from information_schema.tables where table_schema = current_schema()`;
  const dump = new Map<string, string>();
  for (const { name } of (await names.execute(store.db)).rows) {
    const { rows } = await sql`select * from ${sql.table(name)}`.execute(store.db);
    const text = JSON.stringify(rows, (_key, value) =>
      value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value,
    );
    dump.set(name, text);
  }
  return dump;
}

describeStores('the fleet', (database) => {
  const FIRMWARE = '9.8.7';
  let running: Running;
  let store: Store;
  beforeAll(async () => {
    running = await start(database);
    store = await database.open();
  });
  afterAll(async () => {
    await store.close();
    await running.backend.close();
  });

  it('is counted by authentic visits alone, and shown to operators alone', async () => {
    const { client, credential } = running;
    const tokens = [await TestToken.register(client, credential), await TestToken.register(client, credential)];
    const names = { board: 'canary-board', firmware: FIRMWARE };
    for (let i = 0; i < 12; i++) await tokens[i % 2]!.visit(client, running.now, names);
    await tokens[0]!.visit(client, running.now, { board: 'canary-board', firmware: '9.8.8' });
    await tokens[0]!.visit(client, running.now);
    const forged = tokens[0]!.request(2, running.now);
    forged.mac[0]! ^= 1;
    expect(await codeOf(client.visit(forged, names))).toBe('request-refused');
    expect(await codeOf(client.visit(tokens[0]!.request(2, running.now - 61, running.now), names))).toBe(
      'request-refused',
    );
    expect(await codeOf(client.fleet('nobody'))).toBe('operator-refused');
    expect(await client.fleet(credential)).toEqual({
      days: 7,
      versions: [{ board: 'canary-board', version: FIRMWARE, visits: 12 }],
      hidden: 1,
    });
    const metrics = await fetch(`${running.backend.url}/metrics`, {
      headers: { authorization: `Bearer ${credential}` },
    });
    const text = await metrics.text();
    expect(text).toMatch(/galet_fleet_visits_total\{outcome="counted"\} 13/);
    expect(text).toMatch(/galet_fleet_visits_total\{outcome="unnamed"\} 1/);
    expect(text).not.toContain('canary');
  });

  it('is in one table of the database, which holds counts of a day and nothing else', async () => {
    const before = await everything(store);
    expect([...before.values()].join()).not.toContain('canary');
    await running.backend.runJobs();
    const after = await everything(store);
    const holding = [...after].filter(([, text]) => text.includes('canary') || text.includes(FIRMWARE));
    expect(holding.map(([name]) => name)).toEqual(['fleet_visits']);
    const day = Math.floor(running.now / DAY);
    const rows = await store.db.selectFrom('fleetVisits').selectAll().orderBy('firmware').execute();
    expect(rows).toEqual([
      { day, board: 'canary-board', firmware: FIRMWARE, visits: 12 },
      { day, board: 'canary-board', firmware: '9.8.8', visits: 1 },
    ]);
  });

  it('leaves a registration as it is without it', async () => {
    const { client, credential } = running;
    const row = async (work: (token: TestToken) => Promise<unknown>) => {
      const known = new Set((await store.db.selectFrom('registrations').select('idA').execute()).map(String));
      const ids = async () => await store.db.selectFrom('registrations').selectAll().execute();
      const earlier = (await ids()).map(({ idA }) => Buffer.from(idA).toString('hex'));
      const token = await TestToken.register(client, credential);
      await work(token);
      expect(known.size).toBeGreaterThan(0);
      const made = (await ids()).filter(({ idA }) => !earlier.includes(Buffer.from(idA).toString('hex')));
      expect(made).toHaveLength(1);
      const { idA: _id, ...rest } = made[0]!;
      return rest;
    };
    const named = await row((token) => token.visit(client, running.now, { board: 'canary-board', firmware: FIRMWARE }));
    const unnamed = await row((token) => token.visit(client, running.now));
    expect(named).toEqual(unnamed);
  });

  it('is in no line of the log', () => {
    const log = running.log.join('');
    expect(log).toContain('/galet/v1/visits');
    for (const text of ['canary', FIRMWARE, '9.8.8']) expect(log).not.toContain(text);
  });

  it('is in the audit log with each look at it', async () => {
    const entries = await store.db.selectFrom('audit').select(['action', 'detail']).execute();
    expect(entries.filter(({ action }) => action === 'fleet read')).toEqual([{ action: 'fleet read', detail: '{}' }]);
  });

  it('is written when the server stops', async () => {
    const { client, credential } = running;
    const token = await TestToken.register(client, credential);
    await token.visit(client, running.now, { board: 'canary-board', firmware: '9.9.9' });
    await running.backend.close();
    const rows = await store.db.selectFrom('fleetVisits').select(['firmware', 'visits']).execute();
    expect(rows).toContainEqual({ firmware: '9.9.9', visits: 1 });
    running = await start(database);
    expect((await running.client.fleet(credential)).hidden).toBeGreaterThanOrEqual(2);
  });
});

describe('updates and the end of the service', () => {
  const database = sqliteDatabase();

  it('after it what is signed is still there to be read, and nothing is counted', async () => {
    const running = await start(database, { endTime: START + 2 * DAY });
    const { client, credential, folder } = running;
    publishRoot(folder, 1);
    publishConfiguration(folder, START + 2 * DAY);
    const token = await TestToken.register(client, credential);
    running.now = START + 2 * DAY + 10;
    const request = token.request(2, running.now, START + 2 * DAY - 1);
    const answer = await client.visit(request, { board: 'bangle2', firmware: '0.2.0' });
    expect(token.apply(answer, request.nonce, request.mac).orders & 2).toBe(2);
    expect((await client.releases('bangle2')).configuration).toBeDefined();
    expect(await codeOf(client.fleet(credential))).toBe('service-ended');
    await running.backend.close();
    const store = await database.open();
    expect(await store.db.selectFrom('fleetVisits').selectAll().execute()).toEqual([]);
    await store.close();
  });

  it('a start with two ends is warned about', async () => {
    const folder = join(database.dir, 'published');
    publishConfiguration(folder, START + 30 * DAY);
    const running = await start(database, { endTime: START + 20 * DAY }, { releases: folder });
    const warning = running.log.map((line) => JSON.parse(line)).find(({ signed }) => signed !== undefined);
    expect(warning).toMatchObject({ level: 40, signed: START + 30 * DAY, parameter: START + 20 * DAY });
    expect((await running.client.releases('bangle2')).configuration).toBeDefined();
    await running.backend.close();
    rmSync(folder, { recursive: true });
  });

  it('limits how often one address asks', async () => {
    const running = await start(database, {}, { rateLimits: { releases: 2 } });
    const results: string[] = [];
    for (let i = 0; i < 3; i++) results.push(await codeOf(running.client.releases('bangle2')));
    expect(results).toEqual(['none', 'none', 'too-many-requests']);
    await running.backend.close();
  });

  it('leaves its folder as it was', async () => {
    const folder = join(database.dir, 'releases');
    const before = readdirSync(folder);
    const running = await start(database);
    publishRelease(folder, 'bangle2', '0.3.0', someImage(4096));
    await running.client.releases('bangle2');
    await running.backend.close();
    expect(readdirSync(folder).sort()).toEqual([...before, 'bangle2'].sort());
  });
});
