/** Cuts: which there are, what they are called, and what the chips hold after one. */
import {
  type Chip,
  carryOut,
  carryOutOfOrder,
  copyChip,
  erasePage,
  type Operation,
  programWord,
} from '../../device/boards/twin/chip.js';
import { Stream } from '../simulate/random.js';
import { cloneChip, type Recording, type Step } from './record.js';

/**
 * The power goes at step `index` (1 is the first; one beyond the last: when all is done). In order, `how` steps of that step
 * are carried out: 0 leaves it undone, j clears the first j of a word's bits, or erases j of 32 parts of a page. Out of order,
 * `how` (from 1) draws which of the steps since the last sync, this one included, the disk has.
 */
export interface Cut {
  index: number;
  mode: 'torn' | 'reordered';
  how: number;
  /** The cut in the run that follows this one's reboot. */
  next?: Cut;
}

const ERASE_PARTS = 32;
/** At most so many draws of what a disk has are different cuts of one moment. */
const ORDERS_MAX = 64;
/** Of the steps that wait for a sync, this share reaches the disk, by the number of the draw. */
const SHARES = [0.5, 0.9, 0.98];
/** So many of the last steps alone reach it, by the number of the draw: a journal's header, a page's, a state. */
const TAILS = [3, 6, 12];
const FIRST_TAIL = 3;

export function nameOf(cut: Cut): string {
  const own = `${cut.index}:${cut.mode === 'torn' ? 't' : 'o'}${cut.how}`;
  return cut.next ? `${own}+${nameOf(cut.next)}` : own;
}

/** The cut of a name; undefined for any other text. */
export function cutNamed(name: string): Cut | undefined {
  const cuts = name.split('+').map((part) => {
    const found = /^([1-9]\d{0,6}):([to])(\d{1,6})$/.exec(part);
    if (!found) return undefined;
    const mode = found[2] === 't' ? ('torn' as const) : ('reordered' as const);
    return { index: Number(found[1]), mode, how: Number(found[3]) };
  });
  const [first, second] = cuts;
  if (!first || cuts.length > 2 || (cuts.length === 2 && !second)) return undefined;
  return second ? { ...first, next: second } : first;
}

function zeroBits(value: number): number {
  let count = 0;
  for (let bit = 0; bit < 32; bit++) if (!((value >>> bit) & 1)) count += 1;
  return count;
}

/** Ways to tear a step that leave it neither undone nor done: each leaves other bytes. */
export function tearsOf(step: Step): number {
  return step.kind === 'erase' ? ERASE_PARTS - 1 : Math.max(0, zeroBits(step.value) - 1);
}

/** Blocks in which an erase reaches a disk. */
const ERASE_BLOCKS = 8;

/** Of each moment from the first on: in how many parts what waits for a sync reaches a disk, what is under way included. */
export function waitingParts({ base, steps, syncs }: Recording): number[] {
  const synced = base.map(() => 0);
  const counts: number[] = [];
  let passed = 0;
  for (let done = 0; done <= steps.length; done++) {
    for (; syncs[passed]?.after === done; passed++) synced[syncs[passed]!.chip] = done;
    const first = Math.min(...synced);
    const waiting = steps.slice(first, done + 1).filter((step, i) => first + i >= synced[step.chip]!);
    counts.push(waiting.reduce((sum, { kind }) => sum + (kind === 'erase' ? ERASE_BLOCKS : 1), 0));
  }
  return counts;
}

/** How many draws of what the disk has there are when so many parts wait: one that waits alone is there or not. */
export function ordersOf(waiting: number): number {
  return Math.min(ORDERS_MAX, 2 ** Math.min(waiting, 30) - 1);
}

/** The bits of a word that may be programmed when the first `count` of those that are to be cleared are. */
function maskOf(value: number, count: number): number {
  let mask = 0;
  let left = count;
  for (let bit = 31; bit >= 0 && left > 0; bit--) {
    if ((value >>> bit) & 1) continue;
    mask |= 1 << bit;
    left -= 1;
  }
  return mask;
}

function pageOf(step: Step, chip: Chip): number {
  return step.kind === 'erase' ? step.page : Math.floor(step.address / chip.pageSize);
}

