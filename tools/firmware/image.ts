/**
 * A Storage as Espruino keeps it in flash, with files in it: for the interpreter's Linux build, and for whoever programs
 * boards by the box.
 *
 *   file : 0 length u32 little-endian (its top byte holds flags, 0) | 4 name, 28 bytes, zero-padded | 32 data, to words
 */
const HEADER = 32;
const NAME_LENGTH = 28;

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
