/** Whose signatures count for an object: the roots of its folder, or one that a person names. */

import { equal } from '../../device/bytes.js';
import { decodeRoot, ROOT, type Root } from '../../device/update/objects.js';
import { GaletError } from '../errors.js';
import { readRoots, readSigned } from './folder.js';
import { rootOf } from './make.js';
import type { SignedObject } from './objects.js';
import { keyName, keysOf, placeOf, verifyRoots } from './verify.js';

/** The root that a person trusts, from a file of hers; 'signed-malformed' for something else. */
export function readTrusted(file: string | undefined): SignedObject | undefined {
  if (file === undefined) return undefined;
  const object = readSigned(file);
  rootOf(object, file);
  return object;
}

/** A chain to verify: that of the folder, or the trusted root alone where the folder has none. */
function chainOf(folder: string | undefined, trusted: SignedObject | undefined): SignedObject[] {
  const roots = folder === undefined ? [] : readRoots(folder);
  return roots.length === 0 && trusted ? [trusted] : roots;
}

/** The chain without roots at its end that are still being signed: until they are, those before them count. */
function signedPart(chain: SignedObject[]): SignedObject[] {
  for (let length = chain.length; length > 0; length--) {
    try {
      verifyRoots(chain.slice(0, length));
      return chain.slice(0, length);
    } catch (error) {
      if (!(error instanceof GaletError) || error.code !== 'signatures-missing') throw error;
    }
  }
  return [];
}

/** The root before `object`, verified, and the one in it. The first one stands for itself, and so does the trusted one. */
function rootsForRoot(object: SignedObject, chain: SignedObject[], trusted: SignedObject | undefined): Root[] {
  const root = decodeRoot(object.body);
  if (trusted && decodeRoot(trusted.body).version >= root.version && !equal(trusted.body, object.body)) {
    throw new GaletError('roots-broken', { what: placeOf(object) });
  }
  const before = chain.filter(({ body }) => decodeRoot(body).version < root.version);
  const isAnchor = trusted !== undefined && equal(trusted.body, object.body);
  if (before.length === 0) return root.version === 1 || isAnchor ? [root] : [];
  const previous = verifyRoots(before, isAnchor ? undefined : trusted);
  if (previous.version !== root.version - 1) throw new GaletError('roots-broken', { what: placeOf(object) });
  return [previous, root];
}

/**
 * The roots of whose keys two each must sign `object`: for a root itself and, from the second on, the one before it; for
 * anything else the newest that is wholly signed. None where nothing is known. Throws what `verifyRoots` throws.
 */
export function rootsFor(object: SignedObject, folder: string | undefined, trusted: SignedObject | undefined): Root[] {
  const chain = chainOf(folder, trusted);
  if (object.kind === ROOT) return rootsForRoot(object, chain, trusted);
  if (chain.length === 0) return [];
  const usable = signedPart(chain);
  // With none of them signed, it is the first that says what is missing.
  return [verifyRoots(usable.length > 0 ? usable : chain, trusted)];
}

/** Throws 'signer-unknown' when roots are known and none has the key, 'signer-twice' when it has signed already. */
export function mustBeKnown(object: SignedObject, roots: Root[], key: Uint8Array): void {
  const parameters = { what: placeOf(object), key: keyName(key) };
  const isIn = roots.flatMap(keysOf).some((each) => equal(each, key));
  if (roots.length > 0 && !isIn) throw new GaletError('signer-unknown', parameters);
  if (object.signatures.some((each) => equal(each.key, key))) throw new GaletError('signer-twice', parameters);
}
