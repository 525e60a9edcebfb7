/** A visit's first half: the clock, the next identifiers and the risk status, and a receipt that was still due. */
import { REQUEST_STATUS } from '../../../device/link/messages.js';
import { type Pending, settlePending } from './receipt.js';
import { askServer, deliverAnswer, greet, type Hello, type Visit } from './visit.js';

export interface Synchronised {
  /** What the token says of itself after the visit; nothing in it is about anybody's health. */
  hello: Hello;
  pending: Pending;
}

/**
 * Brings a token up to date. May be cut anywhere and repeated: the token takes the whole answer or none of it. Throws
 * 'token-blank', 'token-ended', 'token-unknown' (exchange it), 'token-too-soon', 'token-too-many-requests',
 * 'answer-refused', 'backend-unreachable'.
 */
export async function synchronise(visit: Visit): Promise<Synchronised> {
  const before = await greet(visit);
  // First, because it may be here already and needs no network; again after, because the visit may have brought one back.
  let pending = await settlePending(visit, before);
  await deliverAnswer(visit, await askServer(visit, REQUEST_STATUS, before));
  if (pending.outcome === 'waiting') pending = await settlePending(visit, before);
  return { hello: await visit.token.ask('hello', {}), pending };
}
