import { slh_dsa_sha2_128s } from '@noble/post-quantum/slh-dsa.js';
import { describe, expect, it } from 'vitest';
import { quickSigner } from './quick-signer.js';
import { RELEASE_KEYS } from './release-keys.js';

describe('the quick signer', () => {
  it('has the public keys that the standard gives its seeds', () => {
    for (const { publicKey, secretKey } of RELEASE_KEYS) {
      expect(quickSigner(secretKey.subarray(0, 48)).publicKey).toEqual(publicKey);
    }
  });

  it('makes signatures that an independent verifier takes, for the message and context that they are of', () => {
    const { publicKey, sign } = quickSigner(new Uint8Array(48).fill(7));
    for (let run = 0; run < 10; run++) {
      const message = new Uint8Array(run * 50).fill(run);
      const context = new Uint8Array(run).fill(0x61);
      const signature = sign(message, context);
      expect(signature).toHaveLength(7856);
      expect(slh_dsa_sha2_128s.verify(signature, message, publicKey, { context })).toBe(true);
      expect(slh_dsa_sha2_128s.verify(signature, message, publicKey, { context: new Uint8Array(20) })).toBe(false);
    }
  });
});
