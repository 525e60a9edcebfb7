/**
 * What the token remembers in its journal, and how it is laid out (docs/spec/log.md). Each layout has a version; a
 * value from another version is a named fault, never a guess.
 */
import { concat, copyOf, putU16, putU32, u16At, u32, u32At } from '../bytes.js';
import { fault } from '../faults.js';
import type { Change, Journal } from '../log/journal.js';
import type { State } from '../log/states.js';
import type { AnswerHead } from '../seal/answer.js';
import { decodeHead, encodeHead, HEAD_LENGTH } from '../seal/answer.js';

const VERSION = 1;

const KEYS = 1;
const TICKET = 2;
const ANSWER = 3;
const REPORT = 4;
const LOST = 5;
const WIPE = 6;
const SHARE = 7;
const MAKING = 8;

/** Shared with the server; 32 bytes each. */
export interface SharedKeys {
  kAuth: Uint8Array;
  kEnc: Uint8Array;
}

export interface Keys extends SharedKeys {
  /** X25519 public key of the gateway, 32 bytes: pinned once, for tickets and for key shares. */
  gatewayKey: Uint8Array;
}

/** What is kept of a seal ticket; 32 bytes each. The ratchet's state is not among it. */
export interface Ticket {
  enc: Uint8Array;
  header: Uint8Array;
  receipt: Uint8Array;
  /** Index of the first batch under it. */
  start: number;
}

export interface Tickets {
  /** Whether the token made the current one itself. */
  own: boolean;
  /** The one before, of which batches may still wait to be reported. */
  previous: Ticket | undefined;
  current: Ticket;
  /** The first state under the current ticket, until it stands on the pages of the states. */
  pending: State | undefined;
}

/** New keys of the token's own making, and the share by which the server learns them. */
export interface Share extends SharedKeys {
  /** HPKE encapsulation, 32 bytes. */
  enc: Uint8Array;
}

export const FOR_TICKET = 1;
export const FOR_KEYS = 2;

/** How far the making of a share has come: what is needed to go on after a reset. */
export interface Making {
  /** FOR_TICKET or FOR_KEYS. */
  purpose: number;
  /** The ephemeral secret key, 32 bytes. */
  secret: Uint8Array;
  /** 32 bytes once it is known, and empty while it is being computed. */
  enc: Uint8Array;
  /** What a ladder (seal/x25519.ts) saved; empty before its first checkpoint. */
  ladder: Uint8Array;
}

/** A point where the token's counter and NTP time are known to meet, and the speed from there on. */
export interface ClockFix {
  timeline: number;
  /** The board's real-time counter, seconds. */
  rtc: number;
  /** NTP seconds. */
  ntp: number;
  /** Seconds to add for each second counted. */
  rate: number;
}

/** How a past timeline has to be read: the error found at its end. */
export interface Anchor {
  timeline: number;
  /** NTP seconds as the token believed, at its start and end. */
  start: number;
  end: number;
  /** True time minus believed time at the end, whole seconds. */
  delta: number;
  /** 0: the error grew evenly from nothing; 1: it was there from the start. */
  kind: number;
}

/** The last applied answer of the server: with it everything of a visit takes effect at once. */
export interface Answer {
  /** Opens the identifiers. */
  key: Uint8Array;
  head: AnswerHead;
  /** Which of the two refill places holds the identifiers. */
  place: number;
  fix: ClockFix;
  /** NTP seconds from which the wearer is told of a risk; 0 when there is none to tell. */
  signalAt: number;
  anchors: Anchor[];
}

export const REPORT_CONSENTED = 1;
export const REPORT_KEPT = 2;
export const REPORT_RECEIPTED = 3;

/** The report that the wearer consented to last. */
export interface Report {
  stage: number;
  /** 16 bytes. */
  id: Uint8Array;
  /** 32 bytes. */
  codeHash: Uint8Array;
  firstBatch: number;
  lastBatch: number;
  /** Records in all batches up to the last one. */
  records: number;
  /** Batches and records below these were reported and receipted before. */
  doneBatches: number;
  doneRecords: number;
  /** The sealed header, made once: two texts under its id would share a key stream. */
  header: Uint8Array;
}

export interface Wipe {
  /** 1 while flash is being erased, 0 when nothing is left. */
  running: number;
  /** 1 when the service has ended, 0 when the token may be provisioned again. */
  ended: number;
  /** 32 bytes, zeros when the server did not ask for one. */
  proof: Uint8Array;
}

