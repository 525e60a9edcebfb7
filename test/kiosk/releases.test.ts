/** What is signed for tokens, on its way through the kiosk: carried as it is, and bounded whatever the server says. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SLH_SIGNATURE } from '../../device/seal/slh-dsa.js';
import { connectKiosk } from '../../host/kiosk/client.js';
import { RELEASES_BYTES_MAX, ROOTS_MAX, releasesJson } from '../../host/release/answer.js';
import { IMAGE_MAX } from '../../host/release/image.js';
import type { SignedObject } from '../../host/release/objects.js';
import { configuration, RELEASE_KEYS, release, root, someImage } from '../support/release-keys.js';
import { type Answer, Bench, problem, sealedAnswer } from './support.js';

/** As long as a signed one; nobody here looks at signatures. */
function signed(object: SignedObject): SignedObject {
  const signatures = RELEASE_KEYS.slice(0, 2).map(({ publicKey }) => ({
    key: publicKey,
    signature: new Uint8Array(SLH_SIGNATURE).fill(7),
  }));
  return { ...object, signatures };
}

const roots = [1, 2].map((version) => signed(root({ version, signers: [] })));
const made = release({ version: '0.3.0', board: 'bangle2', image: someImage(IMAGE_MAX), signers: [] });
const published = {
  roots,
  configuration: signed(configuration({ gatewayKey: new Uint8Array(32), signers: [] })),
  release: signed(made.object),
};

const text = (content: string): Uint8Array => new Uint8Array(Buffer.from(content));
const octets = { 'content-type': 'application/octet-stream' };

describe('releases through the kiosk', () => {
  let bench: Bench;

  beforeEach(async () => {
    bench = new Bench();
    await bench.start();
  });
  afterEach(() => bench.stop());

  const answerWith = (answer: Answer | 'cut'): void => {
    bench.backend.override = ({ path }) => (path.startsWith('/galet/v1/releases/') ? answer : undefined);
  };

  it('arrive as the server has them', async () => {
    answerWith({ status: 200, body: releasesJson(published) });
    expect(await bench.client.releases('bangle2')).toEqual(published);
    answerWith({ status: 200, body: { roots: [] } });
    expect(await bench.client.releases('nobody')).toEqual({ roots: [] });
    answerWith({ status: 200, body: made.image, headers: octets });
    expect(Buffer.from(await bench.client.image('bangle2')).equals(Buffer.from(made.image))).toBe(true);
    expect(bench.backend.requests.map(({ path }) => path)).toEqual([
      '/galet/v1/releases/bangle2',
      '/galet/v1/releases/nobody',
      '/galet/v1/releases/bangle2/image',
    ]);
  });

  it('ask for one board, whatever a token calls itself', async () => {
    answerWith({ status: 200, body: { roots: [] } });
    await bench.client.releases('../parameters?x#y');
    expect(bench.backend.requests[0]?.path).toBe('/galet/v1/releases/..%2Fparameters%3Fx%23y');
    await expect(bench.client.releases('x'.repeat(33))).rejects.toMatchObject({ code: 'request-malformed' });
    expect(bench.backend.requests).toHaveLength(1);
  });

  it('pass the server’s refusals on by name, and say when it is out of reach', async () => {
    answerWith(problem(404, 'not-found'));
    await expect(bench.client.image('bangle2')).rejects.toMatchObject({ code: 'not-found' });
    answerWith(problem(429, 'too-many-requests'));
    await expect(bench.client.releases('bangle2')).rejects.toMatchObject({ code: 'too-many-requests' });
    answerWith({ status: 500 });
    await expect(bench.client.releases('bangle2')).rejects.toMatchObject({ code: 'backend-failing' });
    answerWith('cut');
    await expect(bench.client.image('bangle2')).rejects.toMatchObject({ code: 'backend-unreachable' });
    await bench.backend.stop();
    await expect(bench.client.releases('bangle2')).rejects.toMatchObject({ code: 'backend-unreachable' });
    await bench.backend.start();
  });

  const whole = releasesJson(published);
  const html = { 'content-type': 'text/html' };
  it.each<[string, Answer]>([
    ['no JSON', { status: 200, body: text('{"roots": [') }],
    ['nothing', { status: 200, body: text('') }],
    ['null', { status: 200, body: text('null') }],
    ['an array', { status: 200, body: [] }],
    ['no roots', { status: 200, body: { release: whole.release } }],
    ['roots that are none', { status: 200, body: { roots: 'none' } }],
    ['a root without a body', { status: 200, body: { roots: [{ galet: 1, kind: 'root', signatures: [] }] } }],
    ['a release among the roots', { status: 200, body: { roots: [whole.release] } }],
    ['a root for a release', { status: 200, body: { roots: [], release: whole.roots[0] } }],
    ['a configuration that is null', { status: 200, body: { roots: [], configuration: null } }],
    ['too many roots', { status: 200, body: { roots: Array(ROOTS_MAX + 1).fill(whole.roots[0]) } }],
    ['another type', { status: 200, body: whole, headers: html }],
    ['more than anything published', { status: 200, body: text(' '.repeat(RELEASES_BYTES_MAX + 1)) }],
  ])('are refused when the server says %s', async (_what, answer) => {
    answerWith(answer);
    await expect(bench.client.releases('bangle2')).rejects.toMatchObject({ code: 'backend-failing' });
    // What it says to the next question is heard again.
    answerWith({ status: 200, body: whole });
    expect((await bench.client.releases('bangle2')).roots).toHaveLength(2);
  });

  it.each<[string, Answer]>([
    ['too long', { status: 200, body: new Uint8Array(IMAGE_MAX + 1), headers: octets }],
    ['of another type', { status: 200, body: made.image, headers: html }],
    ['JSON', { status: 200, body: { image: '' } }],
  ])('have an image that is refused when it is %s', async (_what, answer) => {
    answerWith(answer);
    await expect(bench.client.image('bangle2')).rejects.toMatchObject({ code: 'backend-failing' });
  });

  it('leave the kiosk sure that a server which says too much is there', async () => {
    answerWith({ status: 200, body: text(' '.repeat(RELEASES_BYTES_MAX + 1)) });
    await bench.client.clock();
    await bench.client.releases('bangle2').catch(() => undefined);
    expect((await bench.client.queue()).backend).toBe('reachable');
  });
});

