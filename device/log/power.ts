/**
 * Mean received power in seven bits: codes 3 to 127 are -66 to -35 dBm in steps of 0.25 dB, the range in which the
 * score depends on it; codes 0 to 2 stand for -81, -75 and -69 dBm (docs/spec/log.md).
 */
const LOWEST_STEP = 3;
const LOWEST_STEP_DBM = -66;
const STEP_DB = 0.25;
const HIGHEST = 127;
/** Each code below the steps reaches up to here (dBm). */
const BELOW = [-78, -72, -67.5];

export const POWER_MAX_DBM = -35;

export function powerCode(dBm: number): number {
  for (let code = 0; code < BELOW.length; code++) if (dBm < (BELOW[code] as number)) return code;
  const step = LOWEST_STEP + Math.round((dBm - LOWEST_STEP_DBM) / STEP_DB);
  return Math.max(LOWEST_STEP, Math.min(HIGHEST, step));
}

/** Milliwatts, the unit in which powers are averaged. */
export function milliwatts(dBm: number): number {
  return 10 ** (dBm / 10);
}

export function decibels(mW: number): number {
  return (10 * Math.log(mW)) / Math.LN10;
}
