/**
 * The body of an upload and the sealed header in it (docs/spec/visit.md). Everything here is hostile until its tag has
 * been checked; every refusal is 'report-unreadable' with its reason as cause.
 *
 *   body   = CBOR [1, code text, encs 32 or 64 B, sealed header, [batch, ...], padding]
 *   sealed = report id (16) | seal(last ticket's header key, report id, plaintext, 16-byte tag)
 *   plain  = CBOR [1, report id, H(code) 32 B, consent time, timeline, first batch, last batch, records, anchors, starts]
 *
 * `encs` are the one or two tickets that the report's batches are sealed under, the older first; `starts` says of each
 * which batch is its first.
 */
import { copyOf, equal } from '../../../device/bytes.js';
import { decode, type Value } from '../../../device/link/cbor.js';
import { open } from '../../../device/seal/seal.js';
import { nodeDigest } from '../../crypto.js';
import { GaletError } from '../../errors.js';
import type { Anchor } from './timeline.js';

const VERSION = 1;
/** Major types of CBOR (RFC 8949, section 3.1). */
const BYTES = 2;
const TEXT = 3;
const ENC_LENGTH = 32;
const TICKETS_MAX = 2;
const REPORT_ID_LENGTH = 16;
const HEADER_TAG = 16;
const HASH_LENGTH = 32;
const CODE_MAX = 2048;
const ANCHORS_MAX = 256;
const ANCHOR_FIELDS = 5;
const DELTA_BIAS = 0x80000000;
/**
 * The ratchets are walked from the first ticket's first batch to the report's last, one HMAC a step. A token that seals
 * two batches an epoch, day and night, gets here after two years with one ticket; a walk this long takes two seconds.
 */
const WALK_MAX = 150_000;
/** Batches that the largest log has room for, and their wrapping. */
const ITEMS_MAX = 33_000;
/** Contacts that the largest log has room for: 256 pages of 4 kB, 32 B at least a record. */
export const RECORDS_MAX = 32_768;

export interface Upload {
  code: string;
  /** One or two tickets, the older first, no two alike; the last one seals the header. */
  encs: Uint8Array[];
  reportId: Uint8Array;
  sealedHeader: Uint8Array;
  /** As they travelled: slot u32 | header 8 | body | tag 8. */
  batches: Uint8Array[];
}

export interface ReportHeader {
  codeHash: Uint8Array;
  /** NTP seconds by the token's clock on `timeline`. */
  consentTime: number;
  timeline: number;
  firstBatch: number;
  lastBatch: number;
  recordCount: number;
  anchors: Anchor[];
  /** Index of the first batch under each ticket, rising; the first is not beyond `firstBatch`. */
  starts: number[];
}

export function unreadable(reason: string): GaletError {
  return new GaletError('report-unreadable', {}, reason);
}

/** The values, arrays included, of well-formed strict CBOR: counted without making anything, up to `limit`. */
function countItems(bytes: Uint8Array, limit: number): number {
  let count = 0;
  for (let at = 0; at < bytes.length && count < limit; count++) {
    const major = (bytes[at] as number) >> 5;
    const short = (bytes[at] as number) & 31;
    const size = short < 24 ? 0 : 1 << (short - 24);
    let length = short < 24 ? short : 0;
    for (let i = 1; i <= size; i++) length = length * 256 + (bytes[at + i] ?? 0);
    at += 1 + size + (major === BYTES || major === TEXT ? length : 0);
  }
  return count;
}

function parse(bytes: Uint8Array, what: string): Value[] {
  let value: Value;
  try {
    value = decode(bytes);
  } catch (cause) {
    throw new GaletError('report-unreadable', {}, cause);
  }
  if (!Array.isArray(value)) throw unreadable(`${what} is no array`);
  if (value[0] !== VERSION) throw unreadable(`${what} has an unknown version`);
  return value;
}

function bytesOf(value: Value | undefined, length: number): Uint8Array {
  if (!(value instanceof Uint8Array) || value.length !== length) throw unreadable('byte string');
  return value;
}

function numberOf(value: Value | undefined, max = 0xffffffff): number {
  if (typeof value !== 'number' || value > max) throw unreadable('number');
  return value;
}

