/** After a cut: boots the real token from what the chips hold, and asks whether every promise was kept. */
import { createHmac } from 'node:crypto';
import type { Chip } from '../../device/boards/twin/chip.js';
import { type Behaviour, flashOf, type TwinFlash } from '../../device/boards/twin/flash.js';
import { LIFE_BLANK, LIFE_SILENT, LIFE_TRACING } from '../../device/link/messages.js';
import { mountJournal } from '../../device/log/journal.js';
import type { ContactLog } from '../../device/log/log.js';
import { parseAdvert } from '../../device/robert/advert.js';
import { factsOf } from '../../device/token/facts.js';
import { createIdentifiers } from '../../device/token/identifiers.js';
import { layout } from '../../device/token/layout.js';
import { SCHEDULE } from '../../device/token/tracing.js';
import { PAGE } from '../../device/update/objects.js';
import { selectImage } from '../../device/update/select.js';
import {
  arrivedPages,
  beginSlot,
  readSlot,
  setConfirmed,
  setReady,
  slotRegion,
  writePiece,
} from '../../device/update/slots.js';
import { mountTrust } from '../../device/update/trust.js';
import { nodeDigest } from '../../host/crypto.js';
import type { Claims } from './claims.js';
import type { Cut } from './cuts.js';
import { includes, must, mustHaveForgotten, readLog } from './must.js';
import {
  configurationOf,
  FIXED_PAGES,
  IMAGE,
  IMAGES,
  type OperationName,
  PAGE_SIZE,
  plainOf,
  UPDATE,
} from './operations.js';
import type { BadPlace, Recording } from './record.js';
import { openBatch } from './seal.js';
import { DAY, ebidOf, ratchet, SECRETS, SERVICE_START, WIPE_NONCE } from './server.js';
import { boot, logOf } from './token.js';

const EPOCH = 900;
/** Bytes of a travelling batch that say where it stood: no two batches ever share them. */
const SLOT = 4;
/** Identifiers of so many epochs are looked at. */
const EPOCHS_TRIED = 48;
/** Bytes of the batch that is appended after every cut: the token goes on. */
const NEXT_LENGTH = 120;
/** Journal and states: where a ratchet's state could be. */
const STATE_PAGES = 4;

/** What was promised before the cut, and what would have been next. */
export function promised({ claims }: Recording, index: number): { before: Claims; after: Claims } {
  const made = claims.filter(({ after }) => after < index);
  const next = claims.find(({ after }) => after >= index);
  const same = claims.filter(({ after }) => after === next?.after);
  const before = made[made.length - 1]!.claims;
  return { before, after: same[same.length - 1]?.claims ?? before };
}

export interface Examined {
  /** Of the log's pages, the most often read at boot, in whole pages. */
  mountReads: number;
}

export interface Situation {
  operation: OperationName;
  recording: Recording;
  cut: Cut;
  bad: BadPlace | undefined;
}

export function mustHaveBatches(
  log: ContactLog,
  recording: Recording,
  before: Claims,
  after: Claims,
): Map<number, Uint8Array> {
  const found = readLog(log);
  const next = log.nextIndex();
  must(next >= before.next, `acknowledged batches up to ${before.next - 1} are lost: next is ${next}`);
  must(next <= after.next, `batch ${next - 1} was never written`);
  for (let index = Math.max(before.first, after.first); index < before.next; index++) {
    must(found.has(index), `acknowledged batch ${index} is lost`);
  }
  for (const [index, bytes] of found) {
    const known = recording.batches.get(index);
    must(known !== undefined && Buffer.compare(known, bytes) === 0, `batch ${index} is not what was written`);
  }
  return found;
}

/** The log takes one batch more, which opens, and then the state that sealed it is gone too. */
export function mustGoOn(
  mount: () => ContactLog,
  chip: Chip,
  { batches }: Recording,
  day: number,
  statePages: number,
): void {
  const log = mount();
  const index = log.nextIndex();
  const plain = plainOf(index, NEXT_LENGTH);
  log.append(plain, 1, day, 1);
  mustHaveForgotten(chip, index + 1, statePages);
  const again = mount();
  const written = again.batchFrom(index);
  must(written !== undefined && written.index === index, `batch ${index}, written after the cut, is not there`);
  const opened = openBatch(ratchet.state(index), written.bytes);
  must(opened?.equals(plain) === true, `batch ${index}, written after the cut, does not open`);
  for (const [before, bytes] of batches) {
    const isSame = before < index && Buffer.compare(bytes.subarray(0, SLOT), written.bytes.subarray(0, SLOT)) === 0;
    must(!isSame, `batches ${before} and ${index} have the same slot`);
  }
  must(again.nextIndex() === index + 1, 'the next batch after the cut has the wrong index');
}

