import { describe, expect, it } from 'vitest';
import { LIFE_BLANK, LIFE_ENDED, LIFE_TRACING } from '../../../device/link/messages.js';
import { readSlot, slotRegion } from '../../../device/update/slots.js';
import { versionNumber } from '../../../device/update/versions.js';
import { GaletError } from '../../../host/errors.js';
import type { Token } from '../../../host/link/visit/token.js';
import { introduce, type Updated, update } from '../../../host/link/visit/update.js';
import type { Visit } from '../../../host/link/visit/visit.js';
import type { Releases, SignedObject } from '../../../host/release/objects.js';
import { GATEWAY_KEY, rig, START } from '../../support/fleet.js';
import { configuration, release, root, signed, someImage } from '../../support/release-keys.js';
import { INSTALLED, installed } from '../../support/updates.js';
import { Cut, Knife } from './scripted.js';
import { ScriptedCounter } from './scripted-counter.js';
import { GATEWAY, introduced, NEXT, releaseFor, UpdatingStage } from './updating.js';

const UPDATED: Updated = { outcome: 'updated', from: INSTALLED, to: NEXT };

/** The last part of a visit. */
async function visit(stage: UpdatingStage, knife?: Knife): Promise<Updated> {
  const { token } = stage;
  return await update(stage.visit(knife), token.answer('hello', {}));
}

function imageOf(stage: UpdatingStage): Uint8Array {
  const slot =
    stage.slots && [0, 1].find((index) => readSlot(slotRegion(stage.slots, index))?.version === versionNumber(NEXT));
  const length = stage.counter.releaseImage.length;
  const pages = slotRegion(stage.slots, slot ?? 0);
  const image = new Uint8Array(length);
  for (let at = 0; at < length; at += 4096) {
    image.set(pages.read(1 + at / 4096, 0, Math.min(4096, length - at)), at);
  }
  return image;
}

const failure = (updated: Updated): string =>
  updated.outcome === 'failed'
    ? `${updated.error.code} ${updated.error.parameters.fault ?? ''}`.trim()
    : updated.outcome;

describe('introducing a blank token', () => {
  it('brings every root, in order, and the configuration', async () => {
    const stage = UpdatingStage.published();
    const { counter } = stage;
    counter.published.roots = [root({ version: 2, keys: [0, 1, 3] }), root()];
    await introduced(stage);
    expect(stage.token.answer('trust', {})).toMatchObject({
      root: 2,
      configuration: 1,
      running: versionNumber(INSTALLED),
    });
    // Again, after a cut: nothing is carried twice.
    await introduced(stage);
    expect(stage.token.asked).not.toContain('proof');
  });

  it('has nothing to do where nothing is published, or the token takes nothing signed', async () => {
    const empty = new UpdatingStage();
    await introduce(empty.visit(), 'scripted');
    expect(empty.token.asked).toEqual(['trust']);
    const old = UpdatingStage.published();
    old.counter.releases = async () => {
      throw new GaletError('not-found');
    };
    await introduce(old.visit(), 'scripted');
    const deaf = UpdatingStage.published();
    deaf.token.updates = undefined;
    await introduce(deaf.visit(), 'scripted');
    expect(deaf.token.asked).toEqual(['trust']);
  });

  it('says so when the token does not take them', async () => {
    const stage = UpdatingStage.published();
    stage.counter.published.roots = [root({ signers: [0] })];
    stage.token.life = LIFE_BLANK;
    await expect(introduce(stage.visit(), 'scripted')).rejects.toMatchObject({
      code: 'update-refused',
      parameters: { fault: 'signature-refused' },
    });
  });
});

