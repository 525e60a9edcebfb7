import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'libsql';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { concat } from '../../device/bytes.js';
import { Bench, batch, batches, draftOf, keepReport, problem, reportIdOf, until } from './support.js';

describe('a report in the outbox', () => {
  let bench: Bench;

  beforeEach(async () => {
    bench = new Bench();
    await bench.start();
  });
  afterEach(() => bench.stop());

  it('goes draft, kept, sent, done, and tells the receipt', async () => {
    const id = reportIdOf(1);
    const { client } = bench;
    expect(await client.draft(id, draftOf(id, 'ABCD2345', 10, 14))).toEqual({
      state: 'draft',
      nextBatch: 10,
      batches: 0,
    });
    expect(await client.append(id, batches(10, 12))).toEqual({ state: 'draft', nextBatch: 13, batches: 3 });
    expect((await client.status(id)).state).toBe('draft');
    expect(await client.append(id, batches(13, 14))).toEqual({ state: 'draft', nextBatch: 15, batches: 5 });
    expect(await client.keep(id)).toBe('kept');
    await until(async () => (await client.status(id)).state === 'sent');
    expect((await client.status(id)).receipt).toEqual(new Uint8Array(bench.backend.gateway.receiptOf(id)));
    await client.done(id);
    await client.done(id);
    expect(await client.status(id)).toEqual({ state: 'done' });
    expect(bench.backend.gateway.arrivals).toEqual([expect.objectContaining({ code: 'ABCD2345', batches: 5 })]);
  });

  it('keeps both tickets of a log that goes over from one to another', async () => {
    const id = reportIdOf(5);
    const encs = new Uint8Array(64).fill(1, 0, 32).fill(2, 32);
    const draft = { ...draftOf(id, 'ABCD2345', 10, 14), encs };
    await bench.client.draft(id, draft);
    await expect(bench.client.draft(id, { ...draft, encs: encs.subarray(32) })).rejects.toMatchObject({
      code: 'report-conflict',
    });
    for (const wrong of [0, 31, 48, 96]) {
      await expect(bench.client.draft(reportIdOf(6), { ...draft, encs: new Uint8Array(wrong) })).rejects.toMatchObject({
        code: 'request-malformed',
      });
    }
    await bench.client.append(id, batches(10, 14));
    await bench.client.keep(id);
    await bench.kiosk.flush();
    expect(bench.backend.gateway.arrivals[0]).toMatchObject({ encs, batches: 5 });
  });

  it('is still there when the file is of before there could be two tickets', async () => {
    await bench.backend.stop();
    const id = await keepReport(bench.client, 7, 'ABCD2345');
    await bench.stopKiosk();
    const file = new Sqlite(join(bench.folder, 'kiosk.db'));
    file.exec('alter table reports rename column encs to enc');
    file.exec('pragma user_version = 1');
    file.close();
    await bench.backend.start();
    await bench.start();
    await until(async () => (await bench.client.status(id)).state === 'sent');
    expect(bench.backend.gateway.arrivals[0]).toMatchObject({ encs: new Uint8Array(32).fill(5), batches: 5 });
  });

  it('resumes a draft that was cut, skipping what is there', async () => {
    const id = reportIdOf(2);
    const draft = draftOf(id, 'ABCD2345', 10, 14);
    await bench.client.draft(id, draft);
    await bench.client.append(id, batches(10, 12));
    await bench.restart();
    expect(await bench.client.draft(id, draft)).toEqual({ state: 'draft', nextBatch: 13, batches: 3 });
    expect(await bench.client.append(id, batches(11, 14))).toEqual({ state: 'draft', nextBatch: 15, batches: 5 });
    await bench.client.keep(id);
    await bench.kiosk.flush();
    expect(bench.backend.gateway.arrivals[0]?.batches).toBe(5);
  });

  it('has one effect however often every step is repeated (R42)', async () => {
    const id = reportIdOf(3);
    const draft = draftOf(id, 'ABCD2345', 10, 11);
    for (let i = 0; i < 100; i++) {
      await bench.client.draft(id, draft);
      await bench.client.append(id, batches(10, 11));
      await bench.client.keep(id);
    }
    await bench.kiosk.flush();
    await until(async () => (await bench.client.status(id)).state === 'sent');
    for (let i = 0; i < 5; i++) {
      expect((await bench.client.draft(id, draft)).state).toBe('sent');
      expect(await bench.client.keep(id)).toBe('sent');
      await bench.kiosk.flush();
    }
    expect(bench.backend.gateway.arrivals).toHaveLength(1);
  });

  it('takes two reports at once', async () => {
    const ids = await Promise.all([1, 2, 3, 4].map((seed) => keepReport(bench.client, seed, `CODE000${seed}`, 50)));
    await bench.kiosk.flush();
    await until(async () =>
      (await Promise.all(ids.map((id) => bench.client.status(id)))).every((s) => s.state === 'sent'),
    );
    expect([...bench.backend.gateway.effects.values()]).toEqual([1, 1, 1, 1]);
  });

  it('refuses another report under the same number', async () => {
    const id = reportIdOf(4);
    await bench.client.draft(id, draftOf(id, 'ABCD2345', 10, 11));
    await expect(bench.client.draft(id, draftOf(id, 'OTHER234', 10, 11))).rejects.toMatchObject({
      code: 'report-conflict',
    });
    await expect(bench.client.draft(id, draftOf(id, 'ABCD2345', 10, 12))).rejects.toMatchObject({
      code: 'report-conflict',
    });
  });

  it('keeps nothing that is not whole', async () => {
    const id = reportIdOf(5);
    await expect(bench.client.keep(id)).rejects.toMatchObject({ code: 'report-unknown' });
    await bench.client.draft(id, draftOf(id, 'ABCD2345', 10, 14));
    await bench.client.append(id, batches(10, 13));
    await expect(bench.client.keep(id)).rejects.toMatchObject({ code: 'report-incomplete' });
    await expect(bench.client.done(id)).rejects.toMatchObject({ code: 'report-incomplete' });
  });

  it('accepts a gap (the server counts it), never a batch beyond the last', async () => {
    const id = reportIdOf(6);
    await bench.client.draft(id, draftOf(id, 'ABCD2345', 10, 14));
    expect(await bench.client.append(id, concat([batch(10), batch(12)]))).toMatchObject({ nextBatch: 13, batches: 2 });
    await expect(bench.client.append(id, batch(15))).rejects.toMatchObject({ code: 'report-malformed' });
    await bench.client.append(id, batch(14));
    expect(await bench.client.keep(id)).toBe('kept');
  });

  it('refuses bytes that are no batches, and takes none of them', async () => {
    const id = reportIdOf(7);
    await bench.client.draft(id, draftOf(id, 'ABCD2345', 10, 14));
    const cut = batches(10, 12).subarray(0, 200);
    const wrong = batch(10);
    wrong[4] = 0xb2;
    const unordered = concat([batch(11), batch(10)]);
    for (const bytes of [cut, wrong, unordered, new Uint8Array([1, 2, 3])]) {
      await expect(bench.client.append(id, bytes)).rejects.toMatchObject({ code: 'report-malformed' });
    }
    expect(await bench.client.draft(id, draftOf(id, 'ABCD2345', 10, 14))).toMatchObject({ nextBatch: 10, batches: 0 });
  });

  it('bounds the bytes of a report', async () => {
    const id = reportIdOf(8);
    await bench.client.draft(id, draftOf(id, 'ABCD2345', 0, 1_000_000));
    let index = 0;
    const fill = async (): Promise<void> => {
      for (; index < 40; index++) await bench.client.append(id, concat([batch(2 * index, 60_000)]));
    };
    await expect(fill()).rejects.toMatchObject({ code: 'report-malformed' });
    expect(index).toBe(31);
  });

  it('deletes code and body from the disk once sent, and records a refusal with its code', async () => {
    const disk = (): Buffer =>
      Buffer.concat(readdirSync(bench.folder).map((name) => readFileSync(join(bench.folder, name))));
    bench.backend.override = (request) => (request.path === '/galet/v1/reports' ? { status: 500 } : undefined);
    const marker = Buffer.alloc(40, 0xaa);
    const sent = await keepReport(bench.client, 9, 'SENTCODE', 30);
    expect(disk().includes('SENTCODE')).toBe(true);
    expect(disk().includes(marker)).toBe(true);
    bench.backend.override = undefined;
    await bench.kiosk.flush();
    await until(async () => (await bench.client.status(sent)).state === 'sent');
    await until(() => !disk().includes(marker) && !disk().includes('SENTCODE'));

    bench.backend.override = (request) =>
      request.path === '/galet/v1/reports' ? problem(403, 'code-used') : undefined;
    const refused = await keepReport(bench.client, 10, 'USEDCODE', 30);
    await until(async () => (await bench.client.status(refused)).state === 'refused');
    expect(await bench.client.status(refused)).toEqual({ state: 'refused', refusal: 'code-used' });
    await until(() => !disk().includes(marker) && !disk().includes('USEDCODE'));
  });
});

