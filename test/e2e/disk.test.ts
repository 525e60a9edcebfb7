/** A counter whose disk is full: it says "not kept", and the token keeps everything. Real processes, a small real disk. */
import './patience.js';
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readFlashFile } from './flash-file.js';
import { House } from './house.js';
import { settledLedger } from './ledger.js';
import { makeTemplate, POSITIVE, type Template } from './template.js';

const DISK_MB = 24;
/** The kiosk wants 16 MB to be free for what must still be written after a report was kept. */
const BALLAST_MB = 16;

function mount(folder: string): boolean {
  return spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_MB}m`, 'none', folder]).status === 0;
}

let template: Template;
let house: House;
let disk = '';
let isMounted = false;

beforeAll(async () => {
  template = await makeTemplate();
  house = await House.open({ from: template.folder });
  disk = house.file('disk');
  mkdirSync(disk);
  isMounted = mount(disk);
  if (!isMounted) process.stdout.write('skipped: no small disk can be mounted here (needs root)\n');
});
afterAll(async () => {
  if (isMounted) spawnSync('umount', ['-l', disk]);
  await house.close();
  template.remove();
});

describe('a full disk at the counter', () => {
  it('keeps nothing and says so; the token keeps everything; with room again the same command goes on', async (test) => {
    if (!isMounted) return test.skip();
    await house.startBackend();
    await house.startKiosk({}, disk);
    const flash = house.file(POSITIVE);
    const { port, galet } = await house.startToken(flash);
    const code = await house.issueCode();
    const ballast = join(disk, 'ballast');
    writeFileSync(ballast, Buffer.alloc(BALLAST_MB * 1024 * 1024));

    for (const [language, sentence] of [
      ['en', 'was not kept, and the token still holds everything'],
      ['fr', 'n’a pas été gardé et le galet a encore tout'],
    ] as const) {
      const args = ['report', port, '--code', code, '--kiosk', house.kioskUrl, '--lang', language];
      const full = await house.run(args);
      expect(full).toMatchObject({ code: 71, json: { error: { code: 'kiosk-full', exit: 71 } } });
      expect(full.json.error?.message).toContain(sentence);
    }
    expect(galet.said).not.toContain('kept safely');
    expect(readFlashFile(flash)).toMatchObject({ batches: 4, oldestBatch: 0, reportedBatches: 0, reportStage: 1 });
    expect(await house.kioskQueue()).toMatchObject({ waiting: 0, drafts: 0 });
    // A visit needs no room on the disk.
    expect((await house.sync(port)).code).toBe(0);

    rmSync(ballast);
    const asked = galet.said.split('The token asks').length;
    expect((await house.report(port, code)).json).toEqual({ outcome: 'delivered', batches: 4 });
    // Her consent still stood: she was not asked again.
    expect(galet.said.split('The token asks').length).toBe(asked);
    expect(readFlashFile(flash)).toMatchObject({ reportedBatches: 4, reportStage: 3 });
    await house.backend?.kill();
    expect(await settledLedger(house.backendDir)).toMatchObject({
      exposures: 4,
      doubleEpochs: 0,
      receipts: 1,
      codesUsed: 1,
    });
  });
});
