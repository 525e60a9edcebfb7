/** Linux tokens start the image that their slots choose: real scripts of the firmware's build, a real process's flash files. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { noAir } from '../../device/boards/linux/air.js';
import { fileFlash } from '../../device/boards/linux/flash.js';
import { type LinuxToken, startLinux } from '../../device/boards/linux/start.js';
import { PAGE } from '../../device/update/objects.js';
import { beginSlot, FIRMWARE_PAGES, readSlot, type Slot, setReady, slotRegion } from '../../device/update/slots.js';
import { versionNumber } from '../../device/update/versions.js';
import { VERSION } from '../../device/version.js';
import { TokenLink } from '../../host/link/client.js';
import { linuxImage } from '../../tools/firmware/linux.js';
import { cable } from '../support/cable.js';

const ROOT = resolve(import.meta.dirname, '../..');
const NEXT = '0.9.0';
let image = '';
let folder: string;
let token: LinuxToken | undefined;

beforeAll(async () => {
  image = await linuxImage(ROOT, { 'device/version.js': `export var VERSION = '${NEXT}';` });
}, 60_000);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'galet-images-'));
});

afterEach(() => {
  token?.close();
  token = undefined;
  rmSync(folder, { recursive: true });
});

const flashFile = (): string => join(folder, 'token.flash');

/** Puts a script into slot 1, ready for its first start. */
function ready(code: string, version = NEXT): void {
  const flash = fileFlash(`${flashFile()}.firmware`, FIRMWARE_PAGES);
  const pages = slotRegion(flash, 1);
  const bytes = Buffer.from(code);
  beginSlot(
    pages,
    { version: versionNumber(version), size: bytes.length, expires: 0, body: new Uint8Array(32) },
    new Uint8Array(32),
  );
  for (let page = 0; page * PAGE < bytes.length; page++) {
    const part = new Uint8Array(PAGE).fill(0xff);
    part.set(bytes.subarray(page * PAGE, (page + 1) * PAGE));
    pages.erase(1 + page);
    pages.write(1 + page, 0, part);
  }
  setReady(pages);
  flash.close();
}

function slot(): Slot | undefined {
  const flash = fileFlash(`${flashFile()}.firmware`, FIRMWARE_PAGES);
  const found = readSlot(slotRegion(flash, 1));
  flash.close();
  return found;
}

function start(): TokenLink {
  const wire = cable();
  token = startLinux({ flashFile: flashFile(), link: wire.tokenEnd, radio: noAir, onSignal: () => {} });
  return new TokenLink(wire.counterEnd);
}

describe('a Linux token', () => {
  it('runs what it was installed with while its slots are empty', async () => {
    expect(await start().ask('hello', {})).toMatchObject({ board: 'linux', firmware: VERSION });
  });

  it('runs an image, which confirms itself when a counter asks', async () => {
    ready(image);
    const link = start();
    expect(await link.ask('hello', {})).toMatchObject({ firmware: NEXT });
    expect(slot()).toMatchObject({ isConfirmed: false, trials: 2 });
    expect(await link.ask('trust', {})).toMatchObject({ running: versionNumber(NEXT), trial: 0 });
    expect(slot()).toMatchObject({ isConfirmed: true });
  });

  it('keeps to itself when an image is older than the package', async () => {
    ready(image.replaceAll(NEXT, '0.1.0'), '0.1.0');
    expect(await start().ask('hello', {})).toMatchObject({ firmware: VERSION });
  });

  it.each([
    ['throws when it is loaded', 'throw new Error("no")'],
    ['is no script', 'galetImage('],
    ['hangs', 'for(;;);'],
    ['registers nothing', 'void 0'],
    ['says another version than was signed', 'galetImage(function(){},"9.9.9")'],
    ['throws when it is started', `galetImage(function(){throw new Error("no")},"${NEXT}")`],
  ])('goes back at once from an image that %s (R16)', async (_name, code) => {
    ready(code);
    expect(await start().ask('hello', {})).toMatchObject({ firmware: VERSION });
    expect(slot()).toMatchObject({ isFailed: true });
  });

  it('gives an image that kills its process three starts', async () => {
    ready(image);
    for (let i = 0; i < 3; i++) {
      expect(await start().ask('hello', {})).toMatchObject({ firmware: NEXT });
      token?.close();
    }
    expect(await start().ask('hello', {})).toMatchObject({ firmware: VERSION });
  });
});
