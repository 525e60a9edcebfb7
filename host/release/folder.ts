/**
 * A release folder: what the authority publishes and the server hands out.
 *
 *   roots/1.json, roots/2.json, ...   configuration.json (optional)   <board>/release.json and <board>/galet.js
 */
import { readdirSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { CONFIGURATION, decodeRelease, decodeRoot, RELEASE, ROOT } from '../../device/update/objects.js';
import { GaletError } from '../errors.js';
import { readBounded, writeWhole } from './files.js';
import { IMAGE_MAX } from './image.js';
import { FILE_MAX, parseSigned, type Releases, renderSigned, type SignedObject } from './objects.js';

export const ROOTS = 'roots';
export const CONFIGURATION_FILE = 'configuration.json';
export const RELEASE_FILE = 'release.json';
export const IMAGE_FILE = 'galet.js';
const ROOT_NAME = /^([1-9]\d{0,8})\.json$/;
const BOARD_NAME = /^[a-z0-9][a-z0-9-]{0,31}$/;

export const rootFile = (folder: string, version: number): string => join(folder, ROOTS, `${version}.json`);
export const configurationFile = (folder: string): string => join(folder, CONFIGURATION_FILE);
export const releaseFile = (folder: string, board: string): string => join(folder, board, RELEASE_FILE);

/** Whether a board can have a folder of this name. */
export function isBoardName(name: string): boolean {
  return BOARD_NAME.test(name) && name !== ROOTS;
}

/** Throws 'file-unusable', 'signed-malformed'. */
export function readSigned(file: string): SignedObject {
  return parseSigned(Buffer.from(readBounded(file, FILE_MAX)).toString('latin1'), file);
}

export function writeSigned(file: string, object: SignedObject): void {
  writeWhole(file, renderSigned(object));
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw new GaletError('file-unusable', { file: folder }, cause);
  }
}

/** Versions of which there is a file, rising. */
function rootVersions(folder: string): number[] {
  return namesIn(join(folder, ROOTS))
    .map((name) => Number(ROOT_NAME.exec(name)?.[1] ?? 0))
    .filter((version) => version > 0)
    .sort((a, b) => a - b);
}

export function rootFiles(folder: string): string[] {
  return rootVersions(folder).map((version) => rootFile(folder, version));
}

/** Boards that have a release, by name. */
export function boardsIn(folder: string): string[] {
  return namesIn(folder)
    .filter((name) => isBoardName(name) && namesIn(join(folder, name)).includes(RELEASE_FILE))
    .sort();
}

export function hasConfiguration(folder: string): boolean {
  return namesIn(folder).includes(CONFIGURATION_FILE);
}

/** A root from its place; throws as `readSigned`, and 'release-misplaced' for another object or another version. */
export function readRoot(file: string): SignedObject {
  const object = readSigned(file);
  const found = object.kind === ROOT ? decodeRoot(object.body).version : 0;
  const version = Number(ROOT_NAME.exec(basename(file))?.[1] ?? 0);
  if (found !== version) throw new GaletError('release-misplaced', { what: file, found: `roots/${found}.json` });
  return object;
}

/** All roots of a folder, rising; none of an empty one. */
export function readRoots(folder: string): SignedObject[] {
  return rootFiles(folder).map(readRoot);
}

/** Throws the same for another kind of object. */
export function readConfiguration(folder: string): SignedObject {
  const file = configurationFile(folder);
  const object = readSigned(file);
  if (object.kind !== CONFIGURATION) throw new GaletError('release-misplaced', { what: file, found: '?' });
  return object;
}

/** The release of a board from its place; throws the same for another board's. */
export function readRelease(folder: string, board: string): SignedObject {
  const file = releaseFile(folder, board);
  const object = readSigned(file);
  const found = object.kind === RELEASE ? decodeRelease(object.body).board : '?';
  if (found !== board) throw new GaletError('release-misplaced', { what: file, found });
  return object;
}

/** The image that belongs to a release file. */
export function imageBeside(releaseFile: string): string {
  return join(dirname(releaseFile), IMAGE_FILE);
}

/** The same, not judged; 'file-unusable' when it is missing or longer than any image. */
export function readImageBeside(releaseFile: string): Uint8Array {
  return readBounded(imageBeside(releaseFile), IMAGE_MAX);
}

export const imageFile = (folder: string, board: string): string => imageBeside(releaseFile(folder, board));

/** The image of a board; throws the same. */
export function readImage(folder: string, board: string): Uint8Array {
  return readImageBeside(releaseFile(folder, board));
}

/** What is published for one board, not judged. */
export function readReleases(folder: string, board: string): Releases {
  return {
    roots: readRoots(folder),
    ...(hasConfiguration(folder) && { configuration: readConfiguration(folder) }),
    ...(boardsIn(folder).includes(board) && { release: readRelease(folder, board) }),
  };
}

/** The release folder that a file lies in, going by the file's name; undefined for one that lies alone. */
export function folderOf(file: string): string | undefined {
  const place = dirname(resolve(file));
  const name = basename(file);
  if (name === CONFIGURATION_FILE) return place;
  if (name === RELEASE_FILE) return dirname(place);
  return basename(place) === ROOTS && ROOT_NAME.test(name) ? dirname(place) : undefined;
}
