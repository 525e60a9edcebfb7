/** The small token's reports, as device/token/report.ts makes them: one ticket, one code at a time. */

import { ascii, concat, copyOf, equal, u32At } from '../../bytes.js';
import type { Value } from '../../link/cbor.js';
import { CHUNK_BYTES } from '../../link/messages.js';
import { shortHmac } from '../../seal/hmac.js';
import { seal } from '../../seal/seal.js';
import { digest, random } from './board.js';
import { encode } from './codec.js';
import { batchFrom } from './log.js';
import { ALREADY_REPORTED, CONSENT_MISSING, NOTHING_TO_REPORT, RECEIPT_FORGED, REPORT_UNKNOWN } from './refusals.js';
import {
  ANCHOR_COUNT,
  ANCHOR_LENGTH,
  ANCHORS,
  bytesOf,
  CODE_HASH,
  DONE_BATCHES,
  DONE_RECORDS,
  ENC,
  FIRST_BATCH,
  fact,
  facts,
  HEADER,
  HEADER_KEY,
  HEADER_LENGTH,
  LAST_BATCH,
  nextIndex,
  RECEIPT_KEY,
  REPORT_RECORDS,
  REPORT_STAGE,
  recordsSoFar,
  save,
  setFact,
  TIMELINE,
} from './store.js';
import { now } from './time.js';

const HEADER_VERSION = 1;
const ID_LENGTH = 16;
const TAG = 16;

/** Stages of the report in the image; 0: none was ever made. */
const CONSENTED = 1;
const RECEIPTED = 2;

function codeHash(code: string): Uint8Array {
  return digest.sha256(concat([ascii('galet code'), ascii(code)]));
}

/** The stage of the report under `code`; 0 when there is no such report. */
function stageOf(code: string): number {
  return equal(bytesOf(CODE_HASH, 32), codeHash(code)) ? (facts[REPORT_STAGE] as number) : 0;
}

/** Whether the wearer consented to a report under `code` that still awaits its receipt. */
export function isConsented(code: string): boolean {
  return stageOf(code) === CONSENTED;
}

/** Whether there is any batch that no receipt covers. */
export const hasSomething = (): boolean => batchFrom(fact(DONE_BATCHES)) !== undefined;

/** Fixes what leaves under `code`, and remembers it. */
export function fix(code: string): void {
  const oldest = batchFrom(fact(DONE_BATCHES));
  if (!oldest) throw NOTHING_TO_REPORT;
  const id = new Uint8Array(ID_LENGTH);
  random.fill(id);
  const anchors: Value[] = [];
  for (let i = 0; i < (facts[ANCHOR_COUNT] as number); i++) {
    const anchor = bytesOf(ANCHORS + i * ANCHOR_LENGTH, ANCHOR_LENGTH);
    anchors.push([anchor[0] as number, u32At(anchor, 4), u32At(anchor, 8), u32At(anchor, 12), anchor[1] as number]);
  }
  const hash = codeHash(code);
  const plain = encode([
    HEADER_VERSION,
    id,
    hash,
    Math.floor(now()),
    facts[TIMELINE] as number,
    oldest.index,
    nextIndex() - 1,
    recordsSoFar() - Math.max(oldest.recordsBefore, fact(DONE_RECORDS)),
    anchors,
    [0],
  ]);
  const header = concat([id, seal(digest, bytesOf(HEADER_KEY, 32), id, plain, TAG)]);
  facts.set(hash, CODE_HASH);
  facts.set(header, HEADER);
  facts[HEADER_LENGTH] = header.length;
  facts[REPORT_STAGE] = CONSENTED;
  setFact(FIRST_BATCH, oldest.index);
  setFact(LAST_BATCH, nextIndex() - 1);
  setFact(REPORT_RECORDS, recordsSoFar());
  save();
}

/** Fields of the reply to `report`. */
export function header(code: string): Value[] {
  const stage = stageOf(code);
  if (stage === 0) throw CONSENT_MISSING;
  if (stage === RECEIPTED) throw ALREADY_REPORTED;
  return [
    bytesOf(HEADER, ID_LENGTH),
    bytesOf(ENC, 32),
    bytesOf(HEADER, facts[HEADER_LENGTH] as number),
    fact(FIRST_BATCH),
    fact(LAST_BATCH),
    fact(LAST_BATCH) - fact(FIRST_BATCH) + 1,
  ];
}

/** Index of the first batch of the next chunk; the stream has ended when it is beyond every batch. */
let chunkFrom = 0;

/** Begins a stream at batch `from`. */
export function fetch(from: number): void {
  if (awaiting().length === 0) throw CONSENT_MISSING;
  chunkFrom = Math.max(from, fact(FIRST_BATCH));
}

/** Whole batches as they travel; empty after the last one. */
export function chunk(): Uint8Array {
  const parts: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const batch = batchFrom(chunkFrom);
    if (!batch || batch.index > fact(LAST_BATCH) || (size > 0 && size + batch.bytes.length > CHUNK_BYTES)) break;
    parts.push(batch.bytes);
    size += batch.bytes.length;
    chunkFrom = batch.index + 1;
  }
  return concat(parts);
}

/** The id of the report whose receipt is missing; empty when none is. */
export function awaiting(): Uint8Array {
  return bytesOf(HEADER, facts[REPORT_STAGE] === CONSENTED ? ID_LENGTH : 0);
}

/** Also all there is to `kept`: what the counter has on its disk changes nothing here. */
export function mustBe(id: Uint8Array): void {
  if (facts[REPORT_STAGE] === 0 || !equal(bytesOf(HEADER, ID_LENGTH), id)) throw REPORT_UNKNOWN;
}

export function receipt(id: Uint8Array, mac: Uint8Array): void {
  mustBe(id);
  const expected = shortHmac(digest, bytesOf(RECEIPT_KEY, 32), [ascii('receipt'), copyOf(id, 0, 16)], 16);
  if (!equal(mac, expected)) throw RECEIPT_FORGED;
  if (facts[REPORT_STAGE] === RECEIPTED) return;
  facts[REPORT_STAGE] = RECEIPTED;
  setFact(DONE_BATCHES, fact(LAST_BATCH) + 1);
  setFact(DONE_RECORDS, fact(REPORT_RECORDS));
  save();
}
