/** The board's real-time counter, which runs on through resets and starts at 1970 after a power loss. */
import type { Clock } from '../../ports.js';
import { ntpOfUnix } from '../../robert/time.js';

/** 2020-01-01: a counter that reads less has been cleared. */
const SENSIBLE = 1577836800;

let boot = getTime();

export const monotonic = (): number => getTime() - boot;

export function rtc(): number {
  const unix = getTime();
  return unix < SENSIBLE ? 0 : ntpOfUnix(unix);
}

export function setRtc(ntp: number): void {
  const before = getTime();
  // A blank token knows no time and sets 0: the counter still has to count, not to read as lost for ever.
  setTime(Math.max(SENSIBLE + 1, ntp - ntpOfUnix(0)));
  boot += getTime() - before;
}

export function after(seconds: number, callback: () => void): () => void {
  let timer: EspruinoTimer | undefined = setTimeout(() => {
    timer = undefined;
    callback();
  }, seconds * 1000);
  return () => {
    if (timer !== undefined) clearTimeout(timer);
    timer = undefined;
  };
}

export const espruinoClock: Clock = { monotonic, rtc, setRtc, after };
