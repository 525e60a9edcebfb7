/**
 * The real-time counter of a Linux token: the system's clock plus an offset of its own, kept in a small file beside the
 * flash, so that the token's time is the token's and not the computer's.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { Clock } from '../../ports.js';
import { ntpOfUnix } from '../../robert/time.js';

const LOST = 'lost';

/** `start`: seconds to shift the counter by, or 'lost' for a counter that a power loss has cleared. */
export function linuxClock(path: string, start: number | typeof LOST = 0): Clock {
  const system = (): number => ntpOfUnix(Date.now() / 1000);
  const boot = process.hrtime.bigint();
  let offset: number | undefined = 0;
  if (existsSync(path)) {
    const text = readFileSync(path, 'utf8');
    offset = text === LOST ? undefined : Number.parseFloat(text) || 0;
  }
  // Written at once: like a cleared counter, it stays lost over a restart until the token sets it.
  if (start === LOST) {
    offset = undefined;
    writeFileSync(path, LOST);
  } else if (start !== 0 && offset !== undefined) {
    offset += start;
    writeFileSync(path, String(offset));
  }

  return {
    monotonic: () => Number(process.hrtime.bigint() - boot) / 1e9,
    rtc: () => (offset === undefined ? 0 : system() + offset),
    setRtc(ntp) {
      offset = ntp - system();
      writeFileSync(path, String(offset));
    },
    after(seconds, callback) {
      const timer = setTimeout(callback, seconds * 1000);
      return () => clearTimeout(timer);
    },
  };
}
