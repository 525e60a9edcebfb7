import { afterAll, beforeAll, expect, it } from 'vitest';
import { countContacts, deleteContact, insertContacts, readContacts } from '../../../host/backend/store/contacts.js';
import { clearExposures, exposuresOf, insertExposure, purgeExposures } from '../../../host/backend/store/exposures.js';
import {
  countIdentities,
  deleteIdentity,
  deletePreviousKeys,
  findIdentity,
  insertIdentity,
  updateIdentity,
} from '../../../host/backend/store/identities.js';
import {
  deleteServerKeysBefore,
  insertServerKey,
  insertSystemKey,
  serverKeys,
  systemKeys,
} from '../../../host/backend/store/keys.js';
import { drainPool, mixingPool, poolReport } from '../../../host/backend/store/mixing.js';
import { insertOperator, operators } from '../../../host/backend/store/operators.js';
import { findReceipt, insertReceipt, setTicketMark, ticketMark } from '../../../host/backend/store/receipts.js';
import {
  deleteRegistration,
  findRegistration,
  insertRegistration,
  outdatedRegistrations,
  registrationsAtRisk,
  updateRegistration,
} from '../../../host/backend/store/registrations.js';
import { forgetEverybody, forgetExpired } from '../../../host/backend/store/retention.js';
import type { Store } from '../../../host/backend/store/store.js';
import { insertWipe, verifyWipe } from '../../../host/backend/store/wipes.js';
import { nodeRandom } from '../../../host/crypto.js';
import { describeStores } from '../stores.js';

function bytes(length: number, value: number): Uint8Array {
  return new Uint8Array(length).fill(value);
}

function contact(value: number, hellos = 2) {
  return {
    ecc: value,
    ebid: bytes(8, value),
    hellos: Array.from({ length: hellos }, (_, i) => ({
      received: 3_900_000_000 + i,
      time16: 65_535 - i,
      mac: bytes(5, i),
      rssi: -48.25,
    })),
  };
}

