/**
 * Measures of Espruino's vector font, taken from the interpreter (test/espruino/screens.test.ts compares them with it):
 * what a recording stand-in for its graphics needs to know where a text ends.
 */

/** The letters measured, in ISO 8859-1; a blank is half as wide as the font. */
export const ALPHABET =
  '!"#$%&\'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNO' +
  'PQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~' +
  '\xc0\xc7\xc8\xc9\xca\xdb\xe0\xe7\xe8\xe9\xea\xf4\xfb';

/** One base-36 digit a letter, in sixteenths of the font's width: the letter and the blank on its right. */
const ADVANCES =
  '47e9bc477aa574baaaaaaaaaa45aaaaecbcbaacb6bbadbd' +
  'adbacbcecca7b7aa6999997994694e99999979aeab9848c' +
  'ccaaab9999999';

/** One base-36 digit a letter, in sixteenths of the font's height, from two sixteenths above the origin. */
const TOPS =
  '33323332235d8d233333333337756535333333333333333' +
  '333333333332223g3737373733333777777737777772226' +
  '0300003733333';
const BOTTOMS =
  'f7fgff7iibdhafgfffffffffffhdcdfhfffffffffffffff' +
  'fhfffffffffigi9i6ffffffiffifffffiifffffffifiiic' +
  'fifffffifffff';

function measure(table: string, letter: string): number {
  const at = ALPHABET.indexOf(letter);
  if (at < 0 || letter.length !== 1) throw new Error(`not measured: ${JSON.stringify(letter)}`);
  return Number.parseInt(table.charAt(at), 36);
}

/** Pixels from a letter to the next in a font `width` wide. */
export function advanceOf(letter: string, width: number): number {
  return letter === ' ' ? width >> 1 : (measure(ADVANCES, letter) * width + 7) >> 4;
}

/** The highest and lowest ink of a letter, in sixteenths of the font's height below the origin. Blank: nothing. */
export function extentOf(letter: string): { top: number; bottom: number } {
  return letter === ' '
    ? { top: 13, bottom: 13 }
    : { top: measure(TOPS, letter) - 2, bottom: measure(BOTTOMS, letter) - 2 };
}
