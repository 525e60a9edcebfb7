/**
 * Proofs that erased tokens are expected to give. Until one does, or the wait for it ends (retention.ts), the keys of the
 * unregistered token stay, so that an order to erase which got lost on the way can be given again.
 */
import { deleteIdentity } from './identities.js';
import type { Db } from './store.js';

export async function insertWipe(db: Db, proof: Uint8Array, idA: Uint8Array, expiresDay: number): Promise<void> {
  await db
    .insertInto('wipes')
    .values({ proof, idA, verified: 0, expiresDay })
    .onConflict((conflict) => conflict.column('proof').doNothing())
    .execute();
}

/**
 * True when this proof was expected; a proof can be shown again after an answer was lost. The first time takes the
 * token's keys away.
 */
export async function verifyWipe(db: Db, proof: Uint8Array): Promise<boolean> {
  const wipe = await db.selectFrom('wipes').select('idA').where('proof', '=', proof).executeTakeFirst();
  if (wipe === undefined) return false;
  await db.updateTable('wipes').set({ verified: 1 }).where('proof', '=', proof).execute();
  if (wipe.idA !== null) {
    await deleteIdentity(db, wipe.idA);
    await db.updateTable('wipes').set({ idA: null }).where('idA', '=', wipe.idA).execute();
  }
  return true;
}
