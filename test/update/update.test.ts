/** A token that is brought what the release keys have signed, over a real link. */
import { describe, expect, it } from 'vitest';
import { equal } from '../../device/bytes.js';
import { readSlot, slotRegion, TRIAL_SECONDS } from '../../device/update/slots.js';
import { versionNumber } from '../../device/update/versions.js';
import { company } from '../support/company.js';
import { GATEWAY_KEY, type Rig, rig, START } from '../support/fleet.js';
import {
  configuration,
  EXPIRES,
  type ReleaseFields,
  release,
  root,
  signed,
  someImage,
} from '../support/release-keys.js';
import { bring, bringImage, INSTALLED, installed, prove } from '../support/updates.js';

const NEXT = '0.3.0';

async function trusting(): Promise<Rig> {
  const r = rig(1, undefined, START, installed());
  expect(await bring(r.link, root())).toBe(true);
  return r;
}

/** A tracing token that knows the first root. */
async function tracing(): Promise<Rig> {
  const r = await trusting();
  await r.provision();
  r.advanceTo(START + 1000);
  return r;
}

async function staged(fields: ReleaseFields = { version: NEXT }): Promise<Rig & { image: Uint8Array }> {
  const r = await tracing();
  const { object, image } = release(fields);
  await r.visit({ release: versionNumber(fields.version) });
  await bring(r.link, object);
  await bringImage(r.link, image);
  return Object.assign(r, { image });
}

/** A staged update that is started for the first time. */
async function onTrial(): Promise<Rig> {
  const r = await staged();
  await r.link.ask('install', {});
  r.advanceTo(r.timeline.now() + 5);
  expect(r.version).toBe(NEXT);
  return r;
}

describe('a token without a firmware port', () => {
  it('takes nothing signed and says so', async () => {
    const r = rig();
    for (const ask of [
      () => r.link.ask('trust', {}),
      () => r.link.ask('offer', { kind: 1, body: new Uint8Array(4) }),
      () => r.link.ask('install', {}),
    ]) {
      await expect(ask()).rejects.toMatchObject({ cause: { fault: 'update-absent' } });
    }
  });
});

describe('the release keys', () => {
  it('are taken from the installer by a blank token, when two of them have signed', async () => {
    const r = rig(1, undefined, START, installed());
    expect(await bring(r.link, root({ signers: [0] }))).toBe(false);
    expect(await r.link.ask('trust', {})).toMatchObject({ root: 0, running: versionNumber(INSTALLED), trial: 0 });
    expect(await bring(r.link, root({ signers: [2, 0] }))).toBe(true);
    expect(await r.link.ask('trust', {})).toMatchObject({ root: 1 });
    expect(await r.link.ask('offer', { kind: 1, body: root().body })).toEqual({ known: 1 });
  });

  it('are refused by a token that was provisioned without any', async () => {
    const r = rig(1, undefined, START, installed());
    await r.provision();
    await expect(bring(r.link, root())).rejects.toThrow('token-provisioned');
  });

  it('hand over to the next three, signed by two of the old and two of the new', async () => {
    const r = await tracing();
    const next = root({ version: 2, keys: [0, 1, 3] });
    expect(await bring(r.link, next)).toBe(true);
    expect(await r.link.ask('trust', {})).toMatchObject({ root: 2 });
    // The one that was replaced is worth nothing now.
    await r.visit({ release: versionNumber(NEXT) });
    const { object } = release({ version: NEXT, signers: [0, 2] });
    await expect(bring(r.link, object)).rejects.toMatchObject({ cause: { fault: 'signature-refused' } });
    expect(await bring(r.link, release({ version: NEXT, signers: [0, 3] }).object)).toBe(true);
  });

  it('come one after the other, and never an older one', async () => {
    const r = await tracing();
    const third = root({ version: 3, keys: [0, 1, 3] });
    await expect(bring(r.link, third)).rejects.toMatchObject({ cause: { fault: 'block-unexpected', detail: 2 } });
    await bring(r.link, root({ version: 2, keys: [0, 1, 3] }));
    expect(await bring(r.link, third)).toBe(true);
    await expect(bring(r.link, root())).rejects.toMatchObject({ cause: { fault: 'object-old' } });
  });

  it('drop what the keys before them have staged', async () => {
    const r = await staged();
    expect(await r.link.ask('trust', {})).toMatchObject({ staged: versionNumber(NEXT) });
    await bring(r.link, root({ version: 2, keys: [0, 1, 3] }));
    expect(await r.link.ask('trust', {})).toMatchObject({ staged: 0, root: 2 });
  });
});

