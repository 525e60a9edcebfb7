/** The token: puts its parts together over a board's ports, and boots from whatever its flash holds. */

import { equal } from '../bytes.js';
import type { FaultName } from '../faults.js';
import { fault, faultOf } from '../faults.js';
import { LIFE_BLANK, LIFE_TRACING } from '../link/messages.js';
import { LINK_SECONDS, serveLink } from '../link/server.js';
import { mountJournal } from '../log/journal.js';
import { mountLog } from '../log/log.js';
import { createNeighbours } from '../log/neighbours.js';
import type { Firmware, Ports, Signal } from '../ports.js';
import { DAY_SECONDS } from '../robert/time.js';
import type { AnswerHead } from '../seal/answer.js';
import { ORDER_END, ORDER_ERASE } from '../seal/answer.js';
import { mountTrust } from '../update/trust.js';
import { createUpdate, type Update } from '../update/update.js';
import { createConsent } from './consent.js';
import { createExchange } from './exchange.js';
import { factsOf } from './facts.js';
import { createIdentifiers } from './identifiers.js';
import { layout } from './layout.js';
import { createReporting } from './report.js';
import { createShares, finishTicket } from './shares.js';
import { createSignals } from './signal.js';
import { createTime } from './time.js';
import { createTracing } from './tracing.js';
import { lifeOf, visitHandlers } from './visit.js';
import { beginWipe, finishWipe, wipeProof } from './wipe.js';

/** Neighbours of one epoch that are kept apart. */
const NEIGHBOURS = 60;
/** Beyond every NTP time of era 0. */
const NTP_END = 0x100000000;
/** A visit counts as under way until the link was quiet for this many seconds. */
const VISIT_SECONDS = 10;
const NO_PROOF = new Uint8Array(32);
/** Time for the promise to restart to reach the counter. */
const RESTART_SECONDS = 1;

export interface Token {
  /** One of the LIFE_ numbers of link/messages.ts. */
  life(): number;
  /** What the wearer sees. */
  signal(): Signal | undefined;
  /** NTP seconds, as the token believes. */
  now(): number;
  /** Whether `now` has been right at some visit and counted on since. */
  knowsTime(): boolean;
  isOnAir(): boolean;
  /** Seals what has been heard so far. */
  flush(): void;
  /** Stops radio and timers, as a board does before it restarts. */
  stop(): void;
}

export interface TokenOptions {
  /** Told what went wrong where nobody asked: never with a secret. */
  onTrouble?: (what: FaultName | 'internal') => void;
}

