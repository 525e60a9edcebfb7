import type { Value } from '../../link/cbor.js';
import {
  BLINK_SECONDS,
  COLOUR_WHITE,
  CONSENT_ASKED,
  CONSENT_FORGET,
  CONSENT_GIVEN,
  CONSENT_REPORT,
  ERROR_REPLY,
  LIFE_BLANK,
  LIFE_ENDED,
  LIFE_SILENT,
  LIFE_TRACING,
  LINK_VERSION,
  NEEDS_CHARGE,
  NEEDS_IDENTIFIERS,
  NEEDS_RECEIPT,
  NEEDS_TIME,
  REPLY,
} from '../../link/messages.js';
import { SALT_UNREGISTER } from '../../robert/requests.js';
import { DAY_SECONDS } from '../../robert/time.js';
import { VERSION as FIRMWARE } from '../../version.js';
import { percent } from './board.js';
import { decode, encode } from './codec.js';
import { ask, consent, FORGET, serveButton, TOLD_SECONDS } from './consent.js';
import { flush, NTP_END } from './day.js';
import { provision, request, settle, takeDay, takeHead } from './exchange.js';
import { arrived, dismiss, serve } from './link.js';
import { isGathering } from './neighbours.js';
import {
  CONSENT_MISSING,
  ENDED,
  INTERNAL,
  MALFORMED,
  NOT_PROVISIONED,
  NOTHING_TO_REPORT,
  UNKNOWN,
  VERSION,
} from './refusals.js';
import { awaiting, chunk, fetch, fix, hasSomething, header, isConsented, mustBe, receipt } from './report.js';
import { BLINK as BLINK_SIGNAL, KEPT as KEPT_SIGNAL, needsCharge, show } from './signals.js';
import { BLANK, bytesOf, facts, LIFE, LIVE, OVER, PROOF, WIPED } from './store.js';
import { goodUntil, isLost, now } from './time.js';

const IDENTIFIERS_LOW_DAYS = 2;

const HELLO = 1;
const PROVISION = 2;
const REQUEST = 3;
const HEAD = 4;
const DAY = 5;
const CONSENT = 6;
const CONSENT_STATE = 7;
const REPORT = 8;
const FETCH = 9;
const KEPT = 10;
const RECEIPT = 11;
const WIPE_PROOF = 12;
const AWAITING = 13;
const BLINK = 19;

const NUMBER = 0;
const TEXT = 1;
const BYTES = 2;

/** The fields of a request: NUMBER, TEXT, or BYTES and their length. How long a text can be, link.ts says. */
function shapeOf(type: number): number[] {
  switch (type) {
    case HELLO:
    case CONSENT_STATE:
    case WIPE_PROOF:
    case AWAITING:
      return [];
    case PROVISION:
      return [BYTES + 32, BYTES + 32, BYTES + 32, BYTES + 32, BYTES + 16, BYTES + 32];
    case REQUEST:
      return [NUMBER, NUMBER];
    case HEAD:
      return [BYTES + 144];
    case DAY:
      return [NUMBER, BYTES + 880];
    case CONSENT:
      return [NUMBER, TEXT];
    case REPORT:
      return [TEXT];
    case FETCH:
    case BLINK:
      return [NUMBER];
    case KEPT:
      return [BYTES + 16];
    case RECEIPT:
      return [BYTES + 16, BYTES + 16];
    default:
      throw UNKNOWN;
  }
}

function daysLeft(): number {
  return isLost() ? 0 : (goodUntil() - now()) / DAY_SECONDS;
}

function life(): number {
  if (facts[LIFE] === OVER) return LIFE_ENDED;
  if (facts[LIFE] !== LIVE) return LIFE_BLANK;
  return daysLeft() > 0 ? LIFE_TRACING : LIFE_SILENT;
}

/** Fields of the reply to hello. */
function hello(): Value[] {
  const days = facts[LIFE] === LIVE ? daysLeft() : 0;
  let needs = 0;
  let goodFor = 0;
  if (facts[LIFE] === LIVE) {
    if (days < IDENTIFIERS_LOW_DAYS) needs |= NEEDS_IDENTIFIERS;
    if (isLost()) needs |= NEEDS_TIME;
    if (needsCharge()) needs |= NEEDS_CHARGE;
    if (awaiting().length > 0) needs |= NEEDS_RECEIPT;
    // Coarse steps, so that a counter cannot tell visits apart by it.
    if (days > 7) goodFor = 7;
    else if (days > 3) goodFor = 3;
    else if (days > 1) goodFor = 1;
  }
  const isWiped = facts[LIFE] === WIPED || facts[LIFE] === OVER;
  return [life(), 'puck', FIRMWARE, percent(), needs, goodFor, isWiped ? 1 : 0];
}

