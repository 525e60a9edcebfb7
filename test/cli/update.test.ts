import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LIFE_BLANK } from '../../device/link/messages.js';
import { releasesJson } from '../../host/release/answer.js';
import { Bench, problem } from '../kiosk/support.js';
import { NEXT, releaseFor, UpdatingStage } from '../link/visit/updating.js';
import { EXPIRES } from '../support/release-keys.js';
import { galet, PtyToken, type Ran } from './support.js';

const WELL = 'Done. The token is good for more than 14 days.\n';

describe('a visit to a counter whose server has a release', () => {
  let bench: Bench;
  let stage: UpdatingStage;
  let pty: PtyToken;

  const withReleases: Bench['backend']['override'] = ({ path }) => {
    const { published, releaseImage } = stage.counter;
    if (path === '/galet/v1/releases/scripted') return { status: 200, body: releasesJson(published) };
    if (path !== '/galet/v1/releases/scripted/image') return undefined;
    return { status: 200, body: releaseImage, headers: { 'content-type': 'application/octet-stream' } };
  };

  beforeEach(async () => {
    bench = new Bench();
    await bench.start();
    bench.backend.override = withReleases;
    stage = UpdatingStage.published();
    stage.token.startSeconds = 1;
    stage.onRestart = () => void setTimeout(() => stage.boot(), 100);
    pty = new PtyToken(stage.token);
    stage.token.life = LIFE_BLANK;
    const credential = join(bench.folder, 'operator');
    writeFileSync(credential, 'operator-secret\n');
    expect((await at('provision', pty.path, '--credential', credential)).code).toBe(0);
  });
  afterEach(async () => {
    pty.close();
    await bench.stop();
  });

  const at = (...args: string[]): Promise<Ran> => galet([...args, '--kiosk', bench.kiosk.url]);

  it('leaves the token with the authority’s keys when it is provisioned', () => {
    expect(stage.token.answer('trust', {})).toMatchObject({ root: 1, configuration: 1 });
  });

  it('updates the token, tells the server what it runs, and says so in one sentence', async () => {
    const ran = await at('sync', pty.path);
    expect(ran).toMatchObject({ code: 0, stdout: `${WELL}It now runs version 0.3.0; before it was 0.2.0.\n` });
    expect(ran.stderr).toContain('Carrying the authority’s signatures: 0 of 16 kB\n');
    expect(ran.stderr).toContain('Carrying the new version: 0 of 10 kB\n');
    expect(ran.stderr).toContain('The token starts its new version: 1 s\n');
    const visits = bench.backend.requests.filter(({ path }) => path === '/galet/v1/visits');
    expect(visits.map(({ body }) => JSON.parse(body.toString()))).toEqual([
      expect.objectContaining({ board: 'scripted', firmware: '0.2.0' }),
    ]);
    const again = await at('sync', pty.path, '--json');
    expect(again.json()).toMatchObject({ firmware: NEXT, update: 'current', report: 'none' });
  });

  it('says as JSON what became of it', async () => {
    stage.order = '';
    expect((await at('sync', pty.path, '--json')).json()).toMatchObject({ update: 'staged', firmware: '0.2.0' });
    expect((await at('sync', pty.path, '--lang', 'fr')).stdout).toContain('Il a la version 0.3.0 en réserve');
    stage.order = NEXT;
    expect((await at('sync', pty.path, '--json')).json()).toMatchObject({ update: 'updated', firmware: NEXT });
  });

  it('leaves the software alone when asked to', async () => {
    const ran = await at('sync', pty.path, '--no-update', '--json');
    expect(ran.json()).toMatchObject({ update: 'none', firmware: '0.2.0' });
    expect(stage.token.version).toBe('0.2.0');
    expect(bench.backend.requests.some(({ path }) => path.endsWith('/image'))).toBe(false);
  });

  it('says nothing of updates where the server is of before there were any', async () => {
    bench.backend.override = ({ path }) => (path.includes('/releases/') ? problem(404, 'not-found') : undefined);
    expect(await at('sync', pty.path)).toMatchObject({ code: 0, stdout: WELL });
    expect((await at('sync', pty.path, '--json')).json()).toMatchObject({ update: 'none' });
  });

  it('succeeds when only the update does not', async () => {
    stage.counter.published.release = releaseFor({ signers: [1] }).object;
    const ran = await at('sync', pty.path);
    expect(ran.code).toBe(0);
    expect(ran.stdout).toMatch(
      /^Done\. The token is good for more than 14 days\.\nOnly its update did not go through: .*\(signature-refused\)/,
    );
    stage.now = EXPIRES + 1;
    stage.counter.published.release = releaseFor().object;
    const late = await at('sync', pty.path, '--json');
    expect(late).toMatchObject({ code: 0 });
    expect(late.json()).toMatchObject({ update: 'failed', updateRefusal: 'update-expired', goodForDays: 14 });
    bench.backend.override = ({ path }) => (path.startsWith('/galet/v1/releases') ? { status: 500 } : undefined);
    const failing = await at('sync', pty.path, '--json');
    expect(failing).toMatchObject({ code: 0 });
    expect(failing.json()).toMatchObject({ update: 'failed', updateRefusal: 'backend-failing' });
  });

  it('stopped by Ctrl-C in the middle of an update goes on at the next', async () => {
    let stop = (_signal: 'SIGINT'): void => {};
    const ran = await galet(['sync', pty.path, '--kiosk', bench.kiosk.url], {
      onStart: (press) => {
        stop = press;
      },
      onOutput: (text) => {
        if (text.startsWith('Carrying the new version')) stop('SIGINT');
      },
    });
    expect(ran.code).toBe(130);
    expect(await at('sync', pty.path)).toMatchObject({ code: 0, stdout: expect.stringContaining('version 0.3.0') });
  });
});
