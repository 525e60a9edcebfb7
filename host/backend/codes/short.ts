/** Short codes: what a doctor reads out and a pharmacist types. */
import type { Random } from '../../../device/ports.js';

/** Nothing that is mistaken for something else when read aloud or written by hand: no 0 O, 1 I L, U V stays V. */
const ALPHABET = '23456789ABCDEFGHJKMNPQRSTVWXYZ';
const SHORT_CODE_LENGTH = 8;

/** Eight characters of thirty: 39 bits. */
export function drawShortCode(random: Random): string {
  // Bytes beyond the last whole run of the alphabet are thrown away, so that every character is as likely as another.
  const usable = 256 - (256 % ALPHABET.length);
  const byte = new Uint8Array(1);
  let code = '';
  while (code.length < SHORT_CODE_LENGTH) {
    random.fill(byte);
    const value = byte[0] as number;
    if (value < usable) code += ALPHABET[value % ALPHABET.length];
  }
  return code;
}
