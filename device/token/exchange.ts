/**
 * The exchange with the server that the courier carries (docs/spec/visit.md): a request, then a sealed head, then the
 * day blocks. What the answer says takes effect in one commit when its last block has arrived, or not at all.
 */
import { ascii, equal } from '../bytes.js';
import { fault } from '../faults.js';
import type { ContactLog } from '../log/log.js';
import type { Ports } from '../ports.js';
import { requestMac, SALT_STATUS, SALT_UNREGISTER } from '../robert/requests.js';
import { epochAt } from '../robert/time.js';
import type { AnswerHead } from '../seal/answer.js';
import {
  answerKey,
  isAuthenticDay,
  NONCE_LENGTH,
  ORDER_END,
  ORDER_ERASE,
  ORDER_RENEWED,
  openHead,
  saltOf,
} from '../seal/answer.js';
import { hmac } from '../seal/hmac.js';
import { ticketKeys } from '../seal/ratchet.js';
import type { Answer, Facts, Keys, Share, Ticket } from './facts.js';
import type { Identifiers } from './identifiers.js';
import { blockPlace } from './identifiers.js';
import type { Layout } from './layout.js';
import type { TokenTime } from './time.js';
import { uniform } from './uniform.js';

/** An answer that arrives later than this after the request is refused: it could have been held back. */
const ANSWER_SECONDS = 60;
const REQUEST_GAP = 10;
/** Requests without an accepted answer that one power-up makes. */
const REQUESTS_MAX = 5;
const AT_RISK = 4;
/** A new risk is told this many seconds after the visit: never at the counter. */
const SIGNAL_DELAY = { min: 600, max: 3600 };
const RENEW = ascii('galet renew');
const NOTHING = new Uint8Array(0);

/** What was asked, and how much of the answer is there. */
interface Pending {
  nonce: Uint8Array;
  mac: Uint8Array;
  askedAt: number;
  /** Only for a first load: becomes the token's own when the answer is applied. */
  load?: { keys: Keys; ticket: Ticket; state: Uint8Array };
  /** Went along with the request: becomes the token's keys when the answer says that the server has it. */
  share?: Share | undefined;
  answer?: { salt: Uint8Array; key: Uint8Array; head: AnswerHead; ntpAtZero: number; place: number; nextDay: number };
}

export interface Exchange {
  /** Begins a first load on a blank token. */
  load(keys: Keys, enc: Uint8Array, secret: Uint8Array, nonce: Uint8Array): void;
  request(
    salt: number,
    courierTime: number,
  ): {
    ebid: Uint8Array;
    epochId: number;
    time: number;
    mac: Uint8Array;
    nonce: Uint8Array;
    /** 32 bytes each, or empty when there is nothing to renew. */
    share: Uint8Array;
    shareMac: Uint8Array;
  };
  /** Takes the head; the same one again tells where to go on. */
  head(sealed: Uint8Array): { nextDay: number; dayCount: number };
  /** Takes a day block; `applied` once everything is in force. */
  day(index: number, sealed: Uint8Array): { nextDay: number; applied: boolean };
}

