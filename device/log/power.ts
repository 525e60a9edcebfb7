/**
 * Mean received power in seven bits (docs/spec/log.md): steps of 0.25 dB where the score depends on it most, of 0.5 dB
 * below, for a health authority that counts weaker contacts, and above, where the risk is near its ceiling anyway. Code 0 is
 * for a power that nobody measured.
 */

/** Codes from `code` on are `dBm` and up, in steps of `step` dB. */
const SEGMENTS = [
  { code: 0, dBm: -77.5, step: 0.5 },
  { code: 23, dBm: -66, step: 0.25 },
  { code: 107, dBm: -45, step: 0.5 },
];
const LOWEST = 1;
const HIGHEST = 127;

export const POWER_MAX_DBM = -35;

/** The nearest code of a known power, 1 to 127; what is weaker or stronger than all codes takes the last one. */
export function powerCode(dBm: number): number {
  let segment = SEGMENTS[0] as { code: number; dBm: number; step: number };
  for (let i = 1; i < SEGMENTS.length; i++) {
    const next = SEGMENTS[i] as { code: number; dBm: number; step: number };
    if (dBm >= next.dBm) segment = next;
  }
  const code = segment.code + Math.round((dBm - segment.dBm) / segment.step);
  return Math.max(LOWEST, Math.min(HIGHEST, code));
}

/** Milliwatts, the unit in which powers are averaged. */
export function milliwatts(dBm: number): number {
  return 10 ** (dBm / 10);
}

export function decibels(mW: number): number {
  return (10 * Math.log(mW)) / Math.LN10;
}