const FIX_LENGTH = 16;
const ANCHOR_LENGTH = 16;
const DELTA_BIAS = 0x80000000;
const RATE_UNIT = 1e-8;
const RATE_BIAS = 0x80000000;
export const ANCHORS_MAX = 24;

function putSeconds(out: Uint8Array, at: number, seconds: number): void {
  const whole = Math.floor(seconds);
  putU32(out, at, whole);
  putU16(out, at + 4, Math.floor((seconds - whole) * 0x10000));
}

function secondsAt(bytes: Uint8Array, at: number): number {
  return u32At(bytes, at) + u16At(bytes, at + 4) / 0x10000;
}

/** 0 rtc 4.2 bytes | 6 ntp 4.2 bytes | 12 rate u32 */
function encodeFix(fix: ClockFix): Uint8Array {
  const out = new Uint8Array(FIX_LENGTH);
  putSeconds(out, 0, fix.rtc);
  putSeconds(out, 6, fix.ntp);
  putU32(out, 12, Math.round(fix.rate / RATE_UNIT) + RATE_BIAS);
  return out;
}

function decodeFix(bytes: Uint8Array, at: number, timeline: number): ClockFix {
  return {
    timeline,
    rtc: secondsAt(bytes, at),
    ntp: secondsAt(bytes, at + 6),
    rate: (u32At(bytes, at + 12) - RATE_BIAS) * RATE_UNIT,
  };
}

/** 0 timeline | 1 kind | 2 zeros | 4 start u32 | 8 end u32 | 12 delta + 2^31 u32 */
function encodeAnchor(anchor: Anchor): Uint8Array {
  const out = new Uint8Array(ANCHOR_LENGTH);
  out[0] = anchor.timeline;
  out[1] = anchor.kind;
  putU32(out, 4, anchor.start);
  putU32(out, 8, anchor.end);
  putU32(out, 12, anchor.delta + DELTA_BIAS);
  return out;
}

const ANSWER_FIXED = 32 + HEAD_LENGTH + FIX_LENGTH + 8;

/** 0 key | 32 head | 144 fix | 160 place | 161 timeline | 162 anchors | 163 zero | 164 signal u32 | 168 anchors */
function encodeAnswer(answer: Answer): Uint8Array {
  const tail = new Uint8Array(8);
  tail[0] = answer.place;
  tail[1] = answer.fix.timeline;
  tail[2] = answer.anchors.length;
  putU32(tail, 4, answer.signalAt);
  return concat([
    answer.key,
    encodeHead(answer.head),
    encodeFix(answer.fix),
    tail,
    ...answer.anchors.map(encodeAnchor),
  ]);
}

function decodeAnswer(bytes: Uint8Array): Answer {
  const tail = ANSWER_FIXED - 8;
  const anchors: Anchor[] = [];
  for (let i = 0; i < (bytes[tail + 2] as number); i++) {
    const at = ANSWER_FIXED + i * ANCHOR_LENGTH;
    anchors.push({
      timeline: bytes[at] as number,
      kind: bytes[at + 1] as number,
      start: u32At(bytes, at + 4),
      end: u32At(bytes, at + 8),
      delta: u32At(bytes, at + 12) - DELTA_BIAS,
    });
  }
  return {
    key: copyOf(bytes, 0, 32),
    head: decodeHead(copyOf(bytes, 32, 32 + HEAD_LENGTH)),
    fix: decodeFix(bytes, 32 + HEAD_LENGTH, bytes[tail + 1] as number),
    place: bytes[tail] as number,
    signalAt: u32At(bytes, tail + 4),
    anchors,
  };
}

const REPORT_FIXED = 72;

/** 0 stage | 1 zeros | 4 first batch u32 | 8 last | 12 records | 16 done batches | 20 done records | 24 id | 40 code hash | 72 header */
function encodeReport(report: Report): Uint8Array {
  const out = new Uint8Array(REPORT_FIXED);
  out[0] = report.stage;
  putU32(out, 4, report.firstBatch);
  putU32(out, 8, report.lastBatch);
  putU32(out, 12, report.records);
  putU32(out, 16, report.doneBatches);
  putU32(out, 20, report.doneRecords);
  out.set(report.id, 24);
  out.set(report.codeHash, 40);
  return concat([out, report.header]);
}

