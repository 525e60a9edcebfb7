/**
 * Flash pages of ours inside a Storage file that is made once and then used through the Flash library: Storage itself is
 * never written again, because an interrupted compaction loses everything in it.
 *
 *   the file : 0 a word of zeros, so that the file has been begun | slack up to the next page | our pages
 */
import { isFilledWith } from '../../bytes.js';
import { fault } from '../../faults.js';
import type { Flash } from '../../ports.js';

/** The file of what a token remembers, and that of its firmware (update/slots.ts), which no wipe touches. */
const LOG_FILE = 'galet.log';
export const FIRMWARE_FILE = 'galet.fw';
/** Our page; a multiple of the flash's own, which is 4 kB on every board. */
const PAGE = 4096;
/** Where Storage is: in external flash, or as the interpreter's Linux build has it, on which what is tested runs unchanged. */
const STORAGE = 0x60000000;
const LINUX_STORAGE = 0x10000000;
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

interface File {
  /** Address of its data. */
  at: number;
  /** Bytes of its data. */
  size: number;
}

/**
 * Where a Storage file stands in flash. Storage has no call for this on boards whose flash is not mapped into memory; its
 * files are headers of 32 bytes (size u32 little-endian with flags in the top byte, name of 28 bytes), each followed by its
 * data, padded to words. Behind the last one of a page the rest may be blank.
 */
function find(name: string, base: number): File | undefined {
  let at = base;
  for (let files = 0; files < FILES_MAX && lib.getPage(at + HEADER - 1); files++) {
    const header = lib.read(HEADER, at);
    const size = ((header[0] as number) | ((header[1] as number) << 8) | ((header[2] as number) << 16)) & SIZE_MASK;
    if (size === SIZE_MASK && header[3] === 0xff) {
      at = nextPage(at);
      if (at === 0 || isFilledWith(lib.read(4, at), 0xff)) return undefined;
    } else {
      if (isNamed(header, name)) return { at: at + HEADER, size };
      at += HEADER + size + ((4 - (size % 4)) % 4);
    }
  }
  return undefined;
}

/** Makes a file, with a word of zeros so that it has been begun; as many pages as fit, at most `pages`. */
export function makeFile(name: string, pages: number): void {
  const storage = require('Storage');
  const room = Math.floor((storage.getFree() - HEADER) / PAGE) - 1;
  const count = Math.min(pages, room);
  if (count > 0) storage.write(name, new Uint8Array(4), 0, (count + 1) * PAGE);
}

/** A class for its methods' sake, as log/region.ts: there are two of these. */
export class FileFlash implements Flash {
  readonly pageSize = PAGE;

  constructor(
    private readonly first: number,
    readonly pageCount: number,
    /** Bytes of the file before its first page. */
    readonly offset: number,
  ) {}

  erase(page: number): void {
    const end = (this.first + (page + 1) * PAGE) | 0;
    for (let at = (end - PAGE) | 0; at < end; at = nextPage(at)) lib.erasePage(at);
  }

  write(address: number, data: Uint8Array): void {
    lib.write(data, this.first + address);
  }

  read(address: number, length: number): Uint8Array {
    return lib.read(length, this.first + address);
  }

  /** Flash operations return when the chip has finished them. */
  sync(): void {}
}

/** The pages of a file, at most `pages` of 4 kB; undefined when there is none of that name. */
export function storageFlash(name: string, pages: number): FileFlash | undefined {
  const base = lib.getPage(STORAGE) ? STORAGE : LINUX_STORAGE;
  const file = find(name, base);
  if (!file) return undefined;
  // The word of zeros at the start is never part of a page. An address that is not an integer in Espruino's own sense is
  // refused by the Flash library: division and Math make doubles.
  const first = (base + Math.ceil((file.at + 4 - base) / PAGE) * PAGE) | 0;
  return new FileFlash(first, Math.min(pages, Math.floor((file.at + file.size - first) / PAGE)), first - file.at);
}

/** The token's own pages, in a file that is made at the first boot; 'flash-full' when Storage has no room for it. */
export function logFlash(pages: number): Flash {
  let flash = storageFlash(LOG_FILE, pages);
  if (!flash) {
    makeFile(LOG_FILE, pages);
    flash = storageFlash(LOG_FILE, pages);
  }
  if (!flash) throw fault('flash-full', 'no room in Storage');
  return flash;
}
