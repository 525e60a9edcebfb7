/** Where flash pages of ours stand in the image of a Storage (device/boards/espruino/flash.ts). */
import { FIRMWARE_PAGES } from '../../../device/update/slots.js';
import { pagesIn } from '../../../tools/firmware/image.js';

/** The file that holds the token's own, and that of the firmware. */
export const TOKEN_FILE = 'galet.log';
export const FIRMWARE_FILE = 'galet.fw';
export const TOKEN_PAGE = 4096;

/** `length` bytes of the token's pages, in place: what is written to them is written to the image. */
export function tokenPages(image: Uint8Array, length: number): Uint8Array {
  return pagesIn(image, TOKEN_FILE, length);
}

/** The pages of trust and slots, in place. */
export function firmwarePages(image: Uint8Array): Uint8Array {
  return pagesIn(image, FIRMWARE_FILE, FIRMWARE_PAGES * TOKEN_PAGE);
}
