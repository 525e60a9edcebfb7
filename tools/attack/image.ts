/**
 * Finds the sealed batches in a raw flash image, the way a thief with a chip reader would: by their marks and checksums
 * alone (docs/spec/log.md), with nothing of the token's own code but the CRC.
 */
import { crc32 } from '../../device/bytes.js';

const PAGE_MAGIC = 0x474c;
const PAGE_HEADER = 24;
const SEQUENCE_AT = 4;
const BATCH_MAGIC = 0xb1;
const HEADER = 8;
const TAG = 8;
const CHECK = 4;
const TAG_MARK = new Uint8Array([2]);

export interface SealedBatch {
  index: number;
  /** What the tag is over: 02 | header | slot | ciphertext. */
  tagged: Uint8Array;
  /** As a latin1 string, one character a byte. */
  tag: string;
}

function batchAt(page: Buffer, at: number, sequence: number): { batch: SealedBatch; length: number } | undefined {
  if (page[at] !== BATCH_MAGIC || at + HEADER > page.length) return undefined;
  const body = page.readUInt16BE(at + 2);
  const length = HEADER + body + TAG;
  if (at + length + CHECK > page.length) return undefined;
  if (crc32(page.subarray(at, at + length)) !== page.readUInt32BE(at + length)) return undefined;
  const slot = Buffer.alloc(4);
  slot.writeUInt32BE((sequence * (page.length / 4) + at / 4) >>> 0);
  return {
    batch: {
      index: page.readUInt32BE(at + 4),
      tagged: Buffer.concat([
        TAG_MARK,
        page.subarray(at, at + HEADER),
        slot,
        page.subarray(at + HEADER, at + HEADER + body),
      ]),
      tag: page.toString('latin1', at + HEADER + body, at + length),
    },
    length: length + CHECK,
  };
}

/** All committed batches of an image whose pages are `pageSize` bytes, by rising index. */
export function batchesIn(image: Uint8Array, pageSize: number): SealedBatch[] {
  const found: SealedBatch[] = [];
  for (let start = 0; start + pageSize <= image.length; start += pageSize) {
    const page = Buffer.from(image.buffer, image.byteOffset + start, pageSize);
    if (page.readUInt16BE(0) !== PAGE_MAGIC) continue;
    const sequence = page.readUInt32BE(SEQUENCE_AT);
    let at = PAGE_HEADER;
    while (at + HEADER <= pageSize) {
      const hit = batchAt(page, at, sequence);
      if (hit !== undefined) found.push(hit.batch);
      // Also what lies behind a torn batch is looked at.
      at += hit === undefined ? 4 : hit.length;
    }
  }
  return found.sort((a, b) => a.index - b.index);
}
