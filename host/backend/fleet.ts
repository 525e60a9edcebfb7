/**
 * Which versions are out, for the authority: how many visits the last days brought from tokens of each board and version.
 * Nothing ties a count to a visit. Counts gather in memory and reach the database several at a time, never in the
 * transaction of a visit; whoever compares two copies of the database learns of a group at least. A crash loses what waits.
 */
import { utcDay } from '../../device/robert/time.js';
import type { NtpClock } from '../clock.js';
import { addFleetVisits, fleetVisitsSince, PAIRS_A_DAY_MAX } from './store/fleet.js';
import type { Store } from './store/store.js';
import type { FleetVisitsTable } from './store/tables.js';

/** What a visit says that its token runs: the courier's word, and nobody checks it. */
export interface Running {
  board: string;
  firmware: string;
}

/** Days kept: two months of comparison. */
export const FLEET_DAYS = 60;
/** Whole days that are summed up, besides today. */
export const SHOWN_DAYS = 7;
/** A smaller count could be one known house: it is shown only in a sum. */
export const SHOWN_VISITS_MIN = 10;
/** Visits that are written together, unless the first of them has waited for an hour. */
export const WRITTEN_VISITS_MIN = 10;
const WAIT_SECONDS = 3600;

const NAME = /^[a-z0-9.-]{1,32}$/;

/** What became of a visit's word: counted, without a usable name, or left out because there are too many names. */
export type FleetOutcome = 'counted' | 'unnamed' | 'crowded';

export interface FleetAnswer {
  /** Whole days before today in the counts. */
  days: number;
  versions: { board: string; version: string; visits: number }[];
  /** Visits with versions that are too rare to be shown. */
  hidden: number;
}

export interface Fleet {
  /** Counts an authentic visit; without names, or with impossible ones, nothing. */
  count(running: Partial<Running>): void;
  /** Writes the counts that wait, when there are enough of them to hide among each other or the first has waited long. */
  keep(): Promise<void>;
  /** Writes all that wait: the server stops. */
  close(): Promise<void>;
  answer(): Promise<FleetAnswer>;
}

function keyOf(parts: (string | number)[]): string {
  return parts.join('/');
}

/** Sums up by board and version, the rare ones apart. */
function summedUp(counts: FleetVisitsTable[]): FleetAnswer {
  const sums = new Map<string, FleetAnswer['versions'][number]>();
  for (const { board, firmware, visits } of counts) {
    const sum = sums.get(keyOf([board, firmware])) ?? { board, version: firmware, visits: 0 };
    sum.visits += visits;
    sums.set(keyOf([board, firmware]), sum);
  }
  const versions = [...sums.values()].sort((a, b) =>
    keyOf([a.board, a.version]) < keyOf([b.board, b.version]) ? -1 : 1,
  );
  const isShown = ({ visits }: { visits: number }): boolean => visits >= SHOWN_VISITS_MIN;
  const hidden = versions.filter((sum) => !isShown(sum)).reduce((total, { visits }) => total + visits, 0);
  return { days: SHOWN_DAYS, versions: versions.filter(isShown), hidden };
}

export function createFleet(store: Store, clock: NtpClock, counted: (outcome: FleetOutcome) => void): Fleet {
  let waiting = new Map<string, FleetVisitsTable>();
  let since = 0;

  function add({ day, board, firmware, visits }: FleetVisitsTable): boolean {
    const key = keyOf([day, board, firmware]);
    const count = waiting.get(key);
    if (count === undefined && waiting.size >= PAIRS_A_DAY_MAX) return false;
    if (waiting.size === 0) since = clock();
    waiting.set(key, { day, board, firmware, visits: visits + (count?.visits ?? 0) });
    return true;
  }

  async function write(): Promise<void> {
    const taken = waiting;
    waiting = new Map();
    try {
      await store.transaction('backend.retention', (db) => addFleetVisits(db, [...taken.values()]));
    } catch (error) {
      for (const count of taken.values()) add(count);
      throw error;
    }
  }

  return {
    count({ board, firmware }) {
      const isNamed = board !== undefined && firmware !== undefined && NAME.test(board) && NAME.test(firmware);
      if (!isNamed) return counted('unnamed');
      counted(add({ day: utcDay(clock()), board, firmware, visits: 1 }) ? 'counted' : 'crowded');
    },
    async keep() {
      const visits = [...waiting.values()].reduce((total, count) => total + count.visits, 0);
      if (visits >= WRITTEN_VISITS_MIN || (visits > 0 && clock() >= since + WAIT_SECONDS)) await write();
    },
    async close() {
      if (waiting.size > 0) await write();
    },
    async answer() {
      const first = utcDay(clock()) - SHOWN_DAYS;
      const written = await fleetVisitsSince(store.db, first);
      return summedUp([...written, ...[...waiting.values()].filter(({ day }) => day >= first)]);
    },
  };
}
