/**
 * The server's directory and its keys. `initBackend` can be run any number of times: it makes what is missing and
 * replaces nothing.
 *
 *   kek              key-encryption key, 32 bytes in base64, readable by the owner alone; back it up apart from the database
 *   operator         the operator credential, readable by the owner alone; the server keeps its hash only
 *   parameters.json  the authority's parameters; optional
 *   galet.db         the database, unless it is PostgreSQL
 */
import { createHash, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Random } from '../../../device/ports.js';
import { utcDay } from '../../../device/robert/time.js';
import type { NtpClock } from '../../clock.js';
import { nodeRandom, p256Key, x25519Key } from '../../crypto.js';
import { syncFolder } from '../../durable.js';
import { GaletError } from '../../errors.js';
import { appendAudit } from '../store/audit.js';
import { insertServerKey, insertSystemKey, serverKeys, systemKeys } from '../store/keys.js';
import { insertOperator, operators } from '../store/operators.js';
import { type Db, openStore, type Store } from '../store/store.js';
import { type KeyVault, openVault, SYSTEM_KEYS, serverKeyPurpose } from './vault.js';
import { KEK_LENGTH, unwrapKey, wrapKey } from './wrap.js';

/** Server keys exist for today and this many days more: the 22 days that a token gets, and some to spare. */
export const KEY_DAYS_AHEAD = 28;
/** A client that stays away longer than this is no longer known to the server: its status answers 430. */
export const KEY_DAYS_KEPT = 35;

const SERVER_KEY_LENGTH = 24;
const CREDENTIAL_LENGTH = 32;
const OPERATOR = 'operator';
const OWNER_ONLY = 0o600;

export interface BackendPlace {
  /** The directory described above. */
  dir: string;
  /** PostgreSQL instead of `galet.db`. */
  databaseUrl?: string;
}

export interface Initialised {
  /** File with the operator credential. */
  credentialFile: string;
  /** What this call made: file names and names of keys. Empty when everything was there. */
  made: string[];
}

function kekFile(dir: string): string {
  return join(dir, 'kek');
}

export function parametersFile(dir: string): string {
  return join(dir, 'parameters.json');
}

export function openBackendStore(place: BackendPlace): Promise<Store> {
  return openStore(
    place.databaseUrl === undefined ? { file: join(place.dir, 'galet.db') } : { url: place.databaseUrl },
  );
}

/** A file that is there whole, for its owner alone, or not at all. */
function writeSecretFile(file: string, text: string): void {
  const partial = `${file}.new`;
  const handle = openSync(partial, 'w', OWNER_ONLY);
  writeSync(handle, `${text}\n`);
  fsyncSync(handle);
  closeSync(handle);
  renameSync(partial, file);
  syncFolder(dirname(file));
}

function randomBytes(random: Random, length: number): Uint8Array {
  const out = new Uint8Array(length);
  random.fill(out);
  return out;
}

/** Throws 'not-initialised' when there is no key file, 'key-missing' when it does not hold a key. */
export function readKek(dir: string): Uint8Array {
  if (!existsSync(kekFile(dir))) throw new GaletError('not-initialised', { directory: dir });
  const kek = new Uint8Array(Buffer.from(readFileSync(kekFile(dir), 'utf8').trim(), 'base64'));
  if (kek.length !== KEK_LENGTH) throw new GaletError('key-missing', { key: 'kek' });
  return kek;
}

function pkcs8(privateKey: KeyObject): Uint8Array {
  return new Uint8Array(privateKey.export({ format: 'der', type: 'pkcs8' }));
}

/** All from the random port but the RSA keys, which come from OpenSSL's own generator. */
function makeSystemKey(short: keyof typeof SYSTEM_KEYS, random: Random): Uint8Array {
  switch (short) {
    case 'federation':
    case 'codeHash':
    case 'audit':
      return randomBytes(random, 32);
    case 'registration':
    case 'codeSigning':
      return pkcs8(p256Key(random));
    case 'gateway':
      return pkcs8(x25519Key(random));
    default:
      return pkcs8(generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey);
  }
}

/** Makes the server keys that are missing from today on; returns how many. */
export async function makeServerKeys(
  db: Db,
  vault: Pick<KeyVault, 'wrap'>,
  now: number,
  random: Random,
): Promise<number> {
  const today = utcDay(now);
  const there = new Set((await serverKeys(db)).map(({ day }) => day));
  let made = 0;
  for (let day = today; day <= today + KEY_DAYS_AHEAD; day++) {
    if (there.has(day)) continue;
    const key = randomBytes(random, SERVER_KEY_LENGTH);
    if (await insertServerKey(db, day, vault.wrap(serverKeyPurpose(day), key))) made += 1;
  }
  return made;
}

export function credentialHash(credential: string): Uint8Array {
  return new Uint8Array(createHash('sha256').update(credential).digest());
}

/**
 * Makes the directory, the key-encryption key, all keys and the operator credential, whatever of them is missing. The
 * credential's file may be taken away afterwards: it is not made again. Throws 'key-missing' when the database's keys
 * belong to another key-encryption key, or to one that is lost.
 */
export async function initBackend(
  place: BackendPlace,
  clock: NtpClock,
  random: Random = nodeRandom,
): Promise<Initialised> {
  const made: string[] = [];
  mkdirSync(place.dir, { recursive: true, mode: 0o700 });
  const store = await openBackendStore(place);
  try {
    const present = await systemKeys(store.db);
    if (!existsSync(kekFile(place.dir))) {
      if (present.size > 0) throw new GaletError('key-missing', { key: 'kek' });
      writeSecretFile(kekFile(place.dir), Buffer.from(randomBytes(random, KEK_LENGTH)).toString('base64'));
      made.push('kek');
    }
    const kek = readKek(place.dir);
    const credentialFile = join(place.dir, OPERATOR);
    const isKnownOperator = (await operators(store.db)).some(({ name }) => name === OPERATOR);
    if (!isKnownOperator && !existsSync(credentialFile)) {
      writeSecretFile(credentialFile, Buffer.from(randomBytes(random, CREDENTIAL_LENGTH)).toString('base64url'));
      made.push('operator');
    }
    // RSA keys take their time: made before the transaction, which may have to run twice.
    const fresh = new Map<string, Uint8Array>();
    for (const [short, name] of Object.entries(SYSTEM_KEYS)) {
      const wrapped = present.get(name);
      if (wrapped === undefined) fresh.set(name, makeSystemKey(short as keyof typeof SYSTEM_KEYS, random));
      else unwrapKey(kek, name, wrapped);
    }
    const wrap = (purpose: string, key: Uint8Array): Uint8Array => wrapKey(kek, random, purpose, key);
    const inserted = await store.transaction('backend.initialise', async (db) => {
      const names: string[] = [];
      for (const [name, key] of fresh) if (await insertSystemKey(db, name, wrap(name, key))) names.push(name);
      if (!isKnownOperator) {
        const credential = credentialHash(readFileSync(credentialFile, 'utf8').trim());
        if (await insertOperator(db, OPERATOR, credential)) names.push('operator credential');
      }
      const days = await makeServerKeys(db, { wrap }, clock(), random);
      if (days > 0) names.push(`${days} server keys`);
      if (names.length > 0) {
        const vault = await openVault(db, kek, random);
        await appendAudit(db, vault.secret('audit'), clock(), 'initialised', { made: names.join(', ') });
      }
      return names;
    });
    return { credentialFile, made: [...made, ...inserted] };
  } finally {
    await store.close();
  }
}
