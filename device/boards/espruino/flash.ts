/**
 * Flash pages of the token inside one Storage file that is made once and then used through the Flash library: Storage
 * itself is never written again, because an interrupted compaction loses everything in it.
 *
 *   the file : 0 a word of zeros, so that the file has been begun | slack up to the next page | the token's pages
 */
import { fault } from '../../faults.js';
import type { Flash } from '../../ports.js';

const NAME = 'galet.log';
/** The token's page; a multiple of the flash's own, which is 4 kB on every board. */
const PAGE = 4096;
const HEADER = 32;
const NAME_AT = 4;
const NAME_LENGTH = 28;
/** The header's size word has flags in its top byte. */
const SIZE_MASK = 0xffffff;
/** More files than any Storage of ours has. */
const FILES_MAX = 2000;

const lib = require('Flash');

function isNamed(header: Uint8Array, name: string): boolean {
  for (let i = 0; i < NAME_LENGTH; i++) {
    const wanted = i < name.length ? name.charCodeAt(i) : 0;
    if (header[NAME_AT + i] !== wanted) return false;
  }
  return true;
}

function nextPage(address: number): number {
  const page = lib.getPage(address);
  return page ? page.addr + page.length : 0;
}

/**
 * Where the data of a Storage file begins in flash, 0 when there is no such file. Storage has no call for this on boards
 * whose flash is not mapped into memory; its files are headers of 32 bytes (size u32 little-endian with flags in the top
 * byte, name of 28 bytes), each followed by its data, padded to words. Behind the last one of a page the rest may be blank.
 */
function addressOf(name: string, base: number): number {
  let at = base;
  for (let files = 0; files < FILES_MAX && at > 0; files++) {
    if (!lib.getPage(at + HEADER - 1)) return 0;
    const header = lib.read(HEADER, at);
    const word = ((header[0] as number) | ((header[1] as number) << 8) | ((header[2] as number) << 16)) & SIZE_MASK;
    if (word === SIZE_MASK && header[3] === 0xff) {
      const next = nextPage(at);
      if (next === 0 || isFree(next)) return 0;
      at = next;
    } else {
      if (isNamed(header, name)) return at + HEADER;
      at += HEADER + word + ((4 - (word % 4)) % 4);
    }
  }
  return 0;
}

function isFree(address: number): boolean {
  if (!lib.getPage(address)) return true;
  const word = lib.read(4, address);
  return word[0] === 0xff && word[1] === 0xff && word[2] === 0xff && word[3] === 0xff;
}

/**
 * `bases`: where Storage begins, of which the first that this chip has is taken. `pages`: how many pages of 4 kB the
 * token wants. Makes the file at the first boot; 'flash-full' when Storage has no room for it.
 */
export function storageFlash(bases: number[], pages: number): Flash {
  let base = 0;
  for (let i = bases.length - 1; i >= 0; i--) if (lib.getPage(bases[i] as number)) base = bases[i] as number;
  const size = pages * PAGE + PAGE;
  let file = addressOf(NAME, base);
  if (file === 0) {
    require('Storage').write(NAME, new Uint8Array(4), 0, size);
    file = addressOf(NAME, base);
    if (file === 0) throw fault('flash-full', 'no room in Storage');
  }
  // The word of zeros at the start is never part of a page.
  const first = (base + Math.ceil((file + 4 - base) / PAGE) * PAGE) | 0;

  return {
    pageSize: PAGE,
    pageCount: pages,
    erase(page) {
      // An address that is not an integer in Espruino's own sense is refused: division and Math make doubles.
      const end = (first + (page + 1) * PAGE) | 0;
      for (let at = (end - PAGE) | 0; at < end; at = nextPage(at)) lib.erasePage(at);
    },
    write: (address, data) => lib.write(data, first + address),
    read: (address, length) => lib.read(length, first + address),
    // Flash operations return when the chip has finished them.
    sync: () => {},
  };
}
