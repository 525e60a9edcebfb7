/** A token's two keys, agreed with the server (ROBERT as robert-server does it): ECDH on P-256, then HMAC-SHA256. */
import { createHmac, createPublicKey, diffieHellman } from 'node:crypto';
import type { Random } from '../../device/ports.js';
import { nodeRandom, p256Key } from '../crypto.js';

export interface TokenKeys {
  /** SubjectPublicKeyInfo, 91 bytes: what the server is given. */
  publicKey: Uint8Array;
  /** Authenticates HELLOs and requests; 32 bytes. */
  kAuth: Uint8Array;
  /** Opens the server's answers; 32 bytes. */
  kEnc: Uint8Array;
}

function derive(shared: Buffer, label: string): Uint8Array {
  return new Uint8Array(createHmac('sha256', shared).update(label).digest());
}

/** Fresh keys for one token; `registrationKey` is the server's SubjectPublicKeyInfo. The private key is not kept. */
export function agreeKeys(registrationKey: Uint8Array, random: Random = nodeRandom): TokenKeys {
  const server = createPublicKey({ key: Buffer.from(registrationKey), format: 'der', type: 'spki' });
  const own = p256Key(random);
  const shared = diffieHellman({ privateKey: own, publicKey: server });
  const publicKey = new Uint8Array(createPublicKey(own).export({ format: 'der', type: 'spki' }));
  return { publicKey, kAuth: derive(shared, 'mac'), kEnc: derive(shared, 'tuples') };
}
