/**
 * Who takes part: a permanent identifier idA (5 random bytes), the two keys shared with its bearer, wrapped at rest, and
 * a registration. The two rows come and go in one transaction, so that no identity is left behind without the other.
 */
import { GaletError } from '../../errors.js';
import { findIdentity, insertIdentity } from '../store/identities.js';
import { insertRegistration } from '../store/registrations.js';
import type { Db } from '../store/store.js';
import { type Core, randomBytes } from './core.js';
import { ID_LENGTH } from './ebid.js';
import type { ClientKeys } from './registration.js';
import type { Bearer } from './risk.js';

/** robert-server gives up after as many. */
const DRAWS_MAX = 10;

function purposes(idA: Uint8Array): { kAuth: string; kEnc: string } {
  const id = Buffer.from(idA).toString('hex');
  return { kAuth: `k-auth-${id}`, kEnc: `k-enc-${id}` };
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
export async function keysOf(db: Db, core: Core, idA: Uint8Array): Promise<ClientKeys | undefined> {
  const identity = await findIdentity(db, idA);
  if (identity === undefined) return undefined;
  const names = purposes(idA);
  return {
    kAuth: core.vault.unwrap(names.kAuth, identity.kAuth),
    kEnc: core.vault.unwrap(names.kEnc, identity.kEnc),
  };
}
