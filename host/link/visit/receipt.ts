/** The end of a report: the server's receipt reaches the token, in the same visit or in a later one. */
import { NEEDS_RECEIPT } from '../../../device/link/messages.js';
import { checkpoint } from '../../checkpoint.js';
import { type ErrorCode, GaletError } from '../../errors.js';
import type { ReportStatus } from './counter.js';
import type { Hello, Visit } from './visit.js';

/** What has become of a report that an earlier visit left behind. */
export interface Pending {
  /** 32 hexadecimal digits; empty when the token waits for nothing. */
  reportId: string;
  /**
   * none: the token waits for nothing. delivered: it has the receipt now. waiting: the server has not answered yet.
   * refused: the server said no. unfinished: it was begun here and not handed over. elsewhere: this counter does not
   * know it.
   */
  outcome: 'none' | 'delivered' | 'waiting' | 'refused' | 'unfinished' | 'elsewhere';
  refusal?: ErrorCode;
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** Gives the token its receipt, then lets the kiosk forget it. */
export async function deliverReceipt(visit: Visit, reportId: string, mac: Uint8Array): Promise<void> {
  visit.progress({ step: 'receipt' });
  checkpoint('cli.receipt', 'before');
  await visit.token.ask('receipt', { reportId: new Uint8Array(Buffer.from(reportId, 'hex')), mac });
  checkpoint('cli.receipt', 'after');
  checkpoint('cli.done', 'before');
  await visit.counter.done(reportId);
  checkpoint('cli.done', 'after');
}

/** Looks for the receipt that the token says it waits for. */
export async function settlePending(visit: Visit, hello: Hello): Promise<Pending> {
  if ((hello.needs & NEEDS_RECEIPT) === 0) return { reportId: '', outcome: 'none' };
  const reportId = hex((await visit.token.ask('awaiting', {})).reportId);
  if (reportId === '') return { reportId, outcome: 'none' };
  const status = await statusHere(visit, reportId);
  if (status === undefined || status.state === 'done') return { reportId, outcome: 'elsewhere' };
  if (status.state === 'draft') return { reportId, outcome: 'unfinished' };
  if (status.state === 'refused') return { reportId, outcome: 'refused', refusal: status.refusal ?? 'server-refused' };
  if (status.receipt === undefined) return { reportId, outcome: 'waiting' };
  await deliverReceipt(visit, reportId, status.receipt);
  return { reportId, outcome: 'delivered' };
}

async function statusHere(visit: Visit, reportId: string): Promise<ReportStatus | undefined> {
  try {
    return await visit.counter.status(reportId);
  } catch (error) {
    if (error instanceof GaletError && error.code === 'report-unknown') return undefined;
    throw error;
  }
}
