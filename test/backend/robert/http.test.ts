/** /api/v6, asked by a StopCovid-like phone over a real port: every status code that robert-server gives. */
import { createPublicKey } from 'node:crypto';
import { decodeProtectedHeader, jwtVerify } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { deleteServerKeysBefore } from '../../../host/backend/store/keys.js';
import { deleteRegistration } from '../../../host/backend/store/registrations.js';
import { describeStores } from '../stores.js';
import { call, type Phone } from './phone.js';
import { NOON, openWorld, type World } from './world.js';

const STATUS = 2;
const UNREGISTER = 3;
const DELETE = 4;
const CALLS = [
  ['/status', STATUS],
  ['/unregister', UNREGISTER],
  ['/deleteExposureHistory', DELETE],
] as const;

describeStores('calls of phones', (database) => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld(database);
  });
  afterAll(() => world.close());
  beforeEach(() => world.set(NOON));

  const post = (path: string, body: unknown) => call(world.url, 'POST', path, body);

  async function registered(): Promise<Phone> {
    const phone = world.phone();
    await phone.register();
    return phone;
  }

  const idsOf = async () =>
    (await world.store.db.selectFrom('registrations').select('idA').execute()).map(({ idA }) => Buffer.from(idA));

  describe('register', () => {
    test('201: identifiers from now to the end of the fourth day, that the server’s keys open', async () => {
      const phone = world.phone();
      const reply = await phone.register();
      expect(reply.status).toBe(201);
      expect(reply.json).toMatchObject({ config: [], timeStart: 3799958400, message: null });
      expect(phone.tuples[0]!.epochId).toBe(world.epoch());
      expect(phone.tuples).toHaveLength(48 + 3 * 96);
    });

    test.each([['captcha'], ['captchaId'], ['clientPublicECDHKey']])('400 without %s', async (field) => {
      const body = { captcha: 'a', captchaId: 'b', clientPublicECDHKey: world.phone().publicKey() };
      for (const absent of ['', undefined, null]) {
        expect(await post('/register', { ...body, [field]: absent })).toMatchObject({
          status: 400,
          json: { message: 'Invalid data' },
        });
      }
    });

    test.each([
      ['is no base64', '%%%%'],
      ['is no key', Buffer.alloc(91).toString('base64')],
    ])('500 for a key that %s, and nobody is registered', async (_, clientPublicECDHKey) => {
      const count = () => world.store.db.selectFrom('cryptoIdentities').selectAll().execute();
      const before = (await count()).length;
      const reply = await post('/register', { captcha: 'a', captchaId: 'b', clientPublicECDHKey });
      expect(reply).toMatchObject({ status: 500, json: { message: expect.any(String) } });
      expect(await count()).toHaveLength(before);
    });

    test('500 without a server key, and no identity is left behind', async () => {
      const before = await world.store.db.selectFrom('cryptoIdentities').selectAll().execute();
      world.pass(60 * 86400);
      expect((await world.phone().register()).status).toBe(500);
      expect(await world.store.db.selectFrom('cryptoIdentities').selectAll().execute()).toEqual(before);
    });
  });

  describe.each(CALLS)('%s', (path, salt) => {
    test('200 for an authentic request', async () => {
      const phone = await registered();
      const reply = await post(path, phone.auth(salt, world.epoch(), world.now()));
      expect(reply.status).toBe(200);
      if (path !== '/status') expect(reply.json).toEqual({ success: true, message: null });
    });

    test('unknown fields are ignored', async () => {
      const phone = await registered();
      const body = { ...phone.auth(salt, world.epoch(), world.now()), pushToken: 'x', pushInfo: {} };
      expect((await post(path, body)).status).toBe(200);
    });

    test('400 for missing fields and wrong lengths', async () => {
      const phone = await registered();
      const body = phone.auth(salt, world.epoch(), world.now());
      const longer = Buffer.concat([Buffer.from(body.ebid, 'base64'), Buffer.alloc(1)]).toString('base64');
      for (const wrong of [
        { ...body, ebid: undefined },
        { ...body, ebid: null },
        { ...body, ebid: '' },
        { ...body, ebid: longer },
        { ...body, time: 'AAAAAAA=' },
        { ...body, mac: body.mac.slice(0, 40) },
        { ...body, epochId: -1 },
        { ...body, epochId: null },
        {},
      ]) {
        expect((await post(path, wrong)).status).toBe(400);
      }
    });

    test('500 for fields of the right length that are no base64, as the reference', async () => {
      const phone = await registered();
      const body = phone.auth(salt, world.epoch(), world.now());
      expect((await post(path, { ...body, ebid: '%'.repeat(12) })).status).toBe(500);
    });

    test('400, without a body, for a wrong MAC', async () => {
      const phone = await registered();
      const body = phone.auth(salt === DELETE ? STATUS : salt + 1, world.epoch(), world.now());
      expect(await post(path, body)).toMatchObject({ status: 400, text: '' });
    });

    test('400 for the identifier of another epoch', async () => {
      const phone = await registered();
      const body = phone.auth(salt, world.epoch(), world.now());
      expect((await post(path, { ...body, epochId: body.epochId + 1 })).status).toBe(400);
    });

    test('the clock may be wrong by 60 whole seconds', async () => {
      const phone = await registered();
      for (const [drift, status] of [
        [61, 400],
        [-61, 400],
        [60.9, 200],
      ] as const) {
        world.set(NOON + drift);
        expect((await post(path, phone.auth(salt, world.epoch(), NOON))).status).toBe(status);
        world.set(NOON);
      }
    });

    test('430, without a body, when there is no server key of that day', async () => {
      const phone = await registered();
      world.pass(100 * 86400);
      const body = phone.auth(salt, world.epoch(), world.now());
      const reply = await post(path, { ...body, epochId: world.epoch() });
      expect(reply).toMatchObject({ status: 430, text: '' });
    });

    test('430 for an identity that is gone, but 400 when its clock is wrong too', async () => {
      const phone = await registered();
      await post('/unregister', phone.auth(UNREGISTER, world.epoch(), world.now()));
      expect((await post(path, phone.auth(salt, world.epoch(), world.now()))).status).toBe(430);
      expect((await post(path, phone.auth(salt, world.epoch(), world.now() - 100))).status).toBe(400);
    });

    test('404 for an identity without a registration', async () => {
      const before = await idsOf();
      const phone = await registered();
      const [idA] = (await idsOf()).filter((id) => !before.some((known) => known.equals(id)));
      await deleteRegistration(world.store.db, idA!);
      expect(await post(path, phone.auth(salt, world.epoch(), world.now()))).toMatchObject({ status: 404, text: '' });
    });

    test('405 for another method', async () => {
      const reply = await call(world.url, 'GET', path);
      expect(reply).toMatchObject({ status: 405, json: { message: expect.stringContaining('GET') } });
      expect(reply.headers.get('allow')).toBe('POST');
    });

    test('400 for unreadable JSON', async () => {
      expect(await post(path, '{"ebid":')).toMatchObject({ status: 400, json: { message: expect.any(String) } });
    });

    test('a stranger who replays a heard EBID writes nothing', async () => {
      const phone = await registered();
      const read = () => world.store.db.selectFrom('registrations').selectAll().execute();
      const before = await read();
      const body = phone.auth(salt, world.epoch(), world.now() - 1000);
      await post(path, { ...body, mac: Buffer.alloc(32).toString('base64') });
      await post(path, { ...phone.auth(salt, world.epoch(), world.now()), mac: Buffer.alloc(32).toString('base64') });
      expect(await read()).toEqual(before);
    });
  });

  describe('status', () => {
    test('answers risk 0, fresh identifiers and the token of all who ask in this minute', async () => {
      const [phone, other] = [await registered(), await registered()];
      const reply = await post('/status', phone.auth(STATUS, world.epoch(), world.now()));
      const keys = ['analyticsToken', 'config', 'riskLevel', 'tuples'];
      expect(Object.keys(reply.json).sort()).toEqual(keys);
      expect(reply.json).toMatchObject({ riskLevel: 0, config: [] });
      phone.read(String(reply.json.tuples));
      expect(phone.tuples[0]!.epochId).toBe(world.epoch());
      world.pass(59);
      const second = await post('/status', other.auth(STATUS, world.epoch(), world.now()));
      expect(second.json.analyticsToken).toBe(reply.json.analyticsToken);
      const key = createPublicKey(world.vault.pair('analyticsStatement').privateKey);
      const currentDate = new Date((world.now() - 2208988800) * 1000);
      const { payload } = await jwtVerify(String(reply.json.analyticsToken), key, { currentDate });
      expect(payload).toMatchObject({ iss: 'robert-server' });
      expect(payload.exp! - payload.iat!).toBe(361 * 60);
      expect(payload.iat! % 60).toBe(0);
    });

    test('400 until two epochs after the last, and the failure is kept', async () => {
      const phone = await registered();
      const ask = () => post('/status', phone.auth(STATUS, world.epoch(), world.now()));
      expect((await ask()).status).toBe(200);
      for (const status of [400, 400, 200]) {
        expect((await ask()).status).toBe(status);
        world.pass(900);
      }
    });

    test('400 when the server’s clock has gone back', async () => {
      const phone = await registered();
      await post('/status', phone.auth(STATUS, world.epoch(), world.now()));
      world.pass(-3 * 900);
      expect((await post('/status', phone.auth(STATUS, world.epoch() + 3, world.now()))).status).toBe(400);
    });
  });

  describe('report', () => {
    const code = async () => (await world.codes.issue('short')).code;

    test('200 with a statement that the reporter can show', async () => {
      const reply = await post('/report', { token: await code(), contacts: [] });
      expect(reply).toMatchObject({ status: 200, json: { success: true, message: expect.any(String) } });
      const statement = String(reply.json.reportValidationToken);
      expect(decodeProtectedHeader(statement)).toEqual({ alg: 'RS256', type: 'JWT' });
      const key = createPublicKey(world.vault.pair('reportStatement').privateKey);
      const currentDate = new Date((world.now() - 2208988800) * 1000);
      const { payload } = await jwtVerify(statement, key, { currentDate });
      expect(payload.exp! - payload.iat!).toBe(300);
      expect(Object.keys(payload).sort()).toEqual(['exp', 'iat']);
    });

    test('400 without a token or without contacts', async () => {
      for (const body of [
        { contacts: [] },
        { token: null, contacts: [] },
        { token: 'ABC' },
        { token: 'ABC', contacts: null },
      ]) {
        expect((await post('/report', body)).status).toBe(400);
      }
    });

    test('401 for a code that is empty, unknown, used or expired, with its length', async () => {
      const used = await code();
      await post('/report', { token: used, contacts: [] });
      const old = await code();
      expect(await post('/report', { token: '', contacts: [] })).toMatchObject({ status: 401 });
      expect(await post('/report', { token: used, contacts: [] })).toMatchObject({ status: 401 });
      world.pass(2 * 3600);
      expect(await post('/report', { token: old, contacts: [] })).toMatchObject({ status: 401 });
      expect(await post('/report', { token: 'ABCDEF', contacts: [] })).toMatchObject({
        status: 401,
        json: { message: expect.stringContaining('6') },
      });
    });

    test('of two reports with one code at once, one is taken', async () => {
      const token = await code();
      const replies = await Promise.all([1, 2, 3, 4].map(() => post('/report', { token, contacts: [] })));
      expect(replies.map(({ status }) => status).sort()).toEqual([200, 401, 401, 401]);
    });

    test('400 for a poisoned contact: nothing is kept, the code stays alive', async () => {
      const phone = await registered();
      const token = await code();
      const good = phone.heard(world.epoch(), world.now(), 60, 10, -50);
      const hello = good.ids[0]!;
      const poisons: unknown[] = [
        { ...good, ids: null },
        { ...good, ids: 'none' },
        { ...good, ebid: 'AAAA' },
        { ...good, ebid: '%%%%%%%%%%%%' },
        { ...good, ecc: null },
        null,
        7,
        ...Object.keys(hello).flatMap((field) =>
          [null, undefined, 'x', 1e300, -1e9, 0.5].map((value) => ({ ...good, ids: [{ ...hello, [field]: value }] })),
        ),
      ];
      for (const poison of poisons) {
        expect((await post('/report', { token, contacts: [good, poison] })).status).toBe(400);
      }
      expect(await world.store.db.selectFrom('contacts').selectAll().execute()).toEqual([]);
      expect((await post('/report', { token, contacts: [good, { ...good, ids: [] }] })).status).toBe(200);
      expect(await world.store.db.selectFrom('contacts').selectAll().execute()).toHaveLength(1);
      await world.robert.runJobs();
    });
  });

  test('clock', async () => {
    const reply = await call(world.url, 'GET', '/clock');
    expect(reply).toMatchObject({ status: 200, json: { serviceStartDate: '2020-06-01', epoch: world.epoch() } });
    expect(Date.parse(String(reply.json.time)) / 1000 + 2208988800).toBe(world.now());
    expect((await call(world.url, 'POST', '/clock', {})).status).toBe(405);
  });

  test('404 for what there is not', async () => {
    expect(await call(world.url, 'GET', '/kpis')).toMatchObject({ status: 404, json: { message: 'Not found' } });
  });

  test('nothing about anybody is logged', async () => {
    const phone = await registered();
    await post('/status', phone.auth(STATUS, world.epoch(), world.now()));
    await world.robert.runJobs();
    const logged = world.log.join('');
    const { ebid, ecc } = phone.tupleOf(world.epoch());
    for (const secret of [ebid.toString('base64'), ebid.toString('hex')]) expect(logged).not.toContain(secret);
    expect(ecc).toHaveLength(1);
    expect(logged).toContain('ROBERT jobs done');
  });

  test('430 after the server has forgotten a day’s key', async () => {
    const phone = await registered();
    const body = phone.auth(STATUS, world.epoch(), world.now());
    await deleteServerKeysBefore(world.store.db, Math.floor(world.now() / 86400) + 1);
    await world.vault.refresh(world.store.db);
    expect((await post('/status', body)).status).toBe(430);
  });
});
