/**
 * Files of release keys (docs/spec/update.md, "Keys"). The secret one is JSON for its owner alone, encrypted under a
 * passphrase; the public one a line of 64 hexadecimal digits that two people can compare by voice.
 *
 *   {"galet": 1, "kind": "release key", "public": hex, "salt": base64 (16), "iv": base64 (12), "secret": base64 (64 + 16)}
 *
 * The secret is encrypted with AES-256-GCM under scrypt(passphrase, salt) of N 2^17, r 8, p 1, and the public key
 * authenticated with it. Format 1 means these numbers: a file cannot ask for weaker ones, nor for all memory there is.
 */
import { createCipheriv, createDecipheriv, scryptSync } from 'node:crypto';
import { slh_dsa_sha2_128s } from '@noble/post-quantum/slh-dsa.js';
import { concat, copyOf, equal } from '../../device/bytes.js';
import type { Random } from '../../device/ports.js';
import { contextOf, KEY_LENGTH } from '../../device/update/objects.js';
import { GaletError } from '../errors.js';
import { mustBeAbsent, OWNER_ONLY, readBounded, writeWhole } from './files.js';
import type { SignedObject } from './objects.js';
import { keyName, placeOf } from './verify.js';

export interface ReleaseKey {
  /** 32 bytes. */
  publicKey: Uint8Array;
  /** 64 bytes, of which the last 32 are the public key. */
  secretKey: Uint8Array;
}

/** A secret key at rest. */
export interface LockedKey {
  file: string;
  publicKey: Uint8Array;
  salt: Uint8Array;
  iv: Uint8Array;
  /** 64 bytes encrypted, and the tag. */
  secret: Uint8Array;
}

const FORMAT = 1;
const KIND = 'release key';
const SCRYPT = { N: 2 ** 17, r: 8, p: 1, maxmem: 256 << 20 };
const SALT = 16;
const IV = 12;
const TAG = 16;
const SECRET = 64;
const SEED = 48;
const SIGN_ENTROPY = 16;
const KEY_FILE_MAX = 4096;
/** Characters of a passphrase that a new key is given. */
export const PASSPHRASE_MIN = 12;

function drawn(random: Random, length: number): Uint8Array {
  const out = new Uint8Array(length);
  random.fill(out);
  return out;
}

/** The same letters give the same key, however a keyboard composes them. */
function lockingKey(passphrase: string, salt: Uint8Array): Uint8Array {
  return new Uint8Array(scryptSync(passphrase.normalize('NFKC'), salt, 32, SCRYPT));
}

/** A new key; takes half a second or more. */
export function makeKey(random: Random): ReleaseKey {
  const { publicKey, secretKey } = slh_dsa_sha2_128s.keygen(drawn(random, SEED));
  return { publicKey, secretKey };
}

/** The file of the public key that belongs to the file of a secret one. */
export function publicFileOf(file: string): string {
  return file.endsWith('.key') ? `${file.slice(0, -4)}.pub` : `${file}.pub`;
}

/** Writes both files of a new key. Throws 'file-there' rather than replace one, and 'file-unusable'. */
export function writeKey(file: string, key: ReleaseKey, passphrase: string, random: Random): void {
  mustBeAbsent(file);
  mustBeAbsent(publicFileOf(file));
  const salt = drawn(random, SALT);
  const iv = drawn(random, IV);
  const cipher = createCipheriv('aes-256-gcm', lockingKey(passphrase, salt), iv).setAAD(key.publicKey);
  const secret = concat([cipher.update(key.secretKey), cipher.final(), cipher.getAuthTag()]);
  const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
  const publicHex = Buffer.from(key.publicKey).toString('hex');
  const json = {
    galet: FORMAT,
    kind: KIND,
    public: publicHex,
    salt: base64(salt),
    iv: base64(iv),
    secret: base64(secret),
  };
  writeWhole(file, `${JSON.stringify(json, null, 2)}\n`, OWNER_ONLY);
  writeWhole(publicFileOf(file), `${publicHex}\n`);
}

function bytesIn(value: unknown, encoding: 'base64' | 'hex', length: number): Uint8Array {
  const bytes = Buffer.from(typeof value === 'string' ? value : '', encoding);
  if (bytes.length !== length || bytes.toString(encoding) !== value) throw new RangeError('key file');
  return new Uint8Array(bytes);
}

/** Reads a secret key without opening it. Throws 'file-unusable', 'key-file-unusable'. */
export function readLockedKey(file: string): LockedKey {
  const text = Buffer.from(readBounded(file, KEY_FILE_MAX)).toString('latin1');
  try {
    const json = JSON.parse(text) as Record<string, unknown>;
    if (json.galet !== FORMAT || json.kind !== KIND) throw new RangeError('key file');
    return {
      file,
      publicKey: bytesIn(json.public, 'hex', KEY_LENGTH),
      salt: bytesIn(json.salt, 'base64', SALT),
      iv: bytesIn(json.iv, 'base64', IV),
      secret: bytesIn(json.secret, 'base64', SECRET + TAG),
    };
  } catch (cause) {
    // A parser's message quotes what it could not read.
    throw new GaletError('key-file-unusable', { file }, cause instanceof RangeError ? cause : undefined);
  }
}

/** Throws 'passphrase-wrong', which is also what a changed file looks like. */
export function unlock({ file, publicKey, salt, iv, secret }: LockedKey, passphrase: string): ReleaseKey {
  try {
    const decipher = createDecipheriv('aes-256-gcm', lockingKey(passphrase, salt), iv).setAAD(publicKey);
    decipher.setAuthTag(copyOf(secret, SECRET, SECRET + TAG));
    const secretKey = concat([decipher.update(copyOf(secret, 0, SECRET)), decipher.final()]);
    return { publicKey, secretKey };
  } catch (cause) {
    throw new GaletError('passphrase-wrong', { file }, cause);
  }
}

/** A public key from its file. Throws 'file-unusable', 'key-file-unusable'. */
export function readPublicKey(file: string): Uint8Array {
  const text = Buffer.from(readBounded(file, KEY_FILE_MAX)).toString('latin1').trim();
  try {
    return bytesIn(text, 'hex', KEY_LENGTH);
  } catch (cause) {
    throw new GaletError('key-file-unusable', { file }, cause);
  }
}

/**
 * The object with one signature more; takes seconds. Throws 'signer-twice', and 'internal' when the new signature does not
 * verify: a signature that a fault of the computer has spoilt could give a part of the secret away.
 */
export function addSignature(object: SignedObject, key: ReleaseKey, random: Random): SignedObject {
  const { publicKey, secretKey } = key;
  if (object.signatures.some((each) => equal(each.key, publicKey))) {
    throw new GaletError('signer-twice', { what: placeOf(object), key: keyName(publicKey) });
  }
  const context = contextOf(object.kind);
  const signature = slh_dsa_sha2_128s.sign(object.body, secretKey, {
    context,
    extraEntropy: drawn(random, SIGN_ENTROPY),
  });
  if (!slh_dsa_sha2_128s.verify(signature, object.body, publicKey, { context })) {
    throw new GaletError('internal', {}, new Error('the signature that was made is wrong'));
  }
  return { ...object, signatures: [...object.signatures, { key: publicKey, signature }] };
}
