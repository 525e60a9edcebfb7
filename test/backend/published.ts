/** A folder of releases as the authority publishes it, with signatures that are none: the server is no judge of them. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { SLH_SIGNATURE } from '../../device/seal/slh-dsa.js';
import { renderSigned, type SignedObject } from '../../host/release/objects.js';
import { configuration, RELEASE_KEYS, release, root } from '../support/release-keys.js';

/** Two signatures of nothing. */
function withSignatures(object: SignedObject): SignedObject {
  const signatures = [0, 1].map((i) => ({
    key: RELEASE_KEYS[i]!.publicKey,
    signature: new Uint8Array(SLH_SIGNATURE).fill(i),
  }));
  return { ...object, signatures };
}

export function write(folder: string, path: string, content: string | Uint8Array): void {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}

export function publishRoot(folder: string, version: number): SignedObject {
  const object = withSignatures(root({ version, signers: [] }));
  write(folder, `roots/${version}.json`, renderSigned(object));
  return object;
}

export function publishConfiguration(folder: string, endTime: number): SignedObject {
  const object = withSignatures(configuration({ gatewayKey: new Uint8Array(32).fill(6), endTime, signers: [] }));
  write(folder, 'configuration.json', renderSigned(object));
  return object;
}

export function publishRelease(
  folder: string,
  board: string,
  version: string,
  image?: Uint8Array,
): { object: SignedObject; image: Uint8Array } {
  const made = release({ board, version, signers: [], ...(image && { image }) });
  const object = withSignatures(made.object);
  write(folder, `${board}/galet.js`, made.image);
  write(folder, `${board}/release.json`, renderSigned(object));
  return { object, image: made.image };
}
