/** Consent, as device/token/consent.ts has it: asked for one purpose, given by holding the button for 3 s within 60 s. */

import { CONSENT_ASKED, CONSENT_GIVEN, CONSENT_LAPSED, CONSENT_NONE } from '../../link/messages.js';
import { monotonic, onPress } from './board.js';
import { CONSENT, CONSENTED, show } from './signals.js';

const CONSENT_SECONDS = 60;
const PRESS_SECONDS = 3;
const GIVEN_SECONDS = 300;
/** How long something that has happened is shown. */
export const TOLD_SECONDS = 10;

/** What was asked last: the code of a report, FORGET, or nothing. No code is one byte that is not ASCII. */
export const FORGET = '\xff';
let purpose = '';
let since = 0;
let isGiven = false;

/** State and seconds left of `wanted`, or of whatever was asked last. */
export function consent(wanted?: string): number[] {
  if (purpose === '' || (wanted !== undefined && wanted !== purpose)) return [CONSENT_NONE, 0];
  const left = since + (isGiven ? GIVEN_SECONDS : CONSENT_SECONDS) - monotonic();
  if (left <= 0) return [CONSENT_LAPSED, 0];
  return isGiven ? [CONSENT_GIVEN, 0] : [CONSENT_ASKED, Math.ceil(left)];
}

export function ask(wanted: string): void {
  purpose = wanted;
  since = monotonic();
  isGiven = false;
  if (wanted !== '') show(CONSENT, CONSENT_SECONDS);
}

/** `given` is told what was consented to; when it throws, consent counts as not given. */
export function serveButton(given: (purpose: string) => void): void {
  onPress((seconds) => {
    if (seconds < PRESS_SECONDS || consent()[0] !== CONSENT_ASKED) return;
    const wanted = purpose;
    purpose = '';
    given(wanted);
    purpose = wanted;
    since = monotonic();
    isGiven = true;
    show(CONSENTED, TOLD_SECONDS);
  });
}
