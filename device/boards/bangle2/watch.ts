/** The watch as the token's way of speaking: its screen, and its motor in the rhythm of each signal. */
import { BLINK_SECONDS } from '../../link/messages.js';
import type { Battery, Clock, Signal, Signals } from '../../ports.js';
import { patternOf, playPattern } from '../patterns.js';
import type { Language } from '../words.js';
import { createFace, type FaceTime } from './face.js';

/** Seconds between two drawings: of a clock that shows minutes, and while a question runs out. */
const MINUTE = 60;
const SECOND = 1;
const CONSENT_SECONDS = 60;
/** Half of a colour's blinking. */
const BLINK = 0.5;

export interface Watch extends Required<Signals> {
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
  let colour = 0;
  let blinkEnd = 0;
  let isLit = false;

  function draw(): void {
    const now = clock.monotonic();
    let wait = BLINK;
    cancel();
    if (now < blinkEnd) {
      isLit = !isLit;
      face.blink(colour, isLit);
    } else {
      face.draw({
        signal: shown,
        phone: number,
        time: readTime(),
        battery: battery.percent(),
        consentSecondsLeft: Math.max(0, Math.ceil(CONSENT_SECONDS - now + since)),
      });
      wait = shown === 'consent' ? SECOND : MINUTE;
    }
    cancel = clock.after(wait, draw);
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
      // A question is not to be missed.
      if (signal === 'consent') blinkEnd = 0;
      stopBuzz();
      stopBuzz = playPattern(patternOf(signal), () => {}, buzz, clock.after);
      draw();
    },
    blink(number) {
      colour = number;
      blinkEnd = clock.monotonic() + BLINK_SECONDS;
      isLit = false;
      draw();
    },
  };
}
