/**
 * The verdict on an authenticated request, in the order of the reference's crypto server: server key, EBID, identity,
 * MAC. The clock is judged by the caller, after this, as the reference does.
 *
 * In two steps, so that the caller looks up the identity in between; both are pure.
 */
import { equal } from '../../../device/bytes.js';
import { requestMac } from '../../../device/robert/requests.js';
import { nodeDigest } from '../../crypto.js';
import { type EbidContent, type KeyRing, openEbid } from './ebid.js';
import { keyDayOf } from './keydays.js';
import { type Renewal, renewalMac } from './shares.js';

/** An authenticated request with its fields decoded. */
export interface AuthRequest {
  /** 8 bytes. */
  ebid: Uint8Array;
  epochId: number;
  /** NTP seconds, an unsigned 32-bit number. */
  time: number;
  mac: Uint8Array;
  /** Only a token's status has one. */
  renewal?: Renewal;
}

export type RefusalReason = 'no-server-key' | 'ebid-undecryptable' | 'identity-unknown' | 'mac-invalid';

/** The crypto server's result codes in the reference. */
export const REFUSAL_CODES: Record<RefusalReason, 400 | 404 | 430> = {
  'no-server-key': 430,
  'ebid-undecryptable': 400,
  'identity-unknown': 404,
  'mac-invalid': 400,
};

/** Until this epoch an EBID may be under the key of the day before (robert-server behaviour, June 2020). */
export const LAST_PREVIOUS_KEY_EPOCH = 672;

export type OpenedRequest = { ok: true; content: EbidContent } | { ok: false; reason: RefusalReason };

/** Whose request this claims to be. The request's own epochId chooses the key; the epoch inside must be exactly that. */
export function openRequest(ring: KeyRing, request: AuthRequest): OpenedRequest {
  const day = keyDayOf(ring.serviceStart, request.epochId);
  const key = ring.serverKey(day);
  if (key === undefined) return { ok: false, reason: 'no-server-key' };
  const content = openEbid(key, request.ebid);
  if (content.epoch === request.epochId) return { ok: true, content };
  if (request.epochId <= LAST_PREVIOUS_KEY_EPOCH) {
    const previous = ring.serverKey(day - 1);
    const older = previous === undefined ? undefined : openEbid(previous, request.ebid);
    if (older?.epoch === request.epochId) return { ok: true, content: older };
  }
  return { ok: false, reason: 'ebid-undecryptable' };
}

/**
 * What is wrong with an opened request, given the identity's K_auth if the server knows it; undefined when nothing is. A
 * share of new keys has to be as authentic as the request.
 */
export function judgeRequest(
  request: AuthRequest,
  salt: number,
  kAuth: Uint8Array | undefined,
): RefusalReason | undefined {
  if (kAuth === undefined) return 'identity-unknown';
  const expected = requestMac(nodeDigest, kAuth, salt, request.ebid, request.epochId, request.time);
  if (!equal(expected, request.mac)) return 'mac-invalid';
  const { renewal } = request;
  if (renewal === undefined || equal(renewalMac(kAuth, renewal.share, request.mac), renewal.mac)) return undefined;
  return 'mac-invalid';
}
