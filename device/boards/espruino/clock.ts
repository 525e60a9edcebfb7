/** The board's real-time counter, which runs on through resets and starts at 1970 after a power loss. */
import type { Clock } from '../../ports.js';
import { ntpOfUnix } from '../../robert/time.js';

/** 2020-01-01: a counter that reads less has been cleared. */
const SENSIBLE = 1577836800;

export function espruinoClock(): Clock {
  let boot = getTime();
  return {
    monotonic: () => getTime() - boot,
    rtc() {
      const unix = getTime();
      return unix < SENSIBLE ? 0 : ntpOfUnix(unix);
    },
    setRtc(ntp) {
      const before = getTime();
      // A blank token knows no time and sets 0: the counter still has to count, not to read as lost for ever.
      setTime(Math.max(SENSIBLE + 1, ntp - ntpOfUnix(0)));
      boot += getTime() - before;
    },
    after(seconds, callback) {
      let timer: EspruinoTimer | undefined = setTimeout(() => {
        timer = undefined;
        callback();
      }, seconds * 1000);
      return () => {
        if (timer !== undefined) clearTimeout(timer);
        timer = undefined;
      };
    },
  };
}
