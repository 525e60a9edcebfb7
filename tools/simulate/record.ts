/** What a run leaves: one record, and one for each wearer. */
import type { ScenarioName } from './scenarios.js';
import type { Verdict } from './truth.js';

/** One wearer at the end of a run. */
export interface PersonRecord {
  name: string;
  role: string;
  isPositive: boolean;
  /** The highest sum of scores that counted together; what ought to have been told by it, and whether it ever was. */
  score: number;
  verdict: Verdict;
  isWarned: boolean;
  /** What the radio did: scan windows, HELLOs built, flash operations, batches sealed. */
  windows: number;
  hellos: number;
  flashOperations: number;
  batches: number;
}

export interface RunRecord {
  seed: number;
  scenario: ScenarioName;
  tokens: number;
  days: number;
  eventHash: string;
  virtualSeconds: number;
  realSeconds: number;
  /** Events by name. */
  counts: Record<string, number>;
  people: PersonRecord[];
}
