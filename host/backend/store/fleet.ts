/** How many visits a day brought tokens of which version: counts, of nobody in particular. */
import type { Db } from './store.js';
import type { FleetVisitsTable } from './tables.js';

/** Versions of boards that one day can have: whoever carries visits must not fill the disk. */
export const PAIRS_A_DAY_MAX = 200;

/** Adds to the counts, but for versions that are new on a day which has too many already. */
export async function addFleetVisits(db: Db, counts: FleetVisitsTable[]): Promise<void> {
  for (const count of counts) {
    const ofDay = await db
      .selectFrom('fleetVisits')
      .select(['board', 'firmware'])
      .where('day', '=', count.day)
      .execute();
    const isKnown = ofDay.some(({ board, firmware }) => board === count.board && firmware === count.firmware);
    if (!isKnown && ofDay.length >= PAIRS_A_DAY_MAX) continue;
    await db
      .insertInto('fleetVisits')
      .values(count)
      .onConflict((conflict) =>
        conflict
          .columns(['day', 'board', 'firmware'])
          .doUpdateSet((e) => ({ visits: e('fleetVisits.visits', '+', count.visits) })),
      )
      .execute();
  }
}

/** The counts from `day` on. */
export function fleetVisitsSince(db: Db, day: number): Promise<FleetVisitsTable[]> {
  return db.selectFrom('fleetVisits').selectAll().where('day', '>=', day).execute();
}

export async function forgetFleetVisits(db: Db, beforeDay: number): Promise<void> {
  await db.deleteFrom('fleetVisits').where('day', '<', beforeDay).execute();
}
