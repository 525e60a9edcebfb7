/** A run of flash pages that one part of the token owns, addressed from its own zero. */
import { crc32, isFilledWith, READS_BACK } from '../bytes.js';
import { fault } from '../faults.js';
import type { Flash } from '../ports.js';

export interface Region {
  readonly pages: number;
  readonly pageSize: number;
  read(page: number, offset: number, length: number): Uint8Array;
  /** Reads back what it wrote, where the board allows it: a page that has gone bad says so before anything relies on it. So does `erase`. */
  write(page: number, offset: number, data: Uint8Array): void;
  erase(page: number): void;
  /** Erases the page unless it is blank already. */
  blank(page: number): void;
  sync(commit: string): void;
}

/** A class for its methods' sake: closures would cost a board sixty blocks of memory for each of six regions. */
class Pages implements Region {
  readonly pageSize: number;

  constructor(
    private readonly flash: Flash,
    private readonly first: number,
    readonly pages: number,
  ) {
    this.pageSize = flash.pageSize;
  }

  private address(page: number, offset: number): number {
    return (this.first + page) * this.pageSize + offset;
  }

  read(page: number, offset: number, length: number): Uint8Array {
    return this.flash.read(this.address(page, offset), length);
  }

  private isBlank(page: number): boolean {
    return isFilledWith(this.read(page, 0, this.pageSize), 0xff);
  }

  write(page: number, offset: number, data: Uint8Array): void {
    this.flash.write(this.address(page, offset), data);
    if (READS_BACK && crc32(this.read(page, offset, data.length)) !== crc32(data)) {
      throw fault('flash-rule', 'not written');
    }
  }

  erase(page: number): void {
    this.flash.erase(this.first + page);
    if (!this.isBlank(page)) throw fault('flash-rule', 'not erased');
  }

  blank(page: number): void {
    if (!this.isBlank(page)) this.erase(page);
  }

  sync(commit: string): void {
    this.flash.sync(commit);
  }
}

export function region(flash: Flash, firstPage: number, pages: number): Region {
  return new Pages(flash, firstPage, pages);
}

/** `data` filled up with `value` to whole words. */
export function words(data: Uint8Array, value: number): Uint8Array {
  if (data.length % 4 === 0) return data;
  const out = new Uint8Array(data.length + 4 - (data.length % 4));
  for (let i = data.length; i < out.length; i++) out[i] = value;
  out.set(data);
  return out;
}
