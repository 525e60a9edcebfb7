/** R3: one byte of any one header is spoilt. The keys stay, and no more is lost than what stood under that header. */
import { flashOf } from '../../device/boards/twin/flash.js';
import { LIFE_TRACING } from '../../device/link/messages.js';
import { SCHEDULE } from '../../device/token/tracing.js';
import { type CutFailure, failureOf } from './failure.js';
import { must } from './must.js';
import { FIXED_PAGES, PAGE_SIZE, RUNS } from './operations.js';
import { mustSay } from './oracle.js';
import { cloneChip } from './record.js';
import { boot, logOf } from './token.js';

const JOURNAL_HEADER = 12;
const PAGE_HEADER = 24;
const BATCH_HEADER = 8;
/** Around a batch's body: its header, tag and checksum. */
const BATCH_OVERHEAD = 20;

interface Header {
  name: string;
  address: number;
  length: number;
  /** Batches that may be lost with it. */
  under: number[];
}

/** The headers of a token's flash, by docs/spec/log.md alone. */
function headersOf(bytes: Buffer): Header[] {
  const found: Header[] = [];
  for (let page = 0; page * PAGE_SIZE < bytes.length; page++) {
    const start = page * PAGE_SIZE;
    const magic = bytes.toString('latin1', start, start + 2);
    if (page < 2 && magic === 'GJ') {
      found.push({ name: `journal ${page}`, address: start, length: JOURNAL_HEADER, under: [] });
    }
    if (page < FIXED_PAGES || magic !== 'GL') continue;
    const batches: Header[] = [];
    for (let at = start + PAGE_HEADER; bytes[at] === 0xb1; at += BATCH_OVERHEAD + bytes.readUInt16BE(at + 2)) {
      const index = bytes.readUInt32BE(at + 4);
      for (const batch of batches) batch.under.push(index);
      batches.push({ name: `batch ${index}`, address: at, length: BATCH_HEADER, under: [index] });
    }
    found.push(...batches);
    const under = batches[0]?.under ?? [];
    found.push({ name: `log ${page - FIXED_PAGES}`, address: start, length: PAGE_HEADER, under });
  }
  return found;
}

export interface HeaderResult {
  headers: number;
  /** One for each byte of each header. */
  spoilt: number;
  failures: CutFailure[];
}

/** On a token with a log of fourteen days; all bytes of all headers, or that of one address alone. */
export async function spoilHeaders(only?: number): Promise<HeaderResult> {
  const recording = await RUNS.expire();
  const { from: at } = recording;
  const [whole] = recording.base;
  const { claims } = recording.claims[0]!;
  const headers = headersOf(Buffer.from(whole!.bytes));
  const failures: CutFailure[] = [];
  let spoilt = 0;

  function examine({ address, under }: Header, byte: number): void {
    const chip = cloneChip(whole!);
    chip.bytes[address + byte] = chip.bytes[address + byte]! ^ 0x10;
    const flash = flashOf(chip);
    const bench = boot(flash, { at, keepsTime: true });
    must(bench.token.life() === LIFE_TRACING, `its life is ${bench.token.life()}`);
    bench.timeline.advance(at + SCHEDULE.silence.max + 1);
    mustSay(bench.advert, flash, bench.timeline.now(), claims, claims);
    bench.token.stop();
    const log = logOf(flash);
    const found = new Set<number>();
    for (let batch = log.batchFrom(0); batch; batch = log.batchFrom(batch.index + 1)) {
      const known = recording.batches.get(batch.index);
      must(
        known !== undefined && Buffer.compare(known, batch.bytes) === 0,
        `batch ${batch.index} is not what was written`,
      );
      found.add(batch.index);
    }
    for (let index = claims.first; index < claims.next; index++) {
      must(found.has(index) || under.includes(index), `batch ${index} is lost with another's header`);
    }
  }

  for (const header of headers) {
    for (let byte = 0; byte < header.length; byte++) {
      if (only !== undefined && only !== header.address + byte) continue;
      spoilt += 1;
      try {
        examine(header, byte);
      } catch (thrown) {
        failures.push({
          id: `header:${header.address + byte}`,
          what: `header of ${header.name}: ${failureOf(thrown)}`,
        });
      }
    }
  }
  return { headers: headers.length, spoilt, failures };
}