describe('the configuration', () => {
  it('ends the service on its signed date, whatever the server says (R70)', async () => {
    const r = await trusting();
    const end = START + 3 * 86_400;
    await bring(r.link, configuration({ gatewayKey: GATEWAY_KEY, endTime: end }));
    await r.provision();
    // A server that has been broken into calls the end, by order and by date.
    await r.visit({ orders: 2, endTime: START + 10 });
    r.advanceTo(end - 60);
    expect(r.token.life()).toBe(1);
    expect(r.radio.onAir).toBe(true);
    r.advanceTo(end + 1000);
    expect(r.token.life()).toBe(4);
    const silent = r.radio.adverts.length;
    r.advanceTo(end + 90_000);
    expect(r.radio.adverts.length).toBe(silent);
  });

  it('pins the gateway key against the host that provisions', async () => {
    const r = await trusting();
    await bring(r.link, configuration({ gatewayKey: new Uint8Array(32).fill(9) }));
    await expect(r.provision()).rejects.toMatchObject({ cause: { fault: 'key-refused' } });
    expect(r.token.life()).toBe(0);
  });

  it('is replaced by a newer one only, and not after it has expired', async () => {
    const r = await tracing();
    const at = (version: number, expires: number) => configuration({ gatewayKey: GATEWAY_KEY, version, expires });
    await bring(r.link, at(2, EXPIRES));
    await expect(bring(r.link, at(1, EXPIRES))).rejects.toMatchObject({ cause: { fault: 'object-old' } });
    await expect(bring(r.link, at(3, START))).rejects.toMatchObject({ cause: { fault: 'object-expired' } });
    expect(await r.link.ask('trust', {})).toMatchObject({ configuration: 2 });
    r.reboot();
    expect(await r.link.ask('offer', { kind: 2, body: at(2, EXPIRES).body })).toEqual({ known: 1 });
  });

  it('of a new gateway key is what the next own ticket is made to', async () => {
    const r = await tracing();
    const gatewayKey = new Uint8Array(32).fill(0x11);
    await bring(r.link, configuration({ gatewayKey }));
    r.reboot();
    r.advanceTo(r.timeline.now() + 7200);
    expect(r.troubles).toEqual([]);
    const { share } = await r.link.ask('request', { kind: 2, courierTime: Math.floor(r.timeline.now()) });
    expect(share.length).toBe(32);
  });
});