describeStores('repositories', (database) => {
  let store: Store;
  beforeAll(async () => {
    store = await database.open();
  });
  afterAll(() => store.close());

  it('keeps an identity under its idA, once', async () => {
    const identity = { idA: bytes(5, 1), kAuth: bytes(60, 2), kEnc: bytes(60, 3) };
    expect(await insertIdentity(store.db, identity)).toBe(true);
    expect(await insertIdentity(store.db, { ...identity, kAuth: bytes(60, 9) })).toBe(false);
    const none = { pendingAuth: null, pendingEnc: null, previousAuth: null, previousUntilDay: null };
    expect(await findIdentity(store.db, identity.idA)).toEqual({ ...identity, ...none });
    expect(await countIdentities(store.db)).toBe(1);
    expect(await deleteIdentity(store.db, identity.idA)).toBe(true);
    expect(await deleteIdentity(store.db, identity.idA)).toBe(false);
    expect(await findIdentity(store.db, identity.idA)).toBeUndefined();
  });

  it('changes keys, and takes away those of before a renewal after their day', async () => {
    const [idA, other] = [bytes(5, 11), bytes(5, 12)];
    for (const id of [idA, other]) await insertIdentity(store.db, { idA: id, kAuth: bytes(60, 2), kEnc: bytes(60, 3) });
    const renewed = { kAuth: bytes(60, 4), previousAuth: bytes(60, 2), previousUntilDay: 45_000 };
    expect(await updateIdentity(store.db, idA, renewed)).toBe(true);
    expect(await updateIdentity(store.db, bytes(5, 99), renewed)).toBe(false);
    expect(await deletePreviousKeys(store.db, 45_000)).toBe(0);
    expect(await findIdentity(store.db, idA)).toMatchObject(renewed);
    expect(await deletePreviousKeys(store.db, 45_001)).toBe(1);
    expect(await findIdentity(store.db, idA)).toMatchObject({
      kAuth: bytes(60, 4),
      kEnc: bytes(60, 3),
      previousAuth: null,
      previousUntilDay: null,
    });
    expect(await findIdentity(store.db, other)).toMatchObject({ kAuth: bytes(60, 2) });
    for (const id of [idA, other]) await deleteIdentity(store.db, id);
  });

  it('keeps registrations and all their fields', async () => {
    const idA = bytes(5, 4);
    await insertRegistration(store.db, idA, 'token');
    const fresh = await findRegistration(store.db, idA);
    expect(fresh).toEqual({
      idA,
      kind: 'token',
      isNotified: false,
      atRisk: false,
      notifiedForCurrentRisk: false,
      outdatedRisk: false,
      lastStatusRequestEpoch: 0,
      latestRiskEpoch: 0,
      lastContactTimestamp: 0,
      lastFailedStatusRequestEpoch: null,
      lastFailedStatusRequestMessage: null,
      lastTimestampDrift: null,
      lastAnsweredRisk: 0,
    });
    const changes = {
      isNotified: true,
      atRisk: true,
      outdatedRisk: true,
      lastContactTimestamp: 3_900_000_000,
      lastTimestampDrift: -3_900_000_000,
      lastFailedStatusRequestMessage: 'too soon',
      lastAnsweredRisk: 4 as const,
    };
    expect(await updateRegistration(store.db, idA, changes)).toBe(true);
    expect(await updateRegistration(store.db, bytes(5, 99), changes)).toBe(false);
    expect(await findRegistration(store.db, idA)).toEqual({ ...fresh, ...changes });
    expect((await outdatedRegistrations(store.db, 10)).map((r) => r.idA)).toEqual([idA]);
    expect((await registrationsAtRisk(store.db)).map((r) => r.idA)).toEqual([idA]);
    await expect(insertRegistration(store.db, idA, 'phone')).rejects.toThrow();
    await deleteRegistration(store.db, idA);
  });

  it('keeps every score of an epoch, purges the old ones and deletes them with the registration', async () => {
    const idA = bytes(5, 5);
    await insertRegistration(store.db, idA, 'phone');
    for (const exposure of [
      { epoch: 12, score: 1.25 },
      { epoch: 10, score: 0 },
      { epoch: 12, score: 1.25 },
    ]) {
      await insertExposure(store.db, nodeRandom, idA, exposure);
    }
    expect(await exposuresOf(store.db, idA)).toEqual([
      { epoch: 10, score: 0 },
      { epoch: 12, score: 1.25 },
      { epoch: 12, score: 1.25 },
    ]);
    expect(await purgeExposures(store.db, 12)).toBe(1);
    expect(await exposuresOf(store.db, idA)).toHaveLength(2);
    await clearExposures(store.db, idA);
    expect(await exposuresOf(store.db, idA)).toEqual([]);
    await insertExposure(store.db, nodeRandom, idA, { epoch: 1, score: 2 });
    expect(await deleteRegistration(store.db, idA)).toBe(true);
    expect(await exposuresOf(store.db, idA)).toEqual([]);
    await expect(insertExposure(store.db, nodeRandom, idA, { epoch: 1, score: 2 })).rejects.toThrow();
  });

  it('keeps contacts by random ids (R39)', async () => {
    const many = Array.from({ length: 1201 }, (_, i) => contact(i % 256));
    await insertContacts(store.db, 'contacts', nodeRandom, many);
    expect(await countContacts(store.db, 'contacts')).toBe(1201);
    const read = await readContacts(store.db, 'contacts', 5000);
    expect(read.map((c) => c.ecc)).not.toEqual(many.map((c) => c.ecc));
    for (const { id, ...rest } of read) {
      expect(rest).toEqual(contact(rest.ecc));
      expect(await deleteContact(store.db, 'contacts', id)).toBe(true);
      expect(await deleteContact(store.db, 'contacts', id)).toBe(false);
    }
  });

  it('mixes reports until the pool is drained', async () => {
    expect(await mixingPool(store.db)).toEqual({ reports: 0, since: 0 });
    await poolReport(store.db, nodeRandom, [contact(1), contact(2)], 3_900_000_000.7);
    await poolReport(store.db, nodeRandom, [contact(3)], 3_900_000_100);
    await poolReport(store.db, nodeRandom, [], 3_900_000_200);
    expect(await mixingPool(store.db)).toEqual({ reports: 3, since: 3_900_000_000 });
    const drained = await drainPool(store.db);
    expect(drained.map((c) => c.ecc).sort()).toEqual([1, 2, 3]);
    expect(await mixingPool(store.db)).toEqual({ reports: 0, since: 0 });
    expect(await countContacts(store.db, 'mixingContacts')).toBe(0);
  });

  it('keeps the first key of a day and of a name', async () => {
    expect(await insertServerKey(store.db, 12, bytes(52, 1))).toBe(true);
    expect(await insertServerKey(store.db, 12, bytes(52, 2))).toBe(false);
    expect(await insertServerKey(store.db, 11, bytes(52, 3))).toBe(true);
    expect(await serverKeys(store.db)).toEqual([
      { day: 11, wrapped: bytes(52, 3) },
      { day: 12, wrapped: bytes(52, 1) },
    ]);
    expect(await deleteServerKeysBefore(store.db, 12)).toBe(1);
    expect(await insertSystemKey(store.db, 'a', bytes(60, 1))).toBe(true);
    expect(await insertSystemKey(store.db, 'a', bytes(60, 2))).toBe(false);
    expect(await systemKeys(store.db)).toEqual(new Map([['a', bytes(60, 1)]]));
    expect(await insertOperator(store.db, 'o', bytes(32, 1))).toBe(true);
    expect(await insertOperator(store.db, 'o', bytes(32, 2))).toBe(false);
    expect(await operators(store.db)).toEqual([{ name: 'o', credential: bytes(32, 1) }]);
  });

  it('remembers receipts, ticket marks and wipes until they expire', async () => {
    await insertReceipt(store.db, bytes(32, 1), bytes(16, 2), 45_000);
    expect(await findReceipt(store.db, bytes(32, 1))).toEqual(bytes(16, 2));
    expect(await ticketMark(store.db, bytes(32, 3))).toBe(-1);
    await setTicketMark(store.db, bytes(32, 3), 7, 45_000);
    await setTicketMark(store.db, bytes(32, 3), 4_000_000_000, 45_001);
    expect(await ticketMark(store.db, bytes(32, 3))).toBe(4_000_000_000);
    await insertWipe(store.db, bytes(32, 5), bytes(5, 5), 45_000);
    await insertWipe(store.db, bytes(32, 5), bytes(5, 5), 45_000);
    expect(await verifyWipe(store.db, bytes(32, 5))).toBe(true);
    expect(await verifyWipe(store.db, bytes(32, 5))).toBe(true);
    expect(await verifyWipe(store.db, bytes(32, 6))).toBe(false);
    expect(await forgetExpired(store.db, 45_001, 0)).toEqual({
      receipts: 1,
      ticketMarks: 0,
      wipes: 1,
      codes: 0,
      previousKeys: 0,
    });
    expect(await findReceipt(store.db, bytes(32, 1))).toBeUndefined();
    expect(await ticketMark(store.db, bytes(32, 3))).toBe(4_000_000_000);
    expect(await verifyWipe(store.db, bytes(32, 5))).toBe(false);
  });

  it('forgets everybody', async () => {
    await insertRegistration(store.db, bytes(5, 8), 'token');
    await insertExposure(store.db, nodeRandom, bytes(5, 8), { epoch: 1, score: 1 });
    await insertIdentity(store.db, { idA: bytes(5, 8), kAuth: bytes(60, 2), kEnc: bytes(60, 3) });
    await poolReport(store.db, nodeRandom, [contact(1)], 3_900_000_000);
    await forgetEverybody(store.db);
    expect(await findRegistration(store.db, bytes(5, 8))).toBeUndefined();
    expect(await countIdentities(store.db)).toBe(0);
    expect(await countContacts(store.db, 'mixingContacts')).toBe(0);
    expect(await serverKeys(store.db)).toEqual([]);
  });
});
