/**
 * Key shares, the server's side (docs/spec/seal.md): from the share that a token sends with a status request to the keys
 * that it will use from then on. Whoever installed the token knows its first keys, and not these.
 */
import { ascii } from '../../../device/bytes.js';
import { hmac } from '../../../device/seal/hmac.js';
import { nodeDigest } from '../../crypto.js';
import { createDecapsulator } from '../admin/hpke.js';
import type { KeyPair } from '../admin/vault.js';
import type { ClientKeys } from './registration.js';

const INFO = 'galet keys v1';
const AUTH = ascii('galet auth');
const ENC = ascii('galet enc');
const RENEW = ascii('galet renew');

/** What a token adds to a status request to renew its keys; the courier can leave it out, and not make it. */
export interface Renewal {
  /** HPKE encapsulation, 32 bytes. */
  share: Uint8Array;
  /** 32 bytes under the K_auth that also makes the request's MAC. */
  mac: Uint8Array;
}

/** 32 bytes over a share and the MAC of the request that it travels with. */
export function renewalMac(kAuth: Uint8Array, share: Uint8Array, requestMac: Uint8Array): Uint8Array {
  return hmac(nodeDigest, kAuth, [RENEW, share, requestMac]);
}

/** Undefined for 32 bytes that are no share. */
export type ShareOpener = (share: Uint8Array) => Promise<ClientKeys | undefined>;

/** `pair`: the gateway's. */
export async function createShareOpener(pair: KeyPair): Promise<ShareOpener> {
  const decapsulate = await createDecapsulator(pair, INFO);
  return async (share) => {
    const secret = await decapsulate(share);
    return secret && { kAuth: hmac(nodeDigest, secret, [AUTH]), kEnc: hmac(nodeDigest, secret, [ENC]) };
  };
}
