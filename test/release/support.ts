/** What tests of releases share: refusals as data, keys in files, a release folder that is right in everything. */
import { join } from 'node:path';
import { GaletError } from '../../host/errors.js';
import { writeWhole } from '../../host/release/files.js';
import { configurationFile, imageFile, releaseFile, rootFile, writeSigned } from '../../host/release/folder.js';
import type { SignedObject } from '../../host/release/objects.js';
import { configuration, release, root } from '../support/release-keys.js';

export const PASSPHRASE = 'correct horse battery';
export const GATEWAY_KEY = new Uint8Array(32).fill(9);
export const IMAGE = Uint8Array.from({ length: 10_000 }, (_, i) => (i * 31) & 0xff);

/** Code and parameters of what `work` throws. */
export function refusal(work: () => unknown): Record<string, string | number> {
  try {
    work();
  } catch (error) {
    if (error instanceof GaletError) return { code: error.code, ...error.parameters };
    throw error;
  }
  return { code: 'nothing was thrown' };
}

export interface Parts {
  roots?: SignedObject[];
  configured?: SignedObject;
  released?: SignedObject;
  image?: Uint8Array;
}

/** Writes a release folder for the board bangle2: one root, a configuration and version 0.3.0, unless given others. */
export function writeFolder(folder: string, parts: Parts = {}): void {
  const {
    roots = [root()],
    configured = configuration({ gatewayKey: GATEWAY_KEY }),
    released = release({ version: '0.3.0', board: 'bangle2', image: IMAGE }).object,
    image = IMAGE,
  } = parts;
  for (const [index, object] of roots.entries()) writeSigned(rootFile(folder, index + 1), object);
  writeSigned(configurationFile(folder), configured);
  writeSigned(releaseFile(folder, 'bangle2'), released);
  writeWhole(imageFile(folder, 'bangle2'), image);
}

/** Names of the three holders' key files in a folder, in the order of the test keys. */
export const HOLDERS = ['alice', 'bob', 'carol', 'dan'] as const;
export const keyFile = (folder: string, holder: number): string => join(folder, `${HOLDERS[holder]}.key`);
