import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase } from '../../host/kiosk/database.js';
import { SCHEMA_VERSION } from '../../host/kiosk/migrations.js';
import { Bench, batch, draftOf, keepReport, reportIdOf, until } from './support.js';

/** A folder on a disk of `kilobytes`, or undefined where this user may not mount one. */
function smallDisk(kilobytes: number): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'galet-disk-'));
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${kilobytes}k`, 'none', folder]);
  if (status === 0) return folder;
  rmSync(folder, { recursive: true });
  return undefined;
}

function unmount(folder: string): void {
  // Lazily: libsql lets go of a closed file only when its statements have been collected.
  spawnSync('umount', ['-l', folder]);
  rmSync(folder, { recursive: true, force: true });
}

const probe = smallDisk(64);
const canMount = probe !== undefined;
if (probe !== undefined) unmount(probe);

/** Puts a report of `count` batches of 8 kB; says how far it got. */
async function putLarge(bench: Bench, seed: number, count: number): Promise<string> {
  const id = reportIdOf(seed);
  await bench.client.draft(id, draftOf(id, `CODE00${seed}`, 0, count - 1));
  for (let index = 0; index < count; index++) await bench.client.append(id, batch(index, 8000));
  await bench.client.keep(id);
  return id;
}

describe('a full disk', () => {
  let bench: Bench;
  let disk: string | undefined;

  beforeEach(() => {
    bench = new Bench();
  });
  afterEach(async () => {
    await bench.stop();
    if (disk !== undefined) unmount(disk);
    disk = undefined;
  });

  const pauseServer = (): void => {
    bench.backend.override = ({ path }) => (path === '/galet/v1/reports' ? { status: 503 } : undefined);
  };
  const resumeServer = async (): Promise<void> => {
    bench.backend.override = undefined;
    await bench.kiosk.flush();
  };
  const areSent = async (ids: string[]): Promise<void> => {
    for (const id of ids) await until(async () => (await bench.client.status(id)).state === 'sent');
    expect([...bench.backend.gateway.effects.keys()].sort()).toEqual([...ids].sort());
  };
  const isRefusedAsFull = async (seed: number, count: number): Promise<void> => {
    await expect(putLarge(bench, seed, count)).rejects.toMatchObject({
      code: 'kiosk-full',
      kind: { status: 507, exit: 71 },
    });
    await expect(bench.client.status(reportIdOf(seed))).rejects.toMatchObject({ code: 'report-unknown' });
  };

  const exercise = async (): Promise<void> => {
    pauseServer();
    const small = await keepReport(bench.client, 10, 'ABCD2345');
    // What is too large for the disk is not kept, is not half there, and does not harm what was kept before.
    for (let i = 0; i < 3; i++) await isRefusedAsFull(11, 200);
    expect((await bench.client.status(small)).state).toBe('kept');
    const fitting = await putLarge(bench, 12, 20);
    await resumeServer();
    await areSent([small, fitting]);
    // What was sent has made room.
    await areSent([small, fitting, await putLarge(bench, 13, 60)]);
  };

  it('by a quota of the file: 507, nothing kept, everything else goes on', async () => {
    await bench.start({ maxPages: 256 });
    await exercise();
  });

  it.skipIf(!canMount)('by a small disk: 507, nothing kept, everything else goes on', async () => {
    disk = smallDisk(2560);
    await bench.start({ databaseFile: join(disk ?? '', 'kiosk.db'), reserveBytes: 1024 * 1024 });
    await exercise();
  });

  it.skipIf(!canMount)(
    'filled by others while a report arrives: 507, and all is well once they make room',
    async () => {
      disk = smallDisk(2048);
      const ballast = join(disk ?? '', 'ballast');
      await bench.start({ databaseFile: join(disk ?? '', 'kiosk.db') });
      pauseServer();
      const kept = await putLarge(bench, 21, 20);
      const id = reportIdOf(22);
      await bench.client.draft(id, draftOf(id, 'CODE0022', 0, 19));
      await bench.client.append(id, batch(0, 8000));
      expect(() => writeFileSync(ballast, Buffer.alloc(2_000_000))).toThrow('ENOSPC');
      for (let i = 0; i < 3; i++) await expect(putLarge(bench, 22, 20)).rejects.toMatchObject({ code: 'kiosk-full' });
      expect((await bench.client.status(kept)).state).toBe('kept');
      // Sent, but not yet remembered as sent: sent again later, with one effect.
      await resumeServer();
      rmSync(ballast);
      await until(async () => (await bench.client.status(kept)).state === 'sent');
      await areSent([kept, await putLarge(bench, 22, 20)]);
    },
  );

  it.skipIf(!canMount)('is foreseen: no report begins when the reserve is not free, and visits go on', async () => {
    disk = smallDisk(2048);
    await bench.start({ databaseFile: join(disk ?? '', 'kiosk.db'), reserveBytes: 16 * 1024 * 1024 });
    const id = reportIdOf(20);
    await expect(bench.client.draft(id, draftOf(id, 'ABCD2345', 0, 3))).rejects.toMatchObject({ code: 'kiosk-full' });
    const request = {
      ebid: new Uint8Array(8),
      epochId: 1,
      time: 1,
      mac: new Uint8Array(32),
      nonce: new Uint8Array(16),
    };
    expect((await bench.client.visit(request)).days).toHaveLength(22);
  });
});

describe('the kiosk’s file', () => {
  it('is refused when a newer version wrote it, when it is foreign, damaged or in use', async () => {
    const bench = new Bench();
    const file = join(bench.folder, 'kiosk.db');
    await bench.start();
    await expect(bench.start()).rejects.toMatchObject({ code: 'database-busy', parameters: { file } });
    const { port } = new URL(bench.kiosk.url);
    const elsewhere = { port: Number(port), databaseFile: join(bench.folder, 'second.db') };
    await expect(bench.start(elsewhere)).rejects.toMatchObject({
      code: 'address-busy',
      parameters: { address: `127.0.0.1:${port}` },
    });
    await bench.stopKiosk();

    const database = await openDatabase(file);
    await database.query.schema.createTable('unused').addColumn('id', 'text').execute();
    await database.close();
    const { default: Sqlite } = await import('libsql');
    const newer = new Sqlite(file);
    newer.exec(`pragma user_version = ${SCHEMA_VERSION + 1}`);
    newer.close();
    await expect(openDatabase(file)).rejects.toMatchObject({ code: 'database-newer' });

    const foreign = join(bench.folder, 'foreign.db');
    const other = new Sqlite(foreign);
    other.exec('create table letters (id text)');
    other.close();
    await expect(openDatabase(foreign)).rejects.toMatchObject({ code: 'database-foreign' });

    const damaged = join(bench.folder, 'damaged.db');
    writeFileSync(damaged, 'this has never been a database, whatever its name says');
    await expect(openDatabase(damaged)).rejects.toMatchObject({ code: 'database-foreign' });
    await bench.backend.stop();
    rmSync(bench.folder, { recursive: true });
  });
});
