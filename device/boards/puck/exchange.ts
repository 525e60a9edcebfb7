/**
 * The exchange with the server that a courier carries (docs/spec/visit.md), for a token with room for two pages of
 * identifiers: each holds the four days of a multiple of four. A visit brings the rest of today's page and the next one, five
 * to eight days; what is held already is not brought again, but for the last day, whose arrival puts the answer in force.
 */

import { copyOf, equal, isFilledWith, u16At, u32At } from '../../bytes.js';
import type { Value } from '../../link/cbor.js';
import { requestMac, SALT_STATUS, SALT_UNREGISTER } from '../../robert/requests.js';
import { epochAt } from '../../robert/time.js';
import { answerKey, isAuthenticDay, NONCE_LENGTH, ORDER_END, ORDER_ERASE, SALT_LENGTH } from '../../seal/answer.js';
import { ticketKeys } from '../../seal/ratchet.js';
import { open } from '../../seal/seal.js';
import { uniform } from '../../token/uniform.js';
import { wipeProof } from '../../token/wipe.js';
import { digest, erasePage, monotonic, random, setRtc, writeFlash } from './board.js';
import { ask } from './consent.js';
import { flush, NTP_END, restart, wipe } from './day.js';
import { forgetLog } from './log.js';
import {
  ALREADY_PROVISIONED,
  ANSWER_FORGED,
  ANSWER_LATE,
  ANSWER_VERSION,
  BLOCK_FORGED,
  BLOCK_UNEXPECTED,
  DETAIL,
  MALFORMED,
  NO_IDENTIFIER,
  NO_REQUEST_PENDING,
  TOO_MANY_REQUESTS,
  TOO_SOON,
} from './refusals.js';
import { endPassing } from './signals.js';
import {
  ANCHOR_COUNT,
  ANCHOR_LENGTH,
  ANCHORS,
  ANCHORS_MAX,
  beginRatchet,
  bytesOf,
  ENC,
  END_TIME,
  FIX,
  fact,
  facts,
  HEADER_KEY,
  IDENTIFIER_PAGE,
  IMAGE_HEAD,
  K_AUTH,
  K_ENC,
  LAST_EBID,
  LAST_EPOCH,
  LIFE,
  LIVE,
  OVER,
  RECEIPT_KEY,
  SERVICE_START,
  SIGNAL_AT,
  save,
  setFact,
  TIMELINE,
  WIPED,
} from './store.js';
import { blockAt, heldAt, identifierAt, isHeld, isLost, now } from './time.js';

const ANSWER_SECONDS = 60;
const REQUEST_GAP = 10;
const REQUESTS_MAX = 5;
const AT_RISK = 4;
const SIGNAL_MIN = 600;
const SIGNAL_MAX = 3600;
const TAG = 16;
/** An error beyond this is no drift, even without a crystal. */
const DRIFT_MAX = 1e-3;
const DRIFT_SLACK = 10;
const DELTA_BIAS = 0x80000000;
const HEAD_CONTEXT = new Uint8Array(5);
const NOTHING: Uint8Array = new Uint8Array(0);

/** What was asked: nonce and MAC of the request, empty when nothing is pending; when, by the monotonic clock. */
let nonce = NOTHING;
let mac = NOTHING;
let askedAt = 0;
/** Fields of `provision`, when that was what was asked. */
let load: Uint8Array[] | undefined;
/** The answer that is arriving: its salt, key and opened head; or the one that is in force, when nothing is pending. */
let salt = NOTHING;
let key = NOTHING;
let head = NOTHING;
let ntpAtZero = 0;
let nextDay = 0;
let dayCount = 0;
/** Requests of this power-up without an accepted answer, and when the last one was made. */
let unanswered = 0;
let lastRequest = -REQUEST_GAP;

function pend(newNonce: Uint8Array, newMac: Uint8Array): void {
  nonce = newNonce;
  mac = newMac;
  salt = NOTHING;
  askedAt = monotonic();
}

