/** The device's `Digest` and `Random` ports on Node, for everything of the device's code that the host runs. */
import { createECDH, createHash, createPrivateKey, type KeyObject, randomFillSync } from 'node:crypto';
import type { Digest, Random } from '../device/ports.js';

export const nodeDigest: Digest = {
  sha256: (data) => new Uint8Array(createHash('sha256').update(data).digest()),
};

export const nodeRandom: Random = {
  fill: (out) => {
    randomFillSync(out);
  },
};

/** RFC 8410, section 7: what stands before the 32 bytes of an X25519 private key in PKCS #8. */
const X25519_HEAD = Buffer.from('302e020100300506032b656e04220420', 'hex');
const SCALAR_LENGTH = 32;
const P256 = 'prime256v1';

/** A private key on P-256, drawn from `random`. */
export function p256Key(random: Random): KeyObject {
  const scalar = Buffer.alloc(SCALAR_LENGTH);
  const pair = createECDH(P256);
  for (;;) {
    random.fill(scalar);
    try {
      pair.setPrivateKey(scalar);
      break;
    } catch {
      // Zero or beyond the order of the group, once in 2^32 draws: another one.
    }
  }
  const point = pair.getPublicKey();
  const part = (from: number): string => point.subarray(from, from + SCALAR_LENGTH).toString('base64url');
  const key = { kty: 'EC', crv: 'P-256', d: scalar.toString('base64url'), x: part(1), y: part(1 + SCALAR_LENGTH) };
  return createPrivateKey({ key, format: 'jwk' });
}

/** A private key on Curve25519 for Diffie-Hellman, drawn from `random`. */
export function x25519Key(random: Random): KeyObject {
  const key = Buffer.alloc(SCALAR_LENGTH);
  random.fill(key);
  return createPrivateKey({ key: Buffer.concat([X25519_HEAD, key]), format: 'der', type: 'pkcs8' });
}
