/**
 * R13: the ten attacks that The Update Framework names (its specification, section 1.5.2) and the four that Uptane adds,
 * against a token, from whoever stands between it and the key holders: a courier, a mirror, the server with all its keys,
 * or a thief of one release key. Each is refused, or harmless: the token runs what it ran, and goes on tracing.
 */
import { describe, expect, it } from 'vitest';
import type { FaultName } from '../../device/faults.js';
import { encodeRelease, RELEASE } from '../../device/update/objects.js';
import { readSlot, slotRegion, TRIAL_SECONDS } from '../../device/update/slots.js';
import { versionNumber } from '../../device/update/versions.js';
import type { SignedObject } from '../../host/release/objects.js';
import { GATEWAY_KEY, type Rig, rig, START } from '../support/fleet.js';
import { configuration, release, root, sign, signed, someImage } from '../support/release-keys.js';
import { bring, bringImage, INSTALLED, installed } from '../support/updates.js';

const DAY = 86_400;
const NEXT = '0.3.0';
/** A year: beyond what any of these releases is good for. */
const LATE = START + 40 * DAY;
const GOOD_FOR_30_DAYS = START + 30 * DAY;

async function tracing(): Promise<Rig> {
  const r = rig(1, undefined, START, installed());
  await bring(r.link, root());
  await r.provision();
  r.advanceTo(START + 1000);
  return r;
}

/** The token still runs the image that it was installed with, has nothing of the attacker ready, and traces. */
function expectUnmoved(r: Rig): void {
  const slots = r.slots as NonNullable<typeof r.slots>;
  expect(readSlot(slotRegion(slots, 1))?.isReady ?? false).toBe(false);
  r.reboot();
  expect(r.version).toBe(INSTALLED);
  const said = r.radio.adverts.length;
  r.advanceTo(r.timeline.now() + 120);
  expect(r.radio.adverts.length).toBeGreaterThan(said);
  expect(r.token.life()).toBe(1);
}

async function expectRefused(r: Rig, object: SignedObject, fault: FaultName): Promise<void> {
  await expect(bring(r.link, object)).rejects.toMatchObject({ cause: { fault } });
  expectUnmoved(r);
}

/** The server of the attack says "now" to every version, with its own keys; they are the right ones. */
async function visit(r: Rig, version: string): Promise<void> {
  r.advanceTo(r.timeline.now() + 12);
  await r.visit({ release: versionNumber(version) });
}

async function expectNoInstall(r: Rig, fault: FaultName): Promise<void> {
  await expect(r.link.ask('install', {})).rejects.toMatchObject({ cause: { fault } });
  expectUnmoved(r);
}

