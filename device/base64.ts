/**
 * Base64 with padding (RFC 4648, section 4), as bytes of ASCII. The firmware's build puts boards/espruino/base64.ts in
 * its place.
 */

const PAD = 0x3d;

/** The ASCII code of six bits. */
function letter(bits: number): number {
  if (bits < 26) return bits + 0x41;
  if (bits < 52) return bits + 0x47;
  if (bits < 62) return bits - 4;
  return bits === 62 ? 0x2b : 0x2f;
}

/** The six bits behind an ASCII code; -1 for none. */
function bitsOf(code: number): number {
  if (code >= 0x61 && code <= 0x7a) return code - 0x47;
  if (code >= 0x41 && code <= 0x5a) return code - 0x41;
  if (code >= 0x30 && code <= 0x39) return code + 4;
  if (code === 0x2b) return 62;
  return code === 0x2f ? 63 : -1;
}

/** Whether an ASCII code is a letter of base64, padding included. */
export function isLetter(code: number): boolean {
  return code === PAD || bitsOf(code) >= 0;
}

/** Writes `data` as letters into `out` at `at`; returns the offset behind the last one. */
export function putBase64(data: Uint8Array, out: Uint8Array, at: number): number {
  let next = at;
  for (let i = 0; i < data.length; i += 3) {
    const left = data.length - i;
    const second = left > 1 ? (data[i + 1] as number) : 0;
    const third = left > 2 ? (data[i + 2] as number) : 0;
    const bits = ((data[i] as number) << 16) | (second << 8) | third;
    out[next] = letter(bits >> 18);
    out[next + 1] = letter((bits >> 12) & 63);
    out[next + 2] = left > 1 ? letter((bits >> 6) & 63) : PAD;
    out[next + 3] = left > 2 ? letter(bits & 63) : PAD;
    next += 4;
  }
  return next;
}

/** The bytes behind `letters`, or undefined when they are not what `putBase64` makes: bits behind the end have to be 0. */
export function fromBase64(letters: Uint8Array): Uint8Array | undefined {
  const length = letters.length;
  if (length === 0 || length % 4 !== 0) return undefined;
  let padding = 0;
  if (letters[length - 1] === PAD) padding = letters[length - 2] === PAD ? 2 : 1;
  const out = new Uint8Array((length / 4) * 3 - padding);
  let at = 0;
  let held = 0;
  for (let i = 0; i < length; i++) {
    const isPad = i >= length - padding;
    const bits = isPad ? 0 : bitsOf(letters[i] as number);
    if (bits < 0) return undefined;
    held = ((held & 0x3ffff) << 6) | bits;
    if (i % 4 === 3) {
      out[at] = held >> 16;
      if (at + 1 < out.length) out[at + 1] = (held >> 8) & 0xff;
      if (at + 2 < out.length) out[at + 2] = held & 0xff;
      at += 3;
    }
  }
  return held & ((1 << (8 * padding)) - 1) ? undefined : out;
}
