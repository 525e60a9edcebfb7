/**
 * What tokens encapsulate to the gateway's key (RFC 9180, base mode, DHKEM X25519 HKDF-SHA256, HKDF-SHA256, export only):
 * tickets of logs and shares of new keys, told apart by their info.
 */
import { CipherSuite, DhkemX25519HkdfSha256, ExportOnly, HkdfSha256 } from '@hpke/core';
import { ascii } from '../../../device/bytes.js';
import type { KeyPair } from './vault.js';

const EXPORT_CONTEXT = ascii('root');
const SECRET_LENGTH = 32;

/** `ArrayBuffer` of exactly these bytes, as Web Crypto wants it. */
function bufferOf(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}

/** From an encapsulation (32 bytes) to the exported secret (32 bytes); undefined for what is no encapsulation. */
export type Decapsulator = (enc: Uint8Array) => Promise<Uint8Array | undefined>;

export async function createDecapsulator(pair: KeyPair, info: string): Promise<Decapsulator> {
  const suite = new CipherSuite({
    kem: new DhkemX25519HkdfSha256(),
    kdf: new HkdfSha256(),
    aead: new ExportOnly(),
  });
  // The last 32 bytes of an X25519 key in PKCS #8 are the key (RFC 8410).
  const pkcs8 = new Uint8Array(pair.privateKey.export({ format: 'der', type: 'pkcs8' }));
  const recipientKey = await suite.kem.importKey('raw', bufferOf(pkcs8.subarray(pkcs8.length - 32)), false);
  const infoBytes = bufferOf(ascii(info));
  return async (enc) => {
    try {
      const context = await suite.createRecipientContext({ recipientKey, enc: bufferOf(enc), info: infoBytes });
      return new Uint8Array(await context.export(bufferOf(EXPORT_CONTEXT), SECRET_LENGTH));
    } catch {
      return undefined;
    }
  };
}