function epochAt(ntp: number): number {
  return Math.floor((ntp - SERVICE_START) / EPOCH);
}

/** Of which of the refills that may be in force the identifier of an epoch is. */
function refillOf(ebid: Uint8Array, epoch: number, before: Claims, after: Claims): number {
  const start = SERVICE_START + epoch * EPOCH;
  const isOf = (refill: number): boolean =>
    Buffer.compare(ebidOf(refill, Math.floor(start / DAY), Math.floor((start % DAY) / EPOCH)), ebid) === 0;
  const found = [before.refill, after.refill].find(isOf);
  must(found !== undefined, `${Buffer.from(ebid).toString('hex')} is no identifier of epoch ${epoch}`);
  return found;
}

/** It says HELLO under the identifier of this very epoch, and those of a day to come are all of the same refill. */
export function mustSay(
  advert: Uint8Array | undefined,
  flash: TwinFlash,
  now: number,
  before: Claims,
  after: Claims,
): void {
  const ebid = advert && parseAdvert(advert)?.hello.subarray(1, 9);
  must(ebid !== undefined, 'it is silent');
  const refill = refillOf(ebid, epochAt(now), before, after);
  const places = layout(flash);
  const identifiers = createIdentifiers(nodeDigest, factsOf(mountJournal(places.journal)), places.refills);
  const last = epochAt(Math.min(now + EPOCHS_TRIED * EPOCH, identifiers.goodUntil() - 1));
  for (let epoch = epochAt(now); epoch <= last; epoch++) {
    const identifier = identifiers.of(epoch);
    must(identifier !== undefined, `there is no identifier for epoch ${epoch}`);
    must(refillOf(identifier.ebid, epoch, before, after) === refill, 'its identifiers are of two refills');
  }
}

function mustBeWiped(chip: Chip, flash: TwinFlash): void {
  for (const secret of [SECRETS.kAuth, SECRETS.kEnc]) must(!includes(chip.bytes, secret), 'a key outlived the wipe');
  for (let page = STATE_PAGES; page < chip.pageCount; page++) {
    const bytes = chip.bytes.subarray(page * chip.pageSize, (page + 1) * chip.pageSize);
    must(
      bytes.every((byte) => byte === 0xff),
      `page ${page} outlived the wipe`,
    );
  }
  const wiped = factsOf(mountJournal(layout(flash).journal)).wipe();
  const proof = createHmac('sha256', SECRETS.kAuth).update('galet wiped').update(WIPE_NONCE).digest();
  must(wiped !== undefined && wiped.running === 0 && proof.equals(wiped.proof), 'the proof of the wipe is lost');
}

function mustKeepConfiguration(slots: TwinFlash, flash: TwinFlash, before: Claims, after: Claims): void {
  const trust = mountTrust(slots);
  must(trust.root()?.version === 1, 'the release keys are lost');
  const version = trust.configuration()?.version ?? 0;
  must(version === before.configuration || version === after.configuration, `configuration ${version} is in force`);
  const keys = factsOf(mountJournal(layout(flash).journal)).keys();
  must(keys !== undefined && Buffer.compare(keys.kAuth, SECRETS.kAuth) === 0, 'the keys are lost');
  const pinned = Buffer.compare(keys.gatewayKey, configurationOf(version).gatewayKey) === 0;
  must(pinned, `configuration ${version} is in force, and another gateway is pinned`);
}

function dayOf(at: number): number {
  return Math.floor(at / DAY);
}

function behaviourOf({ cut, bad }: Situation): Behaviour {
  const writes = cut.mode === 'torn' ? 'in-order' : 'out-of-order';
  return bad ? { writes, bad } : { writes };
}

/** Counts how often each page of the log is read, in whole pages, until it is erased. */
function readCounter(): Pick<Behaviour, 'watch' | 'watchRead'> & { most(): number } {
  const reads = new Map<number, number>();
  const erased = new Set<number>();
  return {
    watch(operation) {
      if (operation.kind === 'erase') erased.add(operation.page);
    },
    watchRead(address, length) {
      const page = Math.floor(address / PAGE_SIZE);
      if (page >= FIXED_PAGES && !erased.has(page)) reads.set(page, (reads.get(page) ?? 0) + length / PAGE_SIZE);
    },
    most: () => Math.max(0, ...reads.values()),
  };
}

