/** A token renews its keys: whoever installed it then knows none that are in use. */
import { createHmac } from 'node:crypto';
import { CipherSuite, DhkemX25519HkdfSha256, ExportOnly, HkdfSha256 } from '@hpke/core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ascii } from '../../../device/bytes.js';
import { ORDER_ERASE, ORDER_RENEWED } from '../../../device/seal/answer.js';
import { rawGatewayKey } from '../../../host/backend/gateway/tickets.js';
import { PREVIOUS_KEY_DAYS } from '../../../host/backend/robert/accounts.js';
import type { ClientKeys } from '../../../host/backend/robert/registration.js';
import { forgetExpired } from '../../../host/backend/store/retention.js';
import { verifyWipe } from '../../../host/backend/store/wipes.js';
import { describeStores } from '../stores.js';
import { call, Phone } from './phone.js';
import { TestToken } from './token.js';
import { NOON, openWorld, type World } from './world.js';

const DAY = 86_400;

interface Share {
  share: Uint8Array;
  keys: ClientKeys;
}

function buffer(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}

/** A token's side of docs/spec/seal.md, on another implementation of HPKE than its own. */
async function makeShare(gatewayKey: Uint8Array, info = 'galet keys v1'): Promise<Share> {
  const suite = new CipherSuite({ kem: new DhkemX25519HkdfSha256(), kdf: new HkdfSha256(), aead: new ExportOnly() });
  const recipientPublicKey = await suite.kem.importKey('raw', buffer(gatewayKey), true);
  const sender = await suite.createSenderContext({ recipientPublicKey, info: buffer(ascii(info)) });
  const secret = new Uint8Array(await sender.export(buffer(ascii('root')), 32));
  const derive = (label: string) => new Uint8Array(createHmac('sha256', secret).update(label).digest());
  return { share: new Uint8Array(sender.enc), keys: { kAuth: derive('galet auth'), kEnc: derive('galet enc') } };
}

