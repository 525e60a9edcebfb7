import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { buildHello, parseHello } from '../../../device/robert/hello.js';
import { DAY_SECONDS, DEFAULT_SERVICE_START, epochAt } from '../../../device/robert/time.js';
import { judgeContact, openContact } from '../../../host/backend/robert/contacts.js';
import { eccCipher, type KeyRing, makeEbid } from '../../../host/backend/robert/ebid.js';
import { keyDayOf } from '../../../host/backend/robert/keydays.js';
import { expandKey, type SkinnyKey } from '../../../host/backend/robert/skinny.js';
import type { Contact } from '../../../host/backend/store/contacts.js';
import { nodeDigest } from '../../../host/crypto.js';

const ID = Uint8Array.from([9, 8, 7, 6, 5]);
const K_AUTH = new Uint8Array(32).fill(3);
const MIDNIGHT = DEFAULT_SERVICE_START + 1000 * DAY_SECONDS;
const IDENTITY = { kAuth: K_AUTH, registered: true };

function keyOfDay(day: number): SkinnyKey {
  return expandKey(Uint8Array.from({ length: 24 }, (_, index) => (day * (index + 7)) & 255));
}

const ring: KeyRing = {
  serviceStart: DEFAULT_SERVICE_START,
  countryCode: 33,
  ecc: eccCipher(new Uint8Array(32).fill(1)),
  serverKey: keyOfDay,
};

/** A contact as heard: the sender says HELLOs at `times` under the identifier of `epoch`, received `late` s after. */
function heard(epoch: number, times: number[], late = 0, country = 33): Contact {
  const ebid = makeEbid(keyOfDay(keyDayOf(DEFAULT_SERVICE_START, epoch)), epoch, ID);
  const ecc = ring.ecc.apply(ebid, country);
  const hellos = times.map((time) => {
    const { time16, mac } = parseHello(buildHello(nodeDigest, K_AUTH, ecc, ebid, time))!;
    return { received: time + late, time16, mac, rssi: -50 };
  });
  return { ebid, ecc, hellos };
}

function judge(contact: Contact, identity: typeof IDENTITY | undefined = IDENTITY) {
  const opened = openContact(ring, contact);
  return opened.ok ? judgeContact(ring, contact, opened, identity) : opened;
}

const NOON = MIDNIGHT + 12 * 3600;
const NOON_EPOCH = epochAt(DEFAULT_SERVICE_START, NOON);

describe('a contact', () => {
  test('is kept whole when all is well', () => {
    const contact = heard(NOON_EPOCH, [NOON, NOON + 60, NOON + 120]);
    expect(judge(contact)).toEqual({
      ok: true,
      epoch: NOON_EPOCH,
      kept: contact.hellos,
      verdicts: ['kept', 'kept', 'kept'],
    });
  });

  test.each([
    ['no-hello', heard(NOON_EPOCH, []), IDENTITY],
    ['foreign-country', heard(NOON_EPOCH, [NOON], 0, 49), IDENTITY],
    ['ebid-undecryptable', heard(NOON_EPOCH + 2, [NOON]), IDENTITY],
    ['identity-unknown', heard(NOON_EPOCH, [NOON]), undefined],
    ['registration-unknown', heard(NOON_EPOCH, [NOON]), { ...IDENTITY, registered: false }],
    ['all-macs-invalid', heard(NOON_EPOCH, [NOON]), { ...IDENTITY, kAuth: new Uint8Array(32) }],
    ['all-hellos-refused', heard(NOON_EPOCH, [NOON, NOON + 9], 181), IDENTITY],
  ] as const)('is refused: %s', (reason, contact, identity) => {
    const opened = openContact(ring, contact);
    const judged = opened.ok ? judgeContact(ring, contact, opened, identity) : opened;
    expect(judged).toMatchObject({ ok: false, reason });
  });

  test('says which HELLO was refused, and why', () => {
    const contact = heard(NOON_EPOCH, [NOON, NOON + 10, NOON + 20, NOON + 30]);
    contact.hellos[1]!.mac[0]! ^= 1;
    contact.hellos[2]!.received += 181;
    expect(judge(contact)).toMatchObject({ ok: true, verdicts: ['kept', 'mac-invalid', 'clock-distance', 'kept'] });
  });

  test('may be under any of the keys that the sender has had', () => {
    const contact = heard(NOON_EPOCH, [NOON, NOON + 60]);
    const other = new Uint8Array(32).fill(8);
    const judged = (kAuth: Uint8Array, otherKAuths: Uint8Array[]) => {
      const opened = openContact(ring, contact);
      return opened.ok && judgeContact(ring, contact, opened, { kAuth, otherKAuths, registered: true }).ok;
    };
    expect(judged(other, [other, K_AUTH])).toBe(true);
    expect(judged(K_AUTH, [other])).toBe(true);
    expect(judged(other, [other])).toBe(false);
    expect(judged(other, [])).toBe(false);
  });

  test('a HELLO that does not open ends the opening: later ones are judged by MAC, clock and epoch alone', () => {
    const contact = heard(NOON_EPOCH, [NOON, NOON + 10, NOON + 20]);
    contact.hellos[1]!.received += 3 * 900;
    contact.hellos[2]!.received += 5 * 65536;
    const judged = judge(contact);
    expect(judged).toMatchObject({ ok: true, verdicts: ['kept', 'undecryptable', 'epoch-distance'] });
  });
});

describe('around midnight', () => {
  const before = epochAt(DEFAULT_SERVICE_START, MIDNIGHT) - 1;

  test('yesterday’s identifier counts for 180 s', () => {
    expect(judge(heard(before, [MIDNIGHT - 100], 279))).toMatchObject({ ok: false, reason: 'all-hellos-refused' });
    expect(judge(heard(before, [MIDNIGHT], 179)).ok).toBe(true);
    expect(judge(heard(before, [MIDNIGHT], 180))).toMatchObject({ ok: false, reason: 'ebid-undecryptable' });
  });

  test('tomorrow’s identifier counts for 180 s', () => {
    expect(judge(heard(before + 1, [MIDNIGHT - 179])).ok).toBe(true);
    expect(judge(heard(before + 1, [MIDNIGHT - 180]))).toMatchObject({ ok: false, reason: 'ebid-undecryptable' });
  });
});

test('hostile contacts never throw', () => {
  const hello = fc.record({
    received: fc.integer({ min: 0, max: 0xffffffff }),
    time16: fc.nat(0xffff),
    mac: fc.uint8Array({ minLength: 5, maxLength: 5 }),
    rssi: fc.integer({ min: -127, max: 0 }),
  });
  const contact = fc.record({
    ebid: fc.uint8Array({ minLength: 8, maxLength: 8 }),
    ecc: fc.nat(255),
    hellos: fc.array(hello, { maxLength: 5 }),
  });
  fc.assert(fc.property(contact, (reported) => void judge(reported)));
});
