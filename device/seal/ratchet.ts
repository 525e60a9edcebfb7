/**
 * The batch ratchet (docs/spec/seal.md). A ticket's secret gives the first state; batch i is sealed under a key of
 * state i; the state then steps and the old one is zeroed, so that what a token holds opens no earlier batch.
 */
import { ascii } from '../bytes.js';
import type { Digest } from '../ports.js';
import { hmac } from './hmac.js';

const RATCHET = ascii('galet ratchet');
const HEADER = ascii('galet header');
const RECEIPT = ascii('galet receipt');
const SEAL = ascii('seal');
const STEP = ascii('step');

/** What a token keeps of a ticket: it forgets the secret itself at once. All 32 bytes. */
export interface TicketKeys {
  /** State of batch 0. */
  state: Uint8Array;
  /** Seals report headers. */
  header: Uint8Array;
  /** Authenticates receipts. */
  receipt: Uint8Array;
}

export function ticketKeys(digest: Digest, secret: Uint8Array): TicketKeys {
  return {
    state: hmac(digest, secret, [RATCHET]),
    header: hmac(digest, secret, [HEADER]),
    receipt: hmac(digest, secret, [RECEIPT]),
  };
}

/** The key that seals batch i, from state i. */
export function batchKey(digest: Digest, state: Uint8Array): Uint8Array {
  return hmac(digest, state, [SEAL]);
}

/** State i + 1, from state i. */
export function nextState(digest: Digest, state: Uint8Array): Uint8Array {
  return hmac(digest, state, [STEP]);
}
