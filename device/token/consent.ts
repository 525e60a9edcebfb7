/**
 * Consent: asked for one purpose, given by holding the button for 3 s within 60 s, and good for what was asked only
 * (R37). Asking again replaces what was asked before.
 */
import type { Clock } from '../ports.js';

export const CONSENT_SECONDS = 60;
const PRESS_SECONDS = 3;
/** A consent to forget is used at once or not at all. */
const GIVEN_SECONDS = 300;

export type ConsentState = 'none' | 'asked' | 'given' | 'lapsed';

export interface Consent {
  /** Asks; `onGiven` runs at the press, and consent counts as given when it returns: when it throws, it is taken back. */
  ask(purpose: string, onGiven: () => void): void;
  press(seconds: number): void;
  stateOf(purpose: string): { state: ConsentState; secondsLeft: number };
  /** The state of whatever was asked last. */
  latest(): { state: ConsentState; secondsLeft: number };
  /** Takes back what was asked or given. */
  clear(): void;
}

/** `onTrouble` is told what an `onGiven` threw: nobody else is there to hear it at a press. */
export function createConsent(clock: Clock, onTrouble: (thrown: unknown) => void): Consent {
  let purpose = '';
  let askedAt = 0;
  let givenAt = -1;
  let onGiven: () => void = () => {};

  function latest(): { state: ConsentState; secondsLeft: number } {
    if (purpose === '') return { state: 'none', secondsLeft: 0 };
    const now = clock.monotonic();
    if (givenAt >= 0) return { state: now - givenAt < GIVEN_SECONDS ? 'given' : 'lapsed', secondsLeft: 0 };
    const left = askedAt + CONSENT_SECONDS - now;
    return left > 0 ? { state: 'asked', secondsLeft: Math.ceil(left) } : { state: 'lapsed', secondsLeft: 0 };
  }

  function clear(): void {
    purpose = '';
    givenAt = -1;
  }

  return {
    ask(wanted, then) {
      purpose = wanted;
      askedAt = clock.monotonic();
      givenAt = -1;
      onGiven = then;
    },
    press(seconds) {
      if (seconds < PRESS_SECONDS || latest().state !== 'asked') return;
      try {
        onGiven();
        givenAt = clock.monotonic();
      } catch (thrown) {
        clear();
        onTrouble(thrown);
      }
    },
    stateOf: (wanted) => (wanted === purpose ? latest() : { state: 'none', secondsLeft: 0 }),
    latest,
    clear,
  };
}
