import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { localTime } from '../../device/boards/bangle2/local-time.js';
import { ntpOfUnix } from '../../device/robert/time.js';

const paris = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'Europe/Paris',
  weekday: 'short',
  day: 'numeric',
  month: 'numeric',
  hour: 'numeric',
  minute: 'numeric',
  hourCycle: 'h23',
});
const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

/** What this machine's time zone tables say. */
function expected(unix: number) {
  const parts = Object.fromEntries(paris.formatToParts(unix * 1000).map(({ type, value }) => [type, value]));
  return {
    hours: Number(parts.hour),
    minutes: Number(parts.minute),
    weekday: WEEKDAYS.indexOf(parts.weekday ?? ''),
    day: Number(parts.day),
    month: Number(parts.month) - 1,
  };
}

describe('the time on a French wall', () => {
  const start = Date.UTC(2020, 0, 1) / 1000;
  const end = Date.UTC(2036, 0, 1) / 1000;

  it('is what the time zone tables say, at any second of sixteen years', () => {
    fc.assert(
      fc.property(fc.integer({ min: start, max: end }), (unix) => {
        expect(localTime(ntpOfUnix(unix))).toEqual(expected(unix));
      }),
      { numRuns: 5000 },
    );
  });

  it('changes on the last Sundays of March and October, at 01:00 UTC and not a second before', () => {
    for (let year = 2020; year < 2036; year++) {
      for (const month of [2, 9]) {
        for (let day = 24; day <= 31; day++) {
          const change = Date.UTC(year, month, day, 1) / 1000;
          for (const unix of [change - 1, change]) expect(localTime(ntpOfUnix(unix))).toEqual(expected(unix));
        }
      }
    }
  });
});
