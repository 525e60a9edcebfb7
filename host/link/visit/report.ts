/**
 * A visit's second half, for a wearer who tested positive: the sealed log of the contagious days goes to the kiosk's
 * outbox, and from there, with exactly one effect, to the server. The token keeps everything until the receipt.
 */
import { concat } from '../../../device/bytes.js';
import { CONSENT_REPORT, NEEDS_TIME, type ReplyOf } from '../../../device/link/messages.js';
import { checkpoint } from '../../checkpoint.js';
import { type ErrorCode, GaletError } from '../../errors.js';
import { obtainConsent } from './consent.js';
import type { CodeState, DraftProgress, ReportStatus } from './counter.js';
import { deliverReceipt, settlePending } from './receipt.js';
import { synchronise } from './synchronise.js';
import { greet, type Visit } from './visit.js';

export interface ReportOptions {
  code: string;
  /** How long to wait for the server's receipt before the rest is left to the next visit. */
  receiptSeconds: number;
}

export interface Reported {
  /** delivered: the server has it and the token its receipt. kept: this computer will send it by itself. */
  outcome: 'delivered' | 'kept';
  /** Batches that travelled now; 0 when an earlier run had carried them. */
  batches: number;
}

const POLL_SECONDS = 0.5;
/** Less than the 30 s after which a token ends a connection over which nothing comes. */
const KEEP_ALIVE_SECONDS = 15;
/** Batches go to the kiosk in pieces of about this, so that a cut costs little. */
const PIECE_BYTES = 16_384;

const CODE_ERRORS: Partial<Record<CodeState, ErrorCode>> = {
  unknown: 'code-unknown',
  used: 'code-used',
  expired: 'code-expired',
};

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/**
 * Reports the contacts under a one-time code. May be cut anywhere and repeated with the same code: one report, one
 * effect. Throws 'code-unknown', 'code-used', 'code-expired', 'code-mismatch', 'report-unreadable' (nothing is lost and
 * consent can be asked again), 'consent-lapsed', 'nothing-to-report', 'kiosk-full', 'report-waiting'; for a token that
 * has lost its clock also those of `synchronise`, which then comes first.
 */
export async function reportContacts(visit: Visit, options: ReportOptions): Promise<Reported> {
  const hello = await greet(visit);
  // A token that has lost its clock would date the consent wrongly, and the code would be found expired.
  if ((hello.needs & NEEDS_TIME) !== 0) await synchronise(visit);
  const pending = await settlePending(visit, hello);
  let report = await resume(visit, options.code);
  if (report === 'delivered') return { outcome: 'delivered', batches: 0 };
  if (report === undefined) {
    if (pending.outcome === 'waiting') throw new GaletError('report-waiting');
    visit.progress({ step: 'code' });
    const refusal = CODE_ERRORS[await visit.counter.checkCode(options.code)];
    if (refusal !== undefined) throw new GaletError(refusal);
    await obtainConsent(visit, CONSENT_REPORT, options.code);
    report = await visit.token.ask('report', { code: options.code });
  }
  const reportId = hex(report.reportId);
  const batches = await hand(visit, reportId, options.code, report);
  checkpoint('cli.kept', 'before');
  await visit.token.ask('kept', { reportId: report.reportId });
  checkpoint('cli.kept', 'after');
  return { outcome: await awaitReceipt(visit, reportId, options.receiptSeconds), batches };
}

/** What an earlier run under the same code has left: nothing, a report that the wearer consented to, or a receipt. */
async function resume(visit: Visit, code: string): Promise<ReplyOf<'report'> | 'delivered' | undefined> {
  try {
    return await visit.token.ask('report', { code });
  } catch (error) {
    const name = error instanceof GaletError ? error.code : undefined;
    if (name === 'report-done') return 'delivered';
    if (name === 'consent-missing') return undefined;
    throw error;
  }
}

/** Carries the report into the kiosk's outbox; returns, once it is kept, how many batches travelled. */
async function hand(visit: Visit, reportId: string, code: string, report: ReplyOf<'report'>): Promise<number> {
  const { encs, header, firstBatch, lastBatch } = report;
  const start = await visit.counter.draft(reportId, { code, encs, header, firstBatch, lastBatch });
  let carried = 0;
  if (start.state === 'draft' && start.nextBatch <= lastBatch) {
    carried = await carryBatches(visit, reportId, start, report.batches);
  }
  visit.progress({ step: 'keep' });
  if ((await visit.counter.keep(reportId)) === 'refused') assertNotRefused(await visit.counter.status(reportId));
  return carried;
}

async function carryBatches(visit: Visit, reportId: string, start: DraftProgress, total: number): Promise<number> {
  let waiting: Uint8Array[] = [];
  let bytes = 0;
  let done = start.batches;
  const carry = async (): Promise<void> => {
    done = (await visit.counter.append(reportId, concat(waiting))).batches;
    waiting = [];
    bytes = 0;
    visit.progress({ step: 'batches', done, total });
  };
  visit.progress({ step: 'batches', done, total });
  for await (const chunk of visit.token.fetch(start.nextBatch)) {
    waiting.push(chunk);
    bytes += chunk.length;
    if (bytes >= PIECE_BYTES) await carry();
  }
  if (bytes > 0) await carry();
  return done - start.batches;
}

function assertNotRefused({ state, refusal }: ReportStatus): void {
  if (state === 'refused') throw new GaletError(refusal ?? 'server-refused');
}

/** Waits for the server's word on a kept report and gives the token its receipt. */
async function awaitReceipt(visit: Visit, reportId: string, seconds: number): Promise<Reported['outcome']> {
  let waited = 0;
  for (let left = seconds; ; left -= POLL_SECONDS) {
    const status = await visit.counter.status(reportId);
    assertNotRefused(status);
    if (status.state === 'done') return 'delivered';
    if (status.receipt !== undefined) {
      await deliverReceipt(visit, reportId, status.receipt);
      return 'delivered';
    }
    if (left <= 0) return 'kept';
    visit.progress({ step: 'delivery', secondsLeft: Math.ceil(left) });
    await visit.wait(POLL_SECONDS);
    // A token ends a connection that is quiet. Should it be gone, it gets its receipt at its next visit.
    waited += POLL_SECONDS;
    if (waited % KEEP_ALIVE_SECONDS < POLL_SECONDS) await visit.token.ask('consentState', {}).catch(() => undefined);
  }
}
