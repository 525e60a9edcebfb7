import { describe, expect, it } from 'vitest';
import { type Anchor, correctTime } from '../../../host/backend/gateway/timeline.js';

const DRIFT: Anchor = { timeline: 3, start: 1000, end: 2000, delta: 20, kind: 'drift' };
const LOST: Anchor = { timeline: 4, start: 5000, end: 6000, delta: -3600, kind: 'lost' };

describe('correctTime', () => {
  it('spreads a drift over its timeline', () => {
    const at = (time: number) => correctTime([DRIFT, LOST], 3, time, 10);
    expect(at(1000)).toEqual({ time: 1000, isKnown: true });
    expect(at(1500)).toEqual({ time: 1510, isKnown: true });
    expect(at(2000)).toEqual({ time: 2020, isKnown: true });
    expect(at(900)).toEqual({ time: 900, isKnown: true });
    expect(at(2100)).toEqual({ time: 2120, isKnown: true });
  });

  it('moves all of a lost timeline, even where the token called it unknown', () => {
    expect(correctTime([DRIFT, LOST], 4, 5500, 255)).toEqual({ time: 1900, isKnown: true });
  });

  it('takes a timeline without anchor as it is, unless it is unknown', () => {
    expect(correctTime([DRIFT], 5, 7000, 3)).toEqual({ time: 7000, isKnown: true });
    expect(correctTime([DRIFT], 5, 7000, 30)).toEqual({ time: 7000, isKnown: true });
    expect(correctTime([DRIFT], 5, 7000, 31)).toEqual({ time: 7000, isKnown: false });
    expect(correctTime([DRIFT], 5, 7000, 255)).toBeUndefined();
  });

  it('takes the nearest of two timelines with one number', () => {
    const again: Anchor = { timeline: 3, start: 90_000, end: 91_000, delta: -7, kind: 'lost' };
    expect(correctTime([DRIFT, again], 3, 1990, 1)?.time).toBe(2010);
    expect(correctTime([DRIFT, again], 3, 89_000, 1)?.time).toBe(88_993);
  });

  it('bears an anchor without length', () => {
    expect(correctTime([{ ...DRIFT, end: 1000 }], 3, 1000, 1)).toEqual({ time: 1020, isKnown: true });
  });
});
