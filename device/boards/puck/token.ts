/**
 * The small token: what of the full one fits into a Puck.js, for demonstrations. It says, hears, seals and answers the same
 * bits (docs/spec); it has five to eight days of identifiers, ten neighbours an epoch and two pages of log, the host's ticket and keys for good, and no
 * correction of its clock's rate. Its state is that of its modules, because objects and closures cost memory: one token a
 * program.
 */
import { start } from './day.js';
import { mountLog } from './log.js';
import { ROWS } from './neighbours.js';
import { mountStore } from './store.js';
import { serveVisits } from './visit.js';

/** Boots from whatever the flash holds. */
export function startSmallToken(): void {
  mountStore(() => mountLog(ROWS));
  serveVisits();
  start();
}