/** Begins a first load: keys, ticket and nonce as in the message. */
export function provision(fields: Uint8Array[]): void {
  if (facts[LIFE] === LIVE) throw ALREADY_PROVISIONED;
  load = fields;
  pend(fields[4] as Uint8Array, new Uint8Array(32));
}

/** Fields of the reply to `request`. */
export function request(kind: number, courierTime: number): Value[] {
  if (kind !== SALT_STATUS && kind !== SALT_UNREGISTER) throw MALFORMED;
  const waited = monotonic() - lastRequest;
  if (waited < REQUEST_GAP) throw TOO_SOON + DETAIL * Math.ceil(REQUEST_GAP - waited);
  if (unanswered >= REQUESTS_MAX) throw TOO_MANY_REQUESTS;
  let epoch = epochAt(fact(SERVICE_START), now());
  let ebid = isLost() ? undefined : identifierAt(now());
  if (!ebid) {
    ebid = bytesOf(LAST_EBID, 8);
    epoch = fact(LAST_EPOCH);
  }
  if (isFilledWith(ebid, 0)) throw NO_IDENTIFIER;
  ebid = copyOf(ebid, 0, 8);
  lastRequest = monotonic();
  unanswered++;
  const made = new Uint8Array(NONCE_LENGTH);
  random.fill(made);
  pend(made, requestMac(digest, bytesOf(K_AUTH, 32), kind, ebid, epoch, courierTime));
  return [ebid, epoch, courierTime, mac, made, NOTHING, NOTHING];
}

/** Takes the sealed head; the same one again tells where to go on. Fields of the reply. */
export function takeHead(sealed: Uint8Array): Value[] {
  const itsSalt = copyOf(sealed, 0, SALT_LENGTH);
  if (!equal(itsSalt, salt)) {
    if (nonce.length === 0) throw NO_REQUEST_PENDING;
    const waited = monotonic() - askedAt;
    if (waited > ANSWER_SECONDS) throw ANSWER_LATE;
    const kEnc = load ? (load[1] as Uint8Array) : bytesOf(K_ENC, 32);
    const itsKey = answerKey(digest, kEnc, nonce, mac, itsSalt);
    const plain = open(digest, itsKey, HEAD_CONTEXT, sealed.subarray(SALT_LENGTH), TAG);
    if (!plain) throw ANSWER_FORGED;
    if (plain[0] !== 1) throw ANSWER_VERSION;
    salt = itsSalt;
    key = itsKey;
    head = plain;
    // The server wrote its time when about half of the waiting was over.
    ntpAtZero = u32At(head, 8) + u16At(head, 6) / 1000 + waited / 2 - monotonic();
    expect(u32At(head, 24), head[3] as number);
  }
  return [nextDay, dayCount];
}

/** Makes room for the days of an answer that begins with NTP day `first` and has `count`. */
function expect(first: number, count: number): void {
  const second = (first | 3) + 1;
  dayCount = Math.min(second + 4 - first, count);
  nextDay = dayCount - 1;
  for (let page = 1; page >= 0; page--) {
    const day = page > 0 ? second : first;
    if (isHeld(day)) continue;
    setFact(heldAt(day) + 40, 0);
    erasePage(IDENTIFIER_PAGE + ((day >> 2) & 1));
    nextDay = Math.min(nextDay, day - first);
  }
}

/** Takes a day block; `settle` is what follows. */
export function takeDay(index: number, sealed: Uint8Array): void {
  if (salt.length === 0) throw NO_REQUEST_PENDING;
  if (nonce.length === 0 || index < nextDay) return;
  if (index > nextDay) throw BLOCK_UNEXPECTED + DETAIL * nextDay;
  if (!isAuthenticDay(digest, key, index, sealed)) throw BLOCK_FORGED;
  const day = u32At(head, 24) + index;
  if (!isHeld(day)) writeFlash(blockAt(day), sealed);
  nextDay++;
}

