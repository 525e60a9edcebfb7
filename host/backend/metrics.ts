/**
 * Figures for those who keep the server running (Prometheus). Sums over everybody: no label holds an identifier, an
 * address or a code.
 */
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { FleetOutcome } from './fleet.js';
import type { BatchCounts } from './gateway/batches.js';
import type { Expansion } from './gateway/expand.js';

export interface Metrics {
  registry: Registry;
  /** An upload, by what became of it: accepted, repeated, dummy, or the code of its refusal. */
  upload(outcome: string): void;
  report(counts: BatchCounts, dropped: Expansion['dropped']): void;
  request(route: string, status: number, seconds: number): void;
  /** A run of the jobs that ended well at `now` (NTP seconds), or did not. */
  jobs(ended: 'well' | 'badly', now: number): void;
  pool(reports: number, contacts: number): void;
  /** An authentic visit, by whether its token's version was counted. */
  fleet(outcome: FleetOutcome): void;
}

export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const uploads = new Counter({
    name: 'galet_uploads_total',
    help: 'Uploads by outcome; dummies among them',
    labelNames: ['outcome'],
    registers,
  });
  const batches = new Counter({
    name: 'galet_batches_total',
    help: 'Log batches in accepted and refused reports, by what became of them',
    labelNames: ['outcome'],
    registers,
  });
  const records = new Counter({
    name: 'galet_records_dropped_total',
    help: 'Contact records that gave no hello, by reason',
    labelNames: ['reason'],
    registers,
  });
  const requests = new Histogram({
    name: 'galet_request_seconds',
    help: 'Time to answer, by route and status',
    labelNames: ['route', 'status'],
    buckets: [0.005, 0.02, 0.1, 0.5, 2, 10],
    registers,
  });
  const runs = new Counter({
    name: 'galet_job_runs_total',
    help: 'Runs of the background jobs',
    labelNames: ['ended'],
    registers,
  });
  const lastRun = new Gauge({
    name: 'galet_job_last_success_ntp_seconds',
    help: 'When the background jobs last ended well; an alert belongs on this one standing still',
    registers,
  });
  const fleet = new Counter({
    name: 'galet_fleet_visits_total',
    help: 'Authentic visits, by whether the version of the token was counted, unnamed, or one too many of that day',
    labelNames: ['outcome'],
    registers,
  });
  const pooled = new Gauge({ name: 'galet_pool_reports', help: 'Reports waiting to be mixed', registers });
  const waiting = new Gauge({ name: 'galet_contacts_waiting', help: 'Contacts waiting for a score', registers });

  return {
    registry,
    upload: (outcome) => uploads.inc({ outcome }),
    report(counts, dropped) {
      for (const [outcome, count] of Object.entries(counts)) batches.inc({ outcome }, count);
      for (const [reason, count] of Object.entries(dropped)) records.inc({ reason }, count);
    },
    request: (route, status, seconds) => requests.observe({ route, status }, seconds),
    jobs(ended, now) {
      runs.inc({ ended });
      if (ended === 'well') lastRun.set(now);
    },
    pool(reports, contacts) {
      pooled.set(reports);
      waiting.set(contacts);
    },
    fleet: (outcome) => fleet.inc({ outcome }),
  };
}
