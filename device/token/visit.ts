/** What a token answers at the counter: one handler a message of the link (docs/spec/link.md, docs/spec/visit.md). */
import { equal } from '../bytes.js';
import { fault } from '../faults.js';
import {
  CONSENT_ASKED,
  CONSENT_FORGET,
  CONSENT_GIVEN,
  CONSENT_LAPSED,
  CONSENT_NONE,
  CONSENT_REPORT,
  LIFE_BLANK,
  LIFE_ENDED,
  LIFE_SILENT,
  LIFE_TRACING,
  NEEDS_CHARGE,
  NEEDS_IDENTIFIERS,
  NEEDS_RECEIPT,
  NEEDS_TIME,
} from '../link/messages.js';
import type { Handlers } from '../link/server.js';
import type { Ports } from '../ports.js';
import { SALT_UNREGISTER } from '../robert/requests.js';
import { DAY_SECONDS } from '../robert/time.js';
import type { Configuration } from '../update/objects.js';
import type { Update } from '../update/update.js';
import { CONSENT_SECONDS, type Consent, type ConsentState } from './consent.js';
import type { Exchange } from './exchange.js';
import type { Facts } from './facts.js';
import type { Identifiers } from './identifiers.js';
import type { Reporting } from './report.js';
import { needsCharge, type SignalBoard } from './signal.js';
import type { TokenTime } from './time.js';

const IDENTIFIERS_LOW_DAYS = 7;
/** How long something that has happened is shown. */
const TOLD_SECONDS = 10;
/** "Good for more than n days": coarse steps, so that a counter cannot tell visits apart by it. */
const GOOD_FOR = [14, 7, 3, 1];

const CONSENT_CODES: { [state in ConsentState]: number } = {
  none: CONSENT_NONE,
  asked: CONSENT_ASKED,
  given: CONSENT_GIVEN,
  lapsed: CONSENT_LAPSED,
};

const FORGET = 'forget';

function purposeOf(kind: number, code: string): string {
  return kind === CONSENT_FORGET ? FORGET : `report ${code}`;
}

export interface VisitParts {
  facts: Facts;
  time: TokenTime;
  identifiers: Identifiers;
  exchange: Exchange;
  reporting: Reporting;
  consent: Consent;
  signals: SignalBoard;
  /** What judges signed objects; 'update-absent' on a board that takes none. */
  updates: () => Update;
  configuration: () => Configuration | undefined;
  /** Seals what was heard up to now, so that it can be reported. */
  flushLog: () => void;
  /** Whether something was heard that is not sealed yet. */
  isGathering: () => boolean;
}

export function lifeOf(facts: Facts, time: TokenTime, identifiers: Identifiers): number {
  const wipe = facts.wipe();
  if (wipe?.ended === 1) return LIFE_ENDED;
  if (!facts.answer()) return LIFE_BLANK;
  return time.isCertain() && time.now() < identifiers.goodUntil() ? LIFE_TRACING : LIFE_SILENT;
}

