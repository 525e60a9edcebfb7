import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  DAY_SECONDS,
  DEFAULT_SERVICE_START,
  dayStart,
  distance16,
  epochAt,
  epochStart,
  ntpOfUnix,
  time16,
  unixOfNtp,
  utcDay,
} from '../../device/robert/time.js';

const ntp = fc.integer({ min: DEFAULT_SERVICE_START, max: 0xffffffff });

describe('clocks', () => {
  test('the service starts on 1 June 2020 at midnight', () => {
    expect(ntpOfUnix(Date.UTC(2020, 5, 1) / 1000)).toBe(DEFAULT_SERVICE_START);
    expect(unixOfNtp(DEFAULT_SERVICE_START)).toBe(Date.UTC(2020, 5, 1) / 1000);
  });

  test('every second lies in its epoch', () => {
    fc.assert(
      fc.property(ntp, (now) => {
        const epoch = epochAt(DEFAULT_SERVICE_START, now);
        const start = epochStart(DEFAULT_SERVICE_START, epoch);
        expect(start).toBeLessThanOrEqual(now);
        expect(now - start).toBeLessThan(900);
      }),
    );
  });

  test('epochs are cut towards zero before the start, as the reference does', () => {
    expect(epochAt(DEFAULT_SERVICE_START, DEFAULT_SERVICE_START - 1)).toBe(0);
    expect(Object.is(epochAt(DEFAULT_SERVICE_START, DEFAULT_SERVICE_START - 1), 0)).toBe(true);
    expect(epochAt(DEFAULT_SERVICE_START, DEFAULT_SERVICE_START - 901)).toBe(-1);
  });

  test('a fraction of a second changes nothing', () => {
    expect(epochAt(DEFAULT_SERVICE_START, DEFAULT_SERVICE_START + 899.999)).toBe(0);
    expect(time16(3799958400.75)).toBe(3799958400 % 65536);
  });

  test('days start at midnight UTC', () => {
    expect(dayStart(DEFAULT_SERVICE_START + 86399)).toBe(DEFAULT_SERVICE_START);
    expect(utcDay(DEFAULT_SERVICE_START + DAY_SECONDS) - utcDay(DEFAULT_SERVICE_START)).toBe(1);
  });
});

describe('distance of 16-bit times', () => {
  const time = fc.integer({ min: 0, max: 0xffff });

  test('is symmetric, and the shorter way round', () => {
    fc.assert(
      fc.property(time, time, (a, b) => {
        const distance = distance16(a, b);
        expect(distance).toBe(distance16(b, a));
        expect(distance).toBe(Math.min((a - b + 65536) % 65536, (b - a + 65536) % 65536));
      }),
    );
  });

  test('crosses the wrap', () => {
    expect(distance16(0, 65356)).toBe(180);
    expect(distance16(0, 65355)).toBe(181);
  });
});