/** Puts the answer in force when its last day is there. Fields of the reply: the day that is due next, and 1 once it is. */
export function settle(): Value[] {
  if (nonce.length > 0 && nextDay === dayCount) apply();
  return [nextDay, nonce.length > 0 ? 0 : 1];
}

/** Closes the timeline with an anchor: the error found at its end. */
function anchor(ntp: number): void {
  const believed = now();
  const delta = Math.round(ntp - believed);
  let count = facts[ANCHOR_COUNT] as number;
  if (count === ANCHORS_MAX) {
    facts.set(bytesOf(ANCHORS + ANCHOR_LENGTH, (ANCHORS_MAX - 1) * ANCHOR_LENGTH), ANCHORS);
    count--;
  }
  const at = ANCHORS + count * ANCHOR_LENGTH;
  facts[ANCHOR_COUNT] = count + 1;
  facts[at] = facts[TIMELINE] as number;
  facts[at + 1] = Math.abs(delta) <= DRIFT_SLACK + (believed - fact(FIX)) * DRIFT_MAX ? 0 : 1;
  setFact(at + 4, fact(FIX));
  setFact(at + 8, Math.floor(believed));
  setFact(at + 12, delta + DELTA_BIAS);
}

/** The first load: keys and ticket, and nothing of what was before. */
function begin(fields: Uint8Array[]): void {
  const ticket = ticketKeys(digest, fields[3] as Uint8Array);
  forgetLog();
  for (let i = IMAGE_HEAD; i < facts.length; i++) facts[i] = 0;
  facts[LIFE] = LIVE;
  facts.set(fields[0] as Uint8Array, K_AUTH);
  facts.set(fields[1] as Uint8Array, K_ENC);
  facts.set(fields[2] as Uint8Array, ENC);
  facts.set(ticket.header, HEADER_KEY);
  facts.set(ticket.receipt, RECEIPT_KEY);
  beginRatchet(ticket.state);
}

/** Says which days of the answer the page of `day` holds from now on, unless it held them before. */
function hold(day: number, first: number): void {
  const at = heldAt(day);
  if (fact(at + 40) > 0) return;
  facts.set(key, at);
  setFact(at + 32, first);
  setFact(at + 36, day);
  setFact(at + 40, Math.min((day | 3) + 1, first + dayCount));
}

/** Puts the answer in force, in one commit. */
function apply(): void {
  const ntp = ntpAtZero + monotonic();
  const first = u32At(head, 24);
  const orders = head[2] as number;
  nonce = NOTHING;
  unanswered = 0;
  ask('');
  if (load) begin(load);
  else {
    flush(NTP_END);
    if (orders & ORDER_ERASE) {
      wipe(WIPED, wipeProof(digest, bytesOf(K_AUTH, 32), head.subarray(28, 44)));
      return;
    }
    if (orders & ORDER_END) {
      wipe(OVER, new Uint8Array(32));
      return;
    }
    if (!isLost()) anchor(ntp);
  }
  load = undefined;
  facts[TIMELINE] = (facts[TIMELINE] as number) + 1;
  setFact(FIX, Math.floor(ntp));
  setFact(END_TIME, u32At(head, 16));
  setFact(SERVICE_START, u32At(head, 20));
  // A new risk is shown some time after the visit, never at the counter; one already shown is not delayed again.
  if (head[1] !== AT_RISK) setFact(SIGNAL_AT, 0);
  else if (fact(SIGNAL_AT) === 0) {
    setFact(SIGNAL_AT, Math.ceil(ntp + SIGNAL_MIN + (SIGNAL_MAX - SIGNAL_MIN) * uniform(random)));
  }
  hold(first, first);
  hold((first | 3) + 1, first);
  const identifier = identifierAt(ntp);
  if (identifier) {
    setFact(LAST_EPOCH, epochAt(fact(SERVICE_START), ntp));
    facts.set(identifier.subarray(0, 8), LAST_EBID);
  }
  save();
  setRtc(ntp);
  restart();
  endPassing();
}
