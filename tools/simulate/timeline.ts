/**
 * Virtual time: a queue of events and one NTP clock that every token, the kiosk and the backend of a simulation read.
 * `advance` runs a day as fast as its events allow; `live` lets virtual time pass with real time, for the moments when
 * something outside (a serial port, a socket) takes part.
 */
import type { Clock } from '../../device/ports.js';

interface Entry {
  time: number;
  /** Order of scheduling: events of one instant run in it, so that runs repeat exactly. */
  order: number;
  run: (() => void) | undefined;
}

const TIMER_LIMIT_MS = 0x7fff_ffff;

function isBefore(a: Entry, b: Entry): boolean {
  return a.time < b.time || (a.time === b.time && a.order < b.order);
}

export class Timeline {
  private readonly heap: Entry[] = [];
  private order = 0;
  private time: number;
  private alive: { virtual: number; real: number; fail: (error: unknown) => void } | undefined;
  private timer: NodeJS.Timeout | undefined;
  private armedFor = Number.POSITIVE_INFINITY;

  /** `start` is NTP seconds; `realSeconds` a clock that rises steadily, used by `live` alone. */
  constructor(
    start: number,
    private readonly realSeconds: () => number,
  ) {
    this.time = start;
  }

  /** NTP seconds, fractional. Bound, so that it serves as the host's `NtpClock`. */
  readonly now = (): number =>
    this.alive === undefined ? this.time : this.alive.virtual + this.realSeconds() - this.alive.real;

  /** Runs `callback` at `time`, or at once when that has passed; the result cancels it. */
  at(time: number, callback: () => void): () => void {
    const entry: Entry = { time, order: this.order++, run: callback };
    this.push(entry);
    if (this.alive !== undefined && time < this.armedFor) this.arm();
    return () => {
      entry.run = undefined;
    };
  }

  /** Runs every event up to `until` (NTP seconds), in order, without waiting. What an event throws comes out here. */
  advance(until: number): void {
    if (this.alive !== undefined) throw new Error('advance() while time is live');
    while (this.step(until)) {
      // Each step is an event.
    }
  }

  /** Runs the next event, if there is one up to `until` (NTP seconds); without one, time goes on to `until`. */
  step(until: number): boolean {
    const next = this.heap[0];
    if (next === undefined || next.time > until) {
      if (until > this.time) this.time = until;
      return false;
    }
    this.pop();
    if (next.time > this.time) this.time = next.time;
    next.run?.();
    return true;
  }

  /** From here on one virtual second takes one real second, until `pause`. `fail` is told what an event throws. */
  live(fail: (error: unknown) => void): void {
    if (this.alive !== undefined) return;
    this.alive = { virtual: this.time, real: this.realSeconds(), fail };
    this.arm();
  }

  /** Stops the clock where it is. */
  pause(): void {
    this.time = this.now();
    this.alive = undefined;
    clearTimeout(this.timer);
    this.armedFor = Number.POSITIVE_INFINITY;
  }

  private arm(): void {
    clearTimeout(this.timer);
    const next = this.heap[0];
    this.armedFor = next === undefined ? Number.POSITIVE_INFINITY : next.time;
    if (next === undefined) return;
    const wait = Math.min(Math.max(0, (next.time - this.now()) * 1000), TIMER_LIMIT_MS);
    this.timer = setTimeout(() => this.runDue(), wait);
  }

  private runDue(): void {
    const due = this.now();
    for (let next = this.heap[0]; next !== undefined && next.time <= due; next = this.heap[0]) {
      this.pop();
      try {
        next.run?.();
      } catch (error) {
        this.alive?.fail(error);
      }
      if (this.alive === undefined) return;
    }
    this.arm();
  }

  private push(entry: Entry): void {
    const heap = this.heap;
    let child = heap.length;
    heap.push(entry);
    while (child > 0) {
      const parent = (child - 1) >> 1;
      const above = heap[parent] as Entry;
      if (!isBefore(entry, above)) break;
      heap[child] = above;
      child = parent;
    }
    heap[child] = entry;
  }

  private pop(): void {
    const heap = this.heap;
    const last = heap.pop() as Entry;
    if (heap.length === 0) return;
    let parent = 0;
    for (;;) {
      let child = 2 * parent + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1] as Entry, heap[child] as Entry)) child++;
      const below = heap[child] as Entry;
      if (!isBefore(below, last)) break;
      heap[parent] = below;
      parent = child;
    }
    heap[parent] = last;
  }
}

/**
 * A board's clocks on a timeline: a crystal that is `driftPpm` fast, a monotonic clock from power-up, and a real-time
 * clock that starts cleared, as after a power loss.
 */
export class BoardClock implements Clock {
  private readonly rate: number;
  private poweredUp: number;
  private set: { ntp: number; at: number } | undefined;

  constructor(
    private readonly timeline: Timeline,
    driftPpm: number,
  ) {
    this.rate = 1 + driftPpm * 1e-6;
    this.poweredUp = timeline.now();
  }

  monotonic(): number {
    return (this.timeline.now() - this.poweredUp) * this.rate;
  }

  rtc(): number {
    return this.set === undefined ? 0 : this.set.ntp + (this.timeline.now() - this.set.at) * this.rate;
  }

  setRtc(ntp: number): void {
    this.set = { ntp, at: this.timeline.now() };
  }

  after(seconds: number, callback: () => void): () => void {
    // The microsecond keeps rounding (a double of NTP seconds resolves half of one) from ending the wait early.
    return this.timeline.at(this.timeline.now() + seconds / this.rate + 1e-6, callback);
  }

  /** The cell was out: the monotonic clock starts again, the real-time clock is cleared. */
  losePower(): void {
    this.poweredUp = this.timeline.now();
    this.set = undefined;
  }
}
