/**
 * Tickets, the gateway's side: from the `enc` that a report carries to the keys that the token sealed with
 * (docs/spec/seal.md). The server does not know whose ticket it is.
 */
import { type TicketKeys, ticketKeys } from '../../../device/seal/ratchet.js';
import { nodeDigest } from '../../crypto.js';
import { createDecapsulator } from '../admin/hpke.js';
import type { KeyPair } from '../admin/vault.js';

const INFO = 'galet log v1';

/** The gateway's public key as tickets are made for it, 32 bytes. */
export function rawGatewayKey(pair: KeyPair): Uint8Array {
  return new Uint8Array(pair.publicKey.subarray(pair.publicKey.length - 32));
}

/** Undefined for an `enc` that is no ticket. One for another gateway opens too, to keys that open nothing. */
export type TicketOpener = (enc: Uint8Array) => Promise<TicketKeys | undefined>;

export async function createTicketOpener(pair: KeyPair): Promise<TicketOpener> {
  const decapsulate = await createDecapsulator(pair, INFO);
  return async (enc) => {
    const secret = await decapsulate(enc);
    return secret && ticketKeys(nodeDigest, secret);
  };
}