function ticketsOf(value: Value | undefined): Uint8Array[] {
  if (!(value instanceof Uint8Array) || value.length === 0 || value.length % ENC_LENGTH !== 0) {
    throw unreadable('tickets');
  }
  const encs: Uint8Array[] = [];
  for (let at = 0; at < value.length; at += ENC_LENGTH) encs.push(copyOf(value, at, at + ENC_LENGTH));
  const [first, second] = encs;
  if (encs.length > TICKETS_MAX || (second !== undefined && equal(first!, second))) throw unreadable('tickets');
  return encs;
}

/** Throws 'report-unreadable'. */
export function parseUpload(body: Uint8Array): Upload {
  // Eight megabytes of empty strings would become a gigabyte of objects: found out before anything is made of them.
  if (countItems(body, ITEMS_MAX) === ITEMS_MAX) throw unreadable('too many items');
  const fields = parse(body, 'upload');
  const [, code, encs, sealedHeader, batches, padding] = fields;
  if (fields.length !== 6 || !(padding instanceof Uint8Array)) throw unreadable('upload fields');
  if (typeof code !== 'string' || code.length > CODE_MAX) throw unreadable('code');
  if (!(sealedHeader instanceof Uint8Array) || sealedHeader.length < REPORT_ID_LENGTH + HEADER_TAG) {
    throw unreadable('sealed header');
  }
  if (!Array.isArray(batches)) throw unreadable('batches');
  return {
    code,
    encs: ticketsOf(encs),
    reportId: copyOf(sealedHeader, 0, REPORT_ID_LENGTH),
    sealedHeader,
    batches: batches.map((batch) => {
      if (!(batch instanceof Uint8Array)) throw unreadable('batch');
      return batch;
    }),
  };
}

/** What a kiosk sends at each visit so that nobody can tell from outside who reports: no code, nothing inside. */
export function isDummy(upload: Upload): boolean {
  return upload.code === '' && upload.batches.length === 0;
}

function anchorOf(value: Value): Anchor {
  if (!Array.isArray(value) || value.length !== ANCHOR_FIELDS) throw unreadable('anchor');
  const [timeline, start, end, delta, kind] = value;
  return {
    timeline: numberOf(timeline, 255),
    start: numberOf(start),
    end: numberOf(end),
    delta: numberOf(delta) - DELTA_BIAS,
    kind: numberOf(kind, 1) === 0 ? 'drift' : 'lost',
  };
}

/** Where the tickets begin: one start each, rising, and no batch of the report before the first. */
function startsOf(value: Value | undefined, tickets: number, firstBatch: number, lastBatch: number): number[] {
  if (!Array.isArray(value) || value.length !== tickets) throw unreadable('starts');
  // The ticket in use may have begun after the last batch of the report, with no batch of its own yet.
  const starts = value.map((start) => numberOf(start, lastBatch + 1));
  starts.forEach((start, i) => {
    if (i === 0 ? start > firstBatch : start <= starts[i - 1]!) throw unreadable('starts');
  });
  if (lastBatch - starts[0]! > WALK_MAX) throw unreadable('walk too long');
  return starts;
}

/** Opens the header with the header key of the upload's last ticket. Throws 'report-unreadable'. */
export function openHeader(headerKey: Uint8Array, upload: Upload): ReportHeader {
  const { reportId, sealedHeader } = upload;
  const sealed = copyOf(sealedHeader, REPORT_ID_LENGTH, sealedHeader.length);
  const plain = open(nodeDigest, headerKey, reportId, sealed, HEADER_TAG);
  if (plain === undefined) throw unreadable('header tag');
  const fields = parse(plain, 'header');
  const [, id, codeHash, consentTime, timeline, first, last, recordCount, anchors, starts] = fields;
  if (fields.length !== 10 || !equal(bytesOf(id, REPORT_ID_LENGTH), reportId)) throw unreadable('header fields');
  if (!Array.isArray(anchors) || anchors.length > ANCHORS_MAX) throw unreadable('anchors');
  const [firstBatch, lastBatch] = [numberOf(first), numberOf(last)];
  if (firstBatch > lastBatch) throw unreadable('batch range');
  return {
    codeHash: bytesOf(codeHash, HASH_LENGTH),
    consentTime: numberOf(consentTime),
    timeline: numberOf(timeline, 255),
    firstBatch,
    lastBatch,
    recordCount: numberOf(recordCount, RECORDS_MAX),
    anchors: anchors.map(anchorOf),
    starts: startsOf(starts, upload.encs.length, firstBatch, lastBatch),
  };
}
