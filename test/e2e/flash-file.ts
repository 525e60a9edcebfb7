/** What a token's flash file says, read on a copy: the token itself may be running, or have been killed a moment ago. */
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FileFlash, fileFlash } from '../../device/boards/linux/flash.js';
import { mountJournal } from '../../device/log/journal.js';
import { mountLog } from '../../device/log/log.js';
import { isAuthenticDay } from '../../device/seal/answer.js';
import { factsOf } from '../../device/token/facts.js';
import { blockPlace } from '../../device/token/identifiers.js';
import { layout } from '../../device/token/layout.js';
import { nodeDigest } from '../../host/crypto.js';

const SEALED_DAY = 880;

export interface TokenState {
  isProvisioned: boolean;
  /** Days of identifiers that the answer in force speaks of, and those of them that are there whole and authentic. */
  days: number;
  wholeDays: number;
  /** Whether the answer in force says that its wearer is at risk. */
  isAtRisk: boolean;
  /** 0 none, 1 consented, 2 kept, 3 receipted. */
  reportStage: number;
  /** Batches in the log so far, and the records in them; the oldest still there; how many of them were reported. */
  batches: number;
  records: number;
  oldestBatch: number;
  reportedBatches: number;
  /** Whether it has erased itself and holds the proof; whether an erasure is under way. */
  isWiped: boolean;
  isWiping: boolean;
}

/** Runs `read` on a copy of the file. */
function onCopy<T>(file: string, read: (flash: FileFlash) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'galet-flash-'));
  const copy = join(folder, 'copy.flash');
  copyFileSync(file, copy);
  const flash = fileFlash(copy);
  try {
    return read(flash);
  } finally {
    flash.close();
    rmSync(folder, { recursive: true });
  }
}

/** Seconds: where the token's counter and NTP time met last, and its drift. */
export function readClockFix(file: string): { rtc: number; ntp: number; rate: number } {
  return onCopy(file, (flash) => {
    const facts = factsOf(mountJournal(layout(flash).journal));
    const [fix, lost] = [facts.answer()?.fix, facts.lost()];
    // Timelines are numbered modulo 256; that of a later loss stands in for the answer's.
    const isLost = lost !== undefined && (fix === undefined || ((lost.timeline - fix.timeline) & 0xff) < 128);
    return (isLost ? lost : fix) ?? { rtc: 0, ntp: 0, rate: 0 };
  });
}

export function readFlashFile(file: string): TokenState {
  return onCopy(file, (flash) => {
    const places = layout(flash);
    const facts = factsOf(mountJournal(places.journal));
    const log = mountLog(nodeDigest, places.log, places.states);
    const [answer, report, wipe] = [facts.answer(), facts.report(), facts.wipe()];
    let wholeDays = 0;
    for (let day = 0; answer !== undefined && day < answer.head.dayCount; day++) {
      const place = places.refills[answer.place === 0 ? 0 : 1];
      const { page, offset } = blockPlace(place, day);
      if (isAuthenticDay(nodeDigest, answer.key, day, place.read(page, offset, SEALED_DAY))) wholeDays += 1;
    }
    return {
      isProvisioned: answer !== undefined && facts.keys() !== undefined && facts.tickets() !== undefined,
      days: answer?.head.dayCount ?? 0,
      wholeDays,
      isAtRisk: answer?.head.riskLevel === 4,
      reportStage: report?.stage ?? 0,
      batches: log.nextIndex(),
      records: log.records(),
      oldestBatch: log.oldest().index,
      reportedBatches: report?.doneBatches ?? 0,
      isWiped: wipe !== undefined && wipe.running === 0,
      isWiping: wipe !== undefined && wipe.running === 1,
    };
  });
}
