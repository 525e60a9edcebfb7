/**
 * The token's idea of NTP time: its board's real-time counter, read from the last fix. Only a sealed answer moves it;
 * when a power loss has cleared the counter, time goes on from the latest moment known, and is called uncertain until
 * the next answer. Each fix begins a new timeline, and the error found at the end of one is kept as an anchor, so that the
 * gateway can put right the times of what was heard (docs/spec/visit.md).
 */
import type { Clock } from '../ports.js';
import { DAY_SECONDS } from '../robert/time.js';
import type { Anchor, ClockFix, Facts } from './facts.js';
import { ANCHORS_MAX } from './facts.js';

/** How far a crystal may lead or lag. */
const DRIFT = 40e-6;
/** What a visit itself leaves uncertain, seconds. */
const FIX_ERROR = 1;
const UNKNOWN = 255;
/** An error beyond this is no drift: the counter was set or has jumped. */
const DRIFT_MAX = 500e-6;
const DRIFT_SLACK = 10;
/** Shorter than this, a timeline says nothing about the crystal. */
const RATE_SPAN = 6 * 3600;
const RATE_MAX = 1e-3;
const ANCHOR_AGE = 15 * DAY_SECONDS;

export interface TokenTime {
  /** NTP seconds, fractional. */
  now(): number;
  /** Whether `now` was right at some visit and has been counted on since. */
  isCertain(): boolean;
  /** Seconds, 0 to 254; 255 for unknown. */
  uncertainty(): number;
  timeline(): number;
  anchors(): Anchor[];
  /** What a server time of `ntp` now would make of the clock: for the caller to store, then `reload`. */
  corrected(ntp: number): { fix: ClockFix; anchors: Anchor[] };
  /** Reads the fix in force from the journal. */
  reload(): void;
}

/** Whether timeline `a` began after timeline `b`; they are numbered modulo 256. */
function isLater(a: number, b: number): boolean {
  const ahead = (a - b) & 0xff;
  return ahead > 0 && ahead < 128;
}

/** `latestKnown`: an NTP time that has certainly passed, for a clock that was lost. */
export function createTime(clock: Clock, facts: Facts, latestKnown: () => number): TokenTime {
  let fix: ClockFix = { timeline: 0, rtc: 0, ntp: 0, rate: 0 };
  let certain = false;
  let anchors: Anchor[] = [];

  function reload(): void {
    const answer = facts.answer();
    const lost = facts.lost();
    anchors = answer ? answer.anchors : [];
    certain = answer !== undefined && !(lost && isLater(lost.timeline, answer.fix.timeline));
    const chosen = certain && answer ? answer.fix : lost;
    if (chosen) fix = chosen;
  }

  function now(): number {
    const counted = clock.rtc() - fix.rtc;
    return fix.ntp + counted + counted * fix.rate;
  }

  reload();
  if (clock.rtc() === 0) {
    const ntp = latestKnown();
    // Written down before the counter runs: a reset in between must find it lost again, not running wrong.
    if (facts.answer()) facts.setLost({ timeline: (fix.timeline + 1) & 0xff, rtc: ntp, ntp, rate: fix.rate });
    clock.setRtc(ntp);
    reload();
  }

  return {
    now,
    isCertain: () => certain,
    uncertainty: () =>
      certain ? Math.min(UNKNOWN - 1, Math.ceil(FIX_ERROR + Math.abs(clock.rtc() - fix.rtc) * DRIFT)) : UNKNOWN,
    timeline: () => fix.timeline,
    anchors: () => anchors,
    corrected(ntp) {
      const believed = now();
      const elapsed = believed - fix.ntp;
      const delta = ntp - believed;
      const isDrift = certain && Math.abs(delta) <= DRIFT_SLACK + Math.abs(elapsed) * DRIFT_MAX;
      let rate = fix.rate;
      if (isDrift && elapsed >= RATE_SPAN) rate = Math.max(-RATE_MAX, Math.min(RATE_MAX, rate + delta / elapsed));
      const next = { timeline: (fix.timeline + 1) & 0xff, rtc: clock.rtc(), ntp, rate };
      if (!facts.answer()) return { fix: next, anchors: [] };
      const kept = anchors.filter((anchor) => ntp - anchor.end < ANCHOR_AGE);
      kept.push({
        timeline: fix.timeline,
        start: Math.floor(fix.ntp),
        end: Math.floor(believed),
        delta: Math.round(delta),
        kind: isDrift ? 0 : 1,
      });
      return { fix: next, anchors: kept.slice(Math.max(0, kept.length - ANCHORS_MAX)) };
    },
    reload,
  };
}