/** Boots a token. What a power cut interrupted is finished or undone before anything else happens. */
export function startToken(ports: Ports, options?: TokenOptions): Token {
  const places = layout(ports.flash);
  const facts = factsOf(mountJournal(places.journal));
  const interrupted = facts.wipe();
  if (interrupted && interrupted.running === 1) finishWipe(ports.flash, facts, interrupted);

  const log = mountLog(ports.digest, places.log, places.states);
  finishTicket(facts, log);
  const time = createTime(ports.clock, facts, () => {
    const answer = facts.answer();
    return Math.max(answer ? answer.fix.ntp : 0, log.newestDay() * DAY_SECONDS);
  });
  const identifiers = createIdentifiers(ports.digest, facts, places.refills);
  const signals = createSignals(ports, facts, time, identifiers);
  const onInternal = (thrown: unknown): void => {
    const known = faultOf(thrown);
    if (options?.onTrouble) options.onTrouble(known ? known.fault : 'internal');
  };
  const consent = createConsent(ports.clock, onInternal);
  const reporting = createReporting(ports, facts, time, log);
  const neighbours = createNeighbours(NEIGHBOURS);
  const tracing = createTracing(ports, facts, time, identifiers, log, neighbours, signals, endTime, () =>
    wipe(true, NO_PROOF),
  );
  /** The signed one, if there is any. */
  let configuration = ports.firmware && mountTrust(ports.firmware.flash).configuration();
  let update: Update | undefined;
  let cancelSignal: () => void = () => {};
  let cancelForget: (() => void) | undefined;
  let visitEnd = 0;

  const shares = createShares(
    ports,
    facts,
    log,
    () => (ports.clock.monotonic() < visitEnd ? 0 : tracing.idleSeconds()),
    onInternal,
  );

  const life = (): number => lifeOf(facts, time, identifiers);

  /** The signed end date where there is one: then the server's word alone ends no token. */
  function endTime(): number {
    const answer = facts.answer();
    return configuration ? configuration.endTime : answer ? answer.head.endTime : 0;
  }

  /** The signed gateway key takes the place of what was pinned before. */
  function pin(gatewayKey: Uint8Array): void {
    const keys = facts.keys();
    if (!keys || equal(keys.gatewayKey, gatewayKey)) return;
    shares.forget();
    facts.setKeys({ kAuth: keys.kAuth, kEnc: keys.kEnc, gatewayKey }, 'trust.gateway');
  }

  function judge(firmware: Firmware): Update {
    return createUpdate(ports.digest, firmware, ports.board, ports.version, {
      now: () => (time.isCertain() ? time.now() : 0),
      isBlank: () => life() === LIFE_BLANK,
      order() {
        const answer = facts.answer();
        return answer ? { release: answer.head.release, at: answer.fix.ntp } : { release: 0, at: 0 };
      },
      isHealthy: () => life() !== LIFE_TRACING || (tracing.isOnAir() && tracing.hasListened()),
      configured(signed) {
        configuration = signed;
        pin(signed.gatewayKey);
      },
      restart() {
        ports.clock.after(RESTART_SECONDS, () => {
          tracing.flush();
          stop();
          firmware.restart();
        });
      },
    });
  }

  /** In memory while a counter talks, as all of the link is: all other time a token needs the room for its neighbours. */
  function updates(): Update {
    if (!ports.firmware) throw fault('update-absent');
    if (!update) update = judge(ports.firmware);
    return update;
  }

  function forgetVisit(): void {
    const left = visitEnd - VISIT_SECONDS + LINK_SECONDS - ports.clock.monotonic();
    cancelForget = undefined;
    if (left > 0) cancelForget = ports.clock.after(left, forgetVisit);
    else {
      update = undefined;
      forgetLink();
    }
  }

  function stop(): void {
    tracing.stop();
    cancelSignal();
    if (cancelForget) cancelForget();
    shares.stop();
  }

  function wipe(ended: boolean, proof: Uint8Array): void {
    tracing.stop();
    cancelSignal();
    consent.clear();
    neighbours.forget(NTP_END);
    beginWipe(facts, ended, proof);
    finishWipe(ports.flash, facts, { running: 1, ended: ended ? 1 : 0, proof });
    log.forget();
    shares.forget();
    signals.refresh();
  }

  /** Has a risk told when its time has come, rather than at the next epoch. */
  function awaitSignal(): void {
    cancelSignal();
    const answer = facts.answer();
    if (answer && answer.signalAt > time.now()) {
      cancelSignal = ports.clock.after(answer.signalAt - time.now() + 0.1, signals.refresh);
    }
  }

  function applied(head: AnswerHead): void {
    const keys = facts.keys();
    if (head.orders & ORDER_ERASE && keys) wipe(false, wipeProof(ports.digest, keys.kAuth, head.wipeNonce));
    else if (head.orders & ORDER_END && !configuration) wipe(true, NO_PROOF);
    else {
      consent.clear();
      tracing.restart();
      awaitSignal();
      signals.refresh();
    }
  }

  const exchange = createExchange(ports, places, facts, time, identifiers, log, {
    beforeApply: tracing.flush,
    afterApply: applied,
  });
  if (configuration) pin(configuration.gatewayKey);
  const forgetLink = serveLink(
    ports.link,
    {
      clock: ports.clock,
      onInternal,
      onChunk() {
        visitEnd = ports.clock.monotonic() + VISIT_SECONDS;
        if (!cancelForget) forgetVisit();
      },
    },
    () =>
      visitHandlers(ports, {
        facts,
        time,
        identifiers,
        exchange,
        reporting,
        consent,
        signals,
        updates,
        configuration: () => configuration,
        flushLog: tracing.flush,
        isGathering: () => !neighbours.isEmpty(),
      }),
    ports.ble,
  );
  ports.button.onPress(consent.press);
  tracing.start();
  awaitSignal();
  signals.refresh();

  return {
    life,
    signal: signals.shown,
    now: time.now,
    knowsTime: time.isCertain,
    isOnAir: tracing.isOnAir,
    flush: tracing.flush,
    stop,
  };
}
