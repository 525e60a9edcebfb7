/** From a report to a warning and back, over HTTP and through the jobs. */
import { createPublicKey } from 'node:crypto';
import { decodeProtectedHeader, jwtVerify } from 'jose';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { JobFigures } from '../../../host/backend/robert/jobs.js';
import { insertContacts } from '../../../host/backend/store/contacts.js';
import { POWER_UNKNOWN } from '../../../host/backend/store/hellos.js';
import { nodeRandom } from '../../../host/crypto.js';
import { describeStores } from '../stores.js';
import { call, Phone, type ReportedContact } from './phone.js';
import { TestToken } from './token.js';
import { NOON, openWorld, type World } from './world.js';

const STATUS = 2;
const DELETE = 4;
const DAY = 86400;

describeStores('jobs', (database) => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld(database, { parameters: { bundleDays: 20 } });
  });
  afterAll(() => world.close());
  beforeEach(() => world.set(NOON));

  const post = (path: string, body: unknown) => call(world.url, 'POST', path, body);

  async function registered(): Promise<Phone> {
    const phone = world.phone();
    await phone.register();
    return phone;
  }

  async function report(contacts: ReportedContact[]): Promise<void> {
    const { code } = await world.codes.issue('short');
    expect((await post('/report', { token: code, contacts })).status).toBe(200);
  }

  async function status(phone: Phone): Promise<Record<string, unknown>> {
    const reply = await post('/status', phone.auth(STATUS, world.epoch(), world.now()));
    expect(reply.status).toBe(200);
    return reply.json;
  }

  /** Two epochs beside `phone`, from now. */
  function together(phone: Phone): ReportedContact[] {
    const start = world.parameters.serviceStart + world.epoch() * 900;
    return [0, 1].map((epoch) => phone.heard(world.epoch() + epoch, start + epoch * 900, 890, 10, -45));
  }

  test('a contact of the contagious is warned, with date, statement and blur; a stranger is not', async () => {
    const [close, far] = [await registered(), await registered()];
    const contacts = together(close);
    world.pass(DAY);
    await report(contacts);
    await world.robert.runJobs();
    const answer = await status(close);
    const midnight = NOON - 43200;
    expect(answer).toMatchObject({ riskLevel: 4, lastRiskScoringDate: String(3799958400 + world.epoch() * 900) });
    expect([-1, 0, 1].map((days) => String(midnight + days * DAY))).toContain(answer.lastContactDate);
    expect(await status(far)).not.toHaveProperty('lastContactDate');

    const declaration = String(answer.declarationToken);
    expect(decodeProtectedHeader(declaration)).toMatchObject({ alg: 'RS256', type: 'JWT', kid: expect.any(String) });
    const key = createPublicKey(world.vault.pair('declarationStatement').privateKey);
    const { payload } = await jwtVerify(declaration, key);
    expect(payload).toMatchObject({
      iss: 'tac',
      jti: expect.stringMatching(/^[0-9a-f]{64}$/),
      notificationDateTimestamp: 3799958400 + world.epoch() * 900,
      lastContactDateTimestamp: Number(answer.lastContactDate),
    });
  });

  test('a phone is told no longer once eight days have passed', async () => {
    const phone = await registered();
    await report(together(phone));
    await world.robert.runJobs();
    expect((await status(phone)).riskLevel).toBe(4);
    world.pass(6 * DAY);
    await world.robert.runJobs();
    expect((await status(phone)).riskLevel).toBe(4);
    world.pass(4 * DAY);
    await world.robert.runJobs();
    expect((await status(phone)).riskLevel).toBe(0);
  });

  test('a token is told even when it comes on the 21st day, and then no longer', async () => {
    const token = new TestToken(world);
    await token.register();
    const { ebid, ecc } = token.identifier(world.epoch())!;
    const phone = new Phone(world.url, world.vault.pair('registration').publicKey);
    phone.adopt(
      token.kAuth,
      [world.epoch(), world.epoch() + 1].map((epochId) => ({ epochId, ...token.identifier(epochId)! })),
    );
    expect(phone.tupleOf(world.epoch())).toMatchObject({ ebid: Buffer.from(ebid), ecc: Buffer.from([ecc]) });
    await report(together(phone));
    await world.robert.runJobs();
    for (let day = 0; day < 20; day++) {
      world.pass(DAY);
      await world.robert.runJobs();
    }
    expect((await token.visit()).riskLevel).toBe(4);
    world.pass(DAY);
    await world.robert.runJobs();
    expect((await token.visit()).riskLevel).toBe(0);
  });

  test('one contact too short warns nobody; exposures are forgotten after fourteen days', async () => {
    const phone = await registered();
    await report([phone.heard(world.epoch(), NOON, 300, 10, -50)]);
    await world.robert.runJobs();
    expect((await status(phone)).riskLevel).toBe(0);
    const exposures = () => world.store.db.selectFrom('exposures').selectAll().execute();
    expect((await exposures()).length).toBeGreaterThan(0);
    world.pass(14 * DAY + 900);
    await world.robert.runJobs();
    expect(await exposures()).toEqual([]);
  });

  test('deleteExposureHistory takes the exposures away, the risk stays', async () => {
    const phone = await registered();
    await report(together(phone));
    await world.robert.runJobs();
    await post('/deleteExposureHistory', phone.auth(DELETE, world.epoch(), world.now()));
    expect(await world.store.db.selectFrom('exposures').selectAll().execute()).toEqual([]);
    expect((await status(phone)).riskLevel).toBe(4);
  });

  test('exposures in several steps add up, counted ones do not count again', async () => {
    const phone = await registered();
    const [first, second] = together(phone);
    await report([first!]);
    await world.robert.runJobs();
    await report([second!]);
    await world.robert.runJobs();
    const registrations = () =>
      world.store.db.selectFrom('registrations').selectAll().where('atRisk', '=', 1).execute();
    const atRisk = (await registrations()).length;
    expect((await status(phone)).riskLevel).toBe(4);
    await world.robert.runJobs();
    expect(await registrations()).toHaveLength(atRisk);
  });

  test('contacts of all kinds are deleted once they are judged, and counted by outcome', async () => {
    const phone = await registered();
    const foreign = phone.heard(world.epoch(), NOON, 60, 10, -50);
    const ecc = Buffer.from(foreign.ecc, 'base64');
    const forged = { ...foreign, ids: foreign.ids.map((id) => ({ ...id, mac: 'AAAAAAA=' })) };
    await report([{ ...foreign, ecc: Buffer.from([ecc[0]! ^ 1]).toString('base64') }, forged, foreign]);
    world.log.length = 0;
    await world.robert.runJobs();
    expect(await world.store.db.selectFrom('contacts').selectAll().execute()).toEqual([]);
    const figures = JSON.parse(world.log.find((line) => line.includes('ROBERT jobs done'))!) as JobFigures;
    expect(figures.contacts).toEqual({ 'foreign-country': 1, 'all-macs-invalid': 1, scored: 1 });
    expect(figures.hellos).toEqual({ 'mac-invalid': 6, kept: 6 });
  });

  test('what the gateway delivers is judged like what a phone reports', async () => {
    const phone = await registered();
    const contacts = together(phone).map(({ ebid, ecc, ids }) => ({
      ebid: Uint8Array.from(Buffer.from(ebid, 'base64')),
      ecc: Buffer.from(ecc, 'base64')[0]!,
      hellos: ids.map((id) => ({
        received: id.timeCollectedOnDevice,
        time16: id.timeFromHelloMessage,
        mac: Uint8Array.from(Buffer.from(id.mac, 'base64')),
        rssi: -45.25,
      })),
    }));
    await world.store.transaction('gateway.release', (db) => world.robert.sink.deliver(db, contacts));
    await world.robert.runJobs();
    expect((await status(phone)).riskLevel).toBe(4);
  });

  test('a HELLO of unknown power is validated, and never scored', async () => {
    const [alone, mixed, known] = [await registered(), await registered(), await registered()];
    const from = world.parameters.serviceStart + world.epoch() * 900;
    const unknown = (phone: Phone, seconds: number) => phone.heard(world.epoch(), from, seconds, 10, POWER_UNKNOWN);
    const measured = (phone: Phone) => phone.heard(world.epoch(), from + 300, 300, 10, -50);
    const forged = { ...unknown(alone, 60), ids: unknown(known, 60).ids };
    await world.store.db.deleteFrom('exposures').execute();
    const both = measured(mixed);
    // The unknown ones begin earlier and end later than the known ones, and lie between them.
    both.ids = [...unknown(mixed, 880).ids, ...both.ids].sort(
      (a, b) => a.timeCollectedOnDevice - b.timeCollectedOnDevice,
    );
    await report([unknown(alone, 880), both, measured(known), forged]);
    world.log.length = 0;
    await world.robert.runJobs();
    const figures = JSON.parse(world.log.find((line) => line.includes('ROBERT jobs done'))!) as JobFigures;
    expect(figures.contacts).toEqual({ 'power-unknown': 1, 'all-macs-invalid': 1, scored: 2 });
    const exposures = await world.store.db.selectFrom('exposures').select('score').execute();
    const [first, second, ...others] = exposures.map(({ score }) => score);
    expect(first).toBeGreaterThan(1);
    expect([second, ...others]).toEqual([first]);
  });

  test('garbage in the queue holds up nothing', async () => {
    const phone = await registered();
    const garbage = Array.from({ length: 150 }, () => {
      const bytes = new Uint8Array(13);
      nodeRandom.fill(bytes);
      const hello = { received: 0xffffffff, time16: 0xffff, mac: bytes.subarray(8), rssi: Number.NaN };
      return { ecc: bytes[0]!, ebid: bytes.subarray(0, 8), hellos: [hello] };
    });
    await insertContacts(world.store.db, 'contacts', nodeRandom, garbage);
    await report(together(phone));
    await world.robert.runJobs();
    expect(await world.store.db.selectFrom('contacts').selectAll().execute()).toEqual([]);
    expect((await status(phone)).riskLevel).toBe(4);
  });

  test('a power that is no number holds up nothing', async () => {
    const phone = await registered();
    const [contact] = together(phone);
    const hellos = contact!.ids.map((id) => ({
      received: id.timeCollectedOnDevice,
      time16: id.timeFromHelloMessage,
      mac: Uint8Array.from(Buffer.from(id.mac, 'base64')),
      rssi: Number.NaN,
    }));
    const ebid = Uint8Array.from(Buffer.from(contact!.ebid, 'base64'));
    const ecc = Buffer.from(contact!.ecc, 'base64')[0]!;
    await insertContacts(world.store.db, 'contacts', nodeRandom, [{ ebid, ecc, hellos }]);
    await world.robert.runJobs();
    expect(await world.store.db.selectFrom('contacts').selectAll().execute()).toEqual([]);
  });

  test('runs never overlap: a contact counts once', async () => {
    const phone = await registered();
    const exposures = () => world.store.db.selectFrom('exposures').selectAll().execute();
    await world.robert.runJobs();
    const before = (await exposures()).length;
    await report(together(phone));
    await Promise.all([world.robert.runJobs(), world.robert.runJobs(), world.robert.runJobs()]);
    expect(await exposures()).toHaveLength(before + 2);
  });
});