describe('a release', () => {
  it('is staged, started on trial, and kept once a counter has found the token healthy', async () => {
    const r = await staged();
    const before = await r.link.ask('hello', {});
    await company(r, 600);
    const { seconds } = await r.link.ask('install', {});
    expect(seconds).toBeGreaterThan(1);
    expect(r.version).toBe(INSTALLED);
    r.advanceTo(r.timeline.now() + 3);
    expect(r.restarts).toBe(1);
    expect(r.version).toBe(NEXT);
    expect(await r.link.ask('trust', {})).toMatchObject({ running: versionNumber(NEXT), trial: 1, staged: 0 });
    r.advanceTo(r.timeline.now() + 40);
    expect(await r.link.ask('trust', {})).toMatchObject({ trial: 0 });
    expect(await r.link.ask('hello', {})).toEqual({ ...before, firmware: NEXT });
    r.advanceTo(r.timeline.now() + 2 * TRIAL_SECONDS);
    for (let i = 0; i < 5; i++) r.reboot();
    expect(r.version).toBe(NEXT);
  });

  it('goes over visits and resets, each piece once', async () => {
    const r = await tracing();
    const { object, image } = release({ version: NEXT, image: someImage(30_000) });
    await r.visit({ release: versionNumber(NEXT) });
    await bring(r.link, object);
    let pieces = 0;
    for (;;) {
      r.reboot();
      const { nextPage, pages } = await r.link.ask('trust', {});
      if (nextPage === pages) break;
      expect(await r.link.ask('offer', { kind: 3, body: object.body })).toEqual({ known: 1 });
      const part = image.subarray(nextPage * 4096, (nextPage + 1) * 4096);
      for (let at = 0; at < part.length; at += 1000, pieces++) {
        await r.link.ask('page', { index: nextPage, at, piece: part.subarray(at, at + 1000) });
      }
    }
    expect(pieces).toBe(7 * 5 + 2);
    await r.link.ask('install', {});
    const pages = slotRegion(r.slots as NonNullable<typeof r.slots>, 1);
    const written = Buffer.concat(Array.from({ length: 8 }, (_, page) => pages.read(1 + page, 0, 4096)));
    expect(equal(new Uint8Array(written.subarray(0, image.length)), image)).toBe(true);
  });

  it('pieces out of turn change nothing and are told where to go on', async () => {
    const r = await tracing();
    const { object, image } = release({ version: NEXT });
    await r.visit();
    await bring(r.link, object);
    const piece = image.subarray(0, 1024);
    expect(await r.link.ask('page', { index: 1, at: 0, piece })).toEqual({ nextPage: 0, nextAt: 0 });
    expect(await r.link.ask('page', { index: 0, at: 1024, piece })).toEqual({ nextPage: 0, nextAt: 0 });
    expect(await r.link.ask('page', { index: 0, at: 0, piece })).toEqual({ nextPage: 0, nextAt: 1024 });
    expect(await r.link.ask('page', { index: 0, at: 0, piece })).toEqual({ nextPage: 0, nextAt: 1024 });
    await bringImage(r.link, image);
    expect(await r.link.ask('trust', {})).toMatchObject({ nextPage: 3, pages: 3 });
  });

  it('page that is not the signed one is refused and wanted again', async () => {
    const r = await tracing();
    const { object, image } = release({ version: NEXT });
    await r.visit();
    await bring(r.link, object);
    const wrong = new Uint8Array(image);
    wrong[5000] = (wrong[5000] as number) ^ 1;
    await expect(bringImage(r.link, wrong)).rejects.toMatchObject({ cause: { fault: 'page-forged' } });
    expect(await r.link.ask('trust', {})).toMatchObject({ nextPage: 1 });
    await bringImage(r.link, image);
    expect(await r.link.ask('trust', {})).toMatchObject({ nextPage: 3 });
  });

  it('whose last piece is cut is not taken for whole', async () => {
    const r = await tracing();
    const { object, image } = release({ version: NEXT, image: someImage(4099) });
    await r.visit({ release: versionNumber(NEXT) });
    await bring(r.link, object);
    for (let at = 0; at < 4096; at += 1024) {
      await r.link.ask('page', { index: 0, at, piece: image.subarray(at, at + 1024) });
    }
    const short = { index: 1, at: 0, piece: image.subarray(4096, 4098) };
    await expect(r.link.ask('page', short)).rejects.toMatchObject({ cause: { fault: 'page-forged' } });
    await expect(r.link.ask('install', {})).rejects.toMatchObject({ cause: { fault: 'no-request-pending' } });
    await bringImage(r.link, image);
    expect(await r.link.ask('install', {})).toMatchObject({ seconds: 5 });
  });
});