/** Asks the wearer, unless she has been asked or has answered; fields of the reply. */
function askConsent(kind: number, code: string): Value[] {
  const isReport = kind === CONSENT_REPORT;
  if (!isReport && kind !== CONSENT_FORGET) throw MALFORMED;
  if (isReport && isConsented(code)) return [CONSENT_GIVEN, 0];
  const purpose = isReport ? code : FORGET;
  if (consent(purpose)[0] !== CONSENT_ASKED) {
    if (isReport && !hasSomething() && !isGathering()) throw NOTHING_TO_REPORT;
    ask(purpose);
  }
  return consent(purpose);
}

function consented(purpose: string): void {
  if (purpose === FORGET) return;
  flush(NTP_END);
  fix(purpose);
}

/** Does what a message of `type` asks for, and gives the fields of its reply. */
function handle(type: number, fields: Value[]): Value[] {
  const first = fields[0];
  if (type === HELLO) return hello();
  if (type === CONSENT_STATE) return consent();
  if (type === AWAITING) return [awaiting()];
  if (type === WIPE_PROOF) {
    const proof = facts[LIFE] === LIVE || facts[LIFE] === BLANK ? 0 : 32;
    return [bytesOf(PROOF, proof)];
  }
  if (type === BLINK) {
    if ((first as number) > COLOUR_WHITE) throw MALFORMED;
    show(BLINK_SIGNAL + (first as number), BLINK_SECONDS);
    return [];
  }
  if (facts[LIFE] === OVER) throw ENDED;
  switch (type) {
    case PROVISION:
      provision(fields as Uint8Array[]);
      return [];
    case HEAD:
      return takeHead(first as Uint8Array);
    case DAY:
      takeDay(first as number, fields[1] as Uint8Array);
      return [];
  }
  if (facts[LIFE] !== LIVE) throw NOT_PROVISIONED;
  switch (type) {
    case REQUEST:
      if (first === SALT_UNREGISTER && consent(FORGET)[0] !== CONSENT_GIVEN) throw CONSENT_MISSING;
      return request(first as number, fields[1] as number);
    case CONSENT:
      return askConsent(first as number, fields[1] as string);
    case REPORT:
      return header(first as string);
    case KEPT:
      mustBe(first as Uint8Array);
      show(KEPT_SIGNAL, TOLD_SECONDS);
      return [];
    case RECEIPT:
      receipt(first as Uint8Array, fields[1] as Uint8Array);
      return [];
    default:
      fetch(first as number);
      return [chunk()];
  }
}

/** Whether chunks of a stream are still to be sent. */
let streaming = false;

function answer(): Uint8Array {
  streaming = false;
  try {
    let asked = decode(arrived);
    const type = asked[1] as number;
    if (typeof asked[0] !== 'number' || typeof type !== 'number') throw MALFORMED;
    if (asked[0] !== LINK_VERSION) throw VERSION;
    let fields = asked.slice(2);
    const shape = shapeOf(type);
    if (fields.length !== shape.length) throw MALFORMED;
    for (let i = 0; i < shape.length; i++) {
      const field = fields[i] as Value;
      const kind = typeof field === 'number' ? NUMBER : typeof field === 'string' ? TEXT : BYTES + field.length;
      if (kind !== shape[i]) throw MALFORMED;
    }
    let result = handle(type, fields);
    // A day block is in the way of what it takes to put an answer in force.
    asked = [];
    fields = [];
    dismiss();
    if (type === DAY) result = settle();
    streaming = type === FETCH && (result[0] as Uint8Array).length > 0;
    return encode(([LINK_VERSION, type + REPLY] as Value[]).concat(result));
  } catch (thrown) {
    dismiss();
    const refusal = typeof thrown === 'number' ? thrown : INTERNAL;
    return encode([LINK_VERSION, ERROR_REPLY, refusal & 0xff, refusal >> 8]);
  }
}

/** The next chunk of a stream; an empty one ends it. */
function next(): Uint8Array {
  if (!streaming) return new Uint8Array(0);
  const bytes = chunk();
  streaming = bytes.length > 0;
  return encode([LINK_VERSION, FETCH + REPLY, bytes]);
}

/** Serves counter and wearer. */
export function serveVisits(): void {
  serve(answer, next);
  serveButton(consented);
}
