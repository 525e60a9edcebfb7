/**
 * Keys and retention, by the clock: what `serve` does besides ROBERT's own jobs. Each step looks at what is there, so a
 * run that was cut short is made good by the next (docs/operations/backend.md, "What is kept how long").
 */
import type { Random } from '../../../device/ports.js';
import { DAY_SECONDS, EPOCHS_A_DAY, epochAt, utcDay } from '../../../device/robert/time.js';
import type { NtpClock } from '../../clock.js';
import { CODE_MEMORY_DAYS } from '../codes/book.js';
import { FLEET_DAYS } from '../fleet.js';
import type { Parameters } from '../parameters.js';
import { appendAudit, pruneAudit } from '../store/audit.js';
import { forgetFleetVisits } from '../store/fleet.js';
import { deleteServerKeysBefore } from '../store/keys.js';
import { forgetContacts, forgetEverybody, forgetExpired, forgetSilent } from '../store/retention.js';
import type { Db, Store } from '../store/store.js';
import { KEY_DAYS_KEPT, makeServerKeys } from './initialise.js';
import type { KeyVault } from './vault.js';

export const AUDIT_DAYS = 365;
/** Identifiers for 22 days and their keys for KEY_DAYS_KEPT more: whoever is silent for longer cannot come back. */
export const SILENT_DAYS = 60;
/** After the end of the service identities stay for this many days, so that tokens can still be told to erase themselves. */
export const END_GRACE_DAYS = 60;

/** Whether the service's signed end has come. */
export function hasEnded(parameters: Parameters, now: number): boolean {
  return parameters.endTime !== 0 && now >= parameters.endTime;
}

export interface Upkeep {
  store: Store;
  vault: KeyVault;
  clock: NtpClock;
  random: Random;
  parameters: Parameters;
}

async function forgetAtEnd(db: Db, parameters: Parameters, now: number): Promise<void> {
  if (!hasEnded(parameters, now)) return;
  if (now >= parameters.endTime + END_GRACE_DAYS * DAY_SECONDS) await forgetEverybody(db);
  else await forgetContacts(db);
}

/** Makes the server keys that are due and deletes the old ones. None is made after the end of the service. */
export async function keepKeys({ store, vault, clock, random, parameters }: Upkeep): Promise<void> {
  const now = clock();
  await store.transaction('backend.keys', async (db) => {
    const made = hasEnded(parameters, now) ? 0 : await makeServerKeys(db, vault, now, random);
    const deleted = await deleteServerKeysBefore(db, utcDay(now) - KEY_DAYS_KEPT);
    if (made + deleted > 0) await appendAudit(db, vault.secret('audit'), now, 'server keys', { made, deleted });
  });
  await vault.refresh(store.db);
}

/** Deletes every row whose time has come. */
export async function keepRetention({ store, vault, clock, parameters }: Upkeep): Promise<void> {
  const now = clock();
  await store.transaction('backend.retention', async (db) => {
    await forgetExpired(db, utcDay(now), Math.floor(now - CODE_MEMORY_DAYS * DAY_SECONDS));
    const today = utcDay(now);
    const lastEpoch = epochAt(parameters.serviceStart, now) - SILENT_DAYS * EPOCHS_A_DAY;
    await forgetSilent(db, lastEpoch, today - SILENT_DAYS, today);
    await forgetAtEnd(db, parameters, now);
    await forgetFleetVisits(db, today - FLEET_DAYS);
    await pruneAudit(db, vault.secret('audit'), now - AUDIT_DAYS * DAY_SECONDS);
  });
}
