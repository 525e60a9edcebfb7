/**
 * A Storage as Espruino keeps it in flash, with files in it: for the interpreter's Linux build, and for whoever programs
 * boards by the box.
 *
 *   file : 0 length u32 little-endian (its top byte holds flags, 0) | 4 name, 28 bytes, zero-padded | 32 data, to words
 */
import { createHash } from 'node:crypto';
import { twinFlash } from '../../device/boards/twin/flash.js';
import { IMAGE_PAGES, PAGE } from '../../device/update/objects.js';
import {
  beginSlot,
  FIRMWARE_PAGES,
  imageAddress,
  setArrived,
  setConfirmed,
  setReady,
  slotRegion,
} from '../../device/update/slots.js';
import { versionNumber } from '../../device/update/versions.js';

const HEADER = 32;
const NAME_LENGTH = 28;
/** The length that a blank header has, and the bits of it that are no flags. */
const BLANK = 0xffffffff;
const SIZE_MASK = 0xffffff;
const FIRMWARE_FILE = 'galet.fw';

/** `size` bytes of flash, blank behind the files. Each file's text is taken as one byte a character. */
export function storageImage(size: number, files: Record<string, string>): Uint8Array {
  const image = Buffer.alloc(size, 0xff);
  let at = 0;
  for (const [name, text] of Object.entries(files)) {
    const data = Buffer.from(text, 'latin1');
    if (name.length > NAME_LENGTH || at + HEADER + data.length > size) throw new RangeError(`${name} does not fit`);
    image.writeUInt32LE(data.length, at);
    image.fill(0, at + 4, at + HEADER);
    image.write(name, at + 4, 'latin1');
    data.copy(image, at + HEADER);
    at += Math.ceil((HEADER + data.length) / 4) * 4;
  }
  return new Uint8Array(image);
}

/** The text of a file of so many blank pages: the word that begins it, and slack up to the first of them. */
export function pagesFile(count: number): string {
  return `\0\0\0\0${'\xff'.repeat((count + 1) * PAGE - 4)}`;
}

/** `length` bytes of a file's pages, in place: what is written to them is written to the image. */
export function pagesIn(image: Uint8Array, file: string, length: number): Uint8Array {
  const bytes = Buffer.from(image.buffer, image.byteOffset, image.length);
  for (let at = 0; at + HEADER <= bytes.length; ) {
    const size = bytes.readUInt32LE(at);
    if (size === BLANK) {
      // The rest of a page may be blank behind its last file.
      if (at % PAGE === 0) break;
      at = Math.ceil(at / PAGE) * PAGE;
      continue;
    }
    if (bytes.toString('latin1', at + 4, at + HEADER).replace(/\0+$/, '') === file) {
      const first = Math.ceil((at + HEADER + 4) / PAGE) * PAGE;
      return image.subarray(first, first + length);
    }
    at += Math.ceil((HEADER + (size & SIZE_MASK)) / 4) * 4;
  }
  throw new RangeError(`there is no ${file} in this Storage`);
}

/** What the pages of the firmware's file hold once a script was installed: it is in slot 0, confirmed. */
export function installedPages(script: string, version: string): Uint8Array {
  const image = Buffer.from(script, 'latin1');
  if (image.length > IMAGE_PAGES * PAGE) throw new RangeError(`${image.length} bytes do not fit into a slot`);
  const sha256 = (data: Uint8Array): Buffer => createHash('sha256').update(data).digest();
  const flash = twinFlash(FIRMWARE_PAGES, PAGE);
  const pages = slotRegion(flash, 0);
  const hashes: Buffer[] = [];
  for (let at = 0; at < image.length; at += PAGE) hashes.push(sha256(image.subarray(at, at + PAGE)));
  // Nobody signed for it: there is no body of which this could be the digest, and nothing that it could be taken for.
  const head = { version: versionNumber(version), size: image.length, expires: 0xffffffff, body: new Uint8Array(32) };
  beginSlot(pages, head, new Uint8Array(Buffer.concat(hashes)));
  flash.bytes.set(image, imageAddress(0));
  for (let page = 0; page < hashes.length; page++) setArrived(pages, page);
  setReady(pages);
  setConfirmed(pages);
  return flash.bytes;
}

/** The Storage of a board that has a firmware installed; `selector` is the script that starts it. */
export function installedStorage(size: number, selector: string, script: string, version: string): Uint8Array {
  const image = storageImage(size, { '.boot0': selector, [FIRMWARE_FILE]: pagesFile(FIRMWARE_PAGES) });
  pagesIn(image, FIRMWARE_FILE, FIRMWARE_PAGES * PAGE).set(installedPages(script, version));
  return image;
}
