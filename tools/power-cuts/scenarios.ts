/** What is cut: each operation, the same on a chip with a bad page, and pairs of cuts; recorded when first asked for. */

import type { Chip } from '../../device/boards/twin/chip.js';
import type { BadPage } from '../../device/boards/twin/flash.js';
import { type Cut, Images } from './cuts.js';
import { BAD_PAGES, OPERATIONS, type OperationName, RUNS } from './operations.js';
import { examine } from './oracle.js';
import { examinePair, firstRun, secondRun } from './pairs.js';
import type { BadPlace, Recording } from './record.js';

const BAD_WAYS: BadPage[] = ['erase-fails', 'erase-idle', 'write-fails', 'write-idle', 'read-fails'];
export const PAIRS = 'pairs';

export interface Scenario {
  /** `wrap`, `wrap/write-idle@17`, or `pairs`. */
  name: string;
  operation: OperationName | typeof PAIRS;
  bad: BadPlace | undefined;
  recording: Recording;
  /** The run after a first cut; only pairs have one. */
  second?: (first: Cut) => Recording;
  /** Throws for a promise that was broken; gives how often a page of the log was read at boot at most. */
  examine(cut: Cut): number;
  /** The chips after a cut: good until the next cut is asked for. */
  after(cut: Cut): Chip[];
}

/** All names, those without a fault of the chip first. */
export function scenarioNames(): string[] {
  const bad = OPERATIONS.flatMap((operation) =>
    (BAD_PAGES[operation] ?? []).flatMap((page) => BAD_WAYS.map((how) => `${operation}/${how}@${page}`)),
  );
  return [...OPERATIONS, PAIRS, ...bad];
}

function pairs(): Scenario {
  const first = firstRun();
  const images = new Images(first.recording);
  let known: { index: number; recording: Recording; images: Images } | undefined;

  function after(cut: Cut) {
    if (known?.index !== cut.index) {
      const recording = secondRun(first, { ...cut }, images);
      known = { index: cut.index, recording, images: new Images(recording) };
    }
    return known;
  }

  return {
    name: PAIRS,
    operation: PAIRS,
    bad: undefined,
    recording: first.recording,
    second: (cut) => after(cut).recording,
    after: (cut) => (cut.next ? after(cut).images.after(cut.next) : images.after(cut)),
    examine(cut) {
      const second = after(cut);
      const index = cut.next?.index ?? 1;
      examinePair(second.recording, index, second.images.after(cut.next ?? { index, mode: 'torn', how: 0 })[0]!);
      return 0;
    },
  };
}

/** Undefined for a name that there is not. */
export async function recordScenario(name: string): Promise<Scenario | undefined> {
  if (!scenarioNames().includes(name)) return undefined;
  if (name === PAIRS) return pairs();
  const [operationName, badName] = name.split('/');
  const operation = operationName as OperationName;
  const [how, page] = badName?.split('@') ?? [];
  const bad = how === undefined ? undefined : { how: how as BadPage, page: Number(page) };
  const recording = await RUNS[operation](bad);
  const images = new Images(recording);
  return {
    name,
    operation,
    bad,
    recording,
    after: (cut) => images.after(cut),
    examine: (cut) => examine({ operation, recording, cut, bad }, images.after(cut)).mountReads,
  };
}