describeStores('renewal of a token’s keys', (database) => {
  let world: World;
  let gatewayKey: Uint8Array;
  let token: TestToken;
  let first: ClientKeys;
  let share: Share;
  beforeAll(async () => {
    world = await openWorld(database, { parameters: { statusGapEpochs: 0 } });
    gatewayKey = rawGatewayKey(world.vault.pair('gateway'));
  });
  afterAll(() => world.close());
  beforeEach(async () => {
    world.set(NOON);
    await world.store.db.deleteFrom('cryptoIdentities').execute();
    await world.store.db.deleteFrom('registrations').execute();
    token = new TestToken(world);
    await token.register();
    first = token.keys;
    share = await makeShare(gatewayKey);
  });

  const row = () => world.store.db.selectFrom('cryptoIdentities').selectAll().executeTakeFirstOrThrow();

  /** A status with a share, whose answer the token gets. */
  async function renew({ share: enc } = share) {
    const request = token.renewing(token.request('status'), enc);
    return token.open(await world.robert.visit(request), request.nonce, request.mac);
  }

  describe('a share', () => {
    test('is acknowledged under the keys that sent it, and confirmed by the first request under the new ones', async () => {
      expect((await renew()).orders).toBe(ORDER_RENEWED);
      expect(await row()).toMatchObject({ previousAuth: null, previousUntilDay: null });
      token.use(share.keys);
      // The answer is sealed under the new keys at once; nothing is acknowledged that was not asked.
      expect((await token.visit()).orders).toBe(0);
      expect(await row()).toMatchObject({
        pendingAuth: null,
        pendingEnc: null,
        previousUntilDay: Math.floor(NOON / DAY) + PREVIOUS_KEY_DAYS,
      });
      expect((await token.visit()).orders).toBe(0);
    });

    test('makes the old keys worthless for requests once the new ones are used', async () => {
      await renew();
      const old = token.request('status');
      await expect(world.robert.visit(old)).resolves.toBeDefined();
      token.use(share.keys);
      await token.visit();
      await expect(world.robert.visit(old)).rejects.toThrow('request-refused');
    });

    test('can be sent again when the answer was lost; the old keys go on until then', async () => {
      for (let visit = 0; visit < 3; visit++) {
        world.pass(DAY);
        await world.robert.visit(token.renewing(token.request('status'), share.share));
      }
      expect((await token.visit()).orders).toBe(0);
      expect((await renew()).orders).toBe(ORDER_RENEWED);
      token.use(share.keys);
      expect((await token.visit()).riskLevel).toBe(0);
    });

    test('that a courier drops is not acknowledged, and costs nothing', async () => {
      expect((await token.visit()).orders).toBe(0);
      expect(await row()).toMatchObject({ pendingAuth: null });
      expect((await renew()).orders).toBe(ORDER_RENEWED);
    });

    test('with a wrong MAC refuses the whole request, and leaves nothing behind', async () => {
      const request = token.request('status');
      const other = await makeShare(gatewayKey);
      const honest = token.renewing(request, share.share);
      for (const renewal of [
        { share: other.share, mac: honest.renewal!.mac },
        { share: share.share, mac: request.mac },
        { share: share.share, mac: new Uint8Array(32) },
        // Of another request of the same token.
        { share: share.share, mac: token.renewing(token.request('unregister'), share.share).renewal!.mac },
      ]) {
        await expect(world.robert.visit({ ...request, renewal })).rejects.toThrow('request-refused');
      }
      expect(await row()).toMatchObject({ pendingAuth: null, previousAuth: null });
      expect(token.open(await world.robert.visit(honest), request.nonce, request.mac).orders).toBe(ORDER_RENEWED);
    });

    test('that is no point is refused though authentic', async () => {
      await expect(renew({ ...share, share: new Uint8Array(32) })).rejects.toThrow('request-refused');
      expect(await row()).toMatchObject({ pendingAuth: null });
    });

    test('for another purpose gives other keys: a ticket is no share', async () => {
      const ticket = await makeShare(gatewayKey, 'galet log v1');
      await renew(ticket);
      token.use(ticket.keys);
      await expect(token.visit()).rejects.toThrow('request-refused');
    });

    test('the second of two counts, and a later renewal replaces the first', async () => {
      const second = await makeShare(gatewayKey);
      await renew();
      await renew(second);
      token.use(share.keys);
      await expect(token.visit()).rejects.toThrow('request-refused');
      token.use(second.keys);
      await token.visit();
      const third = await makeShare(gatewayKey);
      await renew(third);
      token.use(third.keys);
      expect((await token.visit()).orders).toBe(0);
    });

    test('keeps keys apart at rest: none can stand in another’s place', async () => {
      await renew();
      const honest = await row();
      const { kAuth, pendingAuth, pendingEnc } = honest;
      const until = { previousUntilDay: Math.floor(NOON / DAY) };
      for (const swapped of [
        { kAuth: pendingAuth! },
        { kEnc: pendingEnc! },
        { pendingAuth: kAuth },
        { previousAuth: kAuth, ...until },
        { previousAuth: pendingAuth, ...until },
      ]) {
        await world.store.db.updateTable('cryptoIdentities').set(swapped).execute();
        await expect(world.robert.visit(token.request('status'))).rejects.toThrow('key-missing');
        await world.store.db.updateTable('cryptoIdentities').set(honest).execute();
      }
      await expect(world.robert.visit(token.request('status'))).resolves.toBeDefined();
    });
  });

  test('unregistering works under whichever keys the token has, and ends in a proof', async () => {
    for (const isRenewed of [false, true]) {
      await renew();
      if (isRenewed) token.use(share.keys);
      const order = token.request('unregister');
      const again = token.request('unregister');
      token.open(await world.robert.unregisterToken(order), order.nonce, order.mac);
      expect(token.open(await world.robert.unregisterToken(again), again.nonce, again.mac).orders).toBe(ORDER_ERASE);
      expect(await verifyWipe(world.store.db, token.wipeProof())).toBe(true);
      token = new TestToken(world);
      await token.register();
    }
  });

  test('a phone’s calls know no renewal', async () => {
    const phone = world.phone();
    await phone.register();
    const reply = await call(world.url, 'POST', '/status', phone.auth(2, world.epoch(), world.now()));
    expect(reply.status).toBe(200);
    const phones = await world.store.db.selectFrom('cryptoIdentities').selectAll().execute();
    for (const identity of phones) expect(identity).toMatchObject({ pendingAuth: null, previousAuth: null });
  });

  describe('HELLOs that others have recorded', () => {
    /** Whether three quarters of an hour of HELLOs under `kAuth`, heard at `at`, are reported with effect. */
    async function counts(kAuth: Uint8Array, at: number): Promise<boolean> {
      const identifiers = [0, 1, 2].map((i) => {
        const epochId = Math.floor((at - world.parameters.serviceStart) / 900) + i;
        return { epochId, ...token.identifier(epochId)! };
      });
      const neighbour = new Phone(world.url, world.vault.pair('registration').publicKey);
      neighbour.adopt(kAuth, identifiers);
      const contacts = identifiers.map(({ epochId }) =>
        neighbour.heard(epochId, world.parameters.serviceStart + epochId * 900, 890, 10, -45),
      );
      const { code } = await world.codes.issue('short');
      expect((await call(world.url, 'POST', '/report', { token: code, contacts })).status).toBe(200);
      await world.store.db.deleteFrom('exposures').execute();
      await world.robert.runJobs();
      return (await world.store.db.selectFrom('exposures').selectAll().execute()).length === 3;
    }

    test('count under the old keys before, during and after the renewal, and under the new as soon as they may be used', async () => {
      expect(await counts(first.kAuth, NOON)).toBe(true);
      expect(await counts(share.keys.kAuth, NOON)).toBe(false);
      await renew();
      expect(await counts(first.kAuth, NOON)).toBe(true);
      expect(await counts(share.keys.kAuth, NOON)).toBe(true);
      token.use(share.keys);
      await token.visit();
      expect(await counts(first.kAuth, NOON)).toBe(true);
      expect(await counts(share.keys.kAuth, NOON)).toBe(true);
      expect(await counts(new Uint8Array(32), NOON)).toBe(false);
    });

    test('count under the old keys for 16 days, whether retention has run or not; then those are deleted', async () => {
      await renew();
      token.use(share.keys);
      await token.visit();
      const midnight = NOON - (NOON % DAY);
      world.set(midnight + (PREVIOUS_KEY_DAYS + 1) * DAY - 1);
      expect(await counts(first.kAuth, world.now() - DAY)).toBe(true);
      await forgetExpired(world.store.db, Math.floor(world.now() / DAY), 0);
      expect((await row()).previousAuth).not.toBeNull();
      world.pass(1);
      expect(await counts(first.kAuth, world.now() - DAY)).toBe(false);
      expect(await counts(share.keys.kAuth, world.now() - DAY)).toBe(true);
      const today = Math.floor(world.now() / DAY);
      expect(await forgetExpired(world.store.db, today, 0)).toMatchObject({ previousKeys: 1 });
      expect(await row()).toMatchObject({ previousAuth: null, previousUntilDay: null });
    });
  });
});
