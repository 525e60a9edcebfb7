/** Giving a token back: the wearer presses, the server forgets her, the token erases itself and proves it. */
import { CONSENT_FORGET, LIFE_BLANK, REQUEST_UNREGISTER } from '../../../device/link/messages.js';
import { checkpoint } from '../../checkpoint.js';
import { GaletError } from '../../errors.js';
import { obtainConsent } from './consent.js';
import { askServer, deliverAnswer, greet, type Visit } from './visit.js';

/**
 * Unregisters and erases a token, and has the server check its proof. May be cut anywhere and repeated. Throws
 * 'consent-lapsed', 'token-blank' (nothing to erase), 'token-unknown', 'answer-refused', 'wipe-unproven'.
 */
export async function forget(visit: Visit): Promise<void> {
  if (!(await isErased(visit))) {
    const hello = await greet(visit);
    await obtainConsent(visit, CONSENT_FORGET, '');
    checkpoint('cli.unregister', 'before');
    const answer = await askServer(visit, REQUEST_UNREGISTER, hello);
    checkpoint('cli.unregister', 'after');
    await deliverAnswer(visit, answer);
  }
  visit.progress({ step: 'wipe' });
  const { proof } = await visit.token.ask('wipeProof', {});
  checkpoint('cli.wipe', 'before');
  const isProven = proof.length > 0 && (await visit.counter.proveWipe(proof));
  checkpoint('cli.wipe', 'after');
  if (!isProven) throw new GaletError('wipe-unproven');
}

/** Whether an earlier run had erased it and only the proof is left to carry. */
async function isErased(visit: Visit): Promise<boolean> {
  const hello = await visit.token.ask('hello', {});
  return hello.life === LIFE_BLANK && hello.wiped === 1;
}