export function createExchange(
  ports: Ports,
  places: Layout,
  facts: Facts,
  time: TokenTime,
  identifiers: Identifiers,
  log: ContactLog,
  hooks: { beforeApply: () => void; afterApply: (head: AnswerHead) => void },
): Exchange {
  const { digest, clock } = ports;
  let pending: Pending | undefined;
  let unanswered = 0;
  let lastRequest = -REQUEST_GAP;
  /** A completed answer, so that its last block repeated is answered and not refused. */
  let completed: { salt: Uint8Array; days: number } | undefined;

  function nonce(): Uint8Array {
    const out = new Uint8Array(NONCE_LENGTH);
    ports.random.fill(out);
    return out;
  }

  function signalAt(head: AnswerHead, before: Answer | undefined, ntp: number): number {
    if (head.riskLevel !== AT_RISK) return 0;
    if (before && before.signalAt > 0) return before.signalAt;
    return Math.ceil(ntp + SIGNAL_DELAY.min + (SIGNAL_DELAY.max - SIGNAL_DELAY.min) * uniform(ports.random));
  }

  /** The keys from this answer on, if it is the one that renews them. */
  function renewedBy(head: AnswerHead, share: Share | undefined): Keys | undefined {
    const keys = facts.keys();
    // A token that is to be erased proves it by the keys that the server knew when it gave the order.
    if (!share || !keys || (head.orders & (ORDER_RENEWED | ORDER_ERASE | ORDER_END)) !== ORDER_RENEWED)
      return undefined;
    return { kAuth: share.kAuth, kEnc: share.kEnc, gatewayKey: keys.gatewayKey };
  }

  function apply(current: Pending): void {
    const answer = current.answer;
    if (!answer) throw fault('no-request-pending');
    hooks.beforeApply();
    if (current.load) {
      log.begin(current.load.state);
      facts.setKeys(current.load.keys, 'provision.keys');
      facts.setTickets(
        { own: false, previous: undefined, current: current.load.ticket, pending: undefined },
        'provision.ticket',
      );
    }
    const ntp = answer.ntpAtZero + clock.monotonic();
    const corrected = time.corrected(ntp);
    facts.setAnswer(
      {
        key: answer.key,
        head: answer.head,
        place: answer.place,
        fix: corrected.fix,
        signalAt: signalAt(answer.head, facts.answer(), ntp),
        anchors: corrected.anchors,
      },
      renewedBy(answer.head, current.share),
    );
    completed = { salt: answer.salt, days: answer.head.dayCount };
    pending = undefined;
    unanswered = 0;
    time.reload();
    hooks.afterApply(answer.head);
  }

  return {
    load(keys, enc, secret, loadNonce) {
      if (facts.answer()) throw fault('already-provisioned');
      const derived = ticketKeys(digest, secret);
      pending = {
        nonce: loadNonce,
        mac: new Uint8Array(32),
        askedAt: clock.monotonic(),
        load: {
          keys,
          ticket: { enc, header: derived.header, receipt: derived.receipt, start: 0 },
          state: derived.state,
        },
      };
    },
    request(salt, courierTime) {
      const keys = facts.keys();
      const answer = facts.answer();
      if (!keys || !answer) throw fault('not-provisioned');
      if (salt !== SALT_STATUS && salt !== SALT_UNREGISTER) throw fault('message-malformed', 'request kind');
      const waited = clock.monotonic() - lastRequest;
      if (waited < REQUEST_GAP) throw fault('too-soon', undefined, Math.ceil(REQUEST_GAP - waited));
      if (unanswered >= REQUESTS_MAX) throw fault('too-many-requests');
      const identifier = identifiers.lastUpTo(epochAt(answer.head.serviceStart, time.now()));
      if (!identifier) throw fault('no-identifier');
      lastRequest = clock.monotonic();
      unanswered += 1;
      const mac = requestMac(digest, keys.kAuth, salt, identifier.ebid, identifier.epoch, courierTime);
      const share = salt === SALT_STATUS ? facts.share() : undefined;
      pending = { nonce: nonce(), mac, askedAt: lastRequest, share };
      return {
        ebid: identifier.ebid,
        epochId: identifier.epoch,
        time: courierTime,
        mac,
        nonce: pending.nonce,
        share: share ? share.enc : NOTHING,
        shareMac: share ? hmac(digest, keys.kAuth, [RENEW, share.enc, mac]) : NOTHING,
      };
    },
    head(sealed) {
      const salt = saltOf(sealed);
      if (!pending && completed && equal(completed.salt, salt)) {
        return { nextDay: completed.days, dayCount: completed.days };
      }
      if (!pending) throw fault('no-request-pending');
      const had = pending.answer;
      if (had && equal(had.salt, salt)) return { nextDay: had.nextDay, dayCount: had.head.dayCount };
      const waited = clock.monotonic() - pending.askedAt;
      if (waited > ANSWER_SECONDS) throw fault('answer-late');
      const kEnc = (pending.load ? pending.load.keys : (facts.keys() as Keys)).kEnc;
      const key = answerKey(digest, kEnc, pending.nonce, pending.mac, salt);
      const head = openHead(digest, key, sealed);
      const inUse = facts.answer();
      const place = inUse && inUse.place === 0 ? 1 : 0;
      for (let page = 0; page < places.refills[place].pages; page++) places.refills[place].blank(page);
      // The server wrote its time when about half of the waiting was over.
      const ntpAtZero = head.time + head.timeMillis / 1000 + waited / 2 - clock.monotonic();
      pending.answer = { salt, key, head, ntpAtZero, place, nextDay: 0 };
      return { nextDay: 0, dayCount: head.dayCount };
    },
    day(index, sealed) {
      if (!pending && completed && index < completed.days) return { nextDay: completed.days, applied: true };
      const answer = pending?.answer;
      if (!pending || !answer) throw fault('no-request-pending');
      if (index < answer.nextDay) return { nextDay: answer.nextDay, applied: false };
      if (index > answer.nextDay) throw fault('block-unexpected', undefined, answer.nextDay);
      if (!isAuthenticDay(digest, answer.key, index, sealed)) throw fault('block-forged');
      const place = places.refills[answer.place === 0 ? 0 : 1];
      const block = blockPlace(place, index);
      place.write(block.page, block.offset, sealed);
      answer.nextDay += 1;
      if (answer.nextDay < answer.head.dayCount) return { nextDay: answer.nextDay, applied: false };
      place.sync('refill.blocks');
      const days = answer.nextDay;
      apply(pending);
      return { nextDay: days, applied: true };
    },
  };
}