describe('update', () => {
  it('brings a release, has the token start it, and waits until it has confirmed itself', async () => {
    const stage = await introduced();
    stage.silence = 0;
    expect(await visit(stage)).toEqual(UPDATED);
    expect(stage.token.answer('trust', {})).toMatchObject({ running: versionNumber(NEXT), trial: 0 });
    expect(imageOf(stage)).toEqual(stage.counter.releaseImage);
    const steps = stage.events.map((event) => event.step);
    expect(steps.filter((step, index) => step !== steps[index - 1])).toEqual(['signatures', 'image', 'restart']);
    expect(stage.events).toContainEqual({ step: 'signatures', done: 15, total: 16 });
    expect(stage.events).toContainEqual({ step: 'image', done: 10, total: 10 });
    expect(await visit(stage)).toEqual({ outcome: 'current', version: NEXT });
  });

  it('waits for a token that is away while it starts', async () => {
    const stage = await introduced();
    const { onRestart } = stage;
    stage.onRestart = () => {
      onRestart();
      stage.silence = 5;
    };
    const at = stage.visit();
    let reopened = 0;
    at.reopen = async () => {
      reopened += 1;
      throw new GaletError('port-missing', { port: 'scripted' });
    };
    expect(await update(at, stage.token.answer('hello', {}))).toEqual(UPDATED);
    expect(reopened).toBe(6);
  });

  it('is quiet where there is nothing to do', async () => {
    const deaf = UpdatingStage.published();
    deaf.token.updates = undefined;
    expect(await visit(deaf)).toEqual({ outcome: 'unsupported' });
    // Set up before there were release keys.
    expect(await visit(UpdatingStage.published())).toEqual({ outcome: 'unsupported' });
    const stage = await introduced();
    stage.counter.published = { roots: [root()] };
    expect(await visit(stage)).toEqual({ outcome: 'none' });
    stage.counter.releases = async () => {
      throw new GaletError('not-found');
    };
    expect(await visit(stage)).toEqual({ outcome: 'none' });
    stage.token.asked.length = 0;
    for (const life of [LIFE_BLANK, LIFE_ENDED]) {
      stage.token.life = life;
      expect(await visit(stage)).toEqual({ outcome: 'none' });
    }
    expect(stage.token.asked).toEqual(['hello', 'hello']);
  });

  it('leaves a version on the token that the server does not order yet, and starts it when it does', async () => {
    const stage = await introduced();
    stage.order = '';
    expect(await visit(stage)).toEqual({ outcome: 'staged', version: NEXT });
    expect(stage.token.version).toBe(INSTALLED);
    stage.order = NEXT;
    stage.counter.image = () => expect.fail('the image is on the token already');
    stage.token.asked.length = 0;
    expect(await visit(stage)).toEqual(UPDATED);
    expect(stage.token.asked).not.toContain('proof');
  });

  it('brings roots before what the new keys have signed', async () => {
    const stage = await introduced();
    stage.counter.published = {
      roots: [root({ version: 3, keys: [1, 3, 2], signers: [0, 1, 3] }), root(), root({ version: 2, keys: [0, 1, 3] })],
      configuration: configuration({ gatewayKey: GATEWAY, version: 2, signers: [1, 3] }),
      release: releaseFor({ signers: [2, 3] }).object,
    };
    expect(await visit(stage)).toEqual(UPDATED);
    expect(stage.token.answer('trust', {})).toMatchObject({ root: 3, configuration: 2 });
  });

  it('carries no more signatures than the token needs, those of both roots first', async () => {
    const stage = await introduced();
    stage.counter.published = { roots: [root(), root({ version: 2, keys: [3, 1, 2], signers: [0, 3, 1, 2] })] };
    expect(await visit(stage)).toEqual({ outcome: 'none' });
    expect(stage.token.answer('trust', {})).toMatchObject({ root: 2 });
    expect(stage.token.asked.filter((name) => name === 'proof')).toHaveLength(32);
  });

  it('gets by with two right signatures beside a wrong one', async () => {
    const stage = await introduced();
    const { object } = releaseFor({ signers: [0, 1, 2] });
    const first = object.signatures[0]!;
    const wrong = first.signature.map((byte, index) => (index === 4000 ? byte ^ 1 : byte));
    const signatures = [{ key: first.key, signature: wrong }, ...object.signatures.slice(1)];
    stage.counter.published.release = { ...object, signatures };
    expect(await visit(stage)).toEqual(UPDATED);
  });

  it('brings a release although the configuration came too late, and says so when there is nothing else to say', async () => {
    const late = configuration({ gatewayKey: GATEWAY, version: 2, expires: START - 1 });
    const stage = await introduced();
    stage.counter.published.configuration = late;
    expect(await visit(stage)).toEqual(UPDATED);
    expect(failure(await visit(stage))).toBe('update-expired object-expired');
  });

  it('goes on with the page under way, within it', async () => {
    const stage = await introduced();
    stage.order = '';
    // After trust, releases, trust, offer, the image and 32 pieces of signatures: six pieces of the image's ten.
    const knife = new Knife(5 + 32 + 6);
    expect(failure(await visit(stage, knife))).toBe('internal');
    expect(stage.token.answer('trust', {})).toMatchObject({ nextPage: 1, pages: 3 });
    stage.token.asked.length = 0;
    expect(await visit(stage)).toEqual({ outcome: 'staged', version: NEXT });
    expect(stage.token.asked.filter((name) => name === 'page')).toHaveLength(6);
    expect(imageOf(stage)).toEqual(stage.counter.releaseImage);
  });
});

