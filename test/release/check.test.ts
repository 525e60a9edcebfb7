import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkFile, checkFolder, type Verdict } from '../../host/release/check.js';
import { writeWhole } from '../../host/release/files.js';
import {
  boardsIn,
  configurationFile,
  imageFile,
  readReleases,
  releaseFile,
  rootFile,
  writeSigned,
} from '../../host/release/folder.js';
import { configuration, EXPIRES, ISSUED, release, root } from '../support/release-keys.js';
import { GATEWAY_KEY, IMAGE, refusal, writeFolder } from './support.js';

const NOW = ISSUED + 1000;
const FIRST = root();
const SECOND = root({ version: 2, keys: [0, 1, 3], signers: [0, 1] });

describe('a release folder', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'galet-releases-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const shortly = ({ checked }: Verdict): Record<string, string> =>
    Object.fromEntries(checked.map(({ file, error }) => [file.slice(folder.length + 1), error?.code ?? 'right']));
  const verdict = (trusted?: typeof FIRST, now = NOW): Record<string, string> =>
    shortly(checkFolder(folder, trusted, now));
  const RIGHT = { 'roots/1.json': 'right', 'configuration.json': 'right', 'bangle2/release.json': 'right' };

  it('is right in everything, and each of its files by itself', () => {
    writeFolder(folder);
    expect(verdict()).toEqual(RIGHT);
    expect(verdict(FIRST)).toEqual(RIGHT);
    expect(checkFolder(folder, undefined, NOW).anchor).toBe(rootFile(folder, 1));
    expect(checkFolder(folder, FIRST, NOW).anchor).toBeUndefined();
    for (const file of [rootFile(folder, 1), configurationFile(folder), releaseFile(folder, 'bangle2')]) {
      expect(checkFile(file, undefined, NOW).checked[0]?.error).toBeUndefined();
    }
  });

  it('says all that is wrong, not only the first of it', () => {
    writeFolder(folder, {
      configured: configuration({ gatewayKey: GATEWAY_KEY, signers: [0] }),
      image: IMAGE.subarray(1),
    });
    writeSigned(releaseFile(folder, 'galet1'), release({ version: '0.3.0', board: 'bangle2', image: IMAGE }).object);
    writeWhole(releaseFile(folder, 'puck'), '{}');
    expect(verdict()).toEqual({
      'roots/1.json': 'right',
      'configuration.json': 'signatures-missing',
      'bangle2/release.json': 'image-wrong',
      'galet1/release.json': 'release-misplaced',
      'puck/release.json': 'signed-malformed',
    });
  });

  it('has no image, a folder for an image, or an image beyond all bounds', () => {
    writeFolder(folder);
    rmSync(imageFile(folder, 'bangle2'));
    expect(verdict()['bangle2/release.json']).toBe('file-unusable');
    mkdirSync(imageFile(folder, 'bangle2'));
    expect(verdict()['bangle2/release.json']).toBe('file-unusable');
    rmSync(imageFile(folder, 'bangle2'), { recursive: true });
    writeFileSync(imageFile(folder, 'bangle2'), new Uint8Array(24 * 4096 + 1));
    expect(verdict()['bangle2/release.json']).toBe('file-unusable');
  });

  it('has expired, all but its roots', () => {
    writeFolder(folder);
    expect(verdict(undefined, EXPIRES + 1)).toEqual({
      'roots/1.json': 'right',
      'configuration.json': 'signed-expired',
      'bangle2/release.json': 'signed-expired',
    });
  });

  it('has gone over to a second root: what replaced keys signed is worth nothing', () => {
    writeFolder(folder, {
      roots: [FIRST, SECOND],
      released: release({ version: '0.3.0', board: 'bangle2', image: IMAGE, signers: [1, 2] }).object,
    });
    expect(verdict(FIRST)).toEqual({
      'roots/1.json': 'right',
      'roots/2.json': 'right',
      'configuration.json': 'right',
      'bangle2/release.json': 'signer-unknown',
    });
    expect(shortly(checkFile(rootFile(folder, 2), FIRST, NOW))).toEqual({ 'roots/2.json': 'right' });
    expect(shortly(checkFile(rootFile(folder, 1), SECOND, NOW))).toEqual({ 'roots/1.json': 'roots-broken' });
  });

  it('has a second root that is still being signed: the first one counts until then', () => {
    writeFolder(folder, { roots: [FIRST, { ...SECOND, signatures: SECOND.signatures.slice(0, 1) }] });
    expect(verdict()).toEqual({ ...RIGHT, 'roots/2.json': 'signatures-missing' });
    expect(checkFile(releaseFile(folder, 'bangle2'), FIRST, NOW).checked[0]?.error).toBeUndefined();
  });

  it('is somebody else’s: right in itself, and wrong to whoever keeps the true root', () => {
    const theirs = root({ keys: [1, 2, 3], signers: [1, 2] });
    writeFolder(folder, {
      roots: [theirs],
      configured: configuration({ gatewayKey: GATEWAY_KEY, signers: [1, 2] }),
      released: release({ version: '0.3.0', board: 'bangle2', image: IMAGE, signers: [1, 2] }).object,
    });
    expect(verdict()).toEqual(RIGHT);
    expect(new Set(Object.values(verdict(FIRST)))).toEqual(new Set(['roots-broken', 'root-missing']));
    expect(shortly(checkFile(releaseFile(folder, 'bangle2'), FIRST, NOW))).toEqual({
      'bangle2/release.json': 'roots-broken',
    });
  });

  it('has no root', () => {
    expect(refusal(() => checkFolder(folder, undefined, NOW))).toEqual({ code: 'root-missing', folder });
    writeFolder(folder, { roots: [] });
    expect(refusal(() => checkFolder(folder, undefined, NOW)).code).toBe('root-missing');
    expect(verdict(FIRST)).toEqual({ 'configuration.json': 'right', 'bangle2/release.json': 'right' });
    expect(shortly(checkFile(releaseFile(folder, 'bangle2'), undefined, NOW))).toEqual({
      'bangle2/release.json': 'root-missing',
    });
  });

  it('has roots under wrong numbers, or other things in their place', () => {
    writeFolder(folder, { roots: [SECOND] });
    expect(verdict()['roots/1.json']).toBe('release-misplaced');
    writeFolder(folder, { configured: FIRST });
    expect(verdict()['configuration.json']).toBe('release-misplaced');
  });

  it('is read for one board without being judged', () => {
    writeFolder(folder);
    cpSync(join(folder, 'bangle2'), join(folder, '..hidden'), { recursive: true });
    expect(boardsIn(folder)).toEqual(['bangle2']);
    const { roots, configuration: configured, release: released } = readReleases(folder, 'bangle2');
    expect([roots.length, configured?.kind, released?.kind]).toEqual([1, 2, 3]);
    expect(readReleases(folder, 'galet1').release).toBeUndefined();
    expect(readReleases(join(folder, 'nowhere'), 'bangle2')).toEqual({ roots: [] });
  });
});