function decodeReport(bytes: Uint8Array): Report {
  return {
    stage: bytes[0] as number,
    firstBatch: u32At(bytes, 4),
    lastBatch: u32At(bytes, 8),
    records: u32At(bytes, 12),
    doneBatches: u32At(bytes, 16),
    doneRecords: u32At(bytes, 20),
    id: copyOf(bytes, 24, 40),
    codeHash: copyOf(bytes, 40, REPORT_FIXED),
    header: copyOf(bytes, REPORT_FIXED, bytes.length),
  };
}

const TICKET_LENGTH = 100;
const TICKETS_HEAD = 4;
const IS_OWN = 1;
const HAS_PREVIOUS = 2;
const HAS_PENDING = 4;

/** 0 enc | 32 header key | 64 receipt key | 96 start u32 */
function encodeTicket(ticket: Ticket): Uint8Array {
  return concat([ticket.enc, ticket.header, ticket.receipt, u32(ticket.start)]);
}

function decodeTicket(bytes: Uint8Array, at: number): Ticket {
  return {
    enc: copyOf(bytes, at, at + 32),
    header: copyOf(bytes, at + 32, at + 64),
    receipt: copyOf(bytes, at + 64, at + 96),
    start: u32At(bytes, at + 96),
  };
}

/** 0 flags | 1 zeros | 4 current 100 | previous 100, if any | pending, if any: state 32, index u32, records u32 */
function encodeTickets(tickets: Tickets): Uint8Array {
  const head = new Uint8Array(TICKETS_HEAD);
  const parts = [head, encodeTicket(tickets.current)];
  let flags = tickets.own ? IS_OWN : 0;
  if (tickets.previous) {
    flags |= HAS_PREVIOUS;
    parts.push(encodeTicket(tickets.previous));
  }
  if (tickets.pending) {
    flags |= HAS_PENDING;
    parts.push(tickets.pending.state, u32(tickets.pending.index), u32(tickets.pending.records));
  }
  head[0] = flags;
  return concat(parts);
}

function decodeTickets(bytes: Uint8Array): Tickets {
  const flags = bytes[0] as number;
  const second = TICKETS_HEAD + TICKET_LENGTH;
  const at = flags & HAS_PREVIOUS ? second + TICKET_LENGTH : second;
  return {
    own: (flags & IS_OWN) !== 0,
    previous: flags & HAS_PREVIOUS ? decodeTicket(bytes, second) : undefined,
    current: decodeTicket(bytes, TICKETS_HEAD),
    pending:
      flags & HAS_PENDING
        ? { state: copyOf(bytes, at, at + 32), index: u32At(bytes, at + 32), records: u32At(bytes, at + 36) }
        : undefined,
  };
}

const SHARE_READY = 1;
const SHARE_USED = 2;

/** 0 stage | 1 zeros | 4 enc 32 | 36 K_auth 32 | 68 K_enc 32; only the first four once it is used */
function encodeShare(share: Share | undefined): Uint8Array {
  const head = new Uint8Array([share ? SHARE_READY : SHARE_USED, 0, 0, 0]);
  return share ? concat([head, share.enc, share.kAuth, share.kEnc]) : head;
}

const MAKING_LADDER = 68;

/** 0 purpose | 1 whether enc is known | 2 zeros | 4 secret 32 | 36 enc 32, zeros if unknown | 68 ladder */
function encodeMaking(making: Making): Uint8Array {
  const out = new Uint8Array(MAKING_LADDER);
  out[0] = making.purpose;
  out[1] = making.enc.length > 0 ? 1 : 0;
  out.set(making.secret, 4);
  out.set(making.enc, 36);
  return concat([out, making.ladder]);
}

function decodeMaking(bytes: Uint8Array): Making {
  return {
    purpose: bytes[0] as number,
    secret: copyOf(bytes, 4, 36),
    enc: copyOf(bytes, 36, bytes[1] === 1 ? MAKING_LADDER : 36),
    ladder: copyOf(bytes, MAKING_LADDER, bytes.length),
  };
}

function encodeLost(fix: ClockFix): Uint8Array {
  return concat([new Uint8Array([fix.timeline, 0, 0, 0]), encodeFix(fix)]);
}

