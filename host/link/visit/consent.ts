/** Asking the wearer: nothing leaves a token, and nothing is erased, without a press of 3 s within 60 s. */
import { CONSENT_GIVEN, CONSENT_LAPSED, CONSENT_NONE } from '../../../device/link/messages.js';
import { GaletError } from '../../errors.js';
import type { Visit } from './visit.js';

const LOOK_SECONDS = 1;
/** The token lapses after 60 s by itself; this bounds a token that never says so. */
const LOOKS_MAX = 75;

/**
 * Asks for a press and waits for it; at once when it has been given for the same thing already. `kind`: CONSENT_REPORT
 * with its code, or CONSENT_FORGET with an empty one. Throws 'consent-lapsed'.
 */
export async function obtainConsent(visit: Visit, kind: number, code: string): Promise<void> {
  let consent = await visit.token.ask('consent', { kind, code });
  for (let looks = 0; looks < LOOKS_MAX; looks++) {
    if (consent.state === CONSENT_GIVEN) return;
    if (consent.state === CONSENT_LAPSED || consent.state === CONSENT_NONE) break;
    visit.progress({ step: 'consent', secondsLeft: consent.secondsLeft });
    await visit.wait(LOOK_SECONDS);
    consent = await visit.token.ask('consentState', {});
  }
  throw new GaletError('consent-lapsed');
}
