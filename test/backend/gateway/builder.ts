/**
 * Makes log batches and reports as docs/spec/log.md and docs/spec/visit.md say, apart from the token's own encoder: the
 * golden counterpart that both sides are held against.
 */
import { createHash } from 'node:crypto';
import { CipherSuite, DhkemX25519HkdfSha256, ExportOnly, HkdfSha256 } from '@hpke/core';
import { ascii, concat, putU16, putU32, u32 } from '../../../device/bytes.js';
import { encode, type Value } from '../../../device/link/cbor.js';
import { batchKey, nextState, type TicketKeys, ticketKeys } from '../../../device/seal/ratchet.js';
import { seal } from '../../../device/seal/seal.js';
import type { Proof } from '../../../host/backend/gateway/record.js';
import { codeHash } from '../../../host/codes.js';
import { nodeDigest, nodeRandom } from '../../../host/crypto.js';

export interface RecordSpec {
  ecc: number;
  ebid: Uint8Array;
  /** Units of 4 s after the batch's start, 0 to 255. */
  first: number;
  proofs: Proof[];
  /** Class 0 to 7 and, unless 0, power code 0 to 127. */
  minutes: { countClass: number; powerCode: number }[];
  /** Writes the first time in full even where nine bits would do. */
  long?: boolean;
}

export interface BatchSpec {
  start: number;
  timeline?: number;
  uncertainty?: number;
  records: RecordSpec[];
}

export interface Ticket {
  enc: Uint8Array;
  keys: TicketKeys;
}

export function recordBits(record: RecordSpec, start: number): string {
  const bits = (value: number, length: number): string => value.toString(2).padStart(length, '0');
  const octets = (bytes: Uint8Array): string => [...bytes].map((byte) => bits(byte, 8)).join('');
  let out = bits(record.proofs.length - 1, 2) + bits(record.minutes.length - 1, 4) + bits(record.first, 8);
  out += bits(record.ecc, 8) + octets(record.ebid);
  record.proofs.forEach((proof, i) => {
    if (i > 0) {
      out += bits(((proof.time16 - record.proofs[i - 1]!.time16 + 0x10000) % 0x10000) - 1, 9);
    } else {
      const skew = (((proof.time16 - (start + 4 * record.first) + 181) % 0x10000) + 0x10000) % 0x10000;
      out += record.long || skew > 511 ? `1${bits(proof.time16, 16)}` : `0${bits(skew, 9)}`;
    }
    out += octets(proof.mac);
  });
  for (const { countClass, powerCode } of record.minutes) {
    out += bits(countClass, 3) + (countClass === 0 ? '' : bits(powerCode, 7));
  }
  return out.padEnd(Math.ceil(out.length / 8) * 8, '0');
}

export function batchPlaintext({ start, timeline = 0, uncertainty = 1, records }: BatchSpec): Uint8Array {
  const bits = records.map((record) => recordBits(record, start)).join('');
  const body = (bits.match(/.{8}/g) ?? []).map((octet) => Number.parseInt(octet, 2));
  const used = 7 + body.length;
  const out = new Uint8Array(Math.ceil(used / 4) * 4);
  putU32(out, 0, start);
  out.set([timeline, uncertainty, records.length], 4);
  out.set(body, 7);
  return out;
}

export function sealBatch(state: Uint8Array, index: number, slot: number, plaintext: Uint8Array): Uint8Array {
  const header = new Uint8Array(8);
  header[0] = 0xb1;
  header[1] = Math.floor(((plaintext[0]! << 24) >>> 0) / 86_400) & 0xff;
  putU16(header, 2, plaintext.length);
  putU32(header, 4, index);
  const context = concat([header, u32(slot)]);
  return concat([u32(slot), header, seal(nodeDigest, batchKey(nodeDigest, state), context, plaintext, 8)]);
}

function buffer(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}

export async function makeTicket(gatewayKey: Uint8Array): Promise<Ticket> {
  const suite = new CipherSuite({ kem: new DhkemX25519HkdfSha256(), kdf: new HkdfSha256(), aead: new ExportOnly() });
  const recipientPublicKey = await suite.kem.importKey('raw', buffer(gatewayKey), true);
  const sender = await suite.createSenderContext({ recipientPublicKey, info: buffer(ascii('galet log v1')) });
  const secret = new Uint8Array(await sender.export(buffer(ascii('root')), 32));
  return { enc: new Uint8Array(sender.enc), keys: ticketKeys(nodeDigest, secret) };
}

