/** Wall-clock time of metropolitan France, which the watch shows. The token itself knows NTP seconds alone. */
import { DAY_SECONDS, utcDay } from '../../robert/time.js';
import type { FaceTime } from './face.js';

const HOUR = 3600;
/** NTP's day 0, 1900-01-01, was a Monday. */
const MONDAY = 1;
/** Days from 1900-01-01 back to 0000-03-01, from which leap days fall at the end of each year. */
const MARCH_OF_0 = 693901;
const DAYS_400_YEARS = 146097;

/** Day of the month (1..31) and month (0..11) of an NTP day, in the Gregorian calendar (H. Hinnant, days to civil). */
function civil(ntpDay: number): { day: number; month: number } {
  const days = (ntpDay + MARCH_OF_0) % DAYS_400_YEARS;
  const leap = Math.floor(days / 1460) - Math.floor(days / 36524) + Math.floor(days / 146096);
  const year = Math.floor((days - leap) / 365);
  const ofYear = days - (365 * year + Math.floor(year / 4) - Math.floor(year / 100));
  const fromMarch = Math.floor((5 * ofYear + 2) / 153);
  return { day: ofYear - Math.floor((153 * fromMarch + 2) / 5) + 1, month: (fromMarch + 2) % 12 };
}

function weekdayOf(ntpDay: number): number {
  return (ntpDay + MONDAY) % 7;
}

/** Summer time runs from the last Sunday of March, 01:00 UTC, to the last Sunday of October (directive 2000/84/EC). */
function isSummer(ntp: number): boolean {
  const today = utcDay(ntp);
  const { day, month } = civil(today);
  if (month < 2 || month > 9) return false;
  if (month > 2 && month < 9) return true;
  const sunday = day - weekdayOf(today);
  // Both months have 31 days: their last Sunday is the one after which no Sunday of the month comes.
  const lastSunday = sunday + 7 * Math.floor((31 - sunday) / 7);
  const isAfter = day > lastSunday || (day === lastSunday && ntp % DAY_SECONDS >= HOUR);
  return month === 2 ? isAfter : !isAfter;
}

/** What a clock on a French wall shows at NTP second `ntp`. */
export function localTime(ntp: number): FaceTime {
  const local = ntp + (isSummer(ntp) ? 2 : 1) * HOUR;
  const ofDay = local % DAY_SECONDS;
  const date = civil(utcDay(local));
  return {
    hours: Math.floor(ofDay / HOUR),
    minutes: Math.floor((ofDay % HOUR) / 60),
    weekday: weekdayOf(utcDay(local)),
    day: date.day,
    month: date.month,
  };
}