describe('what the outbox keeps, and for how long', () => {
  const DAY = 86_400;
  let bench: Bench;

  beforeEach(async () => {
    bench = new Bench();
    await bench.start();
  });
  afterEach(() => bench.stop());

  const isKnown = async (id: string): Promise<boolean> =>
    await bench.client.status(id).then(
      () => true,
      () => false,
    );

  const later = async (days: number): Promise<void> => {
    bench.now += days * DAY;
    await bench.kiosk.flush();
  };

  it('keeps receipts 15 days for the next visit, then forgets the report', async () => {
    const id = await keepReport(bench.client, 1, 'ABCD2345');
    await until(async () => (await bench.client.status(id)).state === 'sent');
    await later(14.9);
    expect((await bench.client.status(id)).receipt).toHaveLength(16);
    await later(0.2);
    expect(await isKnown(id)).toBe(false);
  });

  it('drops no kept report before its records are 14 days old, and then says so', async () => {
    bench.backend.override = () => 'cut';
    const id = await keepReport(bench.client, 2, 'ABCD2345');
    await later(14);
    expect((await bench.client.status(id)).state).toBe('kept');
    await later(0.2);
    expect(await bench.client.status(id)).toEqual({ state: 'refused', refusal: 'report-expired' });
  });

  it('forgets an unfinished draft after a day', async () => {
    const id = reportIdOf(3);
    await bench.client.draft(id, draftOf(id, 'ABCD2345', 10, 12));
    await bench.client.append(id, batches(10, 11));
    await later(1);
    expect(await isKnown(id)).toBe(true);
    await later(0.1);
    expect(await isKnown(id)).toBe(false);
  });

  it('survives a clock that is set back', async () => {
    const id = await keepReport(bench.client, 4, 'ABCD2345');
    bench.now -= 40 * DAY;
    await bench.kiosk.flush();
    expect((await bench.client.status(id)).state).toBe('sent');
  });
});
