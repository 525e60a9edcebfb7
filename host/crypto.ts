/** The device's `Digest` and `Random` ports on Node, for everything of the device's code that the host runs. */
import { createHash, randomFillSync } from 'node:crypto';
import type { Digest, Random } from '../device/ports.js';

export const nodeDigest: Digest = {
  sha256: (data) => new Uint8Array(createHash('sha256').update(data).digest()),
};

export const nodeRandom: Random = {
  fill: (out) => {
    randomFillSync(out);
  },
};
