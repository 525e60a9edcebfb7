/** Bodies to be signed: from public keys, from what is there already, from a firmware that was built. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { concat, equal } from '../../device/bytes.js';
import {
  CONFIGURATION,
  decodeConfiguration,
  decodeRelease,
  decodeRoot,
  encodeRelease,
  encodeRoot,
  type Release,
  ROOT,
  ROOT_KEYS,
  type Root,
} from '../../device/update/objects.js';
import { isInterpreterAtLeast, versionNumber, versionText } from '../../device/update/versions.js';
import { nodeDigest } from '../crypto.js';
import { GaletError } from '../errors.js';
import { readBounded } from './files.js';
import { boardsIn, isBoardName, readRelease, readSigned, releaseFile } from './folder.js';
import { factsOf, IMAGE_MAX } from './image.js';
import type { SignedObject } from './objects.js';

const MANIFEST_MAX = 65_536;

/** The root in an object; 'signed-malformed', naming `what`, for another kind. */
export function rootOf(object: SignedObject, what: string): Root {
  if (object.kind !== ROOT) throw new GaletError('signed-malformed', { what, field: 'kind' });
  return decodeRoot(object.body);
}

/** A root that follows `before`, or a first one. `files` names the keys in 'key-file-unusable': not three, or two alike. */
export function rootBody(keys: Uint8Array[], files: string, before: Root | undefined, issued: number): Uint8Array {
  const isTwice = keys.some((key, index) => keys.some((other, at) => at < index && equal(key, other)));
  if (keys.length !== ROOT_KEYS || isTwice) throw new GaletError('key-file-unusable', { file: files });
  return encodeRoot({ version: (before?.version ?? 0) + 1, issued, keys: concat(keys) });
}

/** The version for a configuration in `file`: `wanted`, or the next one. Throws 'version-taken' for one that is not newer. */
export function nextConfiguration(file: string, wanted: number | undefined): number {
  if (!existsSync(file)) return wanted ?? 1;
  const there = readSigned(file);
  if (there.kind !== CONFIGURATION) throw new GaletError('signed-malformed', { what: file, field: 'kind' });
  const { version } = decodeConfiguration(there.body);
  if (wanted !== undefined && wanted <= version) throw new GaletError('version-taken', { what: file, version });
  return wanted ?? version + 1;
}

export interface Build extends Pick<Release, 'board' | 'interpreter' | 'version'> {
  image: Uint8Array;
}

type Json = Record<string, unknown>;

function jsonIn(bytes: Uint8Array): Json {
  try {
    const json: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
    return typeof json === 'object' && json !== null ? (json as Json) : {};
  } catch {
    return {};
  }
}

function textIn(json: unknown, name: string): string {
  const value = typeof json === 'object' && json !== null ? (json as Json)[name] : undefined;
  return typeof value === 'string' ? value : '';
}

/**
 * What `npm run firmware` has made in `folder` for one board: its tokens where it has made them, its text otherwise. Throws
 * 'build-unusable', naming the field of the manifest, and 'file-unusable'.
 */
export function readBuild(folder: string): Build {
  const manifest = jsonIn(readBounded(join(folder, 'manifest.json'), MANIFEST_MAX));
  const must = (isRight: boolean, field: string): void => {
    if (!isRight) throw new GaletError('build-unusable', { folder, field });
  };
  const board = textIn(manifest, 'board');
  const version = versionNumber(textIn(manifest, 'version'));
  const interpreter = textIn(manifest.espruino, 'minimum');
  must(manifest.manifest === 1, 'manifest');
  must(isBoardName(board), 'board');
  must(version > 0, 'version');
  must(isInterpreterAtLeast(interpreter, interpreter), 'espruino.minimum');
  const script = manifest.tokens ?? manifest;
  const file = textIn(script, 'file');
  must(/^[a-z0-9]+\.[a-z]+$/.test(file), 'file');
  const image = readBounded(join(folder, file), IMAGE_MAX);
  must(Buffer.from(nodeDigest.sha256(image)).toString('hex') === textIn(script, 'sha256'), 'sha256');
  must(image.length > 0, 'bytes');
  return { board, version, interpreter, image };
}

export function releaseBody(
  facts: Pick<Release, 'board' | 'interpreter' | 'version'>,
  image: Uint8Array,
  times: Pick<Release, 'issued' | 'expires'>,
): Uint8Array {
  return encodeRelease({ ...facts, ...times, ...factsOf(image) });
}

/**
 * Throws 'version-taken' when the folder has a newer release for this board, or has signed another image under the same
 * version. The same image can be released again: that is how a release is prolonged.
 */
export function mustBeNewer(folder: string, next: Release): void {
  if (!boardsIn(folder).includes(next.board)) return;
  const { body, signatures } = readRelease(folder, next.board);
  const there = decodeRelease(body);
  const isOther = signatures.length > 0 && !equal(there.sha256, next.sha256);
  if (there.version < next.version || (there.version === next.version && !isOther)) return;
  throw new GaletError('version-taken', {
    what: releaseFile(folder, next.board),
    version: versionText(there.version),
  });
}
