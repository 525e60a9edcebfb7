/**
 * Puts right the times that a token wrote while its clock was wrong. At each visit the sealed answer tells the token by
 * how much its clock had gone wrong; what it then seals into its report are anchors, one a timeline (docs/spec/visit.md).
 */

/** The error found at the end of a timeline: true time = token's time + error. */
export interface Anchor {
  timeline: number;
  /** Token's NTP seconds at the timeline's start and end. */
  start: number;
  end: number;
  /** Seconds. */
  delta: number;
  /** 'drift': the error grew from 0 at the start to `delta` at the end; 'lost': it was `delta` all along. */
  kind: 'drift' | 'lost';
}

export interface CorrectedTime {
  /** Whole NTP seconds. */
  time: number;
  /** Whether the token's clock was right, or has been put right, to within some seconds. */
  isKnown: boolean;
}

/** A token's own bound on its clock's error up to which it counts as known, seconds. */
const KNOWN_UNCERTAINTY = 30;
const UNKNOWN = 255;

/** Distance of `time` from the span of an anchor, 0 inside. */
function outside(anchor: Anchor, time: number): number {
  return Math.max(anchor.start - time, time - anchor.end, 0);
}

/** The anchor for a time: of this timeline, and the nearest if its number, counted modulo 256, has come round again. */
function anchorFor(anchors: Anchor[], timeline: number, time: number): Anchor | undefined {
  let best: Anchor | undefined;
  for (const anchor of anchors) {
    if (anchor.timeline !== timeline) continue;
    if (best === undefined || outside(anchor, time) < outside(best, time)) best = anchor;
  }
  return best;
}

function errorAt(anchor: Anchor, time: number): number {
  if (anchor.kind === 'lost') return anchor.delta;
  const length = anchor.end - anchor.start;
  if (length <= 0) return anchor.delta;
  return anchor.delta * Math.min(1, Math.max(0, (time - anchor.start) / length));
}

/** `time` put right, or undefined when nobody can say what it was. `uncertainty` is the token's own, 255 for unknown. */
export function correctTime(
  anchors: Anchor[],
  timeline: number,
  time: number,
  uncertainty: number,
): CorrectedTime | undefined {
  const anchor = anchorFor(anchors, timeline, time);
  if (anchor !== undefined) return { time: Math.round(time + errorAt(anchor, time)), isKnown: true };
  return uncertainty === UNKNOWN ? undefined : { time, isKnown: uncertainty <= KNOWN_UNCERTAINTY };
}
