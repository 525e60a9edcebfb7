/** Who may do what only an operator may: the bearer of the credential that `galet backend init` made. */
import { timingSafeEqual } from 'node:crypto';
import { GaletError } from '../../errors.js';
import { operators } from '../store/operators.js';
import type { Db } from '../store/store.js';
import { credentialHash } from './initialise.js';

/** Throws 'operator-refused' unless `authorization` is `Bearer` and a known credential. Hashes are compared, in constant time. */
export async function assertOperator(db: Db, authorization: string | undefined): Promise<void> {
  const credential = /^Bearer ([\w-]{1,128})$/.exec(authorization ?? '')?.[1];
  const given = credentialHash(credential ?? '');
  let isKnown = false;
  for (const operator of await operators(db)) {
    if (timingSafeEqual(given, operator.credential)) isKnown = true;
  }
  if (!isKnown || credential === undefined) throw new GaletError('operator-refused');
}
