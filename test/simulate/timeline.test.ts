import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BoardClock, Timeline } from '../../tools/simulate/timeline.js';

const START = 4_000_000_000;

function realSeconds(): number {
  return performance.now() / 1000;
}

describe('the timeline', () => {
  it('runs events in order of time, and of scheduling within one instant', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 20 })), (delays) => {
        const timeline = new Timeline(START, () => 0);
        const seen: [number, number][] = [];
        delays.forEach((delay, i) => {
          timeline.at(START + delay, () => seen.push([timeline.now() - START, i]));
        });
        timeline.advance(START + 10);
        expect(seen.every(([at]) => at <= 10)).toBe(true);
        timeline.advance(START + 20);
        expect(seen).toEqual(delays.map((delay, i) => [delay, i]).sort((a, b) => a[0]! - b[0]! || a[1]! - b[1]!));
        expect(timeline.now()).toBe(START + 20);
      }),
    );
  });

  it('runs what an event schedules, and not what was cancelled', () => {
    const timeline = new Timeline(START, () => 0);
    const seen: string[] = [];
    const cancel = timeline.at(START + 2, () => seen.push('cancelled'));
    timeline.at(START + 1, () => {
      cancel();
      timeline.at(START + 3, () => seen.push('later'));
    });
    timeline.advance(START + 5);
    expect(seen).toEqual(['later']);
  });

  it('passes with real time while live, and stands still otherwise', async () => {
    const timeline = new Timeline(START, realSeconds);
    const failures: unknown[] = [];
    let ran = 0;
    timeline.at(START + 0.05, () => {
      ran = timeline.now();
    });
    timeline.at(START + 0.06, () => {
      throw new Error('told to fail');
    });
    timeline.live((error) => failures.push(error));
    expect(() => timeline.advance(START + 1)).toThrow('live');
    await sleep(120);
    timeline.pause();
    const paused = timeline.now();
    expect(ran).toBeGreaterThanOrEqual(START + 0.05);
    expect(failures).toHaveLength(1);
    expect(paused).toBeGreaterThan(START + 0.1);
    await sleep(20);
    expect(timeline.now()).toBe(paused);
  });
});

describe("a board's clock", () => {
  it('drifts, starts cleared, and forgets the time when it loses power', () => {
    const timeline = new Timeline(START, () => 0);
    const clock = new BoardClock(timeline, 20);
    expect(clock.rtc()).toBe(0);
    clock.setRtc(START);
    timeline.advance(START + 86_400);
    expect(clock.monotonic()).toBeCloseTo(86_401.728, 3);
    expect(clock.rtc() - timeline.now()).toBeCloseTo(1.728, 3);
    clock.losePower();
    expect(clock.rtc()).toBe(0);
    expect(clock.monotonic()).toBe(0);
  });

  it('never ends a wait early by its own reckoning', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.001, max: 1000, noNaN: true }),
        fc.integer({ min: -100, max: 100 }),
        (seconds, ppm) => {
          const timeline = new Timeline(START, () => 0);
          const clock = new BoardClock(timeline, ppm);
          const began = clock.monotonic();
          let waited = -1;
          clock.after(seconds, () => {
            waited = clock.monotonic() - began;
          });
          timeline.advance(START + 2000);
          expect(waited).toBeGreaterThanOrEqual(seconds);
        },
      ),
    );
  });
});
