/** The watch as the token's way of speaking: its screen, and its motor in the rhythm of each signal. */
import type { Battery, Clock, Signal, Signals } from '../../ports.js';
import { patternOf, playPattern } from '../patterns.js';
import type { Language } from '../words.js';
import { createFace, type FaceTime } from './face.js';

/** Seconds between two drawings: of a clock that shows minutes, and while a question runs out. */
const MINUTE = 60;
const SECOND = 1;
const CONSENT_SECONDS = 60;

export interface Watch extends Signals {
  /** Tells the watch where to read the time. Undefined: unknown. */
  setTime(read: () => FaceTime | undefined): void;
}

export function createWatch(
  clock: Clock,
  battery: Battery,
  screen: Graphics,
  buzz: (on: boolean) => void,
  language: Language,
): Watch {
  const face = createFace(screen, language);
  let shown: Signal = 'visit';
  let number = '';
  let since = 0;
  let readTime: () => FaceTime | undefined = () => undefined;
  let stopBuzz: () => void = () => {};
  let cancel: () => void = () => {};

  function draw(): void {
    const asked = clock.monotonic() - since;
    const time = readTime();
    face.draw({
      signal: shown,
      phone: number,
      time,
      battery: battery.percent(),
      consentSecondsLeft: Math.max(0, Math.ceil(CONSENT_SECONDS - asked)),
    });
    cancel();
    cancel = clock.after(shown === 'consent' ? SECOND : MINUTE, draw);
  }

  return {
    setTime(read) {
      readTime = read;
      draw();
    },
    show(signal, phone) {
      shown = signal;
      number = phone;
      since = clock.monotonic();
      stopBuzz();
      stopBuzz = playPattern(patternOf(signal), () => {}, buzz, clock.after);
      draw();
    },
  };
}
