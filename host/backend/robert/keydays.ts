/**
 * Key days: the server key K_S is renewed every day, and a day has a number, the whole UTC days since the start of NTP
 * era 0 (as `utcDay` of device/robert/time.ts counts them).
 *
 * A key day is the UTC date of the epoch's start. The service that began on 1 June 2020 is the one exception: until
 * epoch 960 the reference took the date in Paris, so that 11 June 2020 has 104 epochs (robert-server behaviour).
 */
import {
  DAY_SECONDS,
  DEFAULT_SERVICE_START,
  EPOCH_SECONDS,
  epochStart,
  UNIX_EPOCH_NTP,
  utcDay,
} from '../../../device/robert/time.js';

/** Paris was two hours ahead of UTC all through those ten days. */
const PARIS_AHEAD_SECONDS = 7200;
const FIRST_UTC_EPOCH = 960;

/** The day whose key makes and opens the EBIDs of `epoch`. */
export function keyDayOf(serviceStart: number, epoch: number): number {
  const ahead = isParis(serviceStart, epoch) ? PARIS_AHEAD_SECONDS : 0;
  return utcDay(epochStart(serviceStart, epoch) + ahead);
}

/** Epochs left under the key of `epoch`, itself included: 1..96, but up to 104 on 11 June 2020. */
export function epochsLeftInKeyDay(serviceStart: number, epoch: number): number {
  const nextDay = (keyDayOf(serviceStart, epoch) + 1) * DAY_SECONDS;
  const left = (ahead: number): number =>
    Math.ceil((nextDay - ahead - epochStart(serviceStart, epoch)) / EPOCH_SECONDS);
  if (!isParis(serviceStart, epoch)) return left(0);
  const inParis = left(PARIS_AHEAD_SECONDS);
  // The day that the rule changes in ends at midnight UTC.
  return epoch + inParis > FIRST_UTC_EPOCH ? left(0) : inParis;
}

function isParis(serviceStart: number, epoch: number): boolean {
  return serviceStart === DEFAULT_SERVICE_START && epoch < FIRST_UTC_EPOCH;
}

/** `yyyymmdd`, as in the reference's key-store aliases (`server-key-yyyymmdd`). */
export function dayName(day: number): string {
  return new Date((day * DAY_SECONDS - UNIX_EPOCH_NTP) * 1000).toISOString().slice(0, 10).replaceAll('-', '');
}

/** The number of the day called `yyyymmdd`. */
export function dayOfName(name: string): number {
  const unix = Date.UTC(Number(name.slice(0, 4)), Number(name.slice(4, 6)) - 1, Number(name.slice(6, 8))) / 1000;
  return utcDay(unix + UNIX_EPOCH_NTP);
}
