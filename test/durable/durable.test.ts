/**
 * Written, synced, then answered. A killed process leaves what it wrote to the system, which a power cut does not: so the
 * system's calls themselves are watched.
 */
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connectKiosk } from '../../host/kiosk/client.js';
import { batch, draftOf, reportIdOf } from '../kiosk/support.js';
import { Watched, whyNotWatched } from './watched.js';

const missing = whyNotWatched();
if (missing) console.log(`skipped: ${missing}`);

const GALET = 'dist/host/cli/main.js';
/** The shared memory beside a write-ahead log is made anew from it. */
const isKept = (file: string): boolean => !file.endsWith('-shm');

describe.skipIf(missing)('what is promised', () => {
  let watched: Watched;

  beforeEach(() => {
    watched = new Watched();
  });
  afterEach(() => watched.close());

  it('is seen when it is not synced, and when it is', async () => {
    const script = (sync: string): string[] => [
      '--input-type=module',
      '-e',
      `import { openSync, writeSync, fsyncSync } from 'node:fs';
       const file = openSync(${JSON.stringify(join(watched.folder, 'file'))}, 'a'); writeSync(file, 'x'); ${sync}`,
    ];
    await watched.run(script(''));
    expect(watched.unsynced()).toEqual(['file']);
    await watched.run(script('fsyncSync(file);'));
    expect(watched.noted()).toEqual(['W file', 'W file', 'S file']);
    expect(watched.unsynced()).toEqual([]);
  });

  it('by the flash of a Linux token is synced at every commit', async () => {
    const script = `import { fileFlash } from './dist/device/boards/linux/flash.js';
      const flash = fileFlash(${JSON.stringify(join(watched.folder, 'token.flash'))}, 4);
      flash.write(0, new Uint8Array(8)); flash.sync('first'); flash.erase(1); flash.write(4096, new Uint8Array(4)); flash.sync('second');`;
    await watched.run(['--input-type=module', '-e', script]);
    expect(watched.unsynced()).toEqual([]);
    expect(watched.noted().filter((line) => line.startsWith('S')).length).toBe(3);
  });

  it('by the counter’s outbox is on the disk before it says “kept”, as is each step before', async () => {
    const kiosk = watched.start([
      GALET,
      'kiosk',
      'serve',
      '--json',
      '--port',
      '0',
      '--data',
      watched.folder,
      '--backend',
      'http://127.0.0.1:9',
    ]);
    const first = await new Promise<string>((resolve) => kiosk.stdout?.once('data', (chunk) => resolve(String(chunk))));
    const client = connectKiosk(JSON.parse(first).url);
    const id = reportIdOf(1);
    const steps = [
      () => client.draft(id, draftOf(id, 'CODE0001', 0, 1)),
      () => client.append(id, batch(0, 800)),
      () => client.append(id, batch(1, 800)),
      () => client.keep(id),
    ];
    for (const step of steps) {
      const before = watched.noted().length;
      await step();
      expect(watched.noted().length).toBeGreaterThan(before);
      expect(watched.unsynced().filter(isKept)).toEqual([]);
    }
    client.close();
  });

  it('by a new server: its keys are on the disk, and their names are', async () => {
    await watched.run([GALET, 'backend', 'init', '--data', watched.folder, '--json']);
    expect(watched.unsynced().filter(isKept)).toEqual([]);
    const noted = watched.noted();
    expect(noted.some((line) => line.includes('kek'))).toBe(true);
    const renamed = noted.filter((line) => /^S .*\.new$/.test(line));
    expect(renamed.length).toBeGreaterThan(1);
    for (const line of renamed) expect(noted[noted.indexOf(line) + 1]).toBe('S backend');
  });
});