describe('a whole token, over a link', () => {
  it('is introduced, provisioned, and updated in its first visit', async () => {
    const r = rig(1, undefined, START, installed());
    const { object, image } = release({ version: NEXT });
    const counter = new ScriptedCounter();
    counter.published = {
      roots: [root()],
      configuration: configuration({ gatewayKey: GATEWAY_KEY }),
      release: object,
    };
    counter.releaseImage = image;
    const steps: string[] = [];
    const token: Token = {
      ask: (name, fields) => r.link.ask(name, fields),
      fetch: (from) => r.link.fetch(from),
    };
    const atCounter: Visit = {
      token,
      counter,
      progress: ({ step }) => void (steps.at(-1) !== step && steps.push(step)),
      wait: async (seconds) => r.advanceTo(r.timeline.now() + seconds),
    };
    await introduce(atCounter, 'twin');
    await r.provision();
    r.advanceTo(START + 3600);
    await r.visit({ release: versionNumber(NEXT) });
    expect(await update(atCounter, await token.ask('hello', {}))).toEqual(UPDATED);
    expect(await token.ask('hello', {})).toMatchObject({ firmware: NEXT, life: LIFE_TRACING });
    expect(await token.ask('trust', {})).toMatchObject({ root: 1, configuration: 1, trial: 0, staged: 0 });
    expect(r.restarts).toBe(1);
    expect(r.troubles).toEqual([]);
    expect(steps).toEqual(['signatures', 'image', 'restart']);
  });
});

describe('an update on trial', () => {
  it('that does not confirm itself is told as such, and confirms itself at a later visit', async () => {
    const stage = await introduced();
    stage.isHealthy = false;
    const before = stage.waited;
    expect(failure(await visit(stage))).toBe('update-unconfirmed');
    expect(stage.waited - before).toBeLessThan(140);
    stage.isHealthy = true;
    expect(await visit(stage)).toEqual({ outcome: 'current', version: NEXT });
    expect(stage.token.answer('trust', {})).toMatchObject({ trial: 0 });
  });

  it('is waited for before anything newer is brought', async () => {
    const stage = await introduced();
    stage.isHealthy = false;
    await visit(stage);
    const { object, image } = releaseFor({ version: '0.3.1' });
    Object.assign(stage.counter, { published: { roots: [root()], release: object }, releaseImage: image });
    stage.order = '0.3.1';
    const at = stage.visit();
    const { wait } = at;
    const healthyFrom = stage.waited + 10;
    at.wait = async (seconds) => {
      await wait(seconds);
      stage.isHealthy = stage.waited > healthyFrom;
    };
    const done = await update(at, stage.token.answer('hello', {}));
    expect(done).toEqual({ outcome: 'updated', from: NEXT, to: '0.3.1' });
  });

  it('that has failed already is told at once', async () => {
    const stage = await introduced();
    stage.onRestart = () => {
      for (let start = 0; start < 4; start++) stage.boot();
    };
    const before = stage.waited;
    expect(failure(await visit(stage))).toBe('update-rolled-back');
    expect(stage.token.version).toBe(INSTALLED);
    expect(stage.waited - before).toBeLessThan(30);
  });

  it('that fails goes back, and is not brought again', async () => {
    const stage = await introduced();
    stage.isHealthy = false;
    await visit(stage);
    for (let start = 0; start < 3; start++) stage.boot();
    stage.isHealthy = true;
    expect(stage.token.version).toBe(INSTALLED);
    expect(failure(await visit(stage))).toBe('update-old object-old');
    const { object, image } = releaseFor({ version: '0.3.1' });
    Object.assign(stage.counter, { published: { roots: [root()], release: object }, releaseImage: image });
    stage.order = '0.3.1';
    expect(await visit(stage)).toEqual({ outcome: 'updated', from: INSTALLED, to: '0.3.1' });
  });
});

