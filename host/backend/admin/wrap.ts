/**
 * Keys at rest: iv (12) | AES-256-GCM under the key-encryption key | tag (16). The purpose of a key is authenticated
 * with it, so that a row of the database cannot be passed off as another.
 */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { concat, copyOf } from '../../../device/bytes.js';
import type { Random } from '../../../device/ports.js';
import { GaletError } from '../../errors.js';

export const KEK_LENGTH = 32;
const IV = 12;
const TAG = 16;

export function wrapKey(kek: Uint8Array, random: Random, purpose: string, key: Uint8Array): Uint8Array {
  const iv = new Uint8Array(IV);
  random.fill(iv);
  const cipher = createCipheriv('aes-256-gcm', kek, iv).setAAD(Buffer.from(purpose));
  return concat([iv, cipher.update(key), cipher.final(), cipher.getAuthTag()]);
}

/** Throws 'key-missing', naming the purpose, when the key-encryption key or the purpose is another one. */
export function unwrapKey(kek: Uint8Array, purpose: string, wrapped: Uint8Array): Uint8Array {
  const end = wrapped.length - TAG;
  try {
    const decipher = createDecipheriv('aes-256-gcm', kek, copyOf(wrapped, 0, IV)).setAAD(Buffer.from(purpose));
    decipher.setAuthTag(copyOf(wrapped, end, wrapped.length));
    return concat([decipher.update(copyOf(wrapped, IV, end)), decipher.final()]);
  } catch (cause) {
    throw new GaletError('key-missing', { key: purpose }, cause);
  }
}
