/** Scores by epoch: all that is kept of a contact once it has been validated. */
import type { Random } from '../../../device/ports.js';
import type { Db } from './store.js';

export interface Exposure {
  epoch: number;
  score: number;
}

export async function insertExposure(db: Db, random: Random, idA: Uint8Array, exposure: Exposure): Promise<void> {
  const id = new Uint8Array(8);
  random.fill(id);
  await db
    .insertInto('exposures')
    .values({ idA, id, ...exposure })
    .execute();
}

/** All scores of one identity, by rising epoch. */
export function exposuresOf(db: Db, idA: Uint8Array): Promise<Exposure[]> {
  return db.selectFrom('exposures').select(['epoch', 'score']).where('idA', '=', idA).orderBy('epoch').execute();
}

export async function clearExposures(db: Db, idA: Uint8Array): Promise<void> {
  await db.deleteFrom('exposures').where('idA', '=', idA).execute();
}

/** Deletes the exposures of every epoch before `epoch`; returns how many. */
export async function purgeExposures(db: Db, epoch: number): Promise<number> {
  const result = await db.deleteFrom('exposures').where('epoch', '<', epoch).executeTakeFirst();
  return Number(result.numDeletedRows);
}
