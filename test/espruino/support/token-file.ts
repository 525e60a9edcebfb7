/** Where the token's own flash pages stand in the image of a Storage (device/boards/espruino/flash.ts). */

/** The file that holds them: a word of zeros, slack up to the next page, the pages. */
export const TOKEN_FILE = 'galet.log';
export const TOKEN_PAGE = 4096;

const HEADER = 32;
const NAME_AT = 4;

/** `length` bytes of pages, in place: what is written to them is written to the image. */
export function tokenPages(image: Uint8Array, length: number): Uint8Array {
  const bytes = Buffer.from(image.buffer, image.byteOffset, image.length);
  const name = Buffer.alloc(HEADER - NAME_AT);
  name.write(TOKEN_FILE, 'latin1');
  const header = bytes.indexOf(name) - NAME_AT;
  if (header < 0) throw new Error('no file of the token in this Storage');
  const first = Math.ceil((header + HEADER + 4) / TOKEN_PAGE) * TOKEN_PAGE;
  return image.subarray(first, first + length);
}
