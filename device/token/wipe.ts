/**
 * Erasing a token for good: at its wearer's wish, by the server's order, or when the service ends (R50, R70). The proof
 * is computed before the keys go and is all that stays; an interrupted wipe is finished at the next boot.
 */
import { ascii } from '../bytes.js';
import type { Digest, Flash } from '../ports.js';
import { hmac } from '../seal/hmac.js';
import type { Facts, Wipe } from './facts.js';

const LABEL = ascii('galet wiped');
/** The journal's own two pages: they are renewed last. */
const JOURNAL_PAGES = 2;

/** What the server expects of a token that it has ordered to erase itself; 32 bytes. */
export function wipeProof(digest: Digest, kAuth: Uint8Array, wipeNonce: Uint8Array): Uint8Array {
  return hmac(digest, kAuth, [LABEL, wipeNonce]);
}

/** Remembers that a wipe has begun, and its proof; from here on every boot finishes it. */
export function beginWipe(facts: Facts, ended: boolean, proof: Uint8Array): void {
  facts.setWipe({ running: 1, ended: ended ? 1 : 0, proof });
}

/** Erases all flash but the fact of the wipe. */
export function finishWipe(flash: Flash, facts: Facts, wipe: Wipe): void {
  for (let page = JOURNAL_PAGES; page < flash.pageCount; page++) flash.erase(page);
  flash.sync('wipe.pages');
  facts.forgetAllBut({ running: 0, ended: wipe.ended, proof: wipe.proof });
}
