/**
 * Whether a token would take what was signed: the same rules as device/update/update.ts, with another implementation of
 * the signatures, and a named error for each way of being wrong. What is malformed has been found out by `parseSigned`.
 */
import { slh_dsa_sha2_128s } from '@noble/post-quantum/slh-dsa.js';
import { equal } from '../../device/bytes.js';
import { SLH_SIGNATURE } from '../../device/seal/slh-dsa.js';
import {
  CONFIGURATION,
  contextOf,
  decodeConfiguration,
  decodeRelease,
  decodeRoot,
  keyOf,
  RELEASE,
  type Release,
  ROOT,
  ROOT_KEYS,
  type Root,
  THRESHOLD,
} from '../../device/update/objects.js';
import { GaletError } from '../errors.js';
import type { Signature, SignedObject } from './objects.js';
import { instantText } from './times.js';

/** The keys of a root, 32 bytes each. */
export function keysOf(root: Root): Uint8Array[] {
  return Array.from({ length: ROOT_KEYS }, (_, index) => keyOf(root, index));
}

/** How a key is called among people: the first 16 of its 64 hexadecimal digits. */
export function keyName(key: Uint8Array): string {
  return Buffer.from(key).toString('hex').slice(0, 16);
}

/** Where an object lies in a release folder: its name in errors. */
export function placeOf({ kind, body }: SignedObject): string {
  if (kind === ROOT) return `roots/${decodeRoot(body).version}.json`;
  return kind === CONFIGURATION ? 'configuration.json' : `${decodeRelease(body).board}/release.json`;
}

function isAmong(key: Uint8Array, keys: Uint8Array[]): boolean {
  return keys.some((each) => equal(each, key));
}

function isRight({ kind, body }: SignedObject, { key, signature }: Signature): boolean {
  if (signature.length !== SLH_SIGNATURE) return false;
  return slh_dsa_sha2_128s.verify(signature, body, key, { context: contextOf(kind) });
}

/**
 * How many signatures are still needed so that each of `roots` has its two. A key that is in both counts in both.
 */
function missingFor(roots: Root[], signers: Uint8Array[]): number {
  const needed = roots.map((root) => {
    const signed = keysOf(root).filter((key) => isAmong(key, signers)).length;
    return Math.max(THRESHOLD - signed, 0);
  });
  const open = roots.map((root) => keysOf(root).filter((key) => !isAmong(key, signers)));
  const shared = (open[0] ?? []).filter((key) => open.every((keys) => isAmong(key, keys))).length;
  const most = Math.max(...needed);
  const all = needed.reduce((sum, count) => sum + count, 0);
  return roots.length === 1 ? most : Math.max(most, all - shared);
}

/**
 * Looks at every signature of an object, and says how many are still missing. `roots`: those of whose keys two each must
 * sign, one for a release or a configuration, the one before and itself for a root. Throws 'signer-unknown',
 * 'signer-twice' or 'signature-wrong', naming the first key that it is true of.
 */
export function verifySignatures(object: SignedObject, roots: Root[]): number {
  const what = placeOf(object);
  const known = roots.flatMap(keysOf);
  const signers: Uint8Array[] = [];
  for (const signature of object.signatures) {
    const { key } = signature;
    const parameters = { what, key: keyName(key) };
    if (!isAmong(key, known)) throw new GaletError('signer-unknown', parameters);
    if (isAmong(key, signers)) throw new GaletError('signer-twice', parameters);
    if (!isRight(object, signature)) throw new GaletError('signature-wrong', parameters);
    signers.push(key);
  }
  return missingFor(roots, signers);
}

function mustBeSigned(object: SignedObject, roots: Root[]): void {
  const count = verifySignatures(object, roots);
  if (count > 0) throw new GaletError('signatures-missing', { what: placeOf(object), count });
}

/** Throws 'signed-expired' for an object that tokens take no more. `now`: NTP seconds. */
export function mustBeFresh(object: SignedObject, now: number): void {
  const { kind, body } = object;
  if (kind === ROOT) return;
  const { expires } = kind === RELEASE ? decodeRelease(body) : decodeConfiguration(body);
  if (now > expires) throw new GaletError('signed-expired', { what: placeOf(object), time: instantText(expires) });
}

/**
 * The last of a chain of roots. Each has the version after the one before it and is signed by two keys of that and two of
 * its own. The first is taken as it stands, unless `trusted` says which root to start from: then that one has to be among
 * them. Throws 'root-missing' (for none), 'roots-broken', 'signatures-missing' and what `verifySignatures` throws.
 */
export function verifyRoots(roots: SignedObject[], trusted?: SignedObject): Root {
  let newest: Root | undefined;
  for (const object of roots) {
    if (object.kind !== ROOT) throw new GaletError('roots-broken', { what: placeOf(object) });
    const root = decodeRoot(object.body);
    if (newest && root.version !== newest.version + 1) throw new GaletError('roots-broken', { what: placeOf(object) });
    mustBeSigned(object, newest ? [newest, root] : [root]);
    newest = root;
  }
  if (!newest) throw new GaletError('root-missing', { folder: 'roots' });
  if (trusted && !roots.some(({ body }) => equal(body, trusted.body))) {
    throw new GaletError('roots-broken', { what: placeOf(trusted) });
  }
  return newest;
}

/**
 * Throws unless a token that has the last of `roots` takes the object now (NTP seconds): 'signatures-missing',
 * 'signed-expired', and what `verifySignatures` throws. A release's image is for `verifyImage`.
 */
export function verifyObject(object: SignedObject, roots: Root[], now: number): void {
  mustBeSigned(object, roots);
  mustBeFresh(object, now);
}

/** The release in an object that `verifyObject` finds right under its root; 'release-misplaced' for another kind. */
export function verifyRelease(object: SignedObject, root: Root, now: number): Release {
  if (object.kind !== RELEASE) throw new GaletError('release-misplaced', { what: placeOf(object), found: '?' });
  verifyObject(object, [root], now);
  return decodeRelease(object.body);
}
