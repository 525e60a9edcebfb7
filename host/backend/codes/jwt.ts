/**
 * Codes as JWT, verified as the submission-code server does (robert-server behaviour, "Submission-code server"), in its
 * order: parses; claims parse; jti not blank and iat present; iat not in the future; iat + 10 d not past; kid known;
 * ES256 signature. Whether the jti is unused is the store's to say. `exp` and `iss` are not looked at.
 */
import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import { CompactSign, compactVerify, decodeJwt, decodeProtectedHeader } from 'jose';
import type { Random } from '../../../device/ports.js';
import { ntpOfUnix, unixOfNtp } from '../../../device/robert/time.js';
import { GaletError } from '../../errors.js';
import type { KeyPair } from '../admin/vault.js';

const JWT_SECONDS = 10 * 86_400;

/** Public keys by key id. */
export type JwtIssuers = Map<string, KeyObject>;

/** What an authentic JWT says. Times are NTP seconds. */
export interface JwtCode {
  jti: string;
  issuedAt: number;
  validUntil: number;
}

export function keyIdOf(publicKey: Uint8Array): string {
  return createHash('sha256').update(publicKey).digest('hex').slice(0, 16);
}

/** Own key and those of `others` (key id to base64 SubjectPublicKeyInfo). Throws 'parameters-invalid'. */
export function jwtIssuers(own: KeyPair, others: Record<string, string>): JwtIssuers {
  const issuers: JwtIssuers = new Map();
  for (const [kid, spki] of Object.entries(others)) {
    try {
      issuers.set(kid, createPublicKey({ key: Buffer.from(spki, 'base64'), format: 'der', type: 'spki' }));
    } catch (cause) {
      throw new GaletError('parameters-invalid', { field: `/codeKeys/${kid}` }, cause);
    }
  }
  issuers.set(keyIdOf(own.publicKey), createPublicKey(own.privateKey));
  return issuers;
}

export async function signJwtCode(own: KeyPair, random: Random, now: number): Promise<string> {
  const jti = new Uint8Array(16);
  random.fill(jti);
  const claims = { jti: Buffer.from(jti).toString('hex'), iat: Math.floor(unixOfNtp(now)) };
  return new CompactSign(new TextEncoder().encode(JSON.stringify(claims)))
    .setProtectedHeader({ alg: 'ES256', typ: 'JWT', kid: keyIdOf(own.publicKey) })
    .sign(own.privateKey);
}

/**
 * What the code says if it was alive at `at`, as far as the code itself can tell; 'expired' or 'unknown' if not. `now`
 * is the server's time, `at` the moment it should have been alive, both NTP seconds.
 */
export async function verifyJwtCode(
  issuers: JwtIssuers,
  code: string,
  now: number,
  at: number,
): Promise<JwtCode | 'expired' | 'unknown'> {
  let kid: string | undefined;
  let jti: unknown;
  let iat: unknown;
  try {
    ({ kid } = decodeProtectedHeader(code));
    ({ jti, iat } = decodeJwt(code));
  } catch {
    return 'unknown';
  }
  if (typeof jti !== 'string' || jti.trim() === '' || typeof iat !== 'number') return 'unknown';
  const issuedAt = ntpOfUnix(iat);
  if (issuedAt > now) return 'unknown';
  const key = issuers.get(kid ?? '');
  if (issuedAt + JWT_SECONDS < at) return 'expired';
  if (key === undefined) return 'unknown';
  try {
    await compactVerify(code, key, { algorithms: ['ES256'] });
  } catch {
    return 'unknown';
  }
  return { jti, issuedAt, validUntil: issuedAt + JWT_SECONDS };
}
