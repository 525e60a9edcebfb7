/**
 * The token's day: it says HELLO under an identifier that changes each epoch together with its address, listens in
 * short windows, and seals what it heard when an epoch is over.
 */
import { concat, equal, putU32 } from '../bytes.js';
import type { ContactLog } from '../log/log.js';
import { BATCH_MAX } from '../log/log.js';
import { type Neighbours, RSSI_UNAVAILABLE } from '../log/neighbours.js';
import { encodeRecord, FIRST_SPAN } from '../log/record.js';
import type { Ports } from '../ports.js';
import { buildAdvert, parseAdvert } from '../robert/advert.js';
import { buildHello, parseHello } from '../robert/hello.js';
import {
  DAY_SECONDS,
  distance16,
  EPOCH_SECONDS,
  epochAt,
  epochStart,
  HELLO_TOLERANCE_SECONDS,
  time16,
  utcDay,
} from '../robert/time.js';
import type { Facts } from './facts.js';
import type { Identifiers } from './identifiers.js';
import type { SignalBoard } from './signal.js';
import type { TokenTime } from './time.js';
import { uniform } from './uniform.js';

/** When the radio is on. Seconds. Found by search (tools/power), with reasons in docs/design/schedule.md. */
export const SCHEDULE = {
  /** Each token's own lies within a twentieth of it, and is never less than the 100 ms of Bluetooth 4. */
  advertising: 0.106,
  /** HELLOs are built anew at least this often, so that their time is fresh. */
  hello: 15,
  /** Mean time from window to window; each lies within a quarter of it. */
  scan: 8,
  /** Spans the longest interval between two adverts of a neighbour. */
  window: 0.122,
  /** An identifier changes over a silence of this many seconds (R20). */
  silence: { min: 1, max: 10 },
  /** The reference scores nothing beyond 900 s under one identifier. */
  onAir: 890,
  /** After the end of an epoch, before its records are sealed: late HELLOs still join them. */
  settle: 20,
};

/** Retention of the contact log, days. */
const KEEP_DAYS = 14;
/** For when nothing at all is planned. */
const IDLE_MAX = 3600;
/** One epoch's crowd may take this part of the room that is left. */
const CROWD_SHARE = 256;
const BATCH_HEAD = 7;

export interface Tracing {
  start(): void;
  /** Seals everything heard so far. */
  flush(): void;
  /** Goes silent at once and begins again with what the journal now says. */
  restart(): void;
  stop(): void;
  isOnAir(): boolean;
  /** Seconds until it has something to do again: a HELLO, a change of identifier, a window (0 while one is open), an epoch's end. */
  idleSeconds(): number;
  /** Whether a window has been listened through since the start. */
  hasListened(): boolean;
}

