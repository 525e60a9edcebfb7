/** Signals on a board with three diodes and perhaps a motor. */
import type { Clock, Signals } from '../../ports.js';
import { patternOf, playPattern } from '../patterns.js';

export function lightSignals(
  clock: Clock,
  red: EspruinoPin,
  green: EspruinoPin,
  blue: EspruinoPin,
  buzz: (on: boolean) => void,
): Signals {
  let stop: () => void = () => {};
  return {
    show(signal) {
      stop();
      stop = playPattern(
        patternOf(signal),
        (isRed, isGreen, isBlue) => {
          red.write(isRed);
          green.write(isGreen);
          blue.write(isBlue);
        },
        buzz,
        clock.after,
      );
    },
  };
}
