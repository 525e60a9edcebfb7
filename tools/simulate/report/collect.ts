/** Gathers from a run what its report page shows. */
import type { Watcher, WorldEvent } from '../chronicle.js';

const HOUR = 3600;
const DAY = 86_400;

export interface Warning {
  who: string;
  /** NTP seconds. */
  at: number;
}

export interface Collected {
  /** Adverts received: `heard[who][from]`. */
  heard: Record<string, Record<string, number>>;
  /** Batches sealed by all tokens together, a day after the other. */
  batchesByDay: number[];
  warnings: Warning[];
  /** NTP seconds of each report that a counter kept. */
  reports: Warning[];
  /** Visits by outcome. */
  visits: Record<string, number>;
}

export class Collector implements Watcher {
  private readonly heard = new Map<string, Map<string, number>>();
  private readonly batches: number[] = [];
  private readonly warnings = new Map<string, Warning>();
  private readonly reports: Warning[] = [];
  private readonly visits = new Map<string, number>();
  private begins: number | undefined;

  see(event: WorldEvent): void {
    this.begins ??= event.at;
    if (event.what === 'heard') {
      const row = this.heard.get(event.who) ?? new Map<string, number>();
      row.set(event.from, (row.get(event.from) ?? 0) + 1);
      this.heard.set(event.who, row);
    } else if (event.what === 'batch') {
      // Tokens are given out half an hour before the first day.
      const day = Math.max(0, Math.floor((event.at - this.begins - HOUR / 2) / DAY));
      this.batches[day] = (this.batches[day] ?? 0) + 1;
    } else if (event.what === 'signal' && event.signal === 'at-risk') {
      if (!this.warnings.has(event.who)) this.warnings.set(event.who, { who: event.who, at: event.at });
    } else if (event.what === 'report-kept') this.reports.push({ who: event.who, at: event.at });
    else if (event.what === 'visit') this.visits.set(event.outcome, (this.visits.get(event.outcome) ?? 0) + 1);
  }

  collected(): Collected {
    return {
      heard: Object.fromEntries([...this.heard].map(([who, row]) => [who, Object.fromEntries(row)])),
      batchesByDay: Array.from(this.batches, (count) => count ?? 0),
      warnings: [...this.warnings.values()],
      reports: this.reports,
      visits: Object.fromEntries(this.visits),
    };
  }
}