describe("TUF's attacks (R13)", () => {
  it('arbitrary installation: a server with all its keys, and none of the release keys', async () => {
    const r = await tracing();
    await visit(r, NEXT);
    const own = release({ version: NEXT, signers: [3, 3] }).object;
    await expectRefused(r, own, 'signature-refused');
    const { image } = release({ version: NEXT });
    expect(await r.link.ask('page', { index: 0, at: 0, piece: image.subarray(0, 64) }).catch(() => 'none')).toBe(
      'none',
    );
    await expectNoInstall(r, 'no-request-pending');
  });

  it('endless data: more pages, longer pieces and more signature than were announced', async () => {
    const r = await tracing();
    await visit(r, NEXT);
    const { object, image } = release({ version: NEXT, image: someImage(4100) });
    await bring(r.link, object);
    await bringImage(r.link, image);
    const slots = r.slots as NonNullable<typeof r.slots>;
    const before = Buffer.from(slots.bytes);
    const piece = new Uint8Array(1024);
    for (let index = 0; index < 24; index++) await r.link.ask('page', { index, at: 0, piece });
    expect(Buffer.from(slots.bytes).equals(before)).toBe(true);
    await r.link.ask('offer', { kind: RELEASE, body: release({ version: '0.3.1', image }).object.body });
    const [first] = object.signatures as [(typeof object.signatures)[number]];
    const last = { key: first.key, at: 7400, piece: new Uint8Array(512) };
    await expect(r.link.ask('proof', last)).rejects.toMatchObject({ cause: { fault: 'no-request-pending' } });
    expectUnmoved(r);
  });

  it('extraneous dependencies: an object with one element more is no object', async () => {
    const r = await tracing();
    await visit(r, NEXT);
    const { object } = release({ version: NEXT });
    const body = new Uint8Array([...object.body, 1]);
    body[0] = (body[0] as number) + 1;
    await expect(r.link.ask('offer', { kind: RELEASE, body })).rejects.toMatchObject({
      cause: { fault: 'object-malformed' },
    });
    expectUnmoved(r);
  });

  it('fast-forward: a version out of the air moves nothing, and the next real one is taken', async () => {
    const r = await tracing();
    await visit(r, '255.255.65535');
    await expectRefused(r, release({ version: '255.255.65535', signers: [0, 3] }).object, 'signature-refused');
    await visit(r, NEXT);
    expect(await bring(r.link, release({ version: NEXT }).object)).toBe(true);
  });

  it('indefinite freeze: what was signed more than 30 days ago is not installed any more (R15), tracing goes on', async () => {
    const r = await tracing();
    const old = release({ version: NEXT, expires: GOOD_FOR_30_DAYS });
    await visit(r, NEXT);
    await bring(r.link, old.object);
    await bringImage(r.link, old.image);
    // A counter without a network for 40 days, but with everything on its disk.
    r.advanceTo(START + 20 * DAY);
    await r.visit();
    r.advanceTo(LATE);
    await expectNoInstall(r, 'object-expired');
    await visit(r, NEXT);
    await expectNoInstall(r, 'object-expired');
    await expectRefused(r, old.object, 'object-expired');
  });

  it('malicious mirror: pages that are not the signed ones never count', async () => {
    const r = await tracing();
    await visit(r, NEXT);
    const { object, image } = release({ version: NEXT });
    await bring(r.link, object);
    for (const at of [0, 4095, 4096, 9999]) {
      const wrong = new Uint8Array(image);
      wrong[at] = (wrong[at] as number) ^ 0x80;
      await expect(bringImage(r.link, wrong)).rejects.toMatchObject({ cause: { fault: 'page-forged' } });
    }
    await expectNoInstall(r, 'no-request-pending');
  });

  it('mix and match: pages of another signed release do not fit', async () => {
    const r = await tracing();
    await visit(r, NEXT);
    await bring(r.link, release({ version: NEXT }).object);
    const other = release({ version: '0.3.1', image: someImage(9000).map((byte) => byte ^ 0xff) });
    await expect(bringImage(r.link, other.image)).rejects.toMatchObject({ cause: { fault: 'page-forged' } });
    // Nor does the order for one release install another.
    await bringImage(r.link, release({ version: NEXT }).image);
    await visit(r, '0.3.1');
    await expectNoInstall(r, 'not-ordered');
  });

  it('rollback: nothing older than what was ever run, nor the same again (R14)', async () => {
    const r = await tracing();
    await visit(r, INSTALLED);
    await expectRefused(r, release({ version: '0.1.9' }).object, 'object-old');
    await expectRefused(r, release({ version: INSTALLED }).object, 'object-old');
    await bring(r.link, configuration({ gatewayKey: GATEWAY_KEY, version: 5 }));
    await expectRefused(r, configuration({ gatewayKey: GATEWAY_KEY, version: 4 }), 'object-old');
  });

  it('key compromise: one stolen key installs nothing, nor do two keys of an old rotation (R17)', async () => {
    const r = await tracing();
    await visit(r, NEXT);
    const { object } = release({ version: NEXT });
    const stolen = { key: object.signatures[0]?.key as Uint8Array, signature: sign(RELEASE, object.body, 0) };
    const twice = { ...object, signatures: [stolen, stolen, stolen] };
    expect(await bring(r.link, twice)).toBe(false);
    await expectNoInstall(r, 'no-request-pending');
    // A root of the thief's own making, signed by the stolen key and his own.
    expect(await bring(r.link, root({ version: 2, keys: [0, 3, 1], signers: [0, 3] }))).toBe(false);
    expectUnmoved(r);
    // Keys 1 and 2 go, step by step; what both sign afterwards is worth nothing.
    expect(await bring(r.link, root({ version: 2, keys: [0, 1, 3] }))).toBe(true);
    await expectRefused(r, release({ version: NEXT, signers: [1, 2] }).object, 'signature-refused');
  });

  it('wrong software: the image of another board, or for a newer interpreter, or signed as something else', async () => {
    const r = await tracing();
    await visit(r, NEXT);
    await expectRefused(r, release({ version: NEXT, board: 'bangle2' }).object, 'object-foreign');
    await expectRefused(r, release({ version: NEXT, interpreter: '2v30' }).object, 'object-foreign');
    const { object } = release({ version: NEXT });
    const asRoot = { ...object, signatures: signed(1, object.body).signatures };
    await expectRefused(r, asRoot, 'signature-refused');
    await expectRefused(r, { ...object, kind: 2 }, 'object-malformed');
  });
});

