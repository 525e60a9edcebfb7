/** The seven operations of a token's life that a cut can interrupt, each recorded once with the real code. */
import { blankChip, type Chip } from '../../device/boards/twin/chip.js';
import { flashOf } from '../../device/boards/twin/flash.js';
import type { ContactLog } from '../../device/log/log.js';
import { ANSWER_DAYS, ORDER_ERASE } from '../../device/seal/answer.js';
import { CONFIGURATION, encodeConfiguration, encodeRoot, PAGE, ROOT } from '../../device/update/objects.js';
import { selectImage } from '../../device/update/select.js';
import {
  beginSlot,
  FIRMWARE_PAGES,
  setConfirmed,
  setReady,
  slotRegion,
  writePiece,
} from '../../device/update/slots.js';
import { mountTrust } from '../../device/update/trust.js';
import { decodeBatch } from '../../host/backend/gateway/record.js';
import { nodeDigest } from '../../host/crypto.js';
import { GaletError } from '../../host/errors.js';
import { Timeline } from '../simulate/timeline.js';
import { NOTHING, Ring } from './claims.js';
import { must, readLog } from './must.js';
import { type BadPlace, cloneChip, Recorder, type Recording } from './record.js';
import { openBatch } from './seal.js';
import { answerTo, ask, DAY, deliver, GATEWAY_KEY, provision, ratchet, START, WIPE_NONCE } from './server.js';
import { boot, logOf } from './token.js';

/** Of a real token, bytes. */
export const PAGE_SIZE = 4096;
/** Journal, states, two places for 22 day blocks. */
export const FIXED_PAGES = 16;
const REFILL_DAYS = 8;
const LOG_PAGES = { append: 4, wrap: 2, expire: 18, refill: 2, configuration: 2, wipe: 4 };
const BAD_WRAP_PAGES = 4;
const WRAPS = 3;
/** Pages of the log, and of the place where identifiers arrive, that are tried as bad ones, by operation. */
export const BAD_PAGES: { [name in OperationName]?: number[] } = {
  append: [FIXED_PAGES],
  wrap: [FIXED_PAGES + 1, FIXED_PAGES + BAD_WRAP_PAGES - 1],
  refill: [10, 11],
};
const TODAY = START / DAY;
/** When recording begins: noon, so that no day ends by accident. */
const NOON = START + DAY / 2;

export const OPERATIONS = ['append', 'wrap', 'expire', 'refill', 'configuration', 'wipe', 'update'] as const;
export type OperationName = (typeof OPERATIONS)[number];

/** A token that has been provisioned this morning, with a log of so many pages; it is off. */
async function provisioned(logPages: number, days = REFILL_DAYS): Promise<Chip> {
  const chip = blankChip(FIXED_PAGES + logPages, PAGE_SIZE);
  const bench = boot(flashOf(chip), { at: START + 60, keepsTime: true });
  await provision(bench, days);
  bench.token.stop();
  return chip;
}

/** The plaintext of batch `index`: no records, and a filling that no two batches share. */
export function plainOf(index: number, length: number): Uint8Array {
  const plain = Uint8Array.from({ length }, (_, i) => (index * 31 + i * 7) & 0xff);
  return plain;
}

/** Reads through the log what was acknowledged, opens it, and gives it to the recording; `expected` judges the plaintext. */
function take(recorder: Recorder, chip: Chip, expected: (index: number, plain: Buffer) => boolean): void {
  const { bad } = recorder;
  const log = logOf(flashOf(cloneChip(chip), bad ? { bad } : {}));
  const known = recorder.recording.batches;
  for (let batch = log.batchFrom(0); batch; batch = log.batchFrom(batch.index + 1)) {
    if (known.has(batch.index)) continue;
    const plain = openBatch(ratchet.state(batch.index), batch.bytes);
    if (!plain || !expected(batch.index, plain)) throw new Error(`batch ${batch.index} is not what was logged`);
    known.set(batch.index, batch.bytes);
  }
}

function startsWith(plain: Buffer, expected: Uint8Array): boolean {
  return (
    plain.subarray(0, expected.length).equals(expected) && plain.subarray(expected.length).every((byte) => byte === 0)
  );
}

/** Appends batches to the log itself, one acknowledged after the other. */
class Logger {
  readonly log: ContactLog;

  constructor(
    private readonly recorder: Recorder,
    private readonly chip: Chip,
    readonly ring: Ring,
  ) {
    this.log = logOf(recorder.flashes[0]!);
  }

  append(length: number, day: number): void {
    const index = this.ring.nextIndex;
    const plain = plainOf(index, length);
    this.log.append(plain, 1, day, 1);
    this.ring.append(length, day);
    this.recorder.acknowledge({ next: this.ring.nextIndex, first: this.ring.first });
    take(this.recorder, this.chip, (_, found) => startsWith(found, plain));
    this.mustRead();
  }

  expire(today: number): void {
    this.ring.expire(today);
    this.log.expire((day) => day < today - 14);
    this.recorder.acknowledge({ first: this.ring.first });
    this.mustRead();
  }

