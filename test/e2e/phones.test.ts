/** Phones and tokens protect each other: a StopCovid-like phone over HTTP at a real server, tokens over a real serial line. */
import './patience.js';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildAdvert, parseAdvert } from '../../device/robert/advert.js';
import { systemClock } from '../../host/clock.js';
import { call, type Phone, type ReportedContact } from '../backend/robert/phone.js';
import { readFlashFile } from './flash-file.js';
import { House } from './house.js';
import { parametersOf, registeredPhone } from './phone-report.js';
import { until } from './process.js';
import { type Person, World } from './world.js';

const EPOCH = 900;
const LONG = 3 * EPOCH;
const STATUS_SALT = 2;
/** The server's jobs run at its start, then every 20 s. */
const SCORED_MS = 60_000;

let folder: string;
let world: World;
let house: House | undefined;
let phone: Phone;
let serviceStart: number;
let person: Person;
let end: number;

/** A phone and a token's wearer were together until a quarter of an hour ago; now the real processes begin. */
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'galet-phones-'));
  end = systemClock();
  world = await World.open({ start: end - (end % EPOCH) - 6 * EPOCH, folder });
  phone = await registeredPhone(world.backend.url);
  ({ serviceStart } = await parametersOf(world.backend.url));
  person = await world.wearer('Jeanne');
});
afterEach(async () => {
  await house?.close();
  house = undefined;
  rmSync(folder, { recursive: true, force: true });
});

const epochAt = (time: number): number => Math.floor((time - serviceStart) / EPOCH);

/** What the phone emits at a time: HELLO of 16 bytes in StopCovid's advert. */
function phoneAdvert(time: number): Uint8Array {
  const { ebid, ecc, ids } = phone.heard(epochAt(time), time, 1, 1, 0);
  const [hello] = ids;
  const tail = Buffer.from([hello!.timeFromHelloMessage >> 8, hello!.timeFromHelloMessage & 255]);
  const bytes = Buffer.concat([
    Buffer.from(ecc, 'base64'),
    Buffer.from(ebid, 'base64'),
    tail,
    Buffer.from(hello!.mac, 'base64'),
  ]);
  return buildAdvert(new Uint8Array(bytes), 0);
}

async function realProcesses(): Promise<House> {
  await world.advance(end - world.now);
  world.save(person, join(folder, 'token.flash'), systemClock());
  await world.close();
  rmSync(join(folder, 'kiosk'), { recursive: true });
  writeFileSync(join(folder, 'backend', 'parameters.json'), JSON.stringify({ mixReports: 1, statusGapEpochs: 0 }));
  house = await House.running({ from: folder });
  return house;
}

async function phoneRisk(h: House): Promise<unknown> {
  const now = systemClock();
  return (await call(h.backendUrl, 'POST', '/status', phone.auth(STATUS_SALT, epochAt(now), now))).json.riskLevel;
}

describe('a phone and a token', () => {
  it('the token hears the phone; its wearer’s report warns the phone', async () => {
    const station = {
      place: 'bench',
      get onAir() {
        return phoneAdvert(world.now);
      },
    };
    world.add(station);
    await world.together([person], LONG, 'bench');
    const h = await realProcesses();
    expect(await phoneRisk(h)).toBe(0);
    const { port } = await h.startToken(h.file('token.flash'));
    expect((await h.report(port, await h.issueCode())).json).toMatchObject({ outcome: 'delivered' });
    await h.restartBackend();
    await until('the phone to be warned', async () => (await phoneRisk(h)) === 4, SCORED_MS);
  });

  it('the phone hears the token; its owner’s report warns the token at its visit', async () => {
    const contacts = new Map<string, ReportedContact>();
    for (let heard = 0; heard < LONG; heard += 10) {
      await world.advance(10);
      const hello = person.onAir && parseAdvert(person.onAir)?.hello;
      if (hello === undefined) continue;
      const bytes = Buffer.from(hello);
      const ebid = bytes.subarray(1, 9).toString('base64');
      const contact = contacts.get(ebid) ?? { ecc: bytes.subarray(0, 1).toString('base64'), ebid, ids: [] };
      contact.ids.push({
        timeCollectedOnDevice: Math.floor(world.now),
        timeFromHelloMessage: bytes.readUInt16BE(9),
        mac: bytes.subarray(11, 16).toString('base64'),
        rssiCalibrated: -42,
      });
      contacts.set(ebid, contact);
    }
    expect(contacts.size).toBeGreaterThanOrEqual(3);
    const h = await realProcesses();
    const { port } = await h.startToken(h.file('token.flash'));
    const reply = await call(h.backendUrl, 'POST', '/report', {
      token: await h.issueCode(),
      contacts: [...contacts.values()],
    });
    expect(reply.status).toBe(200);
    await h.restartBackend();
    await until(
      'the token to be warned',
      async () => {
        expect((await h.sync(port)).code).toBe(0);
        return readFlashFile(h.file('token.flash')).isAtRisk;
      },
      SCORED_MS,
    );
  });
});
