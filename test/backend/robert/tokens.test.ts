import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { utcDay } from '../../../device/robert/time.js';
import { ORDER_END, ORDER_ERASE, SEALED_DAY_LENGTH, SEALED_HEAD_LENGTH } from '../../../device/seal/answer.js';
import { updateRegistration } from '../../../host/backend/store/registrations.js';
import { forgetExpired } from '../../../host/backend/store/retention.js';
import { verifyWipe } from '../../../host/backend/store/wipes.js';
import { describeStores } from '../stores.js';
import { call } from './phone.js';
import { TestToken } from './token.js';
import { NOON, openWorld, type World } from './world.js';

const MIDNIGHT = NOON - 43200;

describeStores('tokens', (database) => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld(database, { parameters: { phone: '0800 130 000', visitDays: 7 } });
  });
  afterAll(() => world.close());
  beforeEach(() => world.set(NOON));

  async function registered(): Promise<{ token: TestToken; idA: Uint8Array }> {
    const ids = async () =>
      (await world.store.db.selectFrom('registrations').select('idA').execute()).map(({ idA }) => idA);
    const before = (await ids()).map(String);
    const token = new TestToken(world);
    await token.register();
    return { token, idA: (await ids()).find((id) => !before.includes(String(id)))! };
  }

  const setRisk = (idA: Uint8Array, atRisk: boolean) =>
    updateRegistration(world.store.db, idA, { atRisk, lastContactTimestamp: MIDNIGHT - 86400, latestRiskEpoch: 7 });

  const identities = () => world.store.db.selectFrom('cryptoIdentities').select('idA').execute();

  describe('registration', () => {
    test('gives a first load that the new token alone can open', async () => {
      const token = new TestToken(world);
      const answer = await token.register();
      expect(token.head).toMatchObject({
        riskLevel: 0,
        orders: 0,
        contactDay: 0,
        time: NOON,
        firstDay: utcDay(NOON),
        dayCount: 22,
        visitDays: 7,
        phone: '0800 130 000',
        serviceStart: 3799958400,
      });
      expect(token.identifier(world.epoch())).toBeDefined();
      expect(token.identifier(world.epoch() - 1)).toBeUndefined();
      expect(token.identifier(world.epoch() + 21 * 96)).toBeDefined();
      expect(() => new TestToken(world).open(answer, new Uint8Array(16), new Uint8Array(32))).toThrow();
    });

    test('refuses what is no key', async () => {
      await expect(world.robert.registerToken(new Uint8Array(91), new Uint8Array(16))).rejects.toThrow(
        'public-key-invalid',
      );
    });

    test('is refused without a server key, and leaves no identity behind', async () => {
      const before = await identities();
      world.pass(60 * 86400);
      await expect(new TestToken(world).register()).rejects.toThrow('key-missing');
      expect(await identities()).toEqual(before);
    });
  });

  describe('a visit', () => {
    test('refills, and has one size whatever it says', async () => {
      const { token, idA } = await registered();
      await setRisk(idA, true);
      world.pass(86400);
      const request = token.request('status');
      const answer = await world.robert.visit(request);
      expect(answer.head).toHaveLength(SEALED_HEAD_LENGTH);
      expect(answer.days.map((day) => day.length)).toEqual(Array(22).fill(SEALED_DAY_LENGTH));
      const head = token.open(answer, request.nonce, request.mac);
      expect(head).toMatchObject({ riskLevel: 4, contactDay: MIDNIGHT - 86400, firstDay: utcDay(NOON) + 1 });
    });

    test('tells the time to the millisecond', async () => {
      const { token } = await registered();
      world.set(NOON + 0.75);
      expect(await token.visit()).toMatchObject({ time: NOON, timeMillis: 750 });
    });

    test('two answers to one request are under two keys', async () => {
      const { token } = await registered();
      const request = token.request('status');
      const [first, second] = [await world.robert.visit(request), await world.robert.visit(request)];
      expect(first.head).not.toEqual(second.head);
      expect(first.days[3]).not.toEqual(second.days[3]);
    });

    test('inside the status gap says the same risk again, with fresh time and identifiers', async () => {
      const { token, idA } = await registered();
      expect((await token.visit()).riskLevel).toBe(0);
      await setRisk(idA, true);
      world.pass(900);
      expect(await token.visit()).toMatchObject({ riskLevel: 0, contactDay: 0, time: NOON + 900 });
      world.pass(900);
      expect(await token.visit()).toMatchObject({ riskLevel: 4 });
      await setRisk(idA, false);
      world.pass(900);
      expect((await token.visit()).riskLevel).toBe(4);
      world.pass(900);
      expect((await token.visit()).riskLevel).toBe(0);
    });

    test('under the last identifier of a token whose clock is lost', async () => {
      const { token } = await registered();
      world.pass(5 * 86400);
      const request = token.request('status', world.epoch() - 5 * 96);
      const answer = await world.robert.visit(request);
      expect(token.open(answer, request.nonce, request.mac).time).toBe(NOON + 5 * 86400);
    });

    test('is refused: clock, MAC, identity, server key', async () => {
      const { token } = await registered();
      const visit = (request: ReturnType<TestToken['request']>) => world.robert.visit(request);
      await expect(visit(token.request('status', world.epoch(), NOON - 61))).rejects.toThrow('request-refused');
      await expect(visit(token.request('unregister'))).rejects.toThrow('request-refused');
      await expect(visit({ ...token.request('status'), ebid: new Uint8Array(8) })).rejects.toThrow('request-refused');
      const request = { ...token.request('status'), epochId: world.epoch() + 40 * 96 };
      await expect(visit(request)).rejects.toThrow('token-unknown');
    });

    test('a courier who carries a token’s request to where phones ask learns nothing and changes nothing', async () => {
      const { token, idA } = await registered();
      await setRisk(idA, true);
      for (const [path, kind] of [
        ['/status', 'status'],
        ['/unregister', 'unregister'],
      ] as const) {
        const { ebid, epochId, time, mac } = token.request(kind);
        const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
        const timeBytes = Buffer.alloc(4);
        timeBytes.writeUInt32BE(time);
        const body = { ebid: base64(ebid), epochId, time: base64(timeBytes), mac: base64(mac) };
        expect(await call(world.url, 'POST', path, body)).toMatchObject({ status: 430, text: '' });
      }
      expect((await token.visit()).riskLevel).toBe(4);
    });
  });

  describe('unregistering', () => {
    test('orders to erase, forgets the person, and expects the proof', async () => {
      const { token, idA } = await registered();
      const request = token.request('unregister');
      const answer = await world.robert.unregisterToken(request);
      const head = token.open(answer, request.nonce, request.mac);
      expect(head).toMatchObject({ orders: ORDER_ERASE, riskLevel: 0 });
      expect(token.identifier(world.epoch())).toBeUndefined();
      expect(answer.days).toHaveLength(22);
      expect(await world.store.db.selectFrom('registrations').selectAll().where('idA', '=', idA).execute()).toEqual([]);
      expect(await verifyWipe(world.store.db, token.wipeProof())).toBe(true);
      expect(await verifyWipe(world.store.db, token.wipeProof())).toBe(true);
      expect((await identities()).map(({ idA }) => String(idA))).not.toContain(String(idA));
    });

    test('can be asked again when the answer was lost; any of the orders can be proven', async () => {
      const { token } = await registered();
      await world.robert.unregisterToken(token.request('unregister'));
      const request = token.request('unregister');
      const head = token.open(await world.robert.unregisterToken(request), request.nonce, request.mac);
      expect(head.orders).toBe(ORDER_ERASE);
      expect(await verifyWipe(world.store.db, token.wipeProof())).toBe(true);
    });

    test('after it a visit is refused: 404 until the proof, 430 then', async () => {
      const { token } = await registered();
      const [status, later, order] = [token.request('status'), token.request('status'), token.request('unregister')];
      token.open(await world.robert.unregisterToken(order), order.nonce, order.mac);
      await expect(world.robert.visit(status)).rejects.toThrow('registration-unknown');
      await verifyWipe(world.store.db, token.wipeProof());
      await expect(world.robert.visit(later)).rejects.toThrow('token-unknown');
    });

    test('keys that wait for a proof in vain are deleted in the end', async () => {
      const { token, idA } = await registered();
      await world.robert.unregisterToken(token.request('unregister'));
      const has = async () => (await identities()).some((row) => String(row.idA) === String(idA));
      await forgetExpired(world.store.db, utcDay(NOON) + 30, 0);
      expect(await has()).toBe(true);
      await forgetExpired(world.store.db, utcDay(NOON) + 31, 0);
      expect(await has()).toBe(false);
    });
  });
});

describeStores('the end of the service', (database) => {
  const END = NOON + 3 * 86400;
  let world: World;
  beforeAll(async () => {
    world = await openWorld(database, { parameters: { endTime: END } });
  });
  afterAll(() => world.close());

  test('is announced, nothing is handed out beyond it, then it is an order', async () => {
    world.set(NOON);
    const token = new TestToken(world);
    await token.register();
    expect(token.head).toMatchObject({ endTime: END, orders: 0 });
    expect(token.identifier(world.epoch() + 3 * 96 - 1)).toBeDefined();
    expect(token.identifier(world.epoch() + 3 * 96)).toBeUndefined();
    const request = token.request('status', world.epoch() + 3 * 96 - 1, END);
    world.set(END);
    const head = token.open(await world.robert.visit(request), request.nonce, request.mac);
    expect(head).toMatchObject({ orders: ORDER_END, riskLevel: 0 });
    await expect(new TestToken(world).register()).rejects.toThrow('service-ended');
    expect(await call(world.url, 'GET', '/clock')).toMatchObject({ status: 410, json: { message: 'service-ended' } });
  });
});
