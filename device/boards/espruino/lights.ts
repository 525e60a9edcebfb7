/** Signals on a board with three diodes and perhaps a motor. */
import type { Clock, Signals } from '../../ports.js';
import { patternSignals } from '../patterns.js';

/** In place of a pin that this chip lacks. */
export const noPin: EspruinoPin = { write: () => {}, analog: () => 0 };

/** For a board on which nothing can be shown. */
export const darkSignals: Required<Signals> = { show: () => {}, blink: () => {} };

/** The red, green and blue diode. */
export function diodes(): [EspruinoPin, EspruinoPin, EspruinoPin] {
  return typeof LED1 === 'undefined' ? [noPin, noPin, noPin] : [LED1, LED2, LED3];
}

export function lightSignals(
  clock: Clock,
  lights: [EspruinoPin, EspruinoPin, EspruinoPin],
  buzz: (on: boolean) => void,
): Required<Signals> {
  return patternSignals(
    (isRed, isGreen, isBlue) => {
      lights[0].write(isRed);
      lights[1].write(isGreen);
      lights[2].write(isBlue);
    },
    buzz,
    clock.after,
  );
}
