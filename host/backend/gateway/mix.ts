/**
 * Mixing: contacts leave the pool only in the company of those of other reports, or when the first of them has waited
 * long enough. Nothing then says which came together: no order, no time, no link.
 */
import type { NtpClock } from '../../clock.js';
import type { Parameters } from '../parameters.js';
import type { ContactSink } from '../robert/port.js';
import { drainPool, type MixingPool, mixingPool } from '../store/mixing.js';
import type { Store } from '../store/store.js';

function isDue(pool: MixingPool, parameters: Parameters, now: number): boolean {
  if (pool.reports === 0) return false;
  return pool.reports >= parameters.mixReports || now - pool.since >= parameters.mixDelaySeconds;
}

/** Delivers the pool to `sink` if it is due; returns the number of reports that were released. */
export async function releaseMixed(
  store: Store,
  sink: ContactSink,
  parameters: Parameters,
  clock: NtpClock,
): Promise<number> {
  if (!isDue(await mixingPool(store.db), parameters, clock())) return 0;
  return store.transaction('gateway.release', async (db) => {
    const pool = await mixingPool(db);
    if (!isDue(pool, parameters, clock())) return 0;
    const contacts = await drainPool(db);
    await sink.deliver(
      db,
      contacts.map(({ ecc, ebid, hellos }) => ({ ecc, ebid, hellos })),
    );
    return pool.reports;
  });
}