export function createTracing(
  ports: Ports,
  facts: Facts,
  time: TokenTime,
  identifiers: Identifiers,
  log: ContactLog,
  neighbours: Neighbours,
  signals: SignalBoard,
  endTime: () => number,
  atEnd: () => void,
): Tracing {
  const clock = ports.clock;
  let running = false;
  let onAir = false;
  /** By the monotonic clock: when each of the three is due, and until when a window is open. */
  let airDue = 0;
  let scanDue = 0;
  let epochDue = 0;
  let windowEnd = 0;
  let cancelAir: () => void = () => {};
  let cancelScan: () => void = () => {};
  let cancelEpoch: () => void = () => {};
  /** The address, and the identifier that it goes with: a restart within an epoch takes both again (R18). */
  let address: Uint8Array | undefined;
  let addressed: Uint8Array | undefined;

  function serviceStart(): number {
    const answer = facts.answer();
    return answer ? answer.head.serviceStart : 0;
  }

  function air(seconds: number, next: () => void): void {
    const wait = Math.max(0, seconds);
    airDue = clock.monotonic() + wait;
    cancelAir = clock.after(wait, next);
  }

  function silence(): void {
    cancelAir();
    onAir = false;
    ports.radio.silence();
  }

  /** From silence, after a random gap, to the identifier of the epoch that then runs. */
  function changeIdentifier(): void {
    silence();
    const range = SCHEDULE.silence;
    air(range.min + (range.max - range.min) * uniform(ports.random), goOnAir);
  }

  function goOnAir(): void {
    const now = time.now();
    const epoch = epochAt(serviceStart(), now);
    const identifier = time.isCertain() ? identifiers.of(epoch) : undefined;
    const keys = facts.keys();
    const epochEnd = epochStart(serviceStart(), epoch + 1);
    if (!identifier || !keys) {
      signals.refresh();
      air(epochEnd - now, changeIdentifier);
      return;
    }
    if (!address || !addressed || !equal(addressed, identifier.ebid)) {
      address = new Uint8Array(6);
      ports.random.fill(address);
      address[0] = (address[0] as number) & 0x3f; // non-resolvable private: the two top bits are zero
      addressed = identifier.ebid;
    }
    const until = Math.min(epochEnd, now + SCHEDULE.onAir);
    const interval = SCHEDULE.advertising * (0.95 + 0.1 * uniform(ports.random));
    onAir = true;

    function sayHello(): void {
      const ntp = time.now();
      if (ntp >= until) {
        silence();
        air(epochEnd - ntp, changeIdentifier);
        return;
      }
      const hello = buildHello(
        ports.digest,
        (keys as { kAuth: Uint8Array }).kAuth,
        (identifier as { ecc: number }).ecc,
        (identifier as { ebid: Uint8Array }).ebid,
        Math.floor(ntp),
      );
      ports.radio.advertise(buildAdvert(hello, ports.radio.txGain), address as Uint8Array, interval);
      air(Math.min(SCHEDULE.hello, until - ntp), sayHello);
    }
    sayHello();
  }

  function heard(payload: Uint8Array, rssi: number): void {
    const advert = parseAdvert(payload);
    const hello = advert && parseHello(advert.hello);
    if (!advert || !hello) return;
    const at = Math.floor(time.now());
    if (time.isCertain() && distance16(hello.time16, time16(at)) > HELLO_TOLERANCE_SECONDS) return;
    neighbours.hear({
      key: advert.hello.subarray(0, 9),
      time16: hello.time16,
      mac: hello.mac,
      rssi: rssi === RSSI_UNAVAILABLE ? rssi : rssi - advert.txGain - ports.radio.rxGain,
      at,
    });
  }

  function listen(): void {
    const wait = SCHEDULE.scan * (0.75 + 0.5 * uniform(ports.random));
    scanDue = clock.monotonic() + wait;
    cancelScan = clock.after(wait, () => {
      windowEnd = clock.monotonic() + SCHEDULE.window;
      ports.radio.scan(SCHEDULE.window, heard);
      listen();
    });
  }

  /**
   * What the log can take for one epoch: its share of the room until the oldest page may go, and more in a crowd as long
   * as there is much room. The log never fills up early, and a full dining room is not cut short.
   */
  function budget(now: number): number {
    const room = log.room();
    const days = room.oldestDay < 0 ? KEEP_DAYS : Math.max(1, room.oldestDay + KEEP_DAYS + 1 - utcDay(now));
    const share = Math.floor((room.bytes * EPOCH_SECONDS) / (days * DAY_SECONDS));
    return Math.max(BATCH_MAX, share, Math.floor(room.bytes / CROWD_SHARE));
  }

  function appendBatch(start: number, records: Uint8Array[], now: number): void {
    const head = new Uint8Array(BATCH_HEAD);
    putU32(head, 0, start);
    head[4] = time.timeline();
    head[5] = time.uncertainty();
    head[6] = records.length;
    log.append(concat([head, ...records]), records.length, utcDay(now), time.timeline());
  }

  /** Seals what was first heard before `before`, nearest and longest first, as far as the budget goes. */
  function seal(before: number): void {
    const now = time.now();
    if (!facts.tickets()) {
      neighbours.forget(before);
      return;
    }
    let start = 0;
    let left = budget(now);
    let size = BATCH_HEAD;
    let records: Uint8Array[] = [];
    neighbours.take(before, (contact, earliest) => {
      start = earliest;
      if (contact.first - start >= FIRST_SPAN) return true;
      const record = encodeRecord(contact, start);
      if (record.length > left) return false;
      if (size + record.length > BATCH_MAX) {
        appendBatch(start, records, now);
        records = [];
        size = BATCH_HEAD;
      }
      records.push(record);
      size += record.length;
      left -= record.length;
      return true;
    });
    if (records.length > 0) appendBatch(start, records, now);
  }

  function expire(now: number): void {
    const anchors = time.anchors();
    log.expire((day, timeline) => {
      let shift = 0;
      for (let i = 0; i < anchors.length; i++) {
        const anchor = anchors[i] as { timeline: number; delta: number };
        if (anchor.timeline === timeline) shift = anchor.delta;
      }
      return day * DAY_SECONDS + shift < (utcDay(now) - KEEP_DAYS) * DAY_SECONDS;
    });
  }

  /** Once an epoch, a little after its start. */
  function epochWork(): void {
    const now = time.now();
    const end = endTime();
    if (end > 0 && time.isCertain() && now >= end) {
      atEnd();
      return;
    }
    const boundary = epochStart(serviceStart(), epochAt(serviceStart(), now - SCHEDULE.settle / 2));
    seal(boundary - SCHEDULE.settle / 2);
    expire(now);
    signals.refresh();
    awaitEpoch();
  }

  function awaitEpoch(): void {
    const now = time.now();
    const next = epochStart(serviceStart(), epochAt(serviceStart(), now - SCHEDULE.settle) + 1) + SCHEDULE.settle;
    const wait = Math.max(1, next - now);
    epochDue = clock.monotonic() + wait;
    cancelEpoch = clock.after(wait, epochWork);
  }

  function stop(): void {
    running = false;
    silence();
    cancelScan();
    cancelEpoch();
  }

  function start(): void {
    if (running || !facts.answer()) return;
    running = true;
    expire(time.now());
    changeIdentifier();
    listen();
    awaitEpoch();
  }

  return {
    start,
    flush: () => seal(Math.floor(time.now()) + 1),
    restart() {
      stop();
      start();
    },
    stop,
    isOnAir: () => onAir,
    hasListened: () => windowEnd > 0 && clock.monotonic() > windowEnd,
    idleSeconds() {
      const now = clock.monotonic();
      if (now < windowEnd) return 0;
      if (!running) return IDLE_MAX;
      return Math.max(0, Math.min(airDue, scanDue, epochDue) - now);
    },
  };
}
