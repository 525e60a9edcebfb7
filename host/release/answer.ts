/** What the server says of releases (docs/spec/http.md): written by the backend, read by whoever asks it. */
import { CONFIGURATION, RELEASE, ROOT } from '../../device/update/objects.js';
import { GaletError } from '../errors.js';
import { type Kind, parseSigned, type Releases, renderSigned, type SignedObject } from './objects.js';

/** Versions of the release keys in one answer: the newest. */
export const ROOTS_MAX = 20;
/** No answer is longer: twenty roots with the signatures of two sets of three keys are about 1.3 MB. */
export const RELEASES_BYTES_MAX = 2 * 1024 * 1024;

/** The answer's body. */
export function releasesJson({ roots, configuration, release }: Releases) {
  const json = (signed: SignedObject) => JSON.parse(renderSigned(signed));
  return {
    roots: roots.map(json),
    ...(configuration && { configuration: json(configuration) }),
    ...(release && { release: json(release) }),
  };
}

function signedIn(json: unknown, kind: Kind): SignedObject {
  const signed = parseSigned(json, 'answer');
  if (signed.kind !== kind) throw new Error('of another kind');
  return signed;
}

/** Throws 'backend-failing' for anything that is no such answer. Signatures are left to those who know the keys. */
export function releasesFrom(json: unknown): Releases {
  const { roots, configuration, release } = (json ?? {}) as Record<string, unknown>;
  if (!Array.isArray(roots) || roots.length > ROOTS_MAX) throw new GaletError('backend-failing', {}, 'roots');
  try {
    return {
      roots: roots.map((root) => signedIn(root, ROOT)),
      ...(configuration !== undefined && { configuration: signedIn(configuration, CONFIGURATION) }),
      ...(release !== undefined && { release: signedIn(release, RELEASE) }),
    };
  } catch (error) {
    throw new GaletError('backend-failing', {}, error);
  }
}