  /** The log as it runs on, without a boot, gives what was written and has all that it must. */
  private mustRead(): void {
    const found = readLog(this.log);
    const isThere = (index: number): boolean => found.has(index);
    const promised = Array.from({ length: this.ring.nextIndex - this.ring.first }, (_, i) => this.ring.first + i);
    must(promised.every(isThere), `of batches ${promised[0]} to ${this.ring.nextIndex - 1} some are lost`);
    for (const [index, bytes] of found) {
      const known = this.recorder.recording.batches.get(index)!;
      must(Buffer.compare(known, bytes) === 0, `batch ${index} is not what was written`);
    }
  }
}

/** Quarters of an hour beside neighbours: the token hears, and seals by itself. */
async function append(bad: BadPlace | undefined): Promise<Recording> {
  const chip = await provisioned(LOG_PAGES.append);
  const timeline = new Timeline(NOON, () => 0);
  const recorder = new Recorder([chip], { ...NOTHING, refill: 1 }, NOON, () => timeline.now(), bad);
  const ring = new Ring(LOG_PAGES.append - (bad ? 1 : 0), PAGE_SIZE);
  const bench = boot(recorder.flashes[0]!, { at: NOON, keepsTime: true, timeline });
  const epoch = 900;
  let number = 0;
  for (const crowd of [1, 9, 30, 3, 22]) {
    const said = Array.from({ length: crowd }, (_, i) => new Uint8Array([0x0b, number, i, 1, 2, 3, 4, 5]));
    number += 1;
    bench.timeline.advance(NOON + number * epoch - 60);
    bench.around = [];
    bench.timeline.advance(NOON + number * epoch + 30);
    const found = new Set<string>();
    take(recorder, chip, (_, plain) => {
      const batch = decodeBatch(plain);
      if (typeof batch === 'string') return false;
      for (const record of batch.records) found.add(Buffer.from(record.ebid).toString('hex'));
      ring.append(plain.length, TODAY);
      return true;
    });
    bench.around = said;
    recorder.acknowledge({ next: ring.nextIndex, first: ring.first });
  }
  bench.token.stop();
  return recorder.recording;
}

/** Three times round a log of two pages, and one page more; with a bad one among four, twice round. */
async function wrap(bad: BadPlace | undefined): Promise<Recording> {
  const pages = bad ? BAD_WRAP_PAGES : LOG_PAGES.wrap;
  const rounds = bad ? 2 : WRAPS;
  const chip = await provisioned(pages);
  const recorder = new Recorder([chip], { ...NOTHING, refill: 1 }, NOON, () => NOON, bad);
  const logger = new Logger(recorder, chip, new Ring(bad ? pages - 1 : pages, PAGE_SIZE));
  for (let i = 0; logger.ring.begun <= rounds * pages; i++) logger.append(200 + ((i * 137) % 700), TODAY);
  return recorder.recording;
}

async function expire(): Promise<Recording> {
  const pages = LOG_PAGES.expire;
  const chip = await provisioned(pages, ANSWER_DAYS);
  const ring = new Ring(pages, PAGE_SIZE);
  const firstDay = TODAY - 14;
  let day = firstDay;
  const before = new Recorder([chip], { ...NOTHING, refill: 1 }, NOON, () => NOON);
  const history = new Logger(before, chip, ring);
  for (; day < firstDay + 14; day++) history.append(60 + (day % 40), day);
  const recorder = new Recorder([chip], before.claims, day * DAY + DAY / 2, () => day * DAY + DAY / 2);
  for (const [index, bytes] of before.recording.batches) recorder.recording.batches.set(index, bytes);
  const logger = new Logger(recorder, chip, ring);
  const live = (today: number): void => {
    day = today;
    logger.expire(day);
    for (let i = 0; i < 3; i++) logger.append(90 + 30 * i, day);
  };
  for (let i = 0; i < 3; i++) live(day + 1);
  // Days in a drawer: several pages go at once, and in the end all.
  live(day + 3);
  live(day + 15);
  return recorder.recording;
}

/** Whether a token with a bad page has said so; whatever else was thrown is thrown on. */
function isRefusal(thrown: unknown, bad: BadPlace | undefined): boolean {
  if (bad && thrown instanceof GaletError) return true;
  throw thrown;
}

async function refill(bad: BadPlace | undefined): Promise<Recording> {
  const chip = await provisioned(LOG_PAGES.refill);
  const timeline = new Timeline(NOON, () => 0);
  const recorder = new Recorder([chip], { ...NOTHING, refill: 1 }, NOON, () => timeline.now(), bad);
  const bench = boot(recorder.flashes[0]!, { at: NOON, keepsTime: true, timeline });
  const request = await ask(bench, 2);
  const brought = deliver(bench, answerTo(request, bench.timeline.now(), 2, REFILL_DAYS), 3);
  const isApplied = await brought.then(
    () => true,
    // A place that does not hold its identifiers is refused, and those in use stay.
    (thrown) => !isRefusal(thrown, bad),
  );
  if (isApplied) recorder.acknowledge({ refill: 2 });
  bench.token.stop();
  return recorder.recording;
}

