/**
 * Identifiers ahead of time: the phone's bundle ("tuples", robert-server behaviour) and the token's days
 * (device/seal/answer.ts).
 *
 *   bundle = IV (12) | AES-256-GCM(K_enc, json) | tag (16)
 *   json   = [{"epochId":123,"key":{"ebid":"<base64>","ecc":"<base64>"}}, ...]     rising epochs, no spaces
 */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { concat, copyOf } from '../../../device/bytes.js';
import { EBID_LENGTH } from '../../../device/robert/hello.js';
import { DAY_SECONDS, EPOCHS_A_DAY, epochAt, epochStart, utcDay } from '../../../device/robert/time.js';
import { ANSWER_DAYS, DAY_LENGTH, IDENTIFIER_LENGTH } from '../../../device/seal/answer.js';
import { type KeyRing, makeEbid } from './ebid.js';
import { epochsLeftInKeyDay, keyDayOf } from './keydays.js';

export const BUNDLE_IV_LENGTH = 12;
const BUNDLE_TAG_LENGTH = 16;

export interface Identifier {
  epoch: number;
  /** 8 bytes. */
  ebid: Uint8Array;
  ecc: number;
}

/**
 * Identifiers from `fromEpoch` to the end of its key day, then for whole days, `days` days in all. A day without a
 * server key is left out; undefined when nothing is left.
 *
 * As in the reference every day after the first counts 96 epochs under the key of the next date. That is right but for
 * bundles which begin before 11 June 2020 and run past that day of 104 epochs.
 */
export function identifiersFrom(
  ring: KeyRing,
  id: Uint8Array,
  fromEpoch: number,
  days: number,
): Identifier[] | undefined {
  const identifiers: Identifier[] = [];
  const firstDay = keyDayOf(ring.serviceStart, fromEpoch);
  let epoch = fromEpoch;
  for (let i = 0; i < days; i++) {
    const end = epoch + (i === 0 ? epochsLeftInKeyDay(ring.serviceStart, fromEpoch) : EPOCHS_A_DAY);
    const key = ring.serverKey(firstDay + i);
    if (key !== undefined) {
      for (let e = epoch; e < end; e++) {
        const ebid = makeEbid(key, e, id);
        identifiers.push({ epoch: e, ebid, ecc: ring.ecc.apply(ebid, ring.countryCode) });
      }
    }
    epoch = end;
  }
  return identifiers.length === 0 ? undefined : identifiers;
}

/** The JSON under a bundle, byte for byte as the reference writes it. */
export function bundleJson(identifiers: Identifier[]): string {
  return JSON.stringify(
    identifiers.map(({ epoch, ebid, ecc }) => ({
      epochId: epoch,
      key: { ebid: Buffer.from(ebid).toString('base64'), ecc: Buffer.from([ecc]).toString('base64') },
    })),
  );
}

/** `iv`: 12 bytes, fresh for every bundle. */
export function sealBundle(kEnc: Uint8Array, identifiers: Identifier[], iv: Uint8Array): Uint8Array {
  const cipher = createCipheriv('aes-256-gcm', kEnc, iv);
  const ciphertext = Buffer.concat([cipher.update(bundleJson(identifiers), 'utf8'), cipher.final()]);
  return concat([iv, ciphertext, cipher.getAuthTag()]);
}

/** Undefined when the bundle is not from the holder of `kEnc`, or says something else than identifiers. */
export function openBundle(kEnc: Uint8Array, bundle: Uint8Array): Identifier[] | undefined {
  if (bundle.length < BUNDLE_IV_LENGTH + BUNDLE_TAG_LENGTH) return undefined;
  const end = bundle.length - BUNDLE_TAG_LENGTH;
  const decipher = createDecipheriv('aes-256-gcm', kEnc, copyOf(bundle, 0, BUNDLE_IV_LENGTH), {
    authTagLength: BUNDLE_TAG_LENGTH,
  });
  decipher.setAuthTag(copyOf(bundle, end, bundle.length));
  try {
    const json = decipher.update(copyOf(bundle, BUNDLE_IV_LENGTH, end), undefined, 'utf8') + decipher.final('utf8');
    return readBundleJson(JSON.parse(json));
  } catch {
    return undefined;
  }
}

function readBundleJson(json: unknown): Identifier[] | undefined {
  if (!Array.isArray(json)) return undefined;
  const identifiers: Identifier[] = [];
  for (const entry of json as { epochId?: unknown; key?: { ebid?: unknown; ecc?: unknown } }[]) {
    const ebid = Buffer.from(String(entry.key?.ebid), 'base64');
    const ecc = Buffer.from(String(entry.key?.ecc), 'base64');
    if (!Number.isInteger(entry.epochId) || ebid.length !== EBID_LENGTH || ecc.length !== 1) return undefined;
    identifiers.push({ epoch: entry.epochId as number, ebid: new Uint8Array(ebid), ecc: ecc[0]! });
  }
  return identifiers;
}

/**
 * What a token carries away from a visit at `now` (NTP seconds): the rest of today and 21 whole UTC days, each a block
 * of 96 x (EBID 8 | ECC 1). Nine zeros stand where the epoch has passed, starts at `until` or later, or has no server
 * key.
 */
export function tokenDays(ring: KeyRing, id: Uint8Array, now: number, until: number): Uint8Array[] {
  const today = utcDay(now);
  const current = epochAt(ring.serviceStart, now);
  const blocks: Uint8Array[] = [];
  for (let d = 0; d < ANSWER_DAYS; d++) {
    const block = new Uint8Array(DAY_LENGTH);
    const first = epochAt(ring.serviceStart, (today + d) * DAY_SECONDS);
    for (let i = 0; i < EPOCHS_A_DAY; i++) {
      const epoch = first + i;
      const isUsable = epoch >= current && epochStart(ring.serviceStart, epoch) < until;
      const key = isUsable ? ring.serverKey(keyDayOf(ring.serviceStart, epoch)) : undefined;
      if (key === undefined) continue;
      const ebid = makeEbid(key, epoch, id);
      block.set(ebid, i * IDENTIFIER_LENGTH);
      block[i * IDENTIFIER_LENGTH + EBID_LENGTH] = ring.ecc.apply(ebid, ring.countryCode);
    }
    blocks.push(block);
  }
  return blocks;
}
