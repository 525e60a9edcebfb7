/**
 * A host-made ticket for a token's log (docs/spec/log.md): an HPKE export (RFC 9180; X25519, HKDF-SHA256, export only)
 * to the gateway's key. Whoever makes it is trusted until the token has made its first own one (docs/privacy).
 */
import { CipherSuite, DhkemX25519HkdfSha256, ExportOnly, HkdfSha256 } from '@hpke/core';
import type { Random } from '../../device/ports.js';
import { nodeRandom } from '../crypto.js';

const INFO = new TextEncoder().encode('galet log v1');
const EXPORT_CONTEXT = new TextEncoder().encode('root');
const SECRET_LENGTH = 32;

export interface Ticket {
  /** 32 bytes; lets the gateway alone derive the secret. */
  enc: Uint8Array;
  /** 32 bytes. */
  secret: Uint8Array;
}

/** `gatewayKey`: the gateway's X25519 public key, 32 bytes. */
export async function makeTicket(gatewayKey: Uint8Array, random: Random = nodeRandom): Promise<Ticket> {
  const kem = new DhkemX25519HkdfSha256();
  const suite = new CipherSuite({ kem, kdf: new HkdfSha256(), aead: new ExportOnly() });
  const recipientPublicKey = await kem.deserializePublicKey(new Uint8Array(gatewayKey).buffer);
  const ephemeral = new Uint8Array(SECRET_LENGTH);
  random.fill(ephemeral);
  const sender = await suite.createSenderContext({ recipientPublicKey, info: INFO, ekm: ephemeral.buffer });
  const secret = await sender.export(EXPORT_CONTEXT, SECRET_LENGTH);
  return { enc: new Uint8Array(sender.enc), secret: new Uint8Array(secret) };
}