export interface ReportSpec {
  code: string;
  consentTime: number;
  /** By index of the batch: batch `firstIndex` is the first. */
  batches: BatchSpec[];
  firstIndex?: number;
  timeline?: number;
  /** [timeline, start, end, delta, kind] with kind 0 drift or 1 lost. */
  anchors?: [number, number, number, number, number][];
  reportId?: Uint8Array;
  /** Index of the first batch under each ticket; [0] when left out. */
  starts?: number[];
  /** Other values than the true ones, for the header. */
  header?: {
    codeHash?: Uint8Array;
    firstBatch?: number;
    lastBatch?: number;
    recordCount?: number;
    starts?: number[];
    fields?: Value[];
  };
}

export interface BuiltReport {
  reportId: Uint8Array;
  header: Uint8Array;
  batches: Uint8Array[];
  /** What a token expects as receipt, 16 bytes. */
  receipt: Uint8Array;
  upload: Uint8Array;
}

export function uploadBody(
  code: string,
  encs: Uint8Array,
  header: Uint8Array,
  batches: Uint8Array[],
  padding = new Uint8Array(64),
): Uint8Array {
  return encode([1, code, encs, header, batches, padding]);
}

export function sealHeader(ticket: Ticket, reportId: Uint8Array, plaintext: Uint8Array): Uint8Array {
  return concat([reportId, seal(nodeDigest, ticket.keys.header, reportId, plaintext, 16)]);
}

/** The state that seals batch `index` under the ticket of `tickets` whose range it lies in. */
function stateOf(tickets: Ticket[], starts: number[], index: number): Uint8Array {
  const which = starts.filter((start) => start <= index).length - 1;
  let state = tickets[which]!.keys.state;
  for (let i = starts[which]!; i < index; i++) state = nextState(nodeDigest, state);
  return state;
}

/** `made`: the tickets that the batches are sealed under, the older first; the last one seals the header. */
export function buildReport(made: Ticket | Ticket[], spec: ReportSpec): BuiltReport {
  const tickets = Array.isArray(made) ? made : [made];
  const ticket = tickets[tickets.length - 1]!;
  const starts = spec.starts ?? [0];
  const firstIndex = spec.firstIndex ?? 0;
  const batches = spec.batches.map((batch, i) => {
    const state = stateOf(tickets, starts, firstIndex + i);
    return sealBatch(state, firstIndex + i, 4096 + 512 * i, batchPlaintext(batch));
  });
  const reportId = spec.reportId ?? new Uint8Array(16);
  if (spec.reportId === undefined) nodeRandom.fill(reportId);
  const header = sealHeader(
    ticket,
    reportId,
    encode(
      spec.header?.fields ?? [
        1,
        reportId,
        spec.header?.codeHash ?? codeHash(spec.code),
        spec.consentTime,
        spec.timeline ?? 0,
        spec.header?.firstBatch ?? firstIndex,
        spec.header?.lastBatch ?? firstIndex + batches.length - 1,
        spec.header?.recordCount ?? spec.batches.reduce((sum, batch) => sum + batch.records.length, 0),
        (spec.anchors ?? []).map(([timeline, start, end, delta, kind]) => [
          timeline,
          start,
          end,
          delta + 2 ** 31,
          kind,
        ]),
        spec.header?.starts ?? starts,
      ],
    ),
  );
  const inner = (key: Uint8Array, pad: number): Uint8Array => {
    const block = new Uint8Array(64);
    block.set(key);
    return block.map((byte) => byte ^ pad);
  };
  const sha = (...parts: Uint8Array[]): Uint8Array =>
    new Uint8Array(createHash('sha256').update(concat(parts)).digest());
  const key = ticket.keys.receipt;
  const receipt = sha(inner(key, 0x5c), sha(inner(key, 0x36), ascii('receipt'), reportId)).subarray(0, 16);
  return {
    reportId,
    header,
    batches,
    receipt: new Uint8Array(receipt),
    upload: uploadBody(spec.code, concat(tickets.map(({ enc }) => enc)), header, batches),
  };
}

/** A record of `minutes` full minutes near somebody, with honest proofs 150 s after the first reception and every 300 s. */
export function honestRecord(id: number, start: number, first = 0, minutes = 15, powerCode = 87): RecordSpec {
  const at = start + 4 * first;
  const proofs: Proof[] = [];
  for (let k = 0; k < 4 && 150 + 300 * k < Math.max(151, minutes * 60); k++) {
    const heard = Math.min(150 + 300 * k, Math.max(0, minutes * 60 - 10));
    proofs.push({ time16: (at + heard) % 0x10000, mac: new Uint8Array([id, k, 3, 4, 5]) });
  }
  return {
    ecc: id & 0xff,
    ebid: new Uint8Array([id >> 8, id & 0xff, 1, 2, 3, 4, 5, 6]),
    first,
    proofs,
    minutes: Array.from({ length: minutes }, () => ({ countClass: 4, powerCode })),
  };
}
