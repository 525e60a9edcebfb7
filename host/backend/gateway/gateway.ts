/**
 * Takes reports in: each has exactly one effect, however often and from wherever it comes (docs/spec/visit.md).
 *
 * What can be refused cheaply is refused first, so that only the holder of a living code can make the gateway work.
 */
import { createHash, createHmac } from 'node:crypto';
import { ascii, equal } from '../../../device/bytes.js';
import type { Random } from '../../../device/ports.js';
import { DAY_SECONDS, utcDay } from '../../../device/robert/time.js';
import type { TicketKeys } from '../../../device/seal/ratchet.js';
import type { NtpClock } from '../../clock.js';
import { codeHash, normaliseCode } from '../../codes.js';
import { GaletError } from '../../errors.js';
import type { CodeBook } from '../codes/book.js';
import type { Parameters } from '../parameters.js';
import type { Contact } from '../store/contacts.js';
import { poolReport } from '../store/mixing.js';
import { findReceipt, insertReceipt, setTicketMark, ticketMark } from '../store/receipts.js';
import type { Db, Store } from '../store/store.js';
import { type BatchCounts, type BatchTicket, openBatches } from './batches.js';
import { type Expansion, expand } from './expand.js';
import type { TicketOpener } from './tickets.js';
import { correctTime } from './timeline.js';
import { isDummy, openHeader, parseUpload, type ReportHeader, type Upload, unreadable } from './upload.js';

const RECEIPT_LENGTH = 16;
/** Receipts and ticket marks are kept for this many days: a day longer than any record is. */
export const REMEMBERED_DAYS = 15;
/** By how many seconds a consent's time may be off: two weeks of two clocks' drift, and a slow press. */
const CONSENT_TOLERANCE = 180;

export interface GatewayContext {
  store: Store;
  openTicket: TicketOpener;
  codes: CodeBook;
  clock: NtpClock;
  random: Random;
  parameters: Parameters;
  /** Told what was in each report, for figures over all of them; never for a log line about one. */
  opened(counts: BatchCounts, dropped: Expansion['dropped']): void;
}

/** What became of an upload. The receipt of a dummy is random: who is watching learns nothing from it. */
export interface Submitted {
  outcome: 'accepted' | 'repeated' | 'dummy';
  /** 16 bytes. */
  receipt: Uint8Array;
}

export interface Gateway {
  /**
   * Takes in the body of an upload. Throws 'report-unreadable', 'code-mismatch', 'code-unknown', 'code-used' or
   * 'code-expired', and then nothing has changed.
   */
  submit(body: Uint8Array): Promise<Submitted>;
}

function sha256(...parts: Uint8Array[]): Uint8Array {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return new Uint8Array(hash.digest());
}

/** By what a report and its tickets are remembered: hashes, 32 bytes. */
interface ReportIds {
  report: Uint8Array;
  tickets: Uint8Array[];
}

/** A report is known by its last ticket, which seals its header: no courier can make another report of it. */
function idsOf({ encs, reportId }: Upload): ReportIds {
  return { report: sha256(encs[encs.length - 1]!, reportId), tickets: encs.map((enc) => sha256(enc)) };
}

function receiptOf(keys: TicketKeys, reportId: Uint8Array): Uint8Array {
  const mac = createHmac('sha256', keys.receipt).update(ascii('receipt')).update(reportId).digest();
  return new Uint8Array(mac.subarray(0, RECEIPT_LENGTH));
}

/** Fisher and Yates, from the random port: not even the order of insertion follows the log's. */
function shuffle<T>(items: T[], random: Random): T[] {
  const out = [...items];
  const draw = new Uint32Array(out.length);
  random.fill(new Uint8Array(draw.buffer));
  for (let i = out.length - 1; i > 0; i--) {
    // The bias of a remainder of 2^32 by some thousands is one in a million.
    const j = (draw[i] as number) % (i + 1);
    [out[i], out[j]] = [out[j] as T, out[i] as T];
  }
  return out;
}

