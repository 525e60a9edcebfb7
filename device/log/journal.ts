/**
 * The token's small facts (keys, answer, report, ...), each the latest value of its kind, on two flash pages
 * (docs/spec/log.md). A value is there once the checksum that ends its record is; a full page is rewritten into the
 * other one, whose header is written last, so that every cut leaves one whole journal.
 *
 *   page   : 0 magic "GJ" | 2 version | 3 zero | 4 sequence u32 | 8 CRC-32 of bytes 0..7 | 12 records
 *   record : 0 kind | 1 version | 2 length u16 | 4 value, zero-padded to words | CRC-32 of all before it
 */
import { concat, crc32, isFilledWith, putU16, putU32, u16At, u32, u32At } from '../bytes.js';
import { fault } from '../faults.js';
import type { Region } from './region.js';
import { words } from './region.js';

const MAGIC = 0x474a;
const PAGE_VERSION = 1;
const PAGE_HEADER = 12;
const RECORD_HEADER = 4;
const CHECK = 4;
const KIND_MAX = 15;

/** A value and the version of its layout. */
export interface Entry {
  version: number;
  value: Uint8Array;
}

/** A new value of a kind; no bytes at all forget the kind. */
export interface Change extends Entry {
  kind: number;
}

export interface Journal {
  /** The latest value of a kind (1 to 15). */
  get(kind: number): Entry | undefined;
  /** Returns once the value would survive a power cut; `commit` names it for traces. */
  put(kind: number, version: number, value: Uint8Array, commit: string): void;
  /** Makes all changes in one commit, by a rewrite: nothing of the values before them stays in flash. */
  replace(changes: Change[], commit: string): void;
  /** Forgets every kind but `kind`, whose value it sets, and erases what was there. */
  reset(kind: number, version: number, value: Uint8Array, commit: string): void;
}

interface Place {
  offset: number;
  length: number;
  version: number;
}

function encode(kind: number, version: number, value: Uint8Array): Uint8Array {
  const header = new Uint8Array(RECORD_HEADER);
  header[0] = kind;
  header[1] = version;
  putU16(header, 2, value.length);
  const body = concat([header, words(value, 0)]);
  return concat([body, u32(crc32(body))]);
}

/** Mounts the journal, finishing or undoing what a power cut interrupted. */
export function mountJournal(flash: Region): Journal {
  let page = 0;
  let sequence = 0;
  let free = 0;
  let places: { [kind: number]: Place } = {};

  function sequenceOf(candidate: number): number {
    const header = flash.read(candidate, 0, PAGE_HEADER);
    const valid = u16At(header, 0) === MAGIC && u32At(header, 8) === crc32(header.subarray(0, 8));
    if (valid && header[2] !== PAGE_VERSION) throw fault('message-version', 'journal');
    return valid ? u32At(header, 4) : 0;
  }

  /** Reads the page's records; leaves `free` at 0 when something torn stands behind the last whole one. How many there are. */
  function scan(): number {
    let count = 0;
    places = {};
    let at = PAGE_HEADER;
    while (at + RECORD_HEADER + CHECK <= flash.pageSize) {
      const header = flash.read(page, at, RECORD_HEADER);
      const length = u16At(header, 2);
      const padded = length + ((4 - (length % 4)) % 4);
      const end = at + RECORD_HEADER + padded + CHECK;
      if (isFilledWith(header, 0xff) || end > flash.pageSize) break;
      const body = flash.read(page, at, RECORD_HEADER + padded);
      if (u32At(flash.read(page, end - CHECK, CHECK), 0) !== crc32(body)) break;
      places[header[0] as number] = { offset: at + RECORD_HEADER, length, version: header[1] as number };
      at = end;
      count += 1;
    }
    free = isFilledWith(flash.read(page, at, flash.pageSize - at), 0xff) ? at : 0;
    return count;
  }

  function get(kind: number): Entry | undefined {
    const place = places[kind];
    return place && { version: place.version, value: flash.read(page, place.offset, place.length) };
  }

  /** Writes the given records to the other page, then makes it the journal by its header, then erases this one. */
  function turn(records: Uint8Array[], commit: string): void {
    const next = 1 - page;
    const body = concat(records);
    if (PAGE_HEADER + body.length > flash.pageSize) throw fault('flash-full', 'journal');
    flash.blank(next);
    flash.write(next, PAGE_HEADER, body);
    // A computer may write a file's blocks back in any order: the header must not come before what it stands for.
    flash.sync('journal.body');
    const header = new Uint8Array(8);
    putU16(header, 0, MAGIC);
    header[2] = PAGE_VERSION;
    putU32(header, 4, sequence + 1);
    flash.write(next, 0, header);
    flash.write(next, 8, u32(crc32(header)));
    flash.sync(commit);
    const old = page;
    page = next;
    sequence += 1;
    scan();
    flash.erase(old);
    flash.sync('journal.turned');
  }

  function replace(changes: Change[], commit: string): void {
    const records: Uint8Array[] = [];
    // In the order of their numbers on every board: not every interpreter sorts the keys of an object.
    for (let kind = 1; kind <= KIND_MAX; kind++) {
      let isKept = true;
      for (let j = 0; j < changes.length; j++) if ((changes[j] as Change).kind === kind) isKept = false;
      const entry = isKept ? get(kind) : undefined;
      if (entry) records.push(encode(kind, entry.version, entry.value));
    }
    for (let j = 0; j < changes.length; j++) {
      const change = changes[j] as Change;
      if (change.value.length > 0) records.push(encode(change.kind, change.version, change.value));
    }
    turn(records, commit);
  }

  const first = sequenceOf(0);
  const second = sequenceOf(1);
  page = second > first ? 1 : 0;
  sequence = Math.max(first, second);
  if (sequence > 0) {
    flash.blank(1 - page);
    scan();
  } else {
    // A new chip; or one whose header was spoilt: its records, each with a checksum of its own, were not.
    page = 1;
    if (scan() === 0) {
      page = 0;
      scan();
    }
    replace([], 'journal.format');
  }

  return {
    get,
    put(kind, version, value, commit) {
      const record = encode(kind, version, value);
      if (free > 0 && free + record.length <= flash.pageSize) {
        const at = free;
        free = 0; // until the record is whole, a failed write leaves the rest of the page unusable
        flash.write(page, at, record);
        flash.sync(commit);
        free = at + record.length;
        places[kind] = { offset: at + RECORD_HEADER, length: value.length, version };
        return;
      }
      replace([{ kind, version, value }], commit);
    },
    replace,
    reset: (kind, version, value, commit) => turn([encode(kind, version, value)], commit),
  };
}
