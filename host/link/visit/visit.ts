/** What every operation of a visit is given, and the steps that several of them share. */
import { LIFE_BLANK, LIFE_ENDED, REQUEST_STATUS, type ReplyOf } from '../../../device/link/messages.js';
import { checkpoint } from '../../checkpoint.js';
import { GaletError } from '../../errors.js';
import type { Counter, SealedAnswer, TokenRequest } from './counter.js';
import type { Token } from './token.js';

/** Where a visit is; a person watching is told in words. */
export type VisitEvent =
  | { step: 'hello' }
  | { step: 'pause'; seconds: number }
  | { step: 'carry' }
  | { step: 'days'; done: number; total: number }
  | { step: 'receipt' }
  | { step: 'code' }
  | { step: 'consent'; secondsLeft: number }
  | { step: 'batches'; done: number; total: number }
  | { step: 'keep' }
  | { step: 'delivery'; secondsLeft: number }
  | { step: 'keys' }
  | { step: 'wipe' }
  // Of kilobytes.
  | { step: 'signatures'; done: number; total: number }
  | { step: 'image'; done: number; total: number }
  | { step: 'restart'; secondsLeft: number };

export interface Visit {
  token: Token;
  counter: Counter;
  progress: (event: VisitEvent) => void;
  /** Resolves after that many seconds. */
  wait: (seconds: number) => Promise<void>;
  /**
   * Connects again to a token that has started afresh; throws 'port-missing' and the like while it is away. Absent where
   * the carrier outlives that.
   */
  reopen?: () => Promise<void>;
}

export type Hello = ReplyOf<'hello'>;

/** A pause that the token asks for is waited out up to this. */
const PAUSE_MAX_SECONDS = 10;

/** Greets the token; throws 'token-blank' or 'token-ended' when there is nothing to visit for. */
export async function greet(visit: Visit): Promise<Hello> {
  visit.progress({ step: 'hello' });
  const hello = await visit.token.ask('hello', {});
  if (hello.life === LIFE_BLANK) throw new GaletError('token-blank');
  if (hello.life === LIFE_ENDED) throw new GaletError('token-ended');
  return hello;
}

/**
 * Has the token make an authenticated request with the server's time, which it cannot do more often than every 10 s.
 * `kind`: REQUEST_STATUS or REQUEST_UNREGISTER. Throws 'token-too-soon' when the token wants a longer pause than that.
 */
async function makeRequest(visit: Visit, kind: number): Promise<TokenRequest> {
  let waited = 0;
  for (;;) {
    const courierTime = Math.floor(await visit.counter.clock());
    try {
      return requestFrom(await visit.token.ask('request', { kind, courierTime }));
    } catch (error) {
      const seconds = pauseOf(error);
      if (seconds === undefined || waited + seconds > PAUSE_MAX_SECONDS) throw error;
      for (let left = seconds; left > 0; left--) {
        visit.progress({ step: 'pause', seconds: left });
        await visit.wait(1);
      }
      waited += seconds;
    }
  }
}

function requestFrom({ share, shareMac, ...request }: ReplyOf<'request'>): TokenRequest {
  return share.length === 0 ? request : { ...request, renewal: { share, mac: shareMac } };
}

function pauseOf(error: unknown): number | undefined {
  if (!(error instanceof GaletError) || error.code !== 'token-too-soon') return undefined;
  return Math.max(1, Math.ceil(Number(error.parameters.seconds)));
}

/** Has the token make a request of `kind` and the server answer it; a status says what the token runs, too. */
export async function askServer(visit: Visit, kind: number, { board, firmware }: Hello): Promise<SealedAnswer> {
  const request = await makeRequest(visit, kind);
  visit.progress({ step: 'carry' });
  if (kind !== REQUEST_STATUS) return await visit.counter.unregister(request);
  return await visit.counter.visit(request, { board, firmware });
}

/** Days that may be on their way at once: the next one travels while the token checks the last. */
const AHEAD = 2;

/** Hands the sealed answer over; the token applies all of it with the last day, or nothing. */
export async function deliverAnswer(visit: Visit, answer: SealedAnswer): Promise<void> {
  checkpoint('cli.head', 'before');
  const { nextDay, dayCount } = await visit.token.ask('head', { sealed: answer.head });
  checkpoint('cli.head', 'after');
  const total = Math.min(dayCount, answer.days.length);
  const asked: Promise<ReplyOf<'day'>>[] = [];
  for (let next = nextDay, done = nextDay; done < total; done++) {
    visit.progress({ step: 'days', done, total });
    for (; next < total && asked.length < AHEAD; next++) {
      const reply = handDay(visit, next, answer.days[next] as Uint8Array, next === total - 1);
      // Heard below; but when an earlier day fails, nobody asks for this one's reply any more.
      reply.catch(() => undefined);
      asked.push(reply);
    }
    const reply = await (asked.shift() as Promise<ReplyOf<'day'>>);
    if (reply.applied === 1) {
      visit.progress({ step: 'days', done: total, total });
      return;
    }
    if (reply.nextDay !== done + 1) break;
  }
  // The token waits for something that this answer does not have.
  throw new GaletError('answer-refused', { fault: 'block-unexpected' });
}

async function handDay(visit: Visit, index: number, sealed: Uint8Array, isLast: boolean): Promise<ReplyOf<'day'>> {
  if (isLast) checkpoint('cli.applied', 'before');
  const reply = await visit.token.ask('day', { index, sealed });
  if (isLast) checkpoint('cli.applied', 'after');
  return reply;
}
