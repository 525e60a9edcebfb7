/**
 * Key agreement at registration (ROBERT v1.1 section 3.1; robert-server behaviour):
 *
 *   shared = x coordinate of own private x peer public on P-256, 32 bytes, leading zeros kept
 *   K_auth = HMAC-SHA256(shared, "mac")      K_enc = HMAC-SHA256(shared, "tuples")
 */
import { createHmac, createPublicKey, diffieHellman, type KeyObject } from 'node:crypto';
import { copyOf, equal } from '../../../device/bytes.js';

/** X.509 SubjectPublicKeyInfo of P-256 with an uncompressed point: this head, then x and y. */
const SPKI_HEAD = Buffer.from('3059301306072a8648ce3d020106082a8648ce3d030107034200' + '04', 'hex');
const SPKI_LENGTH = 91;

/** 32 bytes each. */
export interface ClientKeys {
  kAuth: Uint8Array;
  kEnc: Uint8Array;
}

/**
 * The key in 91 bytes of DER; undefined for all that JDK 17 refuses: a point off the curve, compressed or at infinity,
 * a bare point, another curve, anything cut or longer.
 */
export function readPublicKey(spki: Uint8Array): KeyObject | undefined {
  if (spki.length !== SPKI_LENGTH || !equal(copyOf(spki, 0, SPKI_HEAD.length), SPKI_HEAD)) return undefined;
  try {
    return createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
  } catch {
    // OpenSSL checks that the point is on the curve.
    return undefined;
  }
}

/** 32 bytes. */
export function sharedSecret(own: KeyObject, peer: KeyObject): Uint8Array {
  return new Uint8Array(diffieHellman({ privateKey: own, publicKey: peer }));
}

export function deriveClientKeys(shared: Uint8Array): ClientKeys {
  const derive = (label: string): Uint8Array => new Uint8Array(createHmac('sha256', shared).update(label).digest());
  return { kAuth: derive('mac'), kEnc: derive('tuples') };
}

/** The keys shared with the sender of `spki`; undefined when that is no key (see `readPublicKey`). */
export function agreeKeys(registrationKey: KeyObject, spki: Uint8Array): ClientKeys | undefined {
  const peer = readPublicKey(spki);
  return peer === undefined ? undefined : deriveClientKeys(sharedSecret(registrationKey, peer));
}
