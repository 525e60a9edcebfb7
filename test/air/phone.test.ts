/** A token and a StopCovid phone, which share a protocol and nothing else: each hears the other, and the server believes both. */
import '../e2e/patience.js';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../host/clock.js';
import { whyNoAir } from '../../tools/air/btvirt.js';
import { call, type Phone, type ReportedContact } from '../backend/robert/phone.js';
import { parametersOf, registeredPhone } from '../e2e/phone-report.js';
import { AirHouse, type AirToken } from './house.js';
import { ADV_NONCONN_IND, Peer, type Report } from './peer.js';
import { type PhoneHeard, phoneAdvert, phoneParse } from './stopcovid.js';

const missing = whyNoAir();
if (missing !== undefined) console.log(`skipped: ${missing}`);

const EPOCH = 900;
const PHONE_GAIN = -25;
/** A phone rebuilds its HELLO at least every 30 s, and listens all the time. */
const ROUND_SECONDS = 10;
const ROUNDS = 6;
/** A resolvable private address, as phones have them. */
const PHONE_ADDRESS = '4a10c3d5e6f7';

interface Reception {
  report: Report;
  heard: PhoneHeard;
  at: number;
}

describe.skipIf(missing !== undefined)('a token and a phone', () => {
  let house: AirHouse;
  let token: AirToken;
  let phone: Phone;
  let antenna: Peer;
  let serviceStart: number;

  beforeEach(async () => {
    house = await AirHouse.open();
    ({ serviceStart } = await parametersOf(house.town.backendUrl));
    phone = await registeredPhone(house.town.backendUrl);
    antenna = await Peer.plug(house.air);
    token = await house.token('token', { rssiOf: () => -60 });
    await house.provision(token);
  });
  afterEach(async () => {
    antenna.close();
    await house.close();
  });

  /** What the phone says now: its identifier's HELLO of this second. */
  function sayHello(): Promise<void> {
    const now = Math.floor(systemClock());
    const { ebid, ecc, ids } = phone.heard(Math.floor((now - serviceStart) / EPOCH), now, 1, 1, 0);
    const [hello] = ids;
    const time = hello?.timeFromHelloMessage ?? 0;
    const bytes = Buffer.concat([
      Buffer.from(ecc, 'base64'),
      Buffer.from(ebid, 'base64'),
      Buffer.from([time >> 8, time & 0xff]),
      Buffer.from(hello?.mac ?? '', 'base64'),
    ]);
    return antenna.advertise(phoneAdvert(bytes, PHONE_GAIN), PHONE_ADDRESS);
  }

  it('hear each other, and what each reports of the other is valid', async () => {
    const receptions: Reception[] = [];
    antenna.onReport = (report) => {
      const heard = phoneParse(report.data);
      if (heard !== undefined) receptions.push({ report, heard, at: Math.floor(systemClock()) });
    };
    for (let round = 0; round < ROUNDS; round++) {
      await sayHello();
      for (let second = 0; second < ROUND_SECONDS; second++) {
        await antenna.scan();
        await sleep(1000);
      }
    }

    expect(receptions.length).toBeGreaterThan(ROUNDS);
    for (const { report, heard } of receptions) {
      expect(report).toMatchObject({ type: ADV_NONCONN_IND, isRandom: true });
      expect(heard.version).toBe(2);
    }

    // The token's report of the phone: every HELLO of it bears the server's examination.
    expect((await house.report(token)).json).toMatchObject({ outcome: 'delivered' });
    const afterToken = house.town.contacts();
    expect([...afterToken.keys()]).toEqual(['scored']);
    expect([...house.hellos().keys()]).toEqual(['kept']);
    expect(await house.recordsDropped()).toBe(0);

    // The phone's report of the token, one contact for each identifier as its application makes it.
    const contacts = new Map<string, ReportedContact>();
    for (const { heard, at } of receptions) {
      const ebid = heard.ebid.toString('base64');
      const contact = contacts.get(ebid) ?? { ebid, ecc: Buffer.from([heard.ecc]).toString('base64'), ids: [] };
      contact.ids.push({
        timeCollectedOnDevice: at,
        timeFromHelloMessage: heard.time16,
        mac: heard.mac.toString('base64'),
        rssiCalibrated: -45,
      });
      contacts.set(ebid, contact);
    }
    const report = { token: await house.town.issueCode(), contacts: [...contacts.values()] };
    expect((await call(house.town.backendUrl, 'POST', '/report', report)).status).toBe(200);
    await house.town.settle();
    const afterPhone = house.town.contacts();
    expect([...afterPhone.keys()]).toEqual(['scored']);
    expect([...house.hellos().keys()]).toEqual(['kept']);
    expect((afterPhone.get('scored') ?? 0) - (afterToken.get('scored') ?? 0)).toBe(contacts.size);
  });
});
