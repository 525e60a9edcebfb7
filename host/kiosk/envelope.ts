/**
 * The body of an upload (docs/spec/visit.md): CBOR [1, code, encs, sealed header, [batch, ...], padding], its length one
 * of four buckets, so that who watches the network sees neither how much was met nor whether anything was.
 */
import { encode, type Value } from '../../device/link/cbor.js';
import type { Random } from '../../device/ports.js';
import { GaletError } from '../errors.js';

const ENVELOPE_VERSION = 1;
/** 256 kB, doubled up to three times. */
export const BUCKETS = [262_144, 524_288, 1_048_576, 2_097_152];
const DUMMY_HEADER = 96;
const ENC = 32;

export interface Report {
  code: string;
  /** The public halves of one or two tickets, 32 or 64 bytes. */
  encs: Uint8Array;
  header: Uint8Array;
  /** Travelling batches, index rising. */
  batches: Uint8Array[];
}

/** Bytes of CBOR that announce a byte string of `length` bytes. */
function announcement(length: number): number {
  if (length < 24) return 1;
  if (length < 0x100) return 2;
  return length < 0x10000 ? 3 : 5;
}

/** How much padding makes `bare` bytes fill `bucket` to the last byte; undefined where no announcement fits. */
function paddingFor(bare: number, bucket: number): number | undefined {
  for (const size of [1, 2, 3, 5]) {
    const length = bucket - bare - size;
    if (length >= 0 && announcement(length) === size) return length;
  }
  return undefined;
}

/** The upload body, exactly a bucket long; 'request-too-large' beyond the largest. */
export function envelope(report: Report): Uint8Array {
  const fields: Value[] = [ENVELOPE_VERSION, report.code, report.encs, report.header, report.batches];
  // The array's own head is one byte, with the padding or without it.
  const bare = encode(fields).length;
  for (const bucket of BUCKETS) {
    const padding = paddingFor(bare, bucket);
    if (padding !== undefined) return encode([...fields, new Uint8Array(padding)]);
  }
  throw new GaletError('request-too-large');
}

/** A body that carries nothing, as long as an ordinary report's. */
export function dummyEnvelope(random: Random): Uint8Array {
  const encs = new Uint8Array(ENC);
  const header = new Uint8Array(DUMMY_HEADER);
  random.fill(encs);
  random.fill(header);
  return envelope({ code: '', encs, header, batches: [] });
}
