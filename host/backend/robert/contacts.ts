/**
 * Validation of a reported contact, in the reference batch's order (docs/spec/robert.md, "Validation"): country, EBID,
 * identity, MAC, registration, clock, epoch. Two pure steps, so that the caller looks up the identity in between.
 */
import { equal } from '../../../device/bytes.js';
import { isHelloAuthentic, joinHello } from '../../../device/robert/hello.js';
import { DAY_SECONDS, distance16, epochAt, HELLO_TOLERANCE_SECONDS, time16 } from '../../../device/robert/time.js';
import { nodeDigest } from '../../crypto.js';
import type { Contact } from '../store/contacts.js';
import type { Hello } from '../store/hellos.js';
import { type EbidContent, type KeyRing, openEbid } from './ebid.js';
import { keyDayOf } from './keydays.js';
import { LAST_PREVIOUS_KEY_EPOCH } from './verify.js';

/** Why a whole contact was dropped. */
export type ContactRefusal =
  | 'no-hello'
  | 'foreign-country'
  | 'ebid-undecryptable'
  | 'ebid-ambiguous'
  | 'identity-unknown'
  | 'all-macs-invalid'
  | 'registration-unknown'
  | 'all-hellos-refused';

/** Why one HELLO was dropped. */
export type HelloRefusal = 'undecryptable' | 'mac-invalid' | 'clock-distance' | 'epoch-distance';

/** Outcome per HELLO, by its index in the report. */
export type HelloVerdict = 'kept' | HelloRefusal;

export type OpenedContact =
  | { ok: true; content: EbidContent; verdicts: HelloVerdict[] }
  | { ok: false; reason: ContactRefusal; verdicts: HelloVerdict[] };

export type JudgedContact =
  | { ok: true; epoch: number; kept: Hello[]; verdicts: HelloVerdict[] }
  | { ok: false; reason: ContactRefusal; verdicts: HelloVerdict[] };

/** What the server knows about the identity inside an EBID. */
export interface KnownIdentity {
  kAuth: Uint8Array;
  /** Keys that may also have made a HELLO, tried only where K_auth has not: those of before and after a renewal. */
  otherKAuths?: Uint8Array[];
  /** Whether it still has a registration, which exposures are added to. */
  registered: boolean;
}

/**
 * Steps 1 to 3: whose contact this claims to be. As in the reference a HELLO whose EBID does not open ends the opening:
 * it is dropped, and those after it are not opened at all.
 */
export function openContact(ring: KeyRing, contact: Contact): OpenedContact {
  const verdicts: HelloVerdict[] = contact.hellos.map(() => 'kept');
  const refuse = (reason: ContactRefusal): OpenedContact => ({ ok: false, reason, verdicts });
  if (contact.hellos.length === 0) return refuse('no-hello');
  if (ring.ecc.apply(contact.ebid, contact.ecc) !== ring.countryCode) return refuse('foreign-country');
  let content: EbidContent | undefined;
  for (const [index, hello] of contact.hellos.entries()) {
    const opened = openEbidHeardAt(ring, contact.ebid, hello.received);
    if (opened === undefined) {
      verdicts[index] = 'undecryptable';
      break;
    }
    content ??= opened;
    if (opened.epoch !== content.epoch || !equal(opened.id, content.id)) return refuse('ebid-ambiguous');
  }
  return content === undefined ? refuse('ebid-undecryptable') : { ok: true, content, verdicts };
}

/** Steps 4 to 8. `opened` is not changed. */
export function judgeContact(
  ring: KeyRing,
  contact: Contact,
  opened: { content: EbidContent; verdicts: HelloVerdict[] },
  identity: KnownIdentity | undefined,
): JudgedContact {
  const verdicts = [...opened.verdicts];
  const refuse = (reason: ContactRefusal): JudgedContact => ({ ok: false, reason, verdicts });
  const drop = (reason: HelloRefusal, isRefused: (hello: Hello) => boolean): boolean => {
    for (const [index, hello] of contact.hellos.entries()) {
      if (verdicts[index] === 'kept' && isRefused(hello)) verdicts[index] = reason;
    }
    return verdicts.includes('kept');
  };
  if (identity === undefined) return refuse('identity-unknown');
  const { kAuth, otherKAuths = [] } = identity;
  const isForged = ({ time16, mac }: Hello): boolean => {
    const hello = joinHello({ ecc: contact.ecc, ebid: contact.ebid, time16, mac });
    const isUnder = (key: Uint8Array): boolean => isHelloAuthentic(nodeDigest, key, hello);
    return !isUnder(kAuth) && !otherKAuths.some(isUnder);
  };
  if (!drop('mac-invalid', isForged)) return refuse('all-macs-invalid');
  if (!identity.registered) return refuse('registration-unknown');
  const isFarInTime = (hello: Hello): boolean =>
    distance16(hello.time16, time16(hello.received)) > HELLO_TOLERANCE_SECONDS;
  drop('clock-distance', isFarInTime);
  const isFarInEpochs = (hello: Hello): boolean =>
    Math.abs(epochAt(ring.serviceStart, hello.received) - opened.content.epoch) > 1;
  if (!drop('epoch-distance', isFarInEpochs)) return refuse('all-hellos-refused');
  const kept = contact.hellos.filter((_, index) => verdicts[index] === 'kept');
  return { ok: true, epoch: opened.content.epoch, kept, verdicts };
}

/**
 * The EBID of a HELLO heard at `received`: under the key of that epoch, for it and its neighbours; within 180 s of
 * midnight also under the neighbouring day's key, for the neighbouring epoch alone. Undefined when none fits, or a key
 * is missing.
 */
function openEbidHeardAt(ring: KeyRing, ebid: Uint8Array, received: number): EbidContent | undefined {
  const epoch = epochAt(ring.serviceStart, received);
  const day = keyDayOf(ring.serviceStart, epoch);
  if (ring.serverKey(day) === undefined) return undefined;
  const tryKey = (keyDay: number, wanted: number, tolerance: number): EbidContent | undefined => {
    const key = ring.serverKey(keyDay);
    const content = key === undefined ? undefined : openEbid(key, ebid);
    return content !== undefined && Math.abs(content.epoch - wanted) <= tolerance ? content : undefined;
  };
  const intoDay = received % DAY_SECONDS;
  return (
    tryKey(day, epoch, 1) ??
    (epoch >= 0 && epoch <= LAST_PREVIOUS_KEY_EPOCH ? tryKey(day - 1, epoch, 1) : undefined) ??
    (intoDay < HELLO_TOLERANCE_SECONDS
      ? tryKey(keyDayOf(ring.serviceStart, epoch - 1), epoch - 1, 0)
      : DAY_SECONDS - intoDay < HELLO_TOLERANCE_SECONDS
        ? tryKey(keyDayOf(ring.serviceStart, epoch + 1), epoch + 1, 0)
        : undefined)
  );
}