describe("Uptane's attacks (R13)", () => {
  it('drop request: a courier that brings nothing, or never says install, leaves a token that works', async () => {
    const r = await tracing();
    await visit(r, NEXT);
    const { object, image } = release({ version: NEXT });
    await bring(r.link, object);
    await bringImage(r.link, image);
    r.advanceTo(r.timeline.now() + 7 * DAY);
    expectUnmoved(r);
    // What is staged waits for an honest one.
    await visit(r, NEXT);
    expect(await r.link.ask('install', {})).toMatchObject({ seconds: 5 });
  });

  it('slow retrieval: a courier that takes days for an image keeps nobody from tracing', async () => {
    const r = await tracing();
    await visit(r, NEXT);
    const { object, image } = release({ version: NEXT });
    await bring(r.link, object);
    for (let at = 0; at < 4096; at += 512) {
      await r.link.ask('page', { index: 0, at, piece: image.subarray(at, at + 512) });
      const said = r.radio.adverts.length;
      r.advanceTo(r.timeline.now() + 6 * 3600);
      expect(r.radio.adverts.length).toBeGreaterThan(said);
    }
    // By then the order has run out: an image that crawls in is not started on an old word.
    await bringImage(r.link, image);
    await expectNoInstall(r, 'not-ordered');
  });

  it('partial bundle: signatures without an image, an image without signatures, or half of either', async () => {
    const r = await tracing();
    await visit(r, NEXT);
    const { object, image } = release({ version: NEXT });
    await expect(r.link.ask('page', { index: 0, at: 0, piece: image.subarray(0, 1024) })).rejects.toThrow();
    expect(await bring(r.link, { ...object, signatures: object.signatures.slice(0, 1) })).toBe(false);
    await expectNoInstall(r, 'no-request-pending');
    await bring(r.link, object);
    await expectNoInstall(r, 'no-request-pending');
    const half = image.subarray(0, 4096);
    for (let at = 0; at < 4096; at += 1024) {
      await r.link.ask('page', { index: 0, at, piece: half.subarray(at, at + 1024) });
    }
    await expectNoInstall(r, 'no-request-pending');
  });

  it('eavesdropping: nothing of an update is secret, and nothing secret travels with it', async () => {
    const r = await tracing();
    await visit(r, NEXT);
    const seen: Uint8Array[] = [];
    const write = r.board.ports.link.write;
    r.board.ports.link.write = (chunk) => {
      seen.push(chunk);
      write(chunk);
    };
    const { object, image } = release({ version: NEXT });
    await bring(r.link, object);
    await bringImage(r.link, image);
    const answers = await Promise.all([r.link.ask('trust', {}), r.link.ask('hello', {})]);
    // All that the token says about it: versions, page numbers and flags, the same for every token that has got as far.
    expect(Object.values(answers[0]).every((value) => typeof value === 'number')).toBe(true);
    const other = await tracing();
    await visit(other, NEXT);
    await bring(other.link, object);
    await bringImage(other.link, image);
    expect(await other.link.ask('trust', {})).toEqual(answers[0]);
  });
});

describe('a server that has been broken into', () => {
  it('may call any version and any end, with all keys it has: the token runs no other code, and does not end', async () => {
    const r = await tracing();
    await bring(r.link, configuration({ gatewayKey: GATEWAY_KEY }));
    for (const version of ['0.0.1', NEXT, '9.9.9']) {
      await r.visit({ release: versionNumber(version), orders: 2, endTime: START });
      r.advanceTo(r.timeline.now() + 20);
      const { object } = release({ version, signers: [3, 3] });
      await bring(r.link, object).catch(() => undefined);
      await r.link.ask('install', {}).catch(() => undefined);
      r.advanceTo(r.timeline.now() + TRIAL_SECONDS);
    }
    expect(r.restarts).toBe(0);
    expectUnmoved(r);
  });

  it('cannot sign a configuration that hands the logs to another gateway', async () => {
    const r = await tracing();
    await expectRefused(
      r,
      configuration({ gatewayKey: new Uint8Array(32).fill(6), signers: [0, 3] }),
      'signature-refused',
    );
  });
});

describe('a release that says what is not so', () => {
  const fields = {
    version: versionNumber(NEXT),
    issued: START,
    expires: GOOD_FOR_30_DAYS,
    board: 'twin',
    interpreter: '',
    size: 4096,
    sha256: new Uint8Array(32),
    pages: new Uint8Array(32),
  };
  it.each([
    ['no bytes', { size: 0, pages: new Uint8Array(0) }],
    ['more pages than a slot has', { size: 25 * 4096, pages: new Uint8Array(25 * 32) }],
    ['fewer hashes than pages', { size: 8192 }],
    ['more hashes than pages', { pages: new Uint8Array(64) }],
    ['a version of nothing', { version: 0 }],
    ['a name without end', { board: 'x'.repeat(33) }],
    ['half a hash', { sha256: new Uint8Array(16) }],
  ])('is no object: %s', async (_name, wrong) => {
    const r = await tracing();
    const body = encodeRelease({ ...fields, ...wrong });
    await expect(r.link.ask('offer', { kind: RELEASE, body })).rejects.toMatchObject({
      cause: { fault: 'object-malformed' },
    });
  });
});
