/** A key ring from the hexadecimal keys of a vector file. */
import { type EccCipher, eccCipher, type KeyRing } from '../../host/backend/robert/ebid.js';
import { dayOfName } from '../../host/backend/robert/keydays.js';
import type { SkinnyKey } from '../../host/backend/robert/skinny.js';
import { FieldError, type Fields } from './fields.js';

/** `serverKeys`: `yyyymmdd` to 24 bytes, or null where the reference had no key. */
export function ringOf(serviceStart: number, countryCode: number, ecc: EccCipher, serverKeys: Fields): KeyRing {
  const days = new Map<number, string>();
  for (const name of serverKeys.names()) {
    if (!/^\d{8}$/.test(name)) throw new FieldError(`${name}: not a day`);
    if (!serverKeys.isNull(name)) days.set(dayOfName(name), name);
  }
  // Expanded when asked for: a case uses one or two of the keys.
  const expanded = new Map<number, SkinnyKey>();
  const serverKey = (day: number): SkinnyKey | undefined => {
    const name = days.get(day);
    if (name !== undefined && !expanded.has(day)) expanded.set(day, serverKeys.serverKey(name));
    return expanded.get(day);
  };
  return { serviceStart, countryCode, ecc, serverKey };
}

/** For files that hold no federation key: their cases never get as far as an ECC. */
export const NO_ECC: EccCipher = eccCipher(new Uint8Array(32));