describe('a signature', () => {
  it('goes on where the link was lost, and begins again after a reset', async () => {
    const r = await tracing();
    await r.visit();
    const { object } = release({ version: NEXT });
    const [first] = object.signatures as [(typeof object.signatures)[number]];
    await r.link.ask('offer', { kind: 3, body: object.body });
    const piece = first.signature.subarray(0, 500);
    expect(await r.link.ask('proof', { key: first.key, at: 0, piece })).toEqual({ next: 500, accepted: 0 });
    expect(await r.link.ask('proof', { key: first.key, at: 0, piece })).toEqual({ next: 500, accepted: 0 });
    expect(await r.link.ask('proof', { key: first.key, at: 900, piece })).toEqual({ next: 500, accepted: 0 });
    r.reboot();
    const again = r.link.ask('proof', { key: first.key, at: 500, piece });
    await expect(again).rejects.toMatchObject({ cause: { fault: 'no-request-pending' } });
    expect(await bring(r.link, object)).toBe(true);
  });

  it('counts once, however often it is brought', async () => {
    const r = await tracing();
    await r.visit();
    const { object } = release({ version: NEXT });
    const [first] = object.signatures as [(typeof object.signatures)[number]];
    await r.link.ask('offer', { kind: 3, body: object.body });
    for (let i = 0; i < 3; i++) expect(await prove(r.link, first)).toBe(false);
    expect(await r.link.ask('trust', {})).toMatchObject({ staged: 0 });
  });

  it('that is wrong can be followed by a right one', async () => {
    const r = await tracing();
    await r.visit();
    const { object } = release({ version: NEXT });
    const [first, second] = object.signatures as [
      (typeof object.signatures)[number],
      (typeof object.signatures)[number],
    ];
    const bent = new Uint8Array(first.signature);
    bent[4000] = (bent[4000] as number) ^ 1;
    await r.link.ask('offer', { kind: 3, body: object.body });
    await expect(prove(r.link, { key: first.key, signature: bent })).rejects.toMatchObject({
      cause: { fault: 'signature-refused' },
    });
    expect(await prove(r.link, first)).toBe(false);
    expect(await prove(r.link, second)).toBe(true);
  });
});

describe('a trial', () => {
  it('that nobody confirms is over after ten minutes: the old image is back, log and keys whole (R16)', async () => {
    const r = await onTrial();
    r.advanceTo(r.timeline.now() + TRIAL_SECONDS + 60);
    expect(r.restarts).toBe(2);
    expect(r.version).toBe(INSTALLED);
    expect(r.token.life()).toBe(1);
    await r.visit({ riskLevel: 4 });
    // What has failed here is not taken again.
    await expect(bring(r.link, release({ version: NEXT }).object)).rejects.toMatchObject({
      cause: { fault: 'object-old' },
    });
    expect(await bring(r.link, release({ version: '0.3.1' }).object)).toBe(true);
  });

  it('is over after three starts', async () => {
    const r = await onTrial();
    r.reboot();
    r.reboot();
    expect(r.version).toBe(NEXT);
    r.reboot();
    expect(r.version).toBe(INSTALLED);
  });

  it('is not confirmed by a token that is not on air', async () => {
    const r = await onTrial();
    r.radio.scan = () => {
      throw new Error('no radio');
    };
    expect(await r.link.ask('trust', {})).toMatchObject({ trial: 1 });
  });

  it('lets nobody overwrite the image that it would go back to', async () => {
    const r = await onTrial();
    await expect(bring(r.link, release({ version: '0.4.0' }).object)).rejects.toMatchObject({
      cause: { fault: 'state-wrong' },
    });
    expect(readSlot(slotRegion(r.slots as NonNullable<typeof r.slots>, 0))?.isConfirmed).toBe(true);
  });
});

describe('a wipe', () => {
  it('leaves the firmware, its version and the release keys: an older image stays refused (R14)', async () => {
    const r = await onTrial();
    r.advanceTo(r.timeline.now() + 40);
    await r.link.ask('trust', {});
    await r.visit({ orders: 1, wipeNonce: new Uint8Array(16).fill(3) });
    expect(r.token.life()).toBe(0);
    r.reboot();
    expect(r.version).toBe(NEXT);
    expect(await r.link.ask('trust', {})).toMatchObject({ root: 1, running: versionNumber(NEXT) });
    await r.provision();
    await expect(bring(r.link, release({ version: '0.2.9' }).object)).rejects.toMatchObject({
      cause: { fault: 'object-old' },
    });
    await expect(bring(r.link, signed(1, root({ version: 1 }).body, [2, 1]))).resolves.toBe(true);
  });
});