function examineToken(situation: Situation, chips: Chip[]): Examined {
  const { operation, recording, cut } = situation;
  const { before, after } = promised(recording, cut.index);
  const chip = chips[0]!;
  const { at: began } = recording.steps[Math.min(cut.index, recording.steps.length) - 1] ?? { at: recording.from };
  // Without a cell the clock is lost with the power; a refill's identifiers are tried on each of its days.
  const keepsTime = operation === 'refill' || cut.index % 4 !== 3;
  const at = began + 1 + (operation === 'refill' ? (cut.index % 7) * DAY : 0);
  const counter = readCounter();
  const flash = flashOf(chip, { ...behaviourOf(situation), ...counter });
  // Also while it is off: whoever finds it may read the chip.
  mustHaveForgotten(chip, before.next, STATE_PAGES);
  const slots = chips[1] && flashOf(chips[1]);
  const bench = boot(flash, { at, keepsTime, firmware: slots });
  const life = bench.token.life();
  const mountReads = counter.most();
  if (before.isWiped || (after.isWiped && life === LIFE_BLANK)) {
    must(life === LIFE_BLANK, `its life is ${life} after the wipe`);
    bench.token.stop();
    mustBeWiped(chip, flash);
    return { mountReads };
  }
  must(life === (keepsTime ? LIFE_TRACING : LIFE_SILENT), `its life is ${life}`);
  bench.timeline.advance(at + SCHEDULE.silence.max + 1);
  if (keepsTime) mustSay(bench.advert, flash, bench.timeline.now(), before, after);
  must(bench.troubles.length === 0, `it is in trouble: ${bench.troubles}`);
  bench.token.stop();
  if (slots) mustKeepConfiguration(slots, flash, before, after);
  const log = logOf(flash);
  const found = mustHaveBatches(log, recording, before, after);
  if (operation === 'expire' && keepsTime) {
    const expired = [...found.keys()].filter((index) => index < before.first);
    must(expired.length === 0, `expired batches ${expired} are still there`);
  }
  mustHaveForgotten(chip, log.nextIndex(), STATE_PAGES);
  mustGoOn(() => logOf(flash), chip, recording, dayOf(at), STATE_PAGES);
  return { mountReads };
}

function mustBeWhole(flash: TwinFlash, slot: number): void {
  const pages = slotRegion(flash, slot);
  const written = Buffer.concat([0, 1].map((page) => pages.read(1 + page, 0, PAGE)));
  must(written.subarray(0, IMAGE.length).equals(IMAGE), 'the image that starts is not the signed one');
}

/** Stages what is missing, as the courier of the next visit does. */
function finishUpdate(flash: TwinFlash): void {
  const staging = slotRegion(flash, 1);
  if (!readSlot(staging)) beginSlot(staging, UPDATE.head, UPDATE.hashes());
  const slot = readSlot(staging);
  must(slot !== undefined, 'no slot can be begun any more');
  for (let page = arrivedPages(staging, slot); page < 2; page++) {
    const end = Math.min(IMAGE.length, (page + 1) * PAGE);
    const isRight = writePiece(nodeDigest, staging, slot, page, 0, IMAGE.subarray(page * PAGE, end));
    must(isRight, `page ${page} of the image cannot be written any more`);
  }
  setReady(staging);
}

function examineUpdate(situation: Situation, chips: Chip[]): Examined {
  const { before, after } = promised(situation.recording, situation.cut.index);
  const flash = flashOf(chips[0]!, behaviourOf(situation));
  const first = selectImage(flash);
  const version = first.image?.version ?? 0;
  must(version === before.image || version === after.image, `image ${version} starts`);
  if (version === IMAGES.before) finishUpdate(flash);
  const { slot, image, isTrial } = version === IMAGES.before ? selectImage(flash) : first;
  must(image?.version === IMAGES.after, 'the update cannot be finished any more');
  mustBeWhole(flash, slot);
  if (isTrial) setConfirmed(slotRegion(flash, slot));
  must(selectImage(flash).image?.isConfirmed === true, 'the new image is not kept');
  return { mountReads: 0 };
}

/** Throws for a promise that was not kept. */
export function examine(situation: Situation, chips: Chip[]): Examined {
  return situation.operation === 'update' ? examineUpdate(situation, chips) : examineToken(situation, chips);
}
