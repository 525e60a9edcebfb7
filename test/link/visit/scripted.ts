/** A token that does what a test says, and a knife that cuts a visit at any word of it. */
import { createHash } from 'node:crypto';
import { concat } from '../../../device/bytes.js';
import { fault, faultOf } from '../../../device/faults.js';
import {
  CONSENT_ASKED,
  CONSENT_FORGET,
  CONSENT_GIVEN,
  CONSENT_LAPSED,
  CONSENT_NONE,
  LIFE_BLANK,
  LIFE_TRACING,
  type MessageName,
  NEEDS_RECEIPT,
  REQUEST_UNREGISTER,
  type ReplyOf,
  type RequestOf,
} from '../../../device/link/messages.js';
import type { Update } from '../../../device/update/update.js';
import { type ErrorCode, GaletError } from '../../../host/errors.js';
import { refusalError } from '../../../host/link/refusals.js';
import type { Token } from '../../../host/link/visit/token.js';
import type { Visit, VisitEvent } from '../../../host/link/visit/visit.js';
import { batch } from '../../kiosk/support.js';
import { ScriptedCounter } from './scripted-counter.js';

export class Cut extends Error {}

/** Counts every word of a visit; throws at the one it is set to, before or after it has had its effect. */
export class Knife {
  words = 0;
  constructor(
    private readonly at = Number.POSITIVE_INFINITY,
    private readonly side: 'before' | 'after' = 'before',
  ) {}

  async around<T>(work: () => T | Promise<T>): Promise<T> {
    const word = this.words++;
    if (word === this.at && this.side === 'before') throw new Cut();
    // A refusal is an answer too: it may be lost on the way like any other.
    const answer = await Promise.resolve()
      .then(work)
      .then(
        (value) => () => value,
        (error: unknown) => (): T => {
          throw error;
        },
      );
    if (word === this.at) throw new Cut();
    return answer();
  }
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const bytesOf = (text: string): Uint8Array => new Uint8Array(createHash('sha256').update(text).digest());

interface TokenReport {
  code: string;
  id: Uint8Array;
  stage: 'consented' | 'kept' | 'receipted';
}

/** The states of a token that a visit moves, without its cryptography. */
export class ScriptedToken {
  life = LIFE_TRACING;
  /** How the wearer answers when asked: after so many looks, or never. */
  pressAfterLooks: number | undefined = 2;
  report: TokenReport | undefined;
  reportsMade = 0;
  applied = 0;
  isWiped = false;
  days = 22;
  tooSoon = 0;
  batches = 40;
  refusal: ErrorCode | undefined;
  /** 32 bytes while there are keys to renew. */
  share = new Uint8Array(0);
  encs = new Uint8Array(32);
  /** The judgement of a real token over what is signed, when it takes any. */
  updates: Update | undefined;
  version = '0.2.0';
  /** How long it asks to be left alone when it starts afresh. */
  startSeconds = 15;
  asked: string[] = [];
  private consent: { purpose: string; looks: number; given: boolean } | undefined;
  private isPending = false;
  private nextDay = 0;
  private isWiping = false;

  /** What a power cut forgets. */
  restart(): void {
    this.consent = undefined;
    this.isPending = false;
  }

  answer<N extends Exclude<MessageName, 'fetch'>>(name: N, fields: RequestOf<N>): ReplyOf<N> {
    this.asked.push(name);
    if (this.refusal !== undefined) throw new GaletError(this.refusal);
    const handler = this.handlers[name] as unknown as (fields: RequestOf<N>) => ReplyOf<N>;
    try {
      return handler(fields);
    } catch (error) {
      const refusal = faultOf(error);
      throw refusal === undefined ? error : refusalError(refusal, 'scripted');
    }
  }

  *log(from: number): Generator<Uint8Array> {
    for (let index = from; index < 100 + this.batches; index++) yield batch(index, 900);
  }