export function createGateway(context: GatewayContext): Gateway {
  const { store, openTicket, codes, clock, random, parameters } = context;

  async function contactsOf(tickets: BatchTicket[], upload: Upload, header: ReportHeader) {
    const range = { first: header.firstBatch, last: header.lastBatch, recordCount: header.recordCount };
    const opened = await openBatches(tickets, upload.batches, range);
    const { counts } = opened;
    // Refused while nothing is burnt: the token keeps its log, and another courier may do better.
    if (counts.opened === 0 && counts.missing > 0 && header.recordCount > 0) throw unreadable('no batch');
    const now = clock();
    const consent = consentTime(header);
    const window = { from: now - parameters.risk.contagiousDays * DAY_SECONDS, until: consent + CONSENT_TOLERANCE };
    const expansion = expand(opened.batches, header.anchors, window);
    context.opened(counts, expansion.dropped);
    return { contacts: shuffle(expansion.contacts, random), highest: opened.highest };
  }

  function consentTime(header: ReportHeader): number {
    return correctTime(header.anchors, header.timeline, header.consentTime, 0)?.time ?? header.consentTime;
  }

  /** One transaction, all or nothing; undefined when another report of a ticket came in between. */
  function commit(
    ids: ReportIds,
    code: string,
    consent: number,
    receipt: Uint8Array,
    marks: number[],
    report: { contacts: Contact[]; highest: number[] },
  ): Promise<Submitted | undefined> {
    return store.transaction('gateway.report', async (db) => {
      const known = await findReceipt(db, ids.report);
      if (known !== undefined) return { outcome: 'repeated', receipt: known };
      const current = await marksOf(db, ids);
      if (current.some((mark, i) => mark !== marks[i])) return undefined;
      await codes.burn(db, code, consent, CONSENT_TOLERANCE);
      const now = clock();
      const expires = utcDay(now) + REMEMBERED_DAYS;
      await poolReport(db, random, report.contacts, now);
      for (const [i, ticket] of ids.tickets.entries()) {
        const [mark, highest] = [marks[i]!, report.highest[i]!];
        // Where nothing new counts, the mark outlives what it marks as it is.
        if (highest > mark) await setTicketMark(db, ticket, highest, expires);
      }
      await insertReceipt(db, ids.report, receipt, expires);
      return { outcome: 'accepted', receipt };
    });
  }

  /** The highest batch of each ticket that has counted. */
  async function marksOf(db: Db, ids: ReportIds): Promise<number[]> {
    const marks: number[] = [];
    for (const ticket of ids.tickets) marks.push(await ticketMark(db, ticket));
    return marks;
  }

  async function refuseDeadCode(code: string, consent: number): Promise<void> {
    const state = await codes.check(store.db, code, consent, CONSENT_TOLERANCE);
    if (state !== 'alive') throw new GaletError(`code-${state}`);
  }

  async function accept(upload: Upload, ids: ReportIds): Promise<Submitted> {
    const tickets = await Promise.all(upload.encs.map(openTicket));
    const keys = tickets[tickets.length - 1];
    if (keys === undefined) throw unreadable('ticket');
    const header = openHeader(keys.header, upload);
    const code = normaliseCode(upload.code);
    if (!equal(codeHash(code), header.codeHash)) throw new GaletError('code-mismatch');
    const consent = consentTime(header);
    await refuseDeadCode(code, consent);
    const receipt = receiptOf(keys, upload.reportId);
    for (;;) {
      const marks = await marksOf(store.db, ids);
      const parts = header.starts.map((start, i) => ({ state: tickets[i]?.state, start, mark: marks[i]! }));
      const report = await contactsOf(parts, upload, header);
      const submitted = await commit(ids, code, consent, receipt, marks, report);
      if (submitted !== undefined) return submitted;
    }
  }

  async function earlier(id: Uint8Array): Promise<Submitted | undefined> {
    const receipt = await findReceipt(store.db, id);
    return receipt && { outcome: 'repeated', receipt };
  }

  return {
    async submit(body) {
      const upload = parseUpload(body);
      if (isDummy(upload)) {
        const receipt = new Uint8Array(RECEIPT_LENGTH);
        random.fill(receipt);
        return { outcome: 'dummy', receipt };
      }
      const ids = idsOf(upload);
      const before = await earlier(ids.report);
      if (before !== undefined) return before;
      try {
        return await accept(upload, ids);
      } catch (refusal) {
        // A repeat of this report may have been accepted meanwhile, and is what burnt the code.
        const meanwhile = await earlier(ids.report);
        if (meanwhile !== undefined) return meanwhile;
        throw refusal;
      }
    },
  };
}
