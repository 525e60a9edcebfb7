/**
 * Who takes part: a permanent identifier idA (5 random bytes), the keys shared with its bearer, wrapped at rest, and a
 * registration. The two rows come and go in one transaction, so that no identity is left behind without the other.
 *
 * A token renews its keys: those it has sent its share of are pending until it uses them; then they are the current ones,
 * and the K_auth of before still vouches for HELLOs that others have recorded, for as long as those can be reported.
 */
import { utcDay } from '../../../device/robert/time.js';
import { GaletError } from '../../errors.js';
import { findIdentity, insertIdentity, updateIdentity } from '../store/identities.js';
import { insertRegistration } from '../store/registrations.js';
import type { Db } from '../store/store.js';
import { type Core, randomBytes } from './core.js';
import { ID_LENGTH } from './ebid.js';
import type { ClientKeys } from './registration.js';
import type { Bearer } from './risk.js';

/** robert-server gives up after as many. */
const DRAWS_MAX = 10;
/** Days on which a replaced K_auth still counts: two more than a HELLO can be old when it is reported. */
export const PREVIOUS_KEY_DAYS = 16;

export interface Account {
  /** 5 bytes. */
  idA: Uint8Array;
  current: ClientKeys;
  /** Agreed, and not used yet. */
  pending?: ClientKeys;
  /** Of before the last renewal, while it counts. */
  previousAuth?: Uint8Array;
}

/** What wrapped keys are authenticated with: neither another person's nor an older one can stand in their place. */
function purposes(idA: Uint8Array) {
  const id = Buffer.from(idA).toString('hex');
  return {
    kAuth: `k-auth-${id}`,
    kEnc: `k-enc-${id}`,
    pendingAuth: `k-auth-pending-${id}`,
    pendingEnc: `k-enc-pending-${id}`,
    previousAuth: `k-auth-previous-${id}`,
  };
}

/** Adds identity and registration in the caller's transaction, and returns the idA. */
export async function addAccount(db: Db, core: Core, keys: ClientKeys, bearer: Bearer): Promise<Uint8Array> {
  for (let draw = 0; draw < DRAWS_MAX; draw++) {
    const idA = randomBytes(core, ID_LENGTH);
    const names = purposes(idA);
    const kAuth = core.vault.wrap(names.kAuth, keys.kAuth);
    const kEnc = core.vault.wrap(names.kEnc, keys.kEnc);
    if (!(await insertIdentity(db, { idA, kAuth, kEnc }))) continue;
    await insertRegistration(db, idA, bearer);
    return idA;
  }
  throw new GaletError('internal', {}, 'no free identity');
}

/** The keys shared with `idA`, or undefined when the server does not know it. */
export async function accountOf(db: Db, core: Core, idA: Uint8Array): Promise<Account | undefined> {
  const identity = await findIdentity(db, idA);
  if (identity === undefined) return undefined;
  const names = purposes(idA);
  const open = (name: keyof typeof names, wrapped: Uint8Array): Uint8Array => core.vault.unwrap(names[name], wrapped);
  const account: Account = {
    idA,
    current: { kAuth: open('kAuth', identity.kAuth), kEnc: open('kEnc', identity.kEnc) },
  };
  const { pendingAuth, pendingEnc, previousAuth, previousUntilDay } = identity;
  if (pendingAuth !== null && pendingEnc !== null) {
    account.pending = { kAuth: open('pendingAuth', pendingAuth), kEnc: open('pendingEnc', pendingEnc) };
  }
  if (previousAuth !== null && previousUntilDay !== null && utcDay(core.clock()) <= previousUntilDay) {
    account.previousAuth = open('previousAuth', previousAuth);
  }
  return account;
}

/** Keeps keys that a token may use from now on; in the place of others that it never used. */
export async function offerKeys(db: Db, core: Core, idA: Uint8Array, keys: ClientKeys): Promise<void> {
  const names = purposes(idA);
  await updateIdentity(db, idA, {
    pendingAuth: core.vault.wrap(names.pendingAuth, keys.kAuth),
    pendingEnc: core.vault.wrap(names.pendingEnc, keys.kEnc),
  });
}

/** The token has used its pending keys: they are the current ones, and what they replace still counts for HELLOs. */
export async function confirmKeys(db: Db, core: Core, idA: Uint8Array, old: ClientKeys, keys: ClientKeys) {
  const names = purposes(idA);
  await updateIdentity(db, idA, {
    kAuth: core.vault.wrap(names.kAuth, keys.kAuth),
    kEnc: core.vault.wrap(names.kEnc, keys.kEnc),
    pendingAuth: null,
    pendingEnc: null,
    previousAuth: core.vault.wrap(names.previousAuth, old.kAuth),
    previousUntilDay: utcDay(core.clock()) + PREVIOUS_KEY_DAYS,
  });
}
