import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { concat } from '../../../device/bytes.js';
import { encode } from '../../../device/link/cbor.js';
import { isDummy, openHeader, parseUpload } from '../../../host/backend/gateway/upload.js';
import { codeHash } from '../../../host/codes.js';
import { GaletError } from '../../../host/errors.js';
import {
  type BuiltReport,
  buildReport,
  honestRecord,
  makeTicket,
  sealHeader,
  type Ticket,
  uploadBody,
} from './builder.js';

const START = 3_917_894_400;
/** X25519 base point: a valid public key. */
const GATEWAY = new Uint8Array(32).fill(0).fill(9, 0, 1);

function refused(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof GaletError) return error.code;
    throw error;
  }
  return 'accepted';
}

let ticket: Ticket;
let report: BuiltReport;
beforeAll(async () => {
  ticket = await makeTicket(GATEWAY);
  report = buildReport(ticket, {
    code: 'ABCD2345',
    consentTime: START + 100,
    batches: [{ start: START, records: [honestRecord(1, START)] }],
    firstIndex: 3,
    timeline: 8,
    anchors: [
      [7, START - 500, START - 100, -3, 0],
      [8, START - 100, START, 3600, 1],
    ],
  });
});

describe('parseUpload', () => {
  it('reads the fields', () => {
    const upload = parseUpload(report.upload);
    expect(upload).toEqual({
      code: 'ABCD2345',
      encs: [ticket.enc],
      reportId: report.reportId,
      sealedHeader: report.header,
      batches: report.batches,
    });
    expect(isDummy(upload)).toBe(false);
  });

  it('knows a dummy', () => {
    expect(isDummy(parseUpload(uploadBody('', new Uint8Array(32), new Uint8Array(96), [])))).toBe(true);
    expect(isDummy(parseUpload(uploadBody('', ticket.enc, report.header, report.batches)))).toBe(false);
  });

  it('refuses other shapes by name', () => {
    const pad = new Uint8Array(1);
    const header = new Uint8Array(96);
    for (const value of [
      1,
      'text',
      [],
      [2, '', ticket.enc, header, [], pad],
      [1, '', ticket.enc, header, []],
      [1, '', ticket.enc, header, [], pad, pad],
      [1, pad, ticket.enc, header, [], pad],
      [1, '', new Uint8Array(31), header, [], pad],
      [1, '', new Uint8Array(0), header, [], pad],
      [1, '', new Uint8Array(33), header, [], pad],
      [1, '', new Uint8Array(96), header, [], pad],
      // The same ticket twice.
      [1, '', new Uint8Array(64), header, [], pad],
      [1, '', [ticket.enc], header, [], pad],
      [1, '', ticket.enc, new Uint8Array(31), [], pad],
      [1, '', ticket.enc, header, [1], pad],
      [1, '', ticket.enc, header, 0, pad],
      [1, 'x'.repeat(2049), ticket.enc, header, [], pad],
    ]) {
      expect(refused(() => parseUpload(encode(value)))).toBe('report-unreadable');
    }
  });

  it('bears hostile bytes, random or mutated', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        expect(refused(() => parseUpload(bytes))).toBe('report-unreadable');
      }),
    );
    fc.assert(
      fc.property(fc.nat(report.upload.length - 1), fc.integer({ min: 0, max: 255 }), (at, value) => {
        const bytes = new Uint8Array(report.upload);
        bytes[at] = value;
        expect(['accepted', 'report-unreadable']).toContain(
          refused(() => openHeader(ticket.keys.header, parseUpload(bytes))),
        );
      }),
      { numRuns: 2000 },
    );
  });

  it('makes nothing of eight megabytes of empty strings', () => {
    const bytes = new Uint8Array(8 * 1024 * 1024).fill(0x40);
    bytes.set([0x9a, 0x00, 0x7f, 0xff, 0xfb]);
    const before = process.memoryUsage().heapUsed;
    const started = performance.now();
    expect(refused(() => parseUpload(bytes))).toBe('report-unreadable');
    expect(performance.now() - started).toBeLessThan(200);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(20e6);
  });
});

