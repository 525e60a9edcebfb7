/** One cut again, by its name: what the flash was doing around it, and what came of it. */
import { createHash } from 'node:crypto';
import { type Cut, cutNamed, ordersOf, tearsOf, waitingParts } from './cuts.js';
import { failureOf } from './failure.js';
import { FIXED_PAGES } from './operations.js';
import { promised } from './oracle.js';
import type { Recording, Step } from './record.js';
import { recordScenario, type Scenario } from './scenarios.js';

const AROUND = 6;

export interface Replay {
  id: string;
  /** The steps around each cut, the cut one marked. */
  trace: string[];
  promised: { before: object; after: object };
  /** SHA-256 of what the chips held when the power had gone. */
  chips: string;
  /** What was broken, or undefined. */
  failure: string | undefined;
}

/** Parts of the token's flash by their first page (docs/spec/log.md). */
const PARTS = [
  { first: FIXED_PAGES, name: 'log' },
  { first: 10, name: 'identifiers B' },
  { first: 4, name: 'identifiers A' },
  { first: 2, name: 'states' },
  { first: 0, name: 'journal' },
];

function place(step: Step, recording: Recording, isWhole: boolean): string {
  const chip = recording.base[step.chip]!;
  const page = step.kind === 'erase' ? step.page : Math.floor(step.address / chip.pageSize);
  const part = isWhole ? PARTS.find(({ first }) => page >= first) : undefined;
  const name = part ? `${part.name} ${page - part.first}` : `page ${page}`;
  const where = step.chip === 0 ? name : `firmware ${page}`;
  if (step.kind === 'erase') return `erase  ${where}`;
  return `write  ${where} + ${step.address % chip.pageSize}  ${step.value.toString(16).padStart(8, '0')}`;
}

function traceAround(recording: Recording, { index, mode, how }: Cut, isWhole: boolean): string[] {
  const lines: string[] = [];
  const last = Math.min(recording.steps.length, index + AROUND);
  for (let at = Math.max(1, index - AROUND); at <= last; at++) {
    lines.push(
      `${at === index ? '>' : ' '} ${String(at).padStart(6)}  ${place(recording.steps[at - 1]!, recording, isWhole)}`,
    );
    for (const { chip, after, commit } of recording.syncs) {
      if (after === at) lines.push(`          sync   ${commit}${chip === 0 ? '' : ' (firmware)'}`);
    }
  }
  const kind = mode === 'torn' ? (how === 0 ? 'not begun' : `torn, part ${how}`) : `reordered, draw ${how}`;
  lines.push(`the power goes at step ${index} of ${recording.steps.length}: ${kind}`);
  return lines;
}

function hashOf(scenario: Scenario, cut: Cut): string {
  const hash = createHash('sha256');
  for (const chip of scenario.after(cut)) hash.update(chip.bytes);
  return hash.digest('hex');
}

function isThere(recording: Recording, { index, mode, how }: Cut): boolean {
  const step = recording.steps[index - 1];
  if (!step) return index === recording.steps.length + 1 && mode === 'torn' && how === 0;
  if (mode === 'torn') return how <= tearsOf(step);
  return how > 0 && how <= ordersOf(waitingParts(recording)[index - 1]!);
}

/** Undefined when no cut has this name. Throws what an operation throws that fails without any cut. */
export async function replay(id: string): Promise<Replay | undefined> {
  const colon = id.indexOf(':');
  const cut = cutNamed(id.slice(colon + 1));
  const scenario = colon > 0 && cut ? await recordScenario(id.slice(0, colon)) : undefined;
  if (!scenario || !cut || !isThere(scenario.recording, cut)) return undefined;
  const isPair = scenario.second !== undefined;
  if (isPair !== (cut.next !== undefined)) return undefined;
  const trace = traceAround(scenario.recording, cut, !isPair);
  let last = { recording: scenario.recording, index: cut.index };
  if (scenario.second && cut.next) {
    const recording = scenario.second(cut);
    if (!isThere(recording, cut.next)) return undefined;
    last = { recording, index: cut.next.index };
    trace.push(...traceAround(recording, cut.next, false));
  }
  const chips = hashOf(scenario, cut);
  let failure: string | undefined;
  try {
    scenario.examine(cut);
  } catch (thrown) {
    failure = failureOf(thrown);
  }
  return { id, trace, promised: promised(last.recording, last.index), chips, failure };
}