/**
 * What the disk may have of the steps that wait: by the first draws nothing, all of the last one's page alone, and the last few
 * steps alone; then each with the same chance.
 */
function kept(waiting: Step[], chip: Chip, how: number): { steps: Step[]; share: number } {
  const last = waiting[waiting.length - 1];
  if (!last || how === 1) return { steps: [], share: 0 };
  if (how === 2) {
    const page = pageOf(last, chip);
    return { steps: waiting.filter((step) => step.chip === last.chip && pageOf(step, chip) === page), share: 1 };
  }
  const tail = TAILS[how - FIRST_TAIL];
  if (tail !== undefined) return { steps: waiting.slice(-tail), share: 1 };
  return { steps: waiting, share: SHARES[how % SHARES.length]! };
}

function isEven(number: number): boolean {
  return number % 2 === 0;
}

/** Every other erase is torn in one place, the others all over the page: cells do not give way in a row. */
function tear(chip: Chip, step: Step, how: number): void {
  if (how === 0) return;
  if (step.kind === 'word') {
    programWord(chip, step.address, step.value, maskOf(step.value, how));
    return;
  }
  const random = new Stream(how, 'erase');
  const words = chip.pageSize / 4;
  erasePage(chip, step.page, (word) =>
    isEven(how) ? word < (words * how) / ERASE_PARTS : random.unit() < how / ERASE_PARTS,
  );
}

/** What the chips hold after any cut of a recording. */
export class Images {
  private readonly current: Chip[];
  private readonly synced: Chip[];
  private readonly scratch: Chip[];
  /** Steps carried out in `current`, syncs passed, and of each chip the steps up to its last sync. */
  private done = 0;
  private passed = 0;
  private readonly syncedAfter: number[];

  constructor(private readonly recording: Recording) {
    this.current = recording.base.map(cloneChip);
    this.synced = recording.base.map(cloneChip);
    this.scratch = recording.base.map(cloneChip);
    this.syncedAfter = recording.base.map(() => 0);
  }

  /** Goes to the moment before step `index`. */
  private seek(index: number): void {
    if (index - 1 < this.done) {
      for (const [number, chip] of this.recording.base.entries()) {
        copyChip(chip, this.current[number]!);
        copyChip(chip, this.synced[number]!);
        this.syncedAfter[number] = 0;
      }
      this.done = 0;
      this.passed = 0;
    }
    for (;;) {
      const sync = this.recording.syncs[this.passed];
      if (sync && sync.after === this.done) {
        copyChip(this.current[sync.chip]!, this.synced[sync.chip]!);
        this.syncedAfter[sync.chip] = sync.after;
        this.passed += 1;
      } else if (this.done < index - 1) {
        const step = this.recording.steps[this.done]!;
        carryOut(this.current[step.chip]!, step);
        this.done += 1;
      } else return;
    }
  }

  /** Steps that wait for a sync when the power goes at step `index`, that one included. */
  private waiting(index: number): Step[] {
    const first = Math.min(...this.syncedAfter);
    return this.recording.steps.slice(first, index).filter((step, i) => first + i >= this.syncedAfter[step.chip]!);
  }

  /** The chips after a cut: good until the next call. */
  after(cut: Cut): Chip[] {
    this.seek(cut.index);
    const step = this.recording.steps[cut.index - 1];
    if (cut.mode === 'torn') {
      for (const [number, chip] of this.current.entries()) copyChip(chip, this.scratch[number]!);
      if (step) tear(this.scratch[step.chip]!, step, cut.how);
      return this.scratch;
    }
    const waiting = this.waiting(cut.index);
    const last = waiting[waiting.length - 1];
    const { steps, share } = kept(waiting, this.synced[last?.chip ?? 0]!, cut.how);
    const random = new Stream(cut.how, `order ${cut.index}`);
    for (const [number, chip] of this.synced.entries()) {
      copyChip(chip, this.scratch[number]!);
      const own: Operation[] = steps.filter((each) => each.chip === number);
      carryOutOfOrder(this.scratch[number]!, own, share, () => random.unit());
    }
    return this.scratch;
  }
}