export function visitHandlers(ports: Ports, parts: VisitParts): Handlers {
  const { facts, time, identifiers, exchange, reporting, consent, signals, updates } = parts;

  function daysLeft(): number {
    return time.isCertain() ? (identifiers.goodUntil() - time.now()) / DAY_SECONDS : 0;
  }

  function needs(): number {
    let bits = 0;
    if (daysLeft() < IDENTIFIERS_LOW_DAYS) bits |= NEEDS_IDENTIFIERS;
    if (!time.isCertain()) bits |= NEEDS_TIME;
    if (needsCharge(ports.battery)) bits |= NEEDS_CHARGE;
    if (reporting.awaiting().length > 0) bits |= NEEDS_RECEIPT;
    return bits;
  }

  function goodForDays(): number {
    const days = daysLeft();
    for (let i = 0; i < GOOD_FOR.length; i++) if (days > (GOOD_FOR[i] as number)) return GOOD_FOR[i] as number;
    return 0;
  }

  function mustLive(): void {
    const life = lifeOf(facts, time, identifiers);
    if (life === LIFE_ENDED) throw fault('ended');
    if (life === LIFE_BLANK) throw fault('not-provisioned');
  }

  return {
    hello() {
      const life = lifeOf(facts, time, identifiers);
      return {
        life,
        board: ports.board,
        firmware: ports.version,
        battery: ports.battery.percent(),
        needs: life === LIFE_BLANK || life === LIFE_ENDED ? 0 : needs(),
        goodForDays: goodForDays(),
        wiped: facts.wipe() && !facts.answer() ? 1 : 0,
      };
    },
    provision(fields) {
      if (lifeOf(facts, time, identifiers) === LIFE_ENDED) throw fault('ended');
      const keys = { kAuth: fields.kAuth, kEnc: fields.kEnc, gatewayKey: fields.gatewayKey };
      const configuration = parts.configuration();
      if (configuration && !equal(configuration.gatewayKey, keys.gatewayKey)) throw fault('key-refused');
      exchange.load(keys, fields.enc, fields.secret, fields.nonce);
      return {};
    },
    request(fields) {
      mustLive();
      if (fields.kind === SALT_UNREGISTER && consent.stateOf(FORGET).state !== 'given') throw fault('consent-missing');
      return exchange.request(fields.kind, fields.courierTime);
    },
    head: (fields) => exchange.head(fields.sealed),
    day(fields) {
      const result = exchange.day(fields.index, fields.sealed);
      return { nextDay: result.nextDay, applied: result.applied ? 1 : 0 };
    },
    consent(fields) {
      mustLive();
      const isReport = fields.kind === CONSENT_REPORT;
      if (isReport && reporting.isConsented(fields.code)) return { state: CONSENT_GIVEN, secondsLeft: 0 };
      const purpose = purposeOf(fields.kind, fields.code);
      const now = consent.stateOf(purpose);
      if (now.state !== 'asked') {
        if (isReport && !reporting.hasSomething() && !parts.isGathering()) throw fault('nothing-to-report');
        consent.ask(purpose, () => {
          if (isReport) {
            parts.flushLog();
            reporting.consent(fields.code);
          }
          signals.flash('consented', TOLD_SECONDS);
        });
        signals.flash('consent', CONSENT_SECONDS);
      }
      const asked = consent.stateOf(purpose);
      return { state: CONSENT_CODES[asked.state], secondsLeft: asked.secondsLeft };
    },
    consentState() {
      const latest = consent.latest();
      return { state: CONSENT_CODES[latest.state], secondsLeft: latest.secondsLeft };
    },
    report: (fields) => reporting.header(fields.code),
    fetch: (fields) => reporting.batches(fields.from),
    kept(fields) {
      reporting.kept(fields.reportId);
      signals.flash('kept', TOLD_SECONDS);
      return {};
    },
    receipt(fields) {
      reporting.receipt(fields.reportId, fields.mac);
      return {};
    },
    wipeProof() {
      const wipe = facts.wipe();
      const done = wipe && wipe.running === 0 && !facts.answer();
      return { proof: done ? wipe.proof : new Uint8Array(0) };
    },
    awaiting: () => ({ reportId: reporting.awaiting() }),
    trust: () => updates().trust(),
    offer: (fields) => ({ known: updates().offer(fields.kind, fields.body) ? 1 : 0 }),
    proof(fields) {
      const result = updates().prove(fields.key, fields.at, fields.piece);
      return { next: result.next, accepted: result.accepted ? 1 : 0 };
    },
    page: (fields) => updates().page(fields.index, fields.at, fields.piece),
    install: () => ({ seconds: updates().install() }),
    blink(fields) {
      if (ports.signals.blink) ports.signals.blink(fields.colour);
      return {};
    },
  };
}
