/**
 * HPKE's sender (RFC 9180), as much as a ticket or a key share asks for: base mode, DHKEM(X25519, HKDF-SHA256),
 * HKDF-SHA256, export only, one export of 32 bytes. The two X25519 results are made elsewhere, slowly (x25519.ts).
 */
import { ascii, concat } from '../bytes.js';
import type { Digest } from '../ports.js';
import { hmac } from './hmac.js';

const VERSION = ascii('HPKE-v1');
const KEM_SUITE = concat([ascii('KEM'), new Uint8Array([0x00, 0x20])]);
const SUITE = concat([ascii('HPKE'), new Uint8Array([0x00, 0x20, 0x00, 0x01, 0xff, 0xff])]);
const NOTHING = new Uint8Array(0);
const MODE_BASE = new Uint8Array([0]);
const LENGTH = new Uint8Array([0, 32]);
const FIRST_BLOCK = new Uint8Array([1]);

/** LabeledExtract of RFC 9180, section 4. */
function extract(digest: Digest, suite: Uint8Array, salt: Uint8Array, label: string, input: Uint8Array): Uint8Array {
  return hmac(digest, salt, [VERSION, suite, ascii(label), input]);
}

/** LabeledExpand of RFC 9180, section 4, to 32 bytes: HKDF's first block. */
function expand(digest: Digest, suite: Uint8Array, key: Uint8Array, label: string, info: Uint8Array): Uint8Array {
  return hmac(digest, key, [LENGTH, VERSION, suite, ascii(label), info, FIRST_BLOCK]);
}

/**
 * `Export(context, 32)` of the sender that sends `enc` to `recipient` (public keys, 32 bytes). `dh` is the X25519 of
 * the ephemeral secret and `recipient`; `info` and `context` are ASCII.
 */
export function exportSecret(
  digest: Digest,
  dh: Uint8Array,
  enc: Uint8Array,
  recipient: Uint8Array,
  info: string,
  context: string,
): Uint8Array {
  const prk = extract(digest, KEM_SUITE, NOTHING, 'eae_prk', dh);
  const shared = expand(digest, KEM_SUITE, prk, 'shared_secret', concat([enc, recipient]));
  const schedule = concat([
    MODE_BASE,
    extract(digest, SUITE, NOTHING, 'psk_id_hash', NOTHING),
    extract(digest, SUITE, NOTHING, 'info_hash', ascii(info)),
  ]);
  const secret = extract(digest, SUITE, shared, 'secret', NOTHING);
  return expand(digest, SUITE, expand(digest, SUITE, secret, 'exp', schedule), 'sec', ascii(context));
}