describe('openHeader', () => {
  it('reads what the token sealed', () => {
    expect(openHeader(ticket.keys.header, parseUpload(report.upload))).toEqual({
      codeHash: codeHash('ABCD2345'),
      consentTime: START + 100,
      timeline: 8,
      firstBatch: 3,
      lastBatch: 3,
      recordCount: 1,
      anchors: [
        { timeline: 7, start: START - 500, end: START - 100, delta: -3, kind: 'drift' },
        { timeline: 8, start: START - 100, end: START, delta: 3600, kind: 'lost' },
      ],
      starts: [0],
    });
  });

  it('refuses every flipped bit and another ticket’s key', async () => {
    for (let bit = 0; bit < report.header.length * 8; bit++) {
      const header = new Uint8Array(report.header);
      header[bit >> 3]! ^= 1 << (bit & 7);
      const upload = parseUpload(uploadBody('ABCD2345', ticket.enc, header, []));
      expect(refused(() => openHeader(ticket.keys.header, upload))).toBe('report-unreadable');
    }
    const other = await makeTicket(GATEWAY);
    expect(refused(() => openHeader(other.keys.header, parseUpload(report.upload)))).toBe('report-unreadable');
  });

  it('refuses senseless headers, even authentic ones', () => {
    const id = report.reportId;
    const hash = codeHash('ABCD2345');
    const good = [1, id, hash, START, 0, 0, 0, 1, [], [0]];
    const open = (fields: Parameters<typeof encode>[0]) => {
      const header = sealHeader(ticket, id, encode(fields));
      return refused(() => openHeader(ticket.keys.header, parseUpload(uploadBody('A', ticket.enc, header, []))));
    };
    expect(open(good)).toBe('accepted');
    for (const [at, value] of [
      [0, 2],
      [1, new Uint8Array(16)],
      [2, new Uint8Array(31)],
      [3, 'now'],
      [4, 256],
      [5, 1],
      [6, 150_001],
      [7, 32_769],
      [8, [[0, 0, 0, 0]]],
      [8, [[0, 0, 0, 0, 2]]],
      [8, Array(257).fill([0, 0, 0, 0, 0])],
      [8, 0],
    ] as const) {
      expect(open(good.map((field, i) => (i === at ? value : field)) as never)).toBe('report-unreadable');
    }
    expect(open(good.slice(0, 9))).toBe('report-unreadable');
  });

  it('refuses starts that do not rise, lie beyond the report, or are not one a ticket', async () => {
    const second = await makeTicket(GATEWAY);
    const id = report.reportId;
    const [first, last] = [1_000_000, 1_000_300];
    const open = (tickets: Ticket[], starts: unknown) => {
      const fields = [1, id, codeHash('A'), START, 0, first, last, 1, [], starts] as Parameters<typeof encode>[0];
      const sealer = tickets[tickets.length - 1]!;
      const header = sealHeader(sealer, id, encode(fields));
      const body = uploadBody('A', concat(tickets.map(({ enc }) => enc)), header, []);
      return refused(() => openHeader(sealer.keys.header, parseUpload(body)));
    };
    const [one, two] = [[ticket], [ticket, second]];
    // Indexes go on across tickets: what is bounded is the walk.
    for (const starts of [[first], [first - 5], [last - 150_000]]) expect(open(one, starts)).toBe('accepted');
    for (const starts of [[], [first + 1], [last - 150_001], [0], [first, last], ['0'], first]) {
      expect(open(one, starts)).toBe('report-unreadable');
    }
    // A ticket that has begun and sealed nothing yet starts one behind the last batch.
    for (const starts of [
      [first, first + 1],
      [first - 9, first - 3],
      [first, last + 1],
    ]) {
      expect(open(two, starts)).toBe('accepted');
    }
    for (const starts of [
      [first],
      [first, first],
      [first, first - 1],
      [first + 1, last],
      [first, last + 2],
      [first, last, last + 1],
    ]) {
      expect(open(two, starts)).toBe('report-unreadable');
    }
  });
});
