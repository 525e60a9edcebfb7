/** What a server's database says has happened: counts that show whether something had exactly one effect. */
import { join } from 'node:path';
import Sqlite from 'libsql';
import { pino } from 'pino';
import { startBackend } from '../../host/backend/serve.js';
import { type NtpClock, systemClock } from '../../host/clock.js';
import { nodeRandom } from '../../host/crypto.js';

export interface Ledger {
  /** Contacts that were scored, one an epoch and report. */
  exposures: number;
  /** Epochs with more than one contact: a report that counted twice shows here. */
  doubleEpochs: number;
  /** Persons at risk. */
  atRisk: number;
  receipts: number;
  codesUsed: number;
  codesUnused: number;
  /** Contacts still on their way. */
  waiting: number;
  registrations: number;
  identities: number;
  /** Wipes proven, and wipes whose proof is awaited. */
  wipesProven: number;
  wipesAwaited: number;
}

const COUNTS: Record<keyof Ledger, string> = {
  exposures: 'from exposures',
  doubleEpochs: 'from (select 1 from exposures group by id_a, epoch having count(*) > 1)',
  atRisk: 'from registrations where at_risk = 1',
  receipts: 'from receipts',
  codesUsed: 'from codes where used = 1',
  codesUnused: 'from codes where used = 0',
  waiting: 'from (select id from contacts union all select id from mixing_contacts)',
  registrations: 'from registrations',
  identities: 'from crypto_identities',
  wipesProven: 'from wipes where verified = 1',
  wipesAwaited: 'from wipes where verified = 0',
};

/** Reads the ledger of the server whose directory is `dir`. */
export function readLedger(dir: string): Ledger {
  const database = new Sqlite(join(dir, 'galet.db'), { timeout: 5000 } as Sqlite.Options);
  try {
    const entries = Object.entries(COUNTS).map(([name, from]) => {
      const row = database.prepare(`select count(*) as n ${from}`).get() as { n: number };
      return [name, row.n];
    });
    return Object.fromEntries(entries) as Ledger;
  } finally {
    database.close();
  }
}

/** Does all jobs of a server that is not running, then reads its ledger. */
export async function settledLedger(dir: string, clock: NtpClock = systemClock): Promise<Ledger> {
  const backend = await startBackend({
    dir,
    port: 0,
    captcha: 'off',
    clock,
    random: nodeRandom,
    logger: pino({ level: 'silent' }),
    schedule: false,
  });
  await backend.runJobs();
  await backend.close();
  return readLedger(dir);
}
