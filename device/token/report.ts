/**
 * A report: what the wearer consented to, sealed so that only the gateway can read it (docs/spec/visit.md). The log
 * stays until the receipt; what was receipted is never reported again.
 */
import { ascii, concat, copyOf, equal } from '../bytes.js';
import { fault } from '../faults.js';
import type { Value } from '../link/cbor.js';
import { encode } from '../link/cbor.js';
import { CHUNK_BYTES } from '../link/messages.js';
import type { ContactLog } from '../log/log.js';
import type { Ports } from '../ports.js';
import { shortHmac } from '../seal/hmac.js';
import { seal } from '../seal/seal.js';
import type { Anchor, Facts, Report, Ticket } from './facts.js';
import { REPORT_CONSENTED, REPORT_KEPT, REPORT_RECEIPTED } from './facts.js';
import type { TokenTime } from './time.js';

const HEADER_VERSION = 1;
const ID_LENGTH = 16;
const TAG = 16;
const RECEIPT_LENGTH = 16;
const CODE_LABEL = ascii('galet code');
const RECEIPT_LABEL = ascii('receipt');
const DELTA_BIAS = 0x80000000;

export interface Reporting {
  /** What the courier needs of the report consented to for `code`; faults 'consent-missing' and 'already-reported'. */
  header(code: string): {
    reportId: Uint8Array;
    /** Of one ticket or two, oldest first, 32 bytes each. */
    encs: Uint8Array;
    header: Uint8Array;
    firstBatch: number;
    lastBatch: number;
    batches: number;
  };
  /** Whether the wearer already consented to a report with this code that still awaits its receipt. */
  isConsented(code: string): boolean;
  /** Whether there is any batch that no receipt covers. */
  hasSomething(): boolean;
  /** Called at the press: fixes what leaves, and remembers it. */
  consent(code: string): void;
  /** Whole batches from index `from` on, up to CHUNK_BYTES at a time; undefined after the last one. */
  batches(from: number): () => Uint8Array | undefined;
  kept(id: Uint8Array): void;
  receipt(id: Uint8Array, mac: Uint8Array): void;
  /** The id of the report whose receipt is missing; empty when none is. */
  awaiting(): Uint8Array;
}

export function createReporting(ports: Ports, facts: Facts, time: TokenTime, log: ContactLog): Reporting {
  const digest = ports.digest;

  function codeHash(code: string): Uint8Array {
    return digest.sha256(concat([CODE_LABEL, ascii(code)]));
  }

  /** The report in hand, if it is the one consented to for `code` and still without a receipt. */
  function consented(code: string): Report {
    const report = facts.report();
    if (!report || !equal(report.codeHash, codeHash(code))) throw fault('consent-missing');
    if (report.stage === REPORT_RECEIPTED) throw fault('already-reported');
    return report;
  }

  /** The oldest batch that is still there and that no receipt covers. */
  function firstBatch(): number {
    const before = facts.report();
    return Math.max(log.oldest().index, before ? before.doneBatches : 0);
  }

  function withId(id: Uint8Array): Report {
    const report = facts.report();
    if (!report || !equal(report.id, id)) throw fault('report-unknown');
    return report;
  }

  /** The tickets that batches `first` to `last` were sealed under, oldest first. */
  function ticketsOf(first: number, last: number): Ticket[] {
    const tickets = facts.tickets();
    const found: Ticket[] = [];
    if (!tickets) throw fault('not-provisioned');
    const previous = tickets.previous;
    if (previous && first < tickets.current.start) found.push(previous);
    if (tickets.current.start <= last) found.push(tickets.current);
    return found;
  }

  /** The ticket whose keys seal the header of a report up to batch `last`, and answer for its receipt. */
  function lastTicket(first: number, last: number): Ticket {
    const found = ticketsOf(first, last);
    const ticket = found[found.length - 1];
    if (!ticket) throw fault('report-unknown');
    return ticket;
  }

  function anchorValues(anchor: Anchor): Value[] {
    return [anchor.timeline, anchor.start, anchor.end, anchor.delta + DELTA_BIAS, anchor.kind];
  }

  return {
    isConsented(code) {
      const report = facts.report();
      return !!report && report.stage !== REPORT_RECEIPTED && equal(report.codeHash, codeHash(code));
    },
    hasSomething: () => firstBatch() < log.nextIndex(),
    consent(code) {
      const before = facts.report();
      const done = { batches: before ? before.doneBatches : 0, records: before ? before.doneRecords : 0 };
      const oldest = log.oldest();
      const first = firstBatch();
      if (first >= log.nextIndex()) throw fault('nothing-to-report');
      const id = new Uint8Array(ID_LENGTH);
      ports.random.fill(id);
      const lastBatch = log.nextIndex() - 1;
      const plain = encode([
        HEADER_VERSION,
        id,
        codeHash(code),
        Math.floor(time.now()),
        time.timeline(),
        first,
        lastBatch,
        log.records() - Math.max(oldest.records, done.records),
        time.anchors().map(anchorValues),
        ticketsOf(first, lastBatch).map((ticket) => ticket.start),
      ]);
      const key = lastTicket(first, lastBatch).header;
      facts.setReport(
        {
          stage: REPORT_CONSENTED,
          id,
          codeHash: codeHash(code),
          firstBatch: first,
          lastBatch,
          records: log.records(),
          doneBatches: done.batches,
          doneRecords: done.records,
          header: concat([id, seal(digest, key, id, plain, TAG)]),
        },
        'report.consent',
      );
    },
    header(code) {
      const report = consented(code);
      return {
        reportId: report.id,
        encs: concat(ticketsOf(report.firstBatch, report.lastBatch).map((ticket) => ticket.enc)),
        header: report.header,
        firstBatch: report.firstBatch,
        lastBatch: report.lastBatch,
        batches: report.lastBatch - report.firstBatch + 1,
      };
    },
    batches(from) {
      const report = facts.report();
      if (!report || report.stage === REPORT_RECEIPTED) throw fault('consent-missing');
      const last = report.lastBatch;
      let next = Math.max(from, report.firstBatch);
      let ahead = log.batchFrom(next);
      return () => {
        const parts: Uint8Array[] = [];
        let size = 0;
        while (ahead && ahead.index <= last && (size === 0 || size + ahead.bytes.length <= CHUNK_BYTES)) {
          parts.push(ahead.bytes);
          size += ahead.bytes.length;
          next = ahead.index + 1;
          ahead = log.batchFrom(next);
        }
        return size === 0 ? undefined : concat(parts);
      };
    },
    kept(id) {
      const report = withId(id);
      if (report.stage === REPORT_CONSENTED) facts.setReport({ ...report, stage: REPORT_KEPT }, 'report.kept');
    },
    receipt(id, mac) {
      const report = withId(id);
      const key = lastTicket(report.firstBatch, report.lastBatch).receipt;
      const expected = shortHmac(digest, key, [RECEIPT_LABEL, id], RECEIPT_LENGTH);
      if (!equal(mac, expected)) throw fault('receipt-forged');
      if (report.stage === REPORT_RECEIPTED) return;
      facts.setReport(
        {
          ...report,
          stage: REPORT_RECEIPTED,
          doneBatches: report.lastBatch + 1,
          doneRecords: report.records,
        },
        'report.receipt',
      );
    },
    awaiting() {
      const report = facts.report();
      return report && report.stage !== REPORT_RECEIPTED ? copyOf(report.id, 0, ID_LENGTH) : new Uint8Array(0);
    },
  };
}