/** The journal's kinds as typed values. */
export interface Facts {
  keys(): Keys | undefined;
  /** Forgets what was made for other keys: the share, and one in the making. */
  setKeys(keys: Keys, commit: string): void;
  tickets(): Tickets | undefined;
  /** Forgets the share in the making too: a ticket is what may have become of it. */
  setTickets(tickets: Tickets, commit: string): void;
  /** Decoded once and kept: much of the token asks for it. Not to be changed by who gets it. */
  answer(): Answer | undefined;
  /** With `renewed` the share is used up: those are the keys from the same commit on. */
  setAnswer(answer: Answer, renewed?: Keys): void;
  /** The share that the server has not taken yet. */
  share(): Share | undefined;
  /** Whether a share for keys was ever made, used or not. */
  hasShared(): boolean;
  /** In place of the share in the making, of which nothing stays in flash. */
  setShare(share: Share): void;
  making(): Making | undefined;
  setMaking(making: Making): void;
  report(): Report | undefined;
  setReport(report: Report, commit: string): void;
  /** The fix that stands in since the clock was lost; it counts while its timeline is later than the answer's. */
  lost(): ClockFix | undefined;
  setLost(fix: ClockFix): void;
  wipe(): Wipe | undefined;
  setWipe(wipe: Wipe): void;
  /** Forgets all but the given wipe. */
  forgetAllBut(wipe: Wipe): void;
}

export function factsOf(journal: Journal): Facts {
  function read(kind: number): Uint8Array | undefined {
    const entry = journal.get(kind);
    if (entry && entry.version !== VERSION) throw fault('message-version', `journal kind ${kind}`);
    return entry?.value;
  }
  const encodeWipe = (wipe: Wipe): Uint8Array => concat([new Uint8Array([wipe.running, wipe.ended, 0, 0]), wipe.proof]);
  const encodeKeys = (keys: Keys): Uint8Array => concat([keys.kAuth, keys.kEnc, keys.gatewayKey]);
  const change = (kind: number, value: Uint8Array): Change => ({ kind, version: VERSION, value });
  const unmade = change(MAKING, new Uint8Array(0));
  let known: Answer | undefined;

  return {
    keys() {
      const value = read(KEYS);
      return value && { kAuth: copyOf(value, 0, 32), kEnc: copyOf(value, 32, 64), gatewayKey: copyOf(value, 64, 96) };
    },
    setKeys: (keys, commit) =>
      journal.replace([change(KEYS, encodeKeys(keys)), change(SHARE, new Uint8Array(0)), unmade], commit),
    tickets() {
      const value = read(TICKET);
      return value && decodeTickets(value);
    },
    setTickets: (tickets, commit) => journal.replace([change(TICKET, encodeTickets(tickets)), unmade], commit),
    answer() {
      if (known) return known;
      const value = read(ANSWER);
      known = value && decodeAnswer(value);
      return known;
    },
    setAnswer(answer, renewed) {
      const value = encodeAnswer(answer);
      known = undefined;
      if (!renewed) journal.put(ANSWER, VERSION, value, 'answer.apply');
      else {
        const used = change(SHARE, encodeShare(undefined));
        journal.replace([change(ANSWER, value), change(KEYS, encodeKeys(renewed)), used], 'answer.apply');
      }
    },
    share() {
      const value = read(SHARE);
      if (!value || value[0] !== SHARE_READY) return undefined;
      return { enc: copyOf(value, 4, 36), kAuth: copyOf(value, 36, 68), kEnc: copyOf(value, 68, 100) };
    },
    hasShared: () => read(SHARE) !== undefined,
    setShare: (share) => journal.replace([change(SHARE, encodeShare(share)), unmade], 'share.keys'),
    making() {
      const value = read(MAKING);
      return value && decodeMaking(value);
    },
    setMaking: (making) => journal.put(MAKING, VERSION, encodeMaking(making), 'share.progress'),
    report() {
      const value = read(REPORT);
      return value && decodeReport(value);
    },
    setReport: (report, commit) => journal.put(REPORT, VERSION, encodeReport(report), commit),
    lost() {
      const value = read(LOST);
      return value && decodeFix(value, 4, value[0] as number);
    },
    setLost: (fix) => journal.put(LOST, VERSION, encodeLost(fix), 'clock.lost'),
    wipe() {
      const value = read(WIPE);
      return value && { running: value[0] as number, ended: value[1] as number, proof: copyOf(value, 4, 36) };
    },
    setWipe: (wipe) => journal.put(WIPE, VERSION, encodeWipe(wipe), 'wipe.begin'),
    forgetAllBut(wipe) {
      known = undefined;
      journal.reset(WIPE, VERSION, encodeWipe(wipe), 'wipe.end');
    },
  };
}
