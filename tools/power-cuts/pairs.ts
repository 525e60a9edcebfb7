/** Two cuts, one in the run that follows the other's reboot: all pairs of them, on a log of two small pages. */
import { blankChip, type Chip } from '../../device/boards/twin/chip.js';
import { flashOf, type TwinFlash } from '../../device/boards/twin/flash.js';
import { type ContactLog, mountLog } from '../../device/log/log.js';
import { region } from '../../device/log/region.js';
import { nodeDigest } from '../../host/crypto.js';
import { NOTHING, Ring } from './claims.js';
import type { Cut, Images } from './cuts.js';
import { mustHaveForgotten } from './must.js';
import { plainOf } from './operations.js';
import { mustGoOn, mustHaveBatches, promised } from './oracle.js';
import { cloneChip, Recorder, type Recording } from './record.js';
import { openBatch } from './seal.js';
import { ratchet } from './server.js';

const PAGE_SIZE = 512;
const STATE_PAGES = 2;
const LOG_PAGES = 2;
/** Seven of these fill a page. */
const LENGTH = 48;
const BEFORE = 13;
/** The fourteenth ends the second page, the next one comes round to the first. */
const BATCHES = 15;
const DAY = 46_000;

const smallLog = (flash: TwinFlash): ContactLog =>
  mountLog(nodeDigest, region(flash, STATE_PAGES, LOG_PAGES), region(flash, 0, STATE_PAGES));

/** A recording, and what each of its promises makes of the ring. */
interface PairRecording {
  recording: Recording;
  rings: Ring[];
}

/** Appends what is missing of the seven batches; `rings` are all that the log may be like by now. */
function finish(recorder: Recorder, chip: Chip, log: ContactLog, rings: Ring[]): Ring[] {
  const saved = [rings[0]!.clone()];
  for (let index = log.nextIndex(); index < BATCHES; index++) {
    log.append(plainOf(index, LENGTH), 1, DAY, 1);
    for (const ring of rings) ring.append(LENGTH, DAY);
    recorder.acknowledge({ next: index + 1, first: Math.max(...rings.map(({ first }) => first)) });
    saved.push(rings[0]!.clone());
    const written = smallLog(flashOf(cloneChip(chip))).batchFrom(index);
    const opened = written && openBatch(ratchet.state(index), written.bytes);
    if (!written || !opened?.equals(plainOf(index, LENGTH))) throw new Error(`batch ${index} is not what was logged`);
    recorder.recording.batches.set(index, written.bytes);
  }
  return saved;
}

/** The run that is cut first. */
export function firstRun(): PairRecording {
  const chip = blankChip(STATE_PAGES + LOG_PAGES, PAGE_SIZE);
  const ring = new Ring(LOG_PAGES, PAGE_SIZE);
  const log = smallLog(flashOf(chip));
  log.begin(ratchet.state(0));
  for (let index = 0; index < BEFORE; index++) {
    log.append(plainOf(index, LENGTH), 1, DAY, 1);
    ring.append(LENGTH, DAY);
  }
  const recorder = new Recorder([chip], { ...NOTHING, next: BEFORE, first: ring.first }, 0, () => 0);
  for (let batch = log.batchFrom(0); batch; batch = log.batchFrom(batch.index + 1)) {
    recorder.recording.batches.set(batch.index, batch.bytes);
  }
  const rings = finish(recorder, chip, smallLog(recorder.flashes[0]!), [ring]);
  return { recording: recorder.recording, rings };
}

/** All that a ring may be like after a cut: with its newest page torn or not, or another one begun. */
function afterCut(ring: Ring): Ring[] {
  const closed = ring.clone();
  const begun = ring.clone();
  const spoilt = ring.clone();
  closed.close();
  begun.begin(DAY);
  spoilt.begin(DAY);
  spoilt.close();
  return [ring.clone(), closed, begun, spoilt];
}

/** The run after a first cut: the reboot, and the rest of the batches. */
export function secondRun({ recording, rings }: PairRecording, cut: Cut, images: Images): Recording {
  const chip = cloneChip(images.after(cut)[0]!);
  const next = smallLog(flashOf(cloneChip(chip))).nextIndex();
  const possible = rings.filter(({ nextIndex }) => nextIndex === next).flatMap(afterCut);
  const first = Math.max(...possible.map((ring) => ring.first));
  const acknowledged = promised(recording, cut.index).before.next;
  const recorder = new Recorder([chip], { ...NOTHING, next: acknowledged, first }, 0, () => 0);
  for (const [index, bytes] of recording.batches) if (index < next) recorder.recording.batches.set(index, bytes);
  const log = smallLog(recorder.flashes[0]!);
  // What the boot has found, it has made its own.
  recorder.acknowledge({ next: log.nextIndex() });
  finish(recorder, chip, log, possible);
  return recorder.recording;
}

/** Throws for a promise of `recording` that does not hold on a chip after a cut at step `index`. */
export function examinePair(recording: Recording, index: number, chip: Chip): void {
  const { before, after } = promised(recording, index);
  mustHaveForgotten(chip, before.next, STATE_PAGES);
  const flash = flashOf(chip);
  const log = smallLog(flash);
  mustHaveBatches(log, recording, before, after);
  mustHaveForgotten(chip, log.nextIndex(), STATE_PAGES);
  mustGoOn(() => smallLog(flash), chip, recording, DAY, STATE_PAGES);
}
