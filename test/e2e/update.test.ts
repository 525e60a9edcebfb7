/** A release on its way from the authority's folder to a token that runs it: real processes, real signatures, a real image. */
import './patience.js';
import { readFileSync } from 'node:fs';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { VERSION } from '../../device/version.js';
import { connectBackend } from '../../host/backend/client.js';
import { renderSigned } from '../../host/release/objects.js';
import { write } from '../backend/published.js';
import { configuration, release, root } from '../support/release-keys.js';
import { NEXT, nextImage } from './authority.js';
import { House, type TokenProcess } from './house.js';

let image: Uint8Array;
let house: House;
let token: TokenProcess;

beforeAll(async () => {
  image = Buffer.from(await nextImage());
});

beforeEach(async () => {
  house = await House.open();
  expect((await house.run(['backend', 'init', '--data', house.folder])).code).toBe(0);
  await house.startBackend();
  await house.startKiosk();
  const { gatewayKey } = await connectBackend(house.backendUrl).parameters();
  publish('roots/1.json', renderSigned(root()));
  publish('configuration.json', renderSigned(configuration({ gatewayKey })));
  token = await house.startToken(house.file('token.flash'));
  expect((await house.provision(token.port)).json).toMatchObject({ life: 'tracing', firmware: VERSION });
});
afterEach(() => house.close());

function publish(path: string, content: string | Uint8Array): void {
  write(`${house.backendDir}/releases`, path, content);
}

function publishRelease(signers?: number[]): void {
  const made = release({ version: NEXT, board: 'linux', image, ...(signers && { signers }) });
  publish('linux/galet.js', made.image);
  publish('linux/release.json', renderSigned(made.object));
}

describe('a token whose authority publishes a release', () => {
  it('runs it after one visit, and when it is started again', async () => {
    expect((await house.sync(token.port)).json).toMatchObject({ update: 'none', firmware: VERSION });
    publishRelease();
    const began = performance.now();
    const ran = await house.sync(token.port);
    console.log(
      `an update of ${image.length} bytes over a pseudo-terminal: ${Math.round(performance.now() - began)} ms`,
    );
    expect(ran).toMatchObject({ code: 0, json: { update: 'updated', firmware: NEXT, life: 'tracing' } });
    await token.galet.kill();
    token = await house.startToken(house.file('token.flash'));
    expect((await house.show(token.port)).json).toMatchObject({ firmware: NEXT, life: 'tracing' });
    expect((await house.sync(token.port)).json).toMatchObject({ update: 'current' });
  });

  it('gets it whole at a second counter, when the first dies on the way and the token loses power', async () => {
    publishRelease();
    const first = house.start(['sync', token.port, '--kiosk', house.kioskUrl], {
      onLine: (line) => {
        if (line.startsWith('Carrying the new version')) setTimeout(() => void first.kill(), 30);
      },
    });
    expect((await first.ended).signal).toBe('SIGKILL');
    await token.galet.kill();
    token = await house.startToken(house.file('token.flash'));
    expect((await house.show(token.port)).json).toMatchObject({ firmware: VERSION });
    const url = await house.startAnotherKiosk();
    const ran = await house.run(['sync', token.port, '--kiosk', url]);
    expect(ran).toMatchObject({ code: 0, json: { update: 'updated', firmware: NEXT } });
    expect(ran.stderr).not.toContain('Carrying the authority’s signatures');
  });

  it('takes nothing that one of its keys and a foreign one have signed, and is visited all the same', async () => {
    publishRelease([1, 3]);
    const before = readFileSync(`${house.file('token.flash')}.firmware`);
    const ran = await house.sync(token.port);
    expect(ran).toMatchObject({
      code: 0,
      json: { update: 'failed', updateRefusal: 'update-refused', firmware: VERSION },
    });
    expect(readFileSync(`${house.file('token.flash')}.firmware`).equals(before)).toBe(true);
  });
});
