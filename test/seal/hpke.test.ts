import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exportSecret } from '../../device/seal/hpke.js';
import { ticketKeys } from '../../device/seal/ratchet.js';
import { createLadder, X25519_BASE } from '../../device/seal/x25519.js';
import { createTicketOpener } from '../../host/backend/gateway/tickets.js';
import { nodeDigest } from '../../host/crypto.js';
import { GATEWAY_KEY, GATEWAY_PAIR } from '../support/fleet.js';

const bytes = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'));
const hex = (data: Uint8Array): string => Buffer.from(data).toString('hex');

function x25519(scalar: Uint8Array, u: Uint8Array): Uint8Array {
  const ladder = createLadder(scalar, u);
  while (!ladder.step()) {}
  return ladder.result();
}

describe('the sender of RFC 9180', () => {
  // Appendix A.7.1: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, export only, base mode.
  const ephemeral = bytes('095182b502f1f91f63ba584c7c3ec473d617b8b4c2cec3fad5af7fa6748165ed');
  const recipient = bytes('194141ca6c3c3beb4792cd97ba0ea1faff09d98435012345766ee33aae2d7664');

  it('makes the published encapsulation', () => {
    expect(hex(x25519(ephemeral, X25519_BASE))).toBe(
      'e5e8f9bfff6c2f29791fc351d2c25ce1299aa5eaca78a757c0b4fb4bcd830918',
    );
  });

  it.each([
    ['', '7a36221bd56d50fb51ee65edfd98d06a23c4dc87085aa5866cb7087244bd2a36'],
    ['\0', 'd5535b87099c6c3ce80dc112a2671c6ec8e811a2f284f948cec6dd1708ee33f0'],
    ['TestContext', 'ffaabc85a776136ca0c378e5d084c9140ab552b78f039d2e8775f26efff4c70e'],
  ])('exports the published secret for the context %j', (context, expected) => {
    const dh = x25519(ephemeral, recipient);
    const enc = x25519(ephemeral, X25519_BASE);
    expect(hex(exportSecret(nodeDigest, dh, enc, recipient, 'Ode on a Grecian Urn', context))).toBe(expected);
  });

  it('makes tickets that the gateway opens', async () => {
    const open = await createTicketOpener(GATEWAY_PAIR);
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 32, maxLength: 32 }), async (secret) => {
        const enc = x25519(secret, X25519_BASE);
        const made = exportSecret(nodeDigest, x25519(secret, GATEWAY_KEY), enc, GATEWAY_KEY, 'galet log v1', 'root');
        expect(await open(enc)).toEqual(ticketKeys(nodeDigest, made));
      }),
      { numRuns: 20 },
    );
  });
});