describe('a counter or server that lies', () => {
  const image = someImage(10_000);
  const right = releaseFor();
  const spoilt = (bytes: Uint8Array, at: number): Uint8Array => bytes.map((byte, i) => (i === at ? byte ^ 0x10 : byte));

  const forged = (length: number): SignedObject => ({
    ...right.object,
    signatures: right.object.signatures.map(({ key }) => ({ key, signature: new Uint8Array(length) })),
  });

  it.each<[string, Partial<Releases> & { image?: Uint8Array }, string]>([
    ['another image', { image: spoilt(image, 9000) }, 'update-image-wrong'],
    ['a longer image', { image: someImage(10_001) }, 'update-image-wrong'],
    ['no image', { image: new Uint8Array(0) }, 'update-image-wrong'],
    [
      'a release of another board',
      { release: release({ version: NEXT, board: 'twin' }).object },
      'update-refused object-foreign',
    ],
    [
      'a release for a newer interpreter',
      { release: releaseFor({ interpreter: '2v30' }).object },
      'update-refused object-foreign',
    ],
    ['an older release', { release: releaseFor({ version: '0.1.9' }).object }, 'current'],
    [
      'a release that has expired',
      { release: releaseFor({ expires: START - 1 }).object },
      'update-expired object-expired',
    ],
    [
      'a release that one key has signed',
      { release: releaseFor({ signers: [1] }).object },
      'update-refused signature-refused',
    ],
    [
      'a release that one key has signed twice',
      { release: releaseFor({ signers: [1, 1] }).object },
      'update-refused signature-refused',
    ],
    [
      'a release that a key of no root has signed',
      { release: releaseFor({ signers: [1, 3] }).object },
      'update-refused signature-refused',
    ],
    [
      'a release under the signatures of another',
      { release: { ...right.object, signatures: releaseFor({ version: '0.3.1' }).object.signatures } },
      'update-refused signature-refused',
    ],
    ['signatures of nothing', { release: forged(7856) }, 'update-refused signature-refused'],
    ['signatures that are too short', { release: forged(7855) }, 'update-refused signature-refused'],
    ['signatures that are too long', { release: forged(9000) }, 'update-refused signature-refused'],
    [
      'a configuration in the place of a release',
      { release: configuration({ gatewayKey: GATEWAY }) },
      'update-refused object-malformed',
    ],
    [
      'bytes in the place of a root',
      { roots: [root(), signed(1, new Uint8Array([1, 2, 3]), [])] },
      'update-refused object-malformed',
    ],
    [
      'a root that the token’s own keys have not signed',
      { roots: [root(), root({ version: 2, keys: [0, 1, 3], signers: [0, 3] })] },
      'update-refused signature-refused',
    ],
    ['a root with one missing before it', { roots: [root(), root({ version: 3, keys: [0, 1, 3] })] }, 'updated'],
    ['no roots at all', { roots: [] }, 'updated'],
  ])('with %s: the token runs on, and an honest one updates it', async (_, { image: other, ...lie }, expected) => {
    const stage = await introduced();
    const { published, releaseImage } = stage.counter;
    stage.counter.published = { ...published, ...lie };
    stage.counter.releaseImage = other ?? releaseImage;
    expect(failure(await visit(stage))).toBe(expected);
    if (expected === 'updated') return;
    expect(stage.token.version).toBe(INSTALLED);
    Object.assign(stage.counter, { published, releaseImage });
    expect(await visit(stage)).toEqual(UPDATED);
  });

  it.each([
    ['backend-unreachable', 'backend-unreachable'],
    ['backend-failing', 'backend-failing'],
    ['kiosk-unreachable', 'kiosk-unreachable'],
  ] as const)('that is away (%s) fails no visit', async (code, expected) => {
    const stage = await introduced();
    const refuse = async (): Promise<never> => {
      throw new GaletError(code);
    };
    const { releases } = stage.counter;
    stage.counter.releases = refuse;
    expect(failure(await visit(stage))).toBe(expected);
    stage.counter.releases = releases;
    stage.counter.image = refuse;
    expect(failure(await visit(stage))).toBe(expected);
    expect(stage.token.asked).not.toContain('proof');
  });
});

describe('an update that is cut', () => {
  it('at any word, goes on at another counter, the token restarted or not', async () => {
    const { slots } = await introduced();
    const prepare = (): UpdatingStage => {
      const stage = UpdatingStage.published();
      stage.counter.published.roots.push(root({ version: 2, keys: [0, 1, 3], signers: [0, 1, 3] }));
      stage.slots.bytes.set(slots.bytes);
      stage.boot();
      return stage;
    };
    const whole = new Knife();
    expect(await visit(prepare(), whole)).toEqual(UPDATED);
    let goneOn = 0;
    for (let word = 0; word < whole.words; word++) {
      for (const side of ['before', 'after'] as const) {
        for (const isRestarted of [false, true]) {
          const stage = prepare();
          const { published, releaseImage } = stage.counter;
          const where = `cut ${side} word ${word}${isRestarted ? ', token restarted' : ''}`;
          const cut = await visit(stage, new Knife(word, side));
          if (isRestarted) stage.boot();
          await stage.visit().wait(1);
          // Another counter, which knows nothing of the first.
          Object.assign(stage, { counter: Object.assign(new ScriptedCounter(), { published, releaseImage }) });
          const end = cut.outcome === 'updated' ? cut : await visit(stage);
          if (cut.outcome === 'failed') {
            expect(cut.error.cause, where).toBeInstanceOf(Cut);
            goneOn += 1;
          }
          expect(['updated', 'current'], where).toContain(end.outcome);
          expect(stage.token.answer('trust', {}), where).toMatchObject({
            running: versionNumber(NEXT),
            trial: 0,
            root: 2,
          });
          expect(imageOf(stage), where).toEqual(releaseImage);
        }
      }
    }
    expect(whole.words).toBeGreaterThan(80);
    expect(goneOn).toBeGreaterThan(whole.words * 3);
  });
});
