/**
 * Flash in a file: NOR rules on a copy in memory, the changes written through, `sync` an fsync. What was synced
 * survives a kill of the process and a power cut of the computer.
 */
import { closeSync, fstatSync, fsyncSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import { fault } from '../../faults.js';
import type { Flash } from '../../ports.js';

export const LINUX_PAGES = 272;
const LINUX_PAGE_SIZE = 4096;

export interface FileFlash extends Flash {
  close(): void;
}

/** Told before and after each named commit becomes durable. */
export type CommitObserver = (commit: string, phase: 'before' | 'after') => void;

/** Opens a flash file, or makes a blank one (0600). A file of another size is refused, not repaired. */
export function fileFlash(path: string, pages = LINUX_PAGES, observe: CommitObserver = () => {}): FileFlash {
  const size = pages * LINUX_PAGE_SIZE;
  const file = openSync(path, 'a+', 0o600);
  closeSync(file);
  const descriptor = openSync(path, 'r+');
  const bytes = new Uint8Array(size).fill(0xff);
  const length = fstatSync(descriptor).size;
  if (length === 0) {
    writeSync(descriptor, bytes, 0, size, 0);
    ftruncateSync(descriptor, size);
    fsyncSync(descriptor);
  } else if (length === size) {
    readSync(descriptor, bytes, 0, size, 0);
  } else {
    closeSync(descriptor);
    throw fault('flash-rule', 'not a flash file of this version');
  }

  function through(address: number, count: number): void {
    writeSync(descriptor, bytes, address, count, address);
  }

  return {
    pageSize: LINUX_PAGE_SIZE,
    pageCount: pages,
    erase(page) {
      if (page < 0 || page >= pages) throw fault('flash-rule', 'erase outside the flash');
      bytes.fill(0xff, page * LINUX_PAGE_SIZE, (page + 1) * LINUX_PAGE_SIZE);
      through(page * LINUX_PAGE_SIZE, LINUX_PAGE_SIZE);
    },
    write(address, data) {
      if (address % 4 !== 0 || data.length % 4 !== 0) throw fault('flash-rule', 'unaligned write');
      if (address < 0 || address + data.length > size) throw fault('flash-rule', 'write outside the flash');
      for (let i = 0; i < data.length; i++) {
        const wanted = data[i] as number;
        if (((bytes[address + i] as number) & wanted) !== wanted) throw fault('flash-rule', 'bit set by a write');
      }
      bytes.set(data, address);
      through(address, data.length);
    },
    read(address, count) {
      if (address < 0 || address + count > size) throw fault('flash-rule', 'read outside the flash');
      return bytes.slice(address, address + count);
    },
    sync(commit) {
      observe(commit, 'before');
      fsyncSync(descriptor);
      observe(commit, 'after');
    },
    close: () => closeSync(descriptor),
  };
}