const KEYS = Uint8Array.from({ length: 96 }, (_, i) => 3 * i);

/** Version `version` of the signed configuration: each has a gateway's key of its own. */
export function configurationOf(version: number): { body: Uint8Array; gatewayKey: Uint8Array } {
  const gatewayKey = version === 0 ? GATEWAY_KEY : new Uint8Array(32).fill(0x70 + version);
  const body = encodeConfiguration({ version, issued: START, expires: START + 900 * DAY, endTime: 0, gatewayKey });
  return { body, gatewayKey };
}

/** What the signatures allow, which test/update proves, is taken for granted here: what follows them writes. */
async function configuration(): Promise<Recording> {
  const firmware = blankChip(FIRMWARE_PAGES, PAGE);
  mountTrust(flashOf(firmware)).put(ROOT, encodeRoot({ version: 1, issued: START, keys: KEYS }));
  const chip = await provisioned(LOG_PAGES.configuration);
  const recorder = new Recorder([chip, firmware], { ...NOTHING, refill: 1 }, NOON, () => NOON);
  const [flash, slots] = recorder.flashes;
  for (let version = 1; version <= 3; version++) {
    mountTrust(slots!).put(CONFIGURATION, configurationOf(version).body);
    recorder.acknowledge({ configuration: version });
    boot(flash!, { at: NOON, keepsTime: true, firmware: slots }).token.stop();
  }
  return recorder.recording;
}

async function wipe(): Promise<Recording> {
  const chip = await provisioned(LOG_PAGES.wipe);
  const before = new Recorder([chip], { ...NOTHING, refill: 1 }, NOON, () => NOON);
  const logger = new Logger(before, chip, new Ring(LOG_PAGES.wipe, PAGE_SIZE));
  for (let i = 0; i < 6; i++) logger.append(500, TODAY);
  const timeline = new Timeline(NOON, () => 0);
  const recorder = new Recorder([chip], before.claims, NOON, () => timeline.now());
  for (const [index, bytes] of before.recording.batches) recorder.recording.batches.set(index, bytes);
  const bench = boot(recorder.flashes[0]!, { at: NOON, keepsTime: true, timeline });
  await bench.settled(bench.link.ask('consent', { kind: 2, code: '' }));
  bench.press(3);
  const request = await ask(bench, 3);
  await deliver(bench, answerTo(request, bench.timeline.now(), 2, 1, { orders: ORDER_ERASE, wipeNonce: WIPE_NONCE }));
  recorder.acknowledge({ refill: 2, isWiped: true });
  bench.token.stop();
  return recorder.recording;
}

/** Two pages, the second nearly empty. */
export const IMAGE = Uint8Array.from({ length: PAGE + 40 }, (_, i) => (i * 7 + (i >> 8) * 13) & 0xff);
export const IMAGES = { before: 1, after: 2 };
const PIECE = 1024;

function headOf(version: number, size: number) {
  return { version, size, expires: START + 900 * DAY, body: new Uint8Array(32).fill(version) };
}

export const UPDATE = {
  head: headOf(IMAGES.after, IMAGE.length),
  hashes(): Uint8Array {
    const hashes = new Uint8Array(64);
    for (let page = 0; page < 2; page++)
      hashes.set(nodeDigest.sha256(IMAGE.subarray(page * PAGE, (page + 1) * PAGE)), 32 * page);
    return hashes;
  },
};

async function update(): Promise<Recording> {
  const chip = blankChip(FIRMWARE_PAGES, PAGE);
  const kept = slotRegion(flashOf(chip), 0);
  beginSlot(kept, headOf(IMAGES.before, 4), nodeDigest.sha256(new Uint8Array(4)));
  writePiece(nodeDigest, kept, headOf(IMAGES.before, 4), 0, 0, new Uint8Array(4));
  setReady(kept);
  setConfirmed(kept);
  const recorder = new Recorder([chip], { ...NOTHING, image: IMAGES.before }, NOON, () => NOON);
  const flash = recorder.flashes[0]!;
  const staging = slotRegion(flash, 1);
  beginSlot(staging, UPDATE.head, UPDATE.hashes());
  for (let page = 0; page < 2; page++) {
    const end = Math.min(IMAGE.length, (page + 1) * PAGE);
    for (let at = page * PAGE; at < end; at += PIECE) {
      const piece = IMAGE.subarray(at, Math.min(end, at + PIECE));
      writePiece(nodeDigest, staging, UPDATE.head, page, at - page * PAGE, piece);
    }
  }
  setReady(staging);
  recorder.acknowledge({ image: IMAGES.after });
  selectImage(flash);
  setConfirmed(staging);
  return recorder.recording;
}

export const RUNS: { [name in OperationName]: (bad?: BadPlace) => Promise<Recording> } = {
  append,
  wrap,
  expire,
  refill,
  configuration,
  wipe,
  update,
};
