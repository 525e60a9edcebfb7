/** The chip's random generator; Math.random is a weak one and refused by lint. */
import type { Random } from '../../ports.js';

export const hardwareRandom: Random = {
  fill(out) {
    for (let i = 0; i < out.length; ) {
      let bits = E.hwRand();
      for (let byte = 0; byte < 4 && i < out.length; byte++) {
        out[i++] = bits & 0xff;
        bits >>= 8;
      }
    }
  },
};
