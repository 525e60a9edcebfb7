/** The token as a visit sees it; host/link/client.ts is one over a cable. */
import type { MessageName, ReplyOf, RequestOf } from '../../../device/link/messages.js';

export interface Token {
  /** Asks and waits for the answer. Throws a named error for the token's refusals and for a lost connection. */
  ask<N extends Exclude<MessageName, 'fetch'>>(name: N, fields: RequestOf<N>): Promise<ReplyOf<N>>;
  /** The log from batch `from` on, whole travelling batches, one or several at a time. */
  fetch(from: number): AsyncIterable<Uint8Array>;
}
