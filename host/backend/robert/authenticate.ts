/**
 * The steps that every authenticated call begins with, in robert-server's order: key, EBID, identity and MAC
 * (verify.ts), clock, registration. What is answered first decides, so a wrong clock hides an unknown identity.
 */
import { findRegistration, type Registration, updateRegistration } from '../store/registrations.js';
import type { Db } from '../store/store.js';
import { accountOf, confirmKeys } from './accounts.js';
import type { Core } from './core.js';
import type { ClientKeys } from './registration.js';
import type { Bearer } from './risk.js';
import { type AuthRequest, judgeRequest, openRequest, REFUSAL_CODES, type RefusalReason } from './verify.js';

/** `keys` made the request, and seal its answer. 430: register again; 404: known by its keys alone; 400: anything else. */
export type AuthOutcome =
  | { status: 200; idA: Uint8Array; keys: ClientKeys; registration: Registration }
  | { status: 404; idA: Uint8Array; keys: ClientKeys }
  | { status: 400 | 430 };

/**
 * Who makes this request, if it is authentic. Call in the transaction that serves it: the drift of an authentic
 * request's clock is noted, of others nothing is. A token's first request under its renewed keys makes them the current
 * ones.
 *
 * A request of a token is refused where phones ask, and the other way round: a courier who holds a token's request may
 * carry it nowhere but to where the answer is sealed.
 */
export async function authenticate(
  db: Db,
  core: Core,
  request: AuthRequest,
  salt: number,
  bearer: Bearer,
): Promise<AuthOutcome> {
  const { idA, keys, replaced, reason } = await verify(db, core, request, salt);
  const drift = Math.trunc(core.clock() - request.time);
  const registration = idA === undefined ? undefined : await findRegistration(db, idA);
  if (reason === undefined && registration?.kind === bearer) {
    await updateRegistration(db, registration.idA, { lastTimestampDrift: drift });
  }
  if (Math.abs(drift) > core.parameters.requestToleranceSeconds) return { status: 400 };
  if (reason !== undefined) return { status: REFUSAL_CODES[reason] === 400 ? 400 : 430 };
  if (idA === undefined || keys === undefined) return { status: 430 };
  if (registration !== undefined && registration.kind !== bearer) return { status: 430 };
  if (replaced !== undefined) await confirmKeys(db, core, idA, replaced, keys);
  if (registration === undefined) return { status: 404, idA, keys };
  return { status: 200, idA, keys, registration };
}

interface Verified {
  idA?: Uint8Array;
  keys?: ClientKeys;
  /** The current keys, when it was the pending ones that made the request. */
  replaced?: ClientKeys;
  reason?: RefusalReason;
}

async function verify(db: Db, core: Core, request: AuthRequest, salt: number): Promise<Verified> {
  const opened = openRequest(core.ring, request);
  if (!opened.ok) return { reason: opened.reason };
  const idA = opened.content.id;
  const account = await accountOf(db, core, idA);
  if (account === undefined) return { reason: 'identity-unknown' };
  const { current, pending } = account;
  const reason = judgeRequest(request, salt, current.kAuth);
  if (reason === undefined) return { idA, keys: current };
  if (pending === undefined || judgeRequest(request, salt, pending.kAuth) !== undefined) return { reason };
  return { idA, keys: pending, replaced: current };
}
