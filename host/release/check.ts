/** A file or a release folder, looked at as a token would look at it: every problem found, not only the first. */
import { dirname } from 'node:path';
import { equal } from '../../device/bytes.js';
import { decodeRelease, decodeRoot, RELEASE, type Root } from '../../device/update/objects.js';
import { GaletError } from '../errors.js';
import {
  boardsIn,
  configurationFile,
  folderOf,
  hasConfiguration,
  imageBeside,
  readConfiguration,
  readImageBeside,
  readRelease,
  readRoot,
  readSigned,
  releaseFile,
  rootFiles,
} from './folder.js';
import { verifyImage } from './image.js';
import type { SignedObject } from './objects.js';
import { rootsFor } from './trust.js';
import { verifyObject, verifyRoots } from './verify.js';

/** One file, and why a token would not take it. */
export interface Checked {
  file: string;
  /** Missing when the file could not even be read. */
  object?: SignedObject;
  error?: GaletError;
}

export interface Verdict {
  checked: Checked[];
  /** The file of the root that the others follow from, where it was trusted because it was there. */
  anchor?: string;
}

/** What `read` gives and `judge` finds. Only named errors are verdicts. */
function checkOne(file: string, read: () => SignedObject, judge: (object: SignedObject) => void): Checked {
  let object: SignedObject | undefined;
  try {
    object = read();
    judge(object);
    return { file, object };
  } catch (error) {
    if (!(error instanceof GaletError)) throw error;
    return { file, error, ...(object && { object }) };
  }
}

/** The roots of a folder, and the chain of those that hold. */
function checkRoots(folder: string, trusted: SignedObject | undefined): { checked: Checked[]; chain: SignedObject[] } {
  const chain: SignedObject[] = [];
  const judge = (object: SignedObject): void => {
    const { version } = decodeRoot(object.body);
    const isOther = trusted && decodeRoot(trusted.body).version === version && !equal(trusted.body, object.body);
    if (isOther) throw new GaletError('roots-broken', { what: `roots/${version}.json` });
    verifyRoots([...chain, object]);
    chain.push(object);
  };
  const checked = rootFiles(folder).map((file) => checkOne(file, () => readRoot(file), judge));
  return { checked, chain };
}

/** A release or a configuration; of a release also the image that lies beside it. */
function judgeObject(object: SignedObject, file: string, roots: Root[], now: number): void {
  verifyObject(object, roots, now);
  if (object.kind === RELEASE) verifyImage(decodeRelease(object.body), readImageBeside(file), imageBeside(file));
}

/** Every file of a release folder. `now`: NTP seconds. Throws 'root-missing' when nothing says whose signatures count. */
export function checkFolder(folder: string, trusted: SignedObject | undefined, now: number): Verdict {
  const { checked, chain } = checkRoots(folder, trusted);
  if (checked.length === 0 && !trusted) throw new GaletError('root-missing', { folder });
  const roots = checked.length === 0 && trusted ? [trusted] : chain;
  const anchor = checked[0]?.file;
  const judge = (file: string) => (object: SignedObject) => {
    if (roots.length === 0) throw new GaletError('root-missing', { folder });
    judgeObject(object, file, [verifyRoots(roots, trusted)], now);
  };
  if (hasConfiguration(folder)) {
    const file = configurationFile(folder);
    checked.push(checkOne(file, () => readConfiguration(folder), judge(file)));
  }
  for (const board of boardsIn(folder)) {
    const file = releaseFile(folder, board);
    checked.push(checkOne(file, () => readRelease(folder, board), judge(file)));
  }
  return { checked, ...(!trusted && anchor !== undefined && { anchor }) };
}

/** One file, by the roots of the folder that it lies in; the image that a release names has to lie beside it. */
export function checkFile(file: string, trusted: SignedObject | undefined, now: number): Verdict {
  const folder = folderOf(file);
  const anchor = (folder === undefined ? undefined : rootFiles(folder)[0]) ?? file;
  const judge = (object: SignedObject): void => {
    const roots = rootsFor(object, folder, trusted);
    if (roots.length === 0) throw new GaletError('root-missing', { folder: folder ?? dirname(file) });
    judgeObject(object, file, roots, now);
  };
  return { checked: [checkOne(file, () => readSigned(file), judge)], ...(!trusted && { anchor }) };
}
