/** The bytes of docs/spec/log.md, both ways: made by the token's code, read by the gateway's. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { twinFlash } from '../../device/boards/twin/flash.js';
import { mountJournal } from '../../device/log/journal.js';
import { mountLog } from '../../device/log/log.js';
import { encodeRecord } from '../../device/log/record.js';
import { region } from '../../device/log/region.js';
import { decodeBatch } from '../../host/backend/gateway/record.js';
import { nodeDigest } from '../../host/crypto.js';

interface Golden {
  records: {
    what: string;
    start: number;
    contact: {
      key: string;
      first: number;
      proofs: { time16: number; mac: string }[];
      /** null: no power is known. */
      minutes: [count: number, meanDbm: number | null][];
    };
    bytes: string;
    decoded: { first: number; times16: number[]; minutes: [countClass: number, dbm: number][] };
  }[];
  journal: { puts: [kind: number, version: number, value: string][]; page: string };
  log: {
    state: string;
    appends: [plaintext: string, records: number, day: number, timeline: number][];
    states: string;
    page: string;
  };
}

const golden = JSON.parse(readFileSync(new URL('./log.golden.json', import.meta.url), 'utf8')) as Golden;
const bytes = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'));
const hex = (data: Uint8Array): string => Buffer.from(data).toString('hex');
const programmed = (data: Uint8Array): string => hex(data).replace(/(ff)+$/, '');

describe('golden bytes', () => {
  it.each(golden.records)('of a record: $what', ({ start, contact, bytes: expected, decoded }) => {
    const record = encodeRecord(
      {
        key: bytes(contact.key),
        first: contact.first,
        proofs: contact.proofs.map(({ time16, mac }) => ({ time16, mac: bytes(mac) })),
        minutes: contact.minutes.map(([count, dbm]) => ({ count, power: dbm === null ? 0 : count * 10 ** (dbm / 10) })),
      },
      start,
    );
    expect(hex(record)).toBe(expected);
    const head = Buffer.alloc(7);
    head.writeUInt32BE(start, 0);
    head.writeUInt8(1, 6);
    const plain = Buffer.concat([head, record]);
    const batch = decodeBatch(new Uint8Array(Buffer.concat([plain, Buffer.alloc((4 - (plain.length % 4)) % 4)])));
    if (typeof batch === 'string') throw new Error(batch);
    const read = batch.records[0];
    expect(hex(new Uint8Array([read?.ecc ?? 0, ...(read?.ebid ?? [])]))).toBe(contact.key);
    expect(read?.first).toBe(decoded.first);
    expect(read?.proofs.map(({ time16 }) => time16)).toEqual(decoded.times16);
    expect(read?.proofs.map(({ mac }) => hex(mac))).toEqual(contact.proofs.map(({ mac }) => mac));
    expect(read?.minutes.map(({ countClass, power }) => [countClass, power])).toEqual(decoded.minutes);
  });

  it('of a journal page', () => {
    const flash = twinFlash(2, 4096);
    const journal = mountJournal(region(flash, 0, 2));
    for (const [kind, version, value] of golden.journal.puts) journal.put(kind, version, bytes(value), 'test');
    const page = flash.bytes[0] === 0xff ? flash.bytes.subarray(4096) : flash.bytes.subarray(0, 4096);
    expect(programmed(page)).toBe(golden.journal.page);
  });

  it('of a log page and the states beside it', () => {
    const flash = twinFlash(4, 4096);
    const log = mountLog(nodeDigest, region(flash, 2, 2), region(flash, 0, 2));
    log.begin(bytes(golden.log.state));
    for (const [plain, records, day, timeline] of golden.log.appends) log.append(bytes(plain), records, day, timeline);
    expect(programmed(flash.bytes.subarray(0, 4096))).toBe(golden.log.states);
    expect(programmed(flash.bytes.subarray(8192, 12288))).toBe(golden.log.page);
  });
});
