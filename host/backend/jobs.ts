/** The background jobs of one backend process, one run at a time; the demo and the tests call them by a virtual clock. */
import type { Logger } from 'pino';
import { keepKeys, keepRetention, type Upkeep } from './admin/upkeep.js';
import type { Fleet } from './fleet.js';
import { releaseMixed } from './gateway/mix.js';
import type { Metrics } from './metrics.js';
import type { RobertServer } from './robert/port.js';
import { countContacts } from './store/contacts.js';
import { mixingPool } from './store/mixing.js';

/** A warning follows the release of its report within a minute: three runs. */
const INTERVAL_SECONDS = 20;

export interface Jobs {
  /** Does whatever is due and resolves when all of it is done. A call during a run waits for a run of its own. */
  run(): Promise<void>;
  /** Runs at once and then at every interval of real time. */
  start(): void;
  /** Resolves when the run under way has ended. */
  stop(): Promise<void>;
}

export function createJobs(upkeep: Upkeep, robert: RobertServer, fleet: Fleet, metrics: Metrics, logger: Logger): Jobs {
  const { store, parameters, clock } = upkeep;
  let last: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;

  async function once(): Promise<void> {
    try {
      await keepKeys(upkeep);
      const reports = await releaseMixed(store, robert.sink, parameters, clock);
      await robert.runJobs();
      await fleet.keep();
      await keepRetention(upkeep);
      await store.settle();
      metrics.pool((await mixingPool(store.db)).reports, await countContacts(store.db, 'contacts'));
      metrics.jobs('well', clock());
      if (reports > 0) logger.info({ reports }, 'released');
    } catch (error) {
      metrics.jobs('badly', clock());
      throw error;
    }
  }

  function run(): Promise<void> {
    const next = last.then(once, once);
    // Whoever called is told of the failure; the chain goes on without it.
    last = next.catch(() => {});
    return next;
  }

  async function runLogged(): Promise<void> {
    await run().catch((error: unknown) => logger.error({ err: error }, 'jobs failed'));
  }

  return {
    run,
    start() {
      void runLogged();
      timer = setInterval(() => void runLogged(), INTERVAL_SECONDS * 1000);
    },
    async stop() {
      clearInterval(timer);
      await last;
    },
  };
}
