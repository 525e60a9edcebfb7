/**
 * What the token remembers in its journal, and how it is laid out (docs/spec/log.md). Each layout has a version; a
 * value from another version is a named fault, never a guess.
 */
import { concat, copyOf, putU16, putU32, u16At, u32At } from '../bytes.js';
import { fault } from '../faults.js';
import type { Journal } from '../log/journal.js';
import type { AnswerHead } from '../seal/answer.js';
import { decodeHead, encodeHead, HEAD_LENGTH } from '../seal/answer.js';

const VERSION = 1;

const KEYS = 1;
const TICKET = 2;
const ANSWER = 3;
const REPORT = 4;
const LOST = 5;
const WIPE = 6;

/** Shared with the server; 32 bytes each. */
export interface Keys {
  kAuth: Uint8Array;
  kEnc: Uint8Array;
}

/** What is kept of the seal ticket; 32 bytes each. The ratchet's state is not among it. */
export interface Ticket {
  enc: Uint8Array;
  header: Uint8Array;
  receipt: Uint8Array;
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

function encodeLost(fix: ClockFix): Uint8Array {
  return concat([new Uint8Array([fix.timeline, 0, 0, 0]), encodeFix(fix)]);
}

/** The journal's kinds as typed values. */
export interface Facts {
  keys(): Keys | undefined;
  setKeys(keys: Keys): void;
  ticket(): Ticket | undefined;
  setTicket(ticket: Ticket): void;
  answer(): Answer | undefined;
  setAnswer(answer: Answer): void;
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

  return {
    keys() {
      const value = read(KEYS);
      return value && { kAuth: copyOf(value, 0, 32), kEnc: copyOf(value, 32, 64) };
    },
    setKeys: (keys) => journal.put(KEYS, VERSION, concat([keys.kAuth, keys.kEnc]), 'provision.keys'),
    ticket() {
      const value = read(TICKET);
      return value && { enc: copyOf(value, 0, 32), header: copyOf(value, 32, 64), receipt: copyOf(value, 64, 96) };
    },
    setTicket: (ticket) =>
      journal.put(TICKET, VERSION, concat([ticket.enc, ticket.header, ticket.receipt]), 'provision.ticket'),
    answer() {
      const value = read(ANSWER);
      return value && decodeAnswer(value);
    },
    setAnswer: (answer) => journal.put(ANSWER, VERSION, encodeAnswer(answer), 'answer.apply'),
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
    forgetAllBut: (wipe) => journal.reset(WIPE, VERSION, encodeWipe(wipe), 'wipe.end'),
  };
}