describe('a visit through the kiosk', () => {
  let bench: Bench;

  beforeEach(async () => {
    bench = new Bench();
    await bench.start();
  });
  afterEach(() => bench.stop());

  const request = {
    ebid: new Uint8Array(8),
    epochId: 1,
    time: 4_000_000_000,
    mac: new Uint8Array(32),
    nonce: new Uint8Array(16),
  };
  const carried = (name: string): Record<string, unknown> => {
    const found = bench.backend.requests.filter(({ path }) => path === `/galet/v1/${name}`).at(-1);
    return JSON.parse(found?.body.toString() ?? '');
  };

  it('says which version the token runs', async () => {
    await bench.client.visit(request, { board: 'bangle2', firmware: '0.2.0' });
    expect(carried('visits')).toMatchObject({ board: 'bangle2', firmware: '0.2.0' });
    await bench.client.visit(request);
    expect(carried('visits')).not.toHaveProperty('board');
    await bench.client.unregister(request);
    expect(carried('unregister')).not.toHaveProperty('board');
  });

  it('says nothing else of the token’s hello, not even to the kiosk', async () => {
    const hello = { life: 1, board: 'bangle2', firmware: '0.2.0', battery: 80, needs: 8, goodForDays: 20, wiped: 0 };
    bench.backend.override = () => ({ status: 200, body: sealedAnswer() });
    const client = connectKiosk(bench.backend.url);
    await client.visit(request, hello);
    client.close();
    const said = Object.keys(JSON.parse(bench.backend.requests[0]?.body.toString() ?? ''));
    expect(said.sort()).toEqual(['board', 'ebid', 'epochId', 'firmware', 'mac', 'nonce', 'time']);
  });

  it('is refused with names that no token could send', async () => {
    const visit = bench.client.visit(request, { board: 'x'.repeat(33), firmware: '0.2.0' });
    await expect(visit).rejects.toMatchObject({ code: 'request-malformed' });
    expect(bench.backend.requests).toHaveLength(0);
  });

  it('leaves no trace of the version in the kiosk’s log', async () => {
    await bench.client.visit(request, { board: 'canary-board', firmware: '9.8.7' });
    const log = bench.logLines.join('');
    expect(log).toContain('/api/v1/visits');
    for (const name of ['canary', '9.8.7']) expect(log).not.toContain(name);
  });
});
