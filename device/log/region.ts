/** A run of flash pages that one part of the token owns, addressed from its own zero. */
import { isFilledWith } from '../bytes.js';
import type { Flash } from '../ports.js';

export interface Region {
  readonly pages: number;
  readonly pageSize: number;
  read(page: number, offset: number, length: number): Uint8Array;
  write(page: number, offset: number, data: Uint8Array): void;
  erase(page: number): void;
  /** Erases the page unless it is blank already. */
  blank(page: number): void;
  sync(commit: string): void;
}

export function region(flash: Flash, firstPage: number, pages: number): Region {
  const base = firstPage * flash.pageSize;
  const address = (page: number, offset: number): number => base + page * flash.pageSize + offset;
  return {
    pages,
    pageSize: flash.pageSize,
    read: (page, offset, length) => flash.read(address(page, offset), length),
    write: (page, offset, data) => flash.write(address(page, offset), data),
    erase: (page) => flash.erase(firstPage + page),
    blank(page) {
      if (!isFilledWith(flash.read(address(page, 0), flash.pageSize), 0xff)) flash.erase(firstPage + page);
    },
    sync: (commit) => flash.sync(commit),
  };
}

/** `data` filled up with `value` to whole words. */
export function words(data: Uint8Array, value: number): Uint8Array {
  if (data.length % 4 === 0) return data;
  const out = new Uint8Array(data.length + 4 - (data.length % 4));
  for (let i = data.length; i < out.length; i++) out[i] = value;
  out.set(data);
  return out;
}
