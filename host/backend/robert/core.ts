/** What all of the ROBERT server works with: its context, and the key ring over the vault. */
import { eccCipher, type KeyRing } from './ebid.js';
import type { RobertContext } from './port.js';
import { expandKey, type SkinnyKey } from './skinny.js';

export interface Core extends RobertContext {
  ring: KeyRing;
}

export function createCore(context: RobertContext): Core {
  const { vault, parameters } = context;
  // The vault hands out the same object for a key for as long as it knows it.
  const expanded = new WeakMap<Uint8Array, SkinnyKey>();
  const ring: KeyRing = {
    serviceStart: parameters.serviceStart,
    countryCode: parameters.countryCode,
    ecc: eccCipher(vault.secret('federation')),
    serverKey(day) {
      const key = vault.serverKey(day);
      if (key === undefined) return undefined;
      const known = expanded.get(key) ?? expandKey(key);
      expanded.set(key, known);
      return known;
    },
  };
  return { ...context, ring };
}

export function randomBytes(core: Core, length: number): Uint8Array {
  const out = new Uint8Array(length);
  core.random.fill(out);
  return out;
}
