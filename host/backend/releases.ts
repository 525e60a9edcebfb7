/**
 * What the authority has published, from the folder in which it does: signed objects and images, served as they are. The
 * server is no judge of signatures, tokens are; it leaves out what is no signed object at all. The folder is looked at
 * with every question, and read again when a file in it has changed.
 *
 *   roots/1.json, roots/2.json, ...   the release keys, each version
 *   configuration.json                optional
 *   BOARD/release.json, BOARD/galet.js
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Logger } from 'pino';
import {
  CONFIGURATION,
  decodeConfiguration,
  decodeRelease,
  RELEASE,
  ROOT,
  THRESHOLD,
} from '../../device/update/objects.js';
import { versionNumber } from '../../device/update/versions.js';
import { GaletError } from '../errors.js';
import { ROOTS_MAX } from '../release/answer.js';
import { CONFIGURATION_FILE, IMAGE_FILE, RELEASE_FILE, ROOTS } from '../release/folder.js';
import { IMAGE_MAX } from '../release/image.js';
import { FILE_MAX, parseSigned, type Releases, type SignedObject } from '../release/objects.js';
import type { Running } from './fleet.js';

/** The first version that reads the order to update: one before takes an answer with it for forged. */
const FIRST_WITH_ORDERS = versionNumber('0.2.0');

export interface Image {
  bytes: Uint8Array;
  /** Of the image, lower-case hexadecimal. */
  sha256: string;
}

export interface Shelf {
  /** Everything that a token of this board may want; without a release for a board that has none. */
  releases(board: string): Releases;
  image(board: string): Image | undefined;
  /** Number of the version to which a token that runs this may go over; 0 when there is nothing newer, or it does not say. */
  orderFor(running: Partial<Running>): number;
}

interface Published {
  release: SignedObject;
  version: number;
  image: Image;
}

interface Content {
  roots: SignedObject[];
  configuration?: SignedObject;
  boards: Map<string, Published>;
}

/** Names in a folder; none where there is no such folder. */
function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** By what a file is known to be the one that was read; undefined where there is no file. */
function markOf(file: string): string | undefined {
  try {
    const stat = statSync(file);
    return stat.isFile() ? `${stat.ino} ${stat.size} ${stat.mtimeMs}` : undefined;
  } catch {
    return undefined;
  }
}

/** The published files that are there, by their path in the folder, with their marks. */
function filesIn(folder: string): Map<string, string> {
  const names = namesIn(join(folder, ROOTS)).map((name) => join(ROOTS, name));
  const boards = namesIn(folder).filter((name) => name !== ROOTS);
  const files = [
    ...names.filter((name) => /[/\\][1-9]\d{0,8}\.json$/.test(name)),
    CONFIGURATION_FILE,
    ...boards.flatMap((board) => [join(board, RELEASE_FILE), join(board, IMAGE_FILE)]),
  ];
  const marks = new Map<string, string>();
  for (const file of files) {
    const mark = markOf(join(folder, file));
    if (mark !== undefined) marks.set(file, mark);
  }
  return marks;
}

function readBounded(file: string, maxBytes: number): Buffer {
  if (statSync(file).size > maxBytes) throw new Error('too large');
  return readFileSync(file);
}

/** What is wrong with a file, in a word for the log. */
function reasonOf(error: unknown): string {
  if (error instanceof GaletError) return `${error.code} ${error.parameters.field}`;
  return error instanceof Error ? error.message : String(error);
}

/** `endTime`: when the server itself stops, NTP seconds, 0 for not yet. */
export function openShelf(folder: string, endTime: number, logger: Logger): Shelf {
  let mark = '';
  let content: Content = { roots: [], boards: new Map() };

  /** What `read` makes of a file; undefined, and a line in the log, for one that is not what it should be. */
  function orWarn<T>(file: string, read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      logger.warn({ file, reason: reasonOf(error) }, 'not published');
      return undefined;
    }
  }

  function readSigned(file: string, kind: number): SignedObject {
    const signed = parseSigned(readBounded(join(folder, file), FILE_MAX).toString('utf8'), file);
    if (signed.kind !== kind) throw new Error('of another kind');
    // A holder of a key signs in place; the folder may be the one that is served.
    if (signed.signatures.length < THRESHOLD) throw new Error('not signed by enough');
    return signed;
  }

  function readConfiguration(): SignedObject {
    const signed = readSigned(CONFIGURATION_FILE, CONFIGURATION);
    const configuration = decodeConfiguration(signed.body);
    if (configuration.endTime !== endTime) {
      logger.warn({ signed: configuration.endTime, parameter: endTime }, 'tokens end at another time than the server');
    }
    return signed;
  }

  function readBoard(board: string): Published {
    const signed = readSigned(join(board, RELEASE_FILE), RELEASE);
    const release = decodeRelease(signed.body);
    if (release.board !== board) throw new Error('for another board');
    const bytes = new Uint8Array(readBounded(join(folder, board, IMAGE_FILE), IMAGE_MAX));
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    // Half of a publication: the other file is still to come, or did not.
    if (sha256 !== Buffer.from(release.sha256).toString('hex')) throw new Error('image of another release');
    return { release: signed, version: release.version, image: { bytes, sha256 } };
  }

  function readAll(files: string[]): Content {
    const numberOf = (file: string): number => Number.parseInt(basename(file), 10);
    const rootFiles = files.filter((file) => dirname(file) === ROOTS).sort((a, b) => numberOf(a) - numberOf(b));
    const roots = rootFiles
      .map((file) => orWarn(file, () => readSigned(file, ROOT)))
      .filter((root) => root !== undefined);
    const boards = new Map<string, Published>();
    for (const file of files.filter((name) => basename(name) === RELEASE_FILE)) {
      const board = dirname(file);
      const published = orWarn(file, () => readBoard(board));
      if (published !== undefined) boards.set(board, published);
    }
    const isConfigured = files.includes(CONFIGURATION_FILE);
    const configuration = isConfigured ? orWarn(CONFIGURATION_FILE, readConfiguration) : undefined;
    return { roots: roots.slice(-ROOTS_MAX), ...(configuration && { configuration }), boards };
  }

  function current(): Content {
    const files = filesIn(folder);
    const found = JSON.stringify([...files]);
    if (found !== mark) content = readAll([...files.keys()]);
    mark = found;
    return content;
  }

  // At once: what is wrong with the folder is said at the start.
  current();
  return {
    releases(board) {
      const { roots, configuration, boards } = current();
      const release = boards.get(board)?.release;
      return { roots, ...(configuration && { configuration }), ...(release && { release }) };
    },
    image: (board) => current().boards.get(board)?.image,
    orderFor({ board, firmware }) {
      const running = versionNumber(firmware ?? '');
      const version = current().boards.get(board ?? '')?.version ?? 0;
      return running >= FIRST_WITH_ORDERS && version > running ? version : 0;
    },
  };
}
