/**
 * What the demo holds its own run to, with or without a planted fault. Each check looks at what the chain itself says
 * (the server's counts, a dump of a token's flash, the signals), never at what was planted.
 */
import type { DemoSentence } from '../../host/catalogue/demo.js';
import type { AttackReport } from '../attack/attack.js';
import type { Planted } from './options.js';
import type { Outcome } from './outcome.js';

/** At most this share of the pairs may be too close to call. */
const BORDERLINE_MAX = 0.15;

/** What the server counted (its log), and what the counter was told. */
export interface Evidence {
  /** Reports that the counter acknowledged to a token. */
  kept: number;
  /** Reports that the server opened. */
  received: number;
  /** Batches of the report that were missing, or did not open. */
  batchesLost: number;
  /** Contacts refused because no HELLO of theirs had a right MAC. */
  macsRefused: number;
  /** What a thief finds in the flash of the positive resident's token. */
  thief: AttackReport;
}

/** A check that failed, in the words of the catalogue; `fault` when it points at one of the faults. */
export interface Failure {
  fault: Planted | undefined;
  sentence: DemoSentence;
  parameters: Record<string, string | number>;
}

export function failures(outcome: Outcome, evidence: Evidence): Failure[] {
  const found: Failure[] = [];
  function check(
    isGood: boolean,
    fault: Planted | undefined,
    sentence: DemoSentence,
    parameters: Failure['parameters'],
  ) {
    if (!isGood) found.push({ fault, sentence, parameters });
  }
  const { kept, received, batchesLost, macsRefused, thief } = evidence;
  const past = thief.opened.filter((index) => !thief.allowed.includes(index));
  const pairs = outcome.lines.filter(({ isPositive }) => !isPositive).length;
  const tooClose = outcome.borderline.length;
  check(macsRefused === 0, 'mac', 'checkMac', { count: macsRefused });
  check(batchesLost === 0, 'seal', 'checkSeal', { count: batchesLost });
  check(past.length === 0, 'ratchet', 'checkRatchet', { count: past.length });
  // What the flash of the night still opens of the morning's shows that the search would have found an older key too.
  const laterOpened = thief.laterOpened.length;
  check(laterOpened > 0 && laterOpened === thief.later.length, undefined, 'checkThief', {
    opened: laterOpened,
    later: thief.later.length,
  });
  check(kept === received, 'outbox', 'checkOutbox', { kept, received });
  check(outcome.missed.length === 0, undefined, 'checkMissed', { names: outcome.missed.join(', ') });
  check(outcome.falseWarned.length === 0, undefined, 'checkFalse', { names: outcome.falseWarned.join(', ') });
  check(tooClose <= BORDERLINE_MAX * pairs, undefined, 'checkBorderline', { count: tooClose, pairs });
  return found;
}
