import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { versionNumber } from '../../device/update/versions.js';
import { openShelf, type Shelf } from '../../host/backend/releases.js';
import { IMAGE_MAX } from '../../host/release/image.js';
import { renderSigned } from '../../host/release/objects.js';
import { someImage } from '../support/release-keys.js';
import { publishConfiguration, publishRelease, publishRoot, write } from './published.js';

describe('the folder of releases', () => {
  let folder: string;
  let log: Record<string, unknown>[];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'galet-releases-'));
    log = [];
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const open = (endTime = 0, place = folder): Shelf =>
    openShelf(place, endTime, pino({ level: 'warn' }, { write: (line: string) => void log.push(JSON.parse(line)) }));

  it('is served by board, with the roots and the configuration for every board', () => {
    const roots = [publishRoot(folder, 1), publishRoot(folder, 2)];
    const configuration = publishConfiguration(folder, 0);
    const watch = publishRelease(folder, 'bangle2', '0.3.0');
    const puck = publishRelease(folder, 'puck', '0.2.1', someImage(5000));
    const shelf = open();
    expect(shelf.releases('bangle2')).toEqual({ roots, configuration, release: watch.object });
    expect(shelf.releases('puck')).toEqual({ roots, configuration, release: puck.object });
    expect(shelf.image('puck')).toEqual({
      bytes: puck.image,
      sha256: createHash('sha256').update(puck.image).digest('hex'),
    });
    for (const board of ['galet1', 'roots', '', '..', '.', 'bangle2/', '__proto__', 'constructor']) {
      expect(shelf.releases(board)).toEqual({ roots, configuration });
      expect(shelf.image(board)).toBeUndefined();
    }
    expect(log).toEqual([]);
  });

  it('may be missing, or empty', () => {
    for (const shelf of [open(), open(0, join(folder, 'nowhere'))]) {
      expect(shelf.releases('bangle2')).toEqual({ roots: [] });
      expect(shelf.orderFor({ board: 'bangle2', firmware: '0.2.0' })).toBe(0);
    }
    expect(log).toEqual([]);
  });

  it('orders a token that runs something older, and no other', () => {
    publishRelease(folder, 'bangle2', '0.3.0');
    const shelf = open();
    const order = (firmware?: string, board?: string) =>
      shelf.orderFor({ ...(board !== undefined && { board }), ...(firmware !== undefined && { firmware }) });
    const published = versionNumber('0.3.0');
    expect(order('0.2.0', 'bangle2')).toBe(published);
    expect(order('0.2.65535', 'bangle2')).toBe(published);
    for (const firmware of ['0.3.0', '0.3.1', '1.0.0', '255.255.65535']) expect(order(firmware, 'bangle2')).toBe(0);
    expect(order('0.2.0', 'galet1')).toBe(0);
    // Who does not say what it runs, or from before there were orders, wants zeros in their place.
    for (const firmware of [undefined, '', '0.1.0', '0.1.65535', 'unknown', '0.2'])
      expect(order(firmware, 'bangle2')).toBe(0);
    expect(order('0.2.0')).toBe(0);
  });

  it('is read again when something in it has changed', () => {
    const shelf = open();
    const first = publishRelease(folder, 'bangle2', '0.3.0');
    expect(shelf.releases('bangle2')).toEqual({ roots: [], release: first.object });
    const second = publishRelease(folder, 'bangle2', '0.3.1', someImage(9000));
    publishRoot(folder, 1);
    expect(shelf.releases('bangle2').release).toEqual(second.object);
    expect(shelf.releases('bangle2').roots).toHaveLength(1);
    expect(shelf.image('bangle2')?.bytes).toEqual(second.image);
    rmSync(join(folder, 'bangle2'), { recursive: true });
    expect(shelf.releases('bangle2').release).toBeUndefined();
  });

  it('is not read again, nor warned about, while nothing has changed', () => {
    write(folder, 'bangle2/release.json', '{');
    const shelf = open();
    for (let i = 0; i < 20; i++) shelf.releases('bangle2');
    expect(log).toHaveLength(1);
    utimesSync(join(folder, 'bangle2/release.json'), 1, 1);
    shelf.releases('bangle2');
    expect(log).toHaveLength(2);
  });

  it('does not serve half of a publication', () => {
    publishRelease(folder, 'bangle2', '0.3.0');
    const shelf = open();
    const next = publishRelease(join(folder, 'elsewhere'), 'bangle2', '0.3.1', someImage(9000));
    renameSync(join(folder, 'elsewhere/bangle2/galet.js'), join(folder, 'bangle2/galet.js'));
    expect(shelf.releases('bangle2')).toEqual({ roots: [] });
    expect(shelf.image('bangle2')).toBeUndefined();
    expect(log).toMatchObject([{ file: 'bangle2/release.json', msg: 'not published' }]);
    renameSync(join(folder, 'elsewhere/bangle2/release.json'), join(folder, 'bangle2/release.json'));
    expect(shelf.releases('bangle2').release).toEqual(next.object);
  });

  describe('leaves out, with a word in the log, and serves the rest:', () => {
    const cases: [string, (folder: string) => void][] = [
      ['a release that is no JSON', (f) => write(f, 'bangle2/release.json', '{"galet":1')],
      ['a release that is no signed object', (f) => write(f, 'bangle2/release.json', '{"galet":1,"kind":"release"}')],
      ['a release that is nothing', (f) => write(f, 'bangle2/release.json', '')],
      [
        'a release that waits for its second signature',
        (f) => {
          const { object } = publishRelease(f, 'bangle2', '0.3.0');
          write(f, 'bangle2/release.json', renderSigned({ ...object, signatures: object.signatures.slice(0, 1) }));
        },
      ],
      ['a root in the place of a release', (f) => write(f, 'bangle2/release.json', renderSigned(publishRoot(f, 1)))],
      ['a release without an image', (f) => rmSync(join(f, 'bangle2/galet.js'))],
      ['an image that is too large', (f) => write(f, 'bangle2/galet.js', new Uint8Array(IMAGE_MAX + 1))],
      ['an image of another release', (f) => write(f, 'bangle2/galet.js', someImage(10_001))],
      ['a release that is too large', (f) => write(f, 'bangle2/release.json', ' '.repeat(10_000_000))],
      [
        'a release of another board',
        (f) => {
          rmSync(join(f, 'bangle2'), { recursive: true });
          publishRelease(join(f, 'other'), 'galet1', '0.9.0');
          renameSync(join(f, 'other/galet1'), join(f, 'bangle2'));
          rmSync(join(f, 'other'), { recursive: true });
        },
      ],
    ];

    it.each(cases)('%s', (_name, spoil) => {
      const puck = publishRelease(folder, 'puck', '0.2.1');
      publishRelease(folder, 'bangle2', '0.3.0');
      spoil(folder);
      const shelf = open();
      expect(shelf.releases('bangle2').release).toBeUndefined();
      expect(shelf.image('bangle2')).toBeUndefined();
      expect(shelf.orderFor({ board: 'bangle2', firmware: '0.2.0' })).toBe(0);
      expect(shelf.releases('puck').release).toEqual(puck.object);
      expect(log).toMatchObject([{ file: 'bangle2/release.json', msg: 'not published' }]);
    });

    it('roots and a configuration that are none', () => {
      const second = publishRoot(folder, 2);
      write(folder, 'roots/1.json', '[]');
      write(folder, 'configuration.json', renderSigned(second));
      write(folder, 'roots/notes.txt', 'not a root, and not looked at');
      write(folder, 'roots/03.json', 'nor this');
      expect(open().releases('bangle2')).toEqual({ roots: [second] });
      expect(log.map(({ file }) => file)).toEqual(['roots/1.json', 'configuration.json']);
    });

    it('whatever is no file', () => {
      publishRoot(folder, 1);
      mkdirSync(join(folder, 'bangle2/release.json'), { recursive: true });
      mkdirSync(join(folder, 'roots/2.json'));
      symlinkSync(join(folder, 'nowhere'), join(folder, 'configuration.json'));
      expect(open().releases('bangle2').roots).toHaveLength(1);
    });
  });

  it('gives the roots in their order, the newest twenty', () => {
    for (let version = 1; version <= 23; version++) publishRoot(folder, version);
    const { roots } = open().releases('bangle2');
    expect(roots).toEqual(Array.from({ length: 20 }, (_, i) => publishRoot(folder, i + 4)));
  });

  it('says when tokens have another end than the server', () => {
    publishConfiguration(folder, 4_000_000_000);
    open(4_000_000_000);
    expect(log).toEqual([]);
    open(4_000_086_400);
    expect(log).toMatchObject([{ signed: 4_000_000_000, parameter: 4_000_086_400 }]);
    const shelf = open(0);
    expect(log).toHaveLength(2);
    publishConfiguration(folder, 4_100_000_000);
    expect(shelf.releases('bangle2').configuration).toBeDefined();
    expect(log[2]).toMatchObject({ signed: 4_100_000_000, parameter: 0 });
  });
});
