import { createECDH, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { copyOf } from '../../../device/bytes.js';
import { eccCipher, type KeyRing } from '../../../host/backend/robert/ebid.js';
import { dayName } from '../../../host/backend/robert/keydays.js';
import {
  agreeKeys,
  type ClientKeys,
  deriveClientKeys,
  readPublicKey,
  sharedSecret,
} from '../../../host/backend/robert/registration.js';
import { expandKey } from '../../../host/backend/robert/skinny.js';
import {
  BUNDLE_IV_LENGTH,
  bundleJson,
  identifiersFrom,
  openBundle,
  sealBundle,
} from '../../../host/backend/robert/tuples.js';
import type { Check } from '../check.js';
import { FieldError, type Fields, hexOf } from '../fields.js';
import { NO_ECC, ringOf } from '../ring.js';
import type { CaseRunner, FileRunner } from '../runner.js';

const TAG_LENGTH = 16;

const ecdh: CaseRunner = (fields, _meta, check) => {
  const client = keyOf(fields, 'client');
  const server = keyOf(fields, 'server');
  const clientSpki = fields.base64('clientSpki');
  const serverSpki = fields.base64('serverSpki');
  check.same('clientSpki', publicOf(client), hexOf(clientSpki));
  check.same('serverSpki', publicOf(server), hexOf(serverSpki));
  const peers: [KeyObject, Uint8Array][] = [
    [server, clientSpki],
    [client, serverSpki],
  ];
  for (const [own, spki] of peers) {
    const peer = readPublicKey(spki);
    if (peer === undefined) return check.note('spki', 'refused by ours');
    const shared = sharedSecret(own, peer);
    check.same('shared', shared, fields.bytes('shared', 32));
    checkKeys(deriveClientKeys(shared), fields, check);
  }
};

const badClientKey: CaseRunner = (fields, _meta, check) => {
  const result = fields.part('result');
  const keys = agreeKeys(keyOf(fields, 'server'), fields.base64('clientSpki'));
  check.same('clientSpki accepted', keys !== undefined, false);
  check.same('result.code', result.integer('code'), 400);
  const error = 'Unable to derive keys from provided client public key for client registration';
  check.same('result.error', error, result.text('error'));
  check.holds('what', fields.text('what') !== '', 'is empty');
};

const bundle: CaseRunner = (fields, meta, check) => {
  const clientSpki = fields.base64('clientSpki');
  check.same('clientSpki', publicOf(keyOf(fields, 'client')), hexOf(clientSpki));
  const keys = agreeKeys(keyOf(fields, 'server'), clientSpki);
  if (keys === undefined) return check.note('clientSpki', 'refused by ours');
  checkKeys(keys, fields, check);

  const identifiers = identifiersFrom(
    ringOf(meta.integer('serviceStartNtp'), fields.byte('cc'), eccCipher(fields.bytes('kg')), fields.part('ks')),
    fields.bytes('id', 5),
    fields.integer('fromEpoch'),
    fields.integer('nbDays'),
  );
  if (identifiers === undefined) return check.note('count', 'ours makes no bundle');
  check.same('count', identifiers.length, fields.integer('count'));
  check.same('epochs', [identifiers[0]?.epoch, identifiers.at(-1)?.epoch], fields.numbers('epochs'));
  check.same('plaintext', bundleJson(identifiers), fields.text('plaintext'));

  const blob = fields.base64('blob');
  const iv = fields.bytes('iv', 12);
  check.same('iv', copyOf(blob, 0, BUNDLE_IV_LENGTH), hexOf(iv));
  check.same('tag', copyOf(blob, blob.length - TAG_LENGTH, blob.length), fields.text('tag'));
  check.same('blob', sealBundle(keys.kEnc, identifiers, iv), hexOf(blob));
  const opened = openBundle(keys.kEnc, blob);
  check.same('blob opened', opened && bundleJson(opened), fields.text('plaintext'));
};

/** The keys that the reference had then: all, but for the days named, and none after the day named so. */
const bundleRefused: CaseRunner = (fields, meta, check) => {
  const absent = fields.texts('daysWithoutKey');
  const last = absent.find((text) => text.startsWith('after '))?.slice('after '.length) ?? '99991231';
  for (const text of absent) {
    if (!/^(after )?\d{8}$/.test(text)) throw new FieldError(`daysWithoutKey: ${text} is no day`);
  }
  const key = expandKey(new Uint8Array(24));
  const none = new Set(absent);
  const ring: KeyRing = {
    serviceStart: meta.integer('serviceStartNtp'),
    countryCode: 0,
    ecc: NO_ECC,
    serverKey: (day) => (none.has(dayName(day)) || dayName(day) > last ? undefined : key),
  };
  const identifiers = identifiersFrom(ring, new Uint8Array(5), fields.integer('fromEpoch'), fields.integer('nbDays'));
  const result = fields.part('result');
  check.same('bundle', identifiers?.length ?? 'refused', 'refused');
  check.same('result.code', 500, result.integer('code'));
  check.same('result.error', 'Unhandled exception while creating registration', result.text('error'));
};

function checkKeys(keys: ClientKeys, fields: Fields, check: Check): void {
  check.same('kAuth', keys.kAuth, fields.bytes('kAuth', 32));
  check.same('kEnc', keys.kEnc, fields.bytes('kEnc', 32));
}

/** The private key of a 32-byte scalar. */
function keyOf(fields: Fields, who: 'client' | 'server'): KeyObject {
  const scalar = fields.bytes(`${who}Priv`, 32);
  const ecdh = createECDH('prime256v1');
  ecdh.setPrivateKey(scalar);
  const point = ecdh.getPublicKey();
  const coordinate = (at: number): string => point.subarray(at, at + 32).toString('base64url');
  const d = Buffer.from(scalar).toString('base64url');
  return createPrivateKey({
    key: { kty: 'EC', crv: 'P-256', d, x: coordinate(1), y: coordinate(33) },
    format: 'jwk',
  });
}

function publicOf(key: KeyObject): Uint8Array {
  return new Uint8Array(createPublicKey(key).export({ format: 'der', type: 'spki' }));
}

const KINDS: Record<string, CaseRunner> = { badClientKey, bundleRefused };

export const tuplesRunner: FileRunner = {
  name: 'tuples',
  recognises: (fields) => fields.has('clientSpki') || fields.has('daysWithoutKey'),
  runnerOf: (kind) => KINDS[kind] ?? (kind.startsWith('ecdh') ? ecdh : kind.startsWith('bundle') ? bundle : undefined),
};
