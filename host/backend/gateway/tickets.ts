/**
 * Tickets, the gateway's side (RFC 9180, base mode, DHKEM X25519 HKDF-SHA256, HKDF-SHA256, export only): from the `enc`
 * that a report carries to the keys that the token sealed with. The server does not know whose ticket it is.
 */
import { CipherSuite, DhkemX25519HkdfSha256, ExportOnly, HkdfSha256 } from '@hpke/core';
import { ascii } from '../../../device/bytes.js';
import { type TicketKeys, ticketKeys } from '../../../device/seal/ratchet.js';
import { nodeDigest } from '../../crypto.js';
import type { KeyPair } from '../admin/vault.js';
import { unreadable } from './upload.js';

const INFO = ascii('galet log v1');
const EXPORT_CONTEXT = ascii('root');
const SECRET_LENGTH = 32;

/** `ArrayBuffer` of exactly these bytes, as Web Crypto wants it. */
function bufferOf(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}

/** The gateway's public key as tickets are made for it, 32 bytes. */
export function rawGatewayKey(pair: KeyPair): Uint8Array {
  return new Uint8Array(pair.publicKey.subarray(pair.publicKey.length - 32));
}

export type TicketOpener = (enc: Uint8Array) => Promise<TicketKeys>;

/** The opener throws 'report-unreadable' for an `enc` that is no ticket. */
export async function createTicketOpener(pair: KeyPair): Promise<TicketOpener> {
  const suite = new CipherSuite({
    kem: new DhkemX25519HkdfSha256(),
    kdf: new HkdfSha256(),
    aead: new ExportOnly(),
  });
  // The last 32 bytes of an X25519 key in PKCS #8 are the key (RFC 8410).
  const pkcs8 = new Uint8Array(pair.privateKey.export({ format: 'der', type: 'pkcs8' }));
  const recipientKey = await suite.kem.importKey('raw', bufferOf(pkcs8.subarray(pkcs8.length - 32)), false);
  return async (enc) => {
    try {
      const context = await suite.createRecipientContext({ recipientKey, enc: bufferOf(enc), info: bufferOf(INFO) });
      const secret = await context.export(bufferOf(EXPORT_CONTEXT), SECRET_LENGTH);
      return ticketKeys(nodeDigest, new Uint8Array(secret));
    } catch {
      throw unreadable('ticket');
    }
  };
}
