/** The server's keys, unwrapped in memory. Only this file and wrap.ts ever see a key-encryption key. */
import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import type { Random } from '../../../device/ports.js';
import { GaletError } from '../../errors.js';
import { serverKeys, systemKeys } from '../store/keys.js';
import type { Db } from '../store/store.js';
import { unwrapKey, wrapKey } from './wrap.js';

/** Names of the system's own keys. Pairs are kept as PKCS #8. */
export const SYSTEM_KEYS = {
  /** K_G, AES-256. */
  federation: 'federation-key',
  /** P-256, agrees on K_auth and K_enc with each client. */
  registration: 'register-key',
  /** X25519, opens tickets. */
  gateway: 'gateway-key',
  /** HMAC-SHA256 over codes at rest. */
  codeHash: 'code-hash-key',
  /** ES256 over codes issued here as JWT. */
  codeSigning: 'code-signing-key',
  /** RS256 over robert-server's three statements. */
  reportStatement: 'report-statement-key',
  declarationStatement: 'declaration-statement-key',
  analyticsStatement: 'analytics-statement-key',
  /** HMAC-SHA256 over the audit log. */
  audit: 'audit-key',
} as const;

export type SystemKeyName = (typeof SYSTEM_KEYS)[keyof typeof SYSTEM_KEYS];

export interface KeyPair {
  privateKey: KeyObject;
  /** SubjectPublicKeyInfo, DER. */
  publicKey: Uint8Array;
}

export interface KeyVault {
  /** K_S of a UTC day (floor(NTP seconds / 86 400)), 24 bytes; undefined before there is one and once it was deleted. */
  serverKey(day: number): Uint8Array | undefined;
  /** A secret of the system. */
  secret(name: 'federation' | 'codeHash' | 'audit'): Uint8Array;
  pair(name: Exclude<keyof typeof SYSTEM_KEYS, 'federation' | 'codeHash' | 'audit'>): KeyPair;
  /** Wraps a key for the database; `purpose` has to be the same when it is unwrapped. */
  wrap(purpose: string, key: Uint8Array): Uint8Array;
  /** Throws 'key-missing'. */
  unwrap(purpose: string, wrapped: Uint8Array): Uint8Array;
  /** Reads the server keys again: others may have been made or deleted. */
  refresh(db: Db): Promise<void>;
}

export function serverKeyPurpose(day: number): string {
  return `server-key-${day}`;
}

/** Unwraps all keys. Throws 'key-missing' when one is not there or does not open under `kek`. */
export async function openVault(db: Db, kek: Uint8Array, random: Random): Promise<KeyVault> {
  const secrets = new Map<string, Uint8Array>();
  const pairs = new Map<string, KeyPair>();
  const stored = await systemKeys(db);
  for (const [short, name] of Object.entries(SYSTEM_KEYS)) {
    const wrapped = stored.get(name);
    if (wrapped === undefined) throw new GaletError('key-missing', { key: name });
    const key = unwrapKey(kek, name, wrapped);
    if (short === 'federation' || short === 'codeHash' || short === 'audit') {
      secrets.set(short, key);
      continue;
    }
    const privateKey = createPrivateKey({ key: Buffer.from(key), format: 'der', type: 'pkcs8' });
    const publicKey = createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
    pairs.set(short, { privateKey, publicKey: new Uint8Array(publicKey) });
  }
  let byDay = new Map<number, Uint8Array>();

  const vault: KeyVault = {
    serverKey: (day) => byDay.get(day),
    secret: (name) => secrets.get(name)!,
    pair: (name) => pairs.get(name)!,
    wrap: (purpose, key) => wrapKey(kek, random, purpose, key),
    unwrap: (purpose, wrapped) => unwrapKey(kek, purpose, wrapped),
    async refresh(from) {
      const fresh = new Map<number, Uint8Array>();
      for (const { day, wrapped } of await serverKeys(from)) {
        // A key object that is already known stays the same: callers cache what they derive from it.
        fresh.set(day, byDay.get(day) ?? unwrapKey(kek, serverKeyPurpose(day), wrapped));
      }
      byDay = fresh;
    },
  };
  await vault.refresh(db);
  return vault;
}
