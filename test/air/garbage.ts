/** What a hostile air is full of: noise, and real adverts with something wrong in them; and which of it is a HELLO after all. */
import { phoneAdvert } from './stopcovid.js';

/** Seconds by which a HELLO may be early or late. */
export const TOLERANCE = 180;
const UNKNOWN = 127;

export type Draw = () => number;

export const below = (draw: Draw, end: number): number => Math.floor(draw() * end);
export const some = (draw: Draw, length: number): Buffer => Buffer.from(Array.from({ length }, () => below(draw, 256)));

/** A HELLO of nobody, as of `ntp`. */
function helloAt(draw: Draw, ntp: number): Buffer {
  const hello = some(draw, 16);
  hello.writeUInt16BE(Math.floor(ntp) % 0x10000, 9);
  return hello;
}

/** A real advert with something wrong, or something else, in it. */
function mutant(draw: Draw, ntp: number): Buffer {
  const real = phoneAdvert(helloAt(draw, ntp), below(draw, 256) - 128);
  switch (below(draw, 7)) {
    case 0:
      for (let flips = 1 + below(draw, 4); flips > 0; flips--) {
        const at = below(draw, real.length);
        real[at] = (real[at] as number) ^ (1 << below(draw, 8));
      }
      return real;
    case 1:
      return real.subarray(0, below(draw, real.length));
    case 2:
      return Buffer.concat([real, some(draw, 1 + below(draw, 2))]);
    case 3:
      real[[0, 3, 7][below(draw, 3)] as number] = below(draw, 256);
      return real;
    case 4:
      return real.subarray(below(draw, real.length));
    case 5:
      return phoneAdvert(helloAt(draw, ntp + (draw() < 0.5 ? -1 : 1) * (TOLERANCE + 1 + draw() * 30_000)), 0);
    default:
      return Buffer.concat([real.subarray(7, 7 + below(draw, 12)), some(draw, below(draw, 20))]).subarray(0, 31);
  }
}

/** Any bytes, at most 31; half of them were a real advert. */
export function anything(draw: Draw, ntp: number): Buffer {
  return draw() < 0.5 ? mutant(draw, ntp) : some(draw, below(draw, 32));
}

/**
 * The first 9 bytes of the HELLO that an advert holds by docs/spec/robert.md, in hexadecimal digits, if it is one of this time and power:
 * written apart from the token's parser.
 */
export function keyOf(
  advert: Buffer,
  rssi: number,
  ntp: number,
  rxGain: number,
  tolerance = TOLERANCE,
): string | undefined {
  const found: Buffer[] = [];
  let rest = advert;
  while (rest.length > 0 && rest[0] !== 0) {
    if (rest.length < 1 + rest.readUInt8(0)) return undefined;
    const field = rest.subarray(1, 1 + rest.readUInt8(0));
    if (field.subarray(0, 3).toString('hex') === '1664fd') found.push(field.subarray(3));
    rest = rest.subarray(1 + rest.readUInt8(0));
  }
  if (rest.some((byte) => byte !== 0)) return undefined;
  const [data] = found;
  if (data === undefined || found.length > 1 || data.length < 18 || data.length > 19) return undefined;
  const ahead = (Math.floor(ntp) - data.readUInt16BE(9)) & 0xffff;
  if (Math.min(ahead, 0x10000 - ahead) > tolerance) return undefined;
  const power = rssi - data.readInt8(17) - rxGain;
  return rssi === UNKNOWN || power === UNKNOWN || power <= -5 ? data.subarray(0, 9).toString('hex') : undefined;
}