  private readonly handlers: { [N in Exclude<MessageName, 'fetch'>]: (fields: RequestOf<N>) => ReplyOf<N> } = {
    hello: () => ({
      life: this.life,
      board: 'scripted',
      firmware: this.version,
      battery: 80,
      needs: this.report !== undefined && this.report.stage !== 'receipted' ? NEEDS_RECEIPT : 0,
      goodForDays: 14,
      wiped: this.isWiped ? 1 : 0,
    }),
    provision: () => {
      if (this.life !== LIFE_BLANK) throw new GaletError('token-provisioned');
      this.isPending = true;
      return {};
    },
    request: ({ kind }) => {
      if (kind === REQUEST_UNREGISTER && this.consent?.given !== true) throw new GaletError('consent-missing');
      if (this.tooSoon > 0) {
        const seconds = this.tooSoon;
        this.tooSoon = 0;
        throw new GaletError('token-too-soon', { seconds });
      }
      this.isPending = true;
      this.isWiping = kind === REQUEST_UNREGISTER;
      return {
        ebid: new Uint8Array(8),
        epochId: 1,
        time: 2,
        mac: new Uint8Array(32),
        nonce: new Uint8Array(16),
        share: this.share,
        shareMac: this.share,
      };
    },
    head: () => {
      if (!this.isPending) throw new GaletError('answer-refused', { fault: 'no-request-pending' });
      this.nextDay = 0;
      return { nextDay: 0, dayCount: this.days };
    },
    day: ({ index }) => {
      if (!this.isPending || index !== this.nextDay)
        throw new GaletError('answer-refused', { fault: 'block-unexpected' });
      this.nextDay += 1;
      if (this.nextDay < this.days) return { nextDay: this.nextDay, applied: 0 };
      this.isPending = false;
      this.applied += 1;
      this.life = this.isWiping ? LIFE_BLANK : LIFE_TRACING;
      this.isWiped = this.isWiping;
      return { nextDay: this.days, applied: 1 };
    },
    consent: ({ kind, code }) => {
      const purpose = kind === CONSENT_FORGET ? 'forget' : code;
      if (this.isConsented(code)) return { state: CONSENT_GIVEN, secondsLeft: 0 };
      if (this.consent?.purpose !== purpose) this.consent = { purpose, looks: 0, given: false };
      return this.look();
    },
    consentState: () => this.look(),
    report: ({ code }) => {
      if (this.report?.stage === 'receipted' && this.report.code === code) throw new GaletError('report-done');
      if (!this.isConsented(code) || this.report === undefined) throw new GaletError('consent-missing');
      return {
        reportId: this.report.id,
        encs: this.encs,
        header: concat([this.report.id, new Uint8Array(80)]),
        firstBatch: 100,
        lastBatch: 99 + this.batches,
        batches: this.batches,
      };
    },
    kept: ({ reportId }) => {
      const report = this.owned(reportId);
      if (report.stage === 'consented') report.stage = 'kept';
      return {};
    },
    receipt: ({ reportId, mac }) => {
      const report = this.owned(reportId);
      if (hex(mac) !== hex(bytesOf(`receipt ${hex(reportId)}`).subarray(0, 16)))
        throw new GaletError('receipt-refused');
      report.stage = 'receipted';
      return {};
    },
    wipeProof: () => ({ proof: this.isWiped ? bytesOf('proof') : new Uint8Array(0) }),
    awaiting: () => ({
      reportId: this.report === undefined || this.report.stage === 'receipted' ? new Uint8Array(0) : this.report.id,
    }),
    trust: () => this.judge().trust(),
    offer: ({ kind, body }) => ({ known: this.judge().offer(kind, body) ? 1 : 0 }),
    proof: ({ key, at, piece }) => {
      const { next, accepted } = this.judge().prove(key, at, piece);
      return { next, accepted: accepted ? 1 : 0 };
    },
    page: ({ index, at, piece }) => this.judge().page(index, at, piece),
    install: () => {
      this.judge().install();
      return { seconds: this.startSeconds };
    },
    blink: () => ({}),
  };

  private judge(): Update {
    if (this.updates === undefined) throw fault('update-absent');
    return this.updates;
  }

  private isConsented(code: string): boolean {
    return this.report !== undefined && this.report.code === code && this.report.stage !== 'receipted';
  }

  private owned(id: Uint8Array): TokenReport {
    if (this.report === undefined || hex(this.report.id) !== hex(id)) throw new GaletError('token-report-unknown');
    return this.report;
  }

  private look(): { state: number; secondsLeft: number } {
    const { consent } = this;
    if (consent === undefined) return { state: CONSENT_NONE, secondsLeft: 0 };
    if (consent.given) return { state: CONSENT_GIVEN, secondsLeft: 0 };
    consent.looks += 1;
    if (this.pressAfterLooks !== undefined && consent.looks > this.pressAfterLooks) {
      consent.given = true;
      if (consent.purpose !== 'forget') {
        this.reportsMade += 1;
        this.report = {
          code: consent.purpose,
          id: bytesOf(`${consent.purpose} ${this.reportsMade}`).subarray(0, 16),
          stage: 'consented',
        };
      }
      return { state: CONSENT_GIVEN, secondsLeft: 0 };
    }
    if (consent.looks > 60) {
      this.consent = undefined;
      return { state: CONSENT_LAPSED, secondsLeft: 0 };
    }
    return { state: CONSENT_ASKED, secondsLeft: 60 - consent.looks };
  }
}

export class Stage {
  readonly token = new ScriptedToken();
  readonly counter = new ScriptedCounter();
  readonly events: VisitEvent[] = [];
  waited = 0;

  steps(): string[] {
    return this.events.map(({ step }) => step).filter((step, index, all) => step !== all[index - 1]);
  }

  visit(knife = new Knife()): Visit {
    const { token, counter } = this;
    const cutToken: Token = {
      ask: (name, fields) => knife.around(() => token.answer(name, fields)),
      async *fetch(from) {
        for (const chunk of token.log(from)) yield await knife.around(() => chunk);
      },
    };
    const cutCounter = new Proxy(counter, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name);
        if (typeof value !== 'function') return value;
        return (...args: unknown[]) => knife.around(() => value.apply(target, args));
      },
    });
    return {
      token: cutToken,
      counter: cutCounter,
      progress: (event) => void this.events.push(event),
      wait: async (seconds) => {
        this.waited += seconds;
      },
    };
  }
}
