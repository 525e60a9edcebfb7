/** What a run did to its chips, operation by operation, and what it had acknowledged by then. */
import { blankChip, type Chip, copyChip, type Operation } from '../../device/boards/twin/chip.js';
import { type BadPage, flashOf, type TwinFlash } from '../../device/boards/twin/flash.js';
import type { Claims } from './claims.js';

/** An erase or a write of one word: what a cut can interrupt. */
export type Step = Exclude<Operation, { kind: 'sync' }> & {
  /** Number of the chip. */
  chip: number;
  /** NTP seconds. */
  at: number;
};

export interface Recording {
  /** The chips before the first step, and when that is, NTP seconds. */
  base: Chip[];
  from: number;
  steps: Step[];
  /** After how many steps each chip was synced, and under which name. */
  syncs: { chip: number; after: number; commit: string }[];
  /** What held after so many steps; the first entry is what held before. */
  claims: { after: number; claims: Claims }[];
  /** Batches as they travel, by index. */
  batches: Map<number, Uint8Array>;
}

export function cloneChip(chip: Chip): Chip {
  const clone = blankChip(chip.pageCount, chip.pageSize);
  copyChip(chip, clone);
  return clone;
}

export interface BadPlace {
  page: number;
  how: BadPage;
}

/** Records what happens to chips from the moment it is made. `bad` is a page of chip 0. */
export class Recorder {
  readonly flashes: TwinFlash[];
  readonly recording: Recording;

  constructor(
    chips: Chip[],
    claims: Claims,
    from: number,
    private readonly now: () => number,
    readonly bad?: BadPlace,
  ) {
    this.recording = {
      base: chips.map(cloneChip),
      from,
      steps: [],
      syncs: [],
      claims: [{ after: 0, claims }],
      batches: new Map(),
    };
    this.flashes = chips.map((chip, number) =>
      flashOf(chip, {
        ...(bad && number === 0 ? { bad } : {}),
        watch: (operation) => this.watch(number, operation),
      }),
    );
  }

  private watch(chip: number, operation: Operation): void {
    const { steps, syncs } = this.recording;
    if (operation.kind === 'sync') syncs.push({ chip, after: steps.length, commit: operation.commit });
    else steps.push({ ...operation, chip, at: this.now() });
  }

  get claims(): Claims {
    return this.recording.claims[this.recording.claims.length - 1]!.claims;
  }

  /** From here on this much is promised more. */
  acknowledge(changes: Partial<Claims>): void {
    this.recording.claims.push({ after: this.recording.steps.length, claims: { ...this.claims, ...changes } });
  }
}
