import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { agreeKeys, readPublicKey } from '../../../host/backend/robert/registration.js';

function spkiOf(key: KeyObject): Uint8Array {
  return new Uint8Array(key.export({ format: 'der', type: 'spki' }));
}

describe('key agreement', () => {
  const client = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const server = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const spki = spkiOf(client.publicKey);

  test('gives both sides the same two keys', () => {
    const ours = agreeKeys(server.privateKey, spki);
    const theirs = agreeKeys(client.privateKey, spkiOf(server.publicKey));
    expect(ours).toEqual(theirs);
    expect(ours?.kAuth).not.toEqual(ours?.kEnc);
  });

  test('refuses what is no key', () => {
    const offCurve = Uint8Array.from(spki);
    offCurve[90]! ^= 1;
    const secp256k1 = spkiOf(generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey);
    const x25519 = spkiOf(generateKeyPairSync('x25519').publicKey);
    const longer = Uint8Array.from([...spki, 0]);
    for (const bad of [offCurve, secp256k1, x25519, longer, spki.subarray(0, 90), new Uint8Array(0)]) {
      expect(readPublicKey(bad)).toBeUndefined();
      expect(agreeKeys(server.privateKey, bad)).toBeUndefined();
    }
  });
});
