/** Reads vector files, finds out what they are and runs their cases. */
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { belongTogether, isResults, joinResults, vectorSetsOf } from './acvp.js';
import { Check } from './check.js';
import { FieldError, Fields } from './fields.js';
import type { FileRunner } from './runner.js';
import { contactsRunner } from './runners/contacts.js';
import { ebidRunner } from './runners/ebid.js';
import { helloRunner } from './runners/hello.js';
import { requestsRunner } from './runners/requests.js';
import { scoringRunner } from './runners/scoring.js';
import { skinnyRunner } from './runners/skinny.js';
import { PARAMETER_SET, SlhCase } from './runners/slh-dsa.js';
import { timeRunner } from './runners/time.js';
import { tuplesRunner } from './runners/tuples.js';

const RUNNERS: FileRunner[] = [
  skinnyRunner,
  ebidRunner,
  helloRunner,
  requestsRunner,
  tuplesRunner,
  contactsRunner,
  scoringRunner,
  timeRunner,
];

/** A file that cannot be run at all; the message says why. */
export class FileError extends Error {}

export interface CaseResult {
  kind: string;
  /** The case's number, or its position when it has none. */
  n: number | string;
  /** Empty when it passed. */
  differences: string[];
}

/** What came of one file. */
export interface FileResult {
  path: string;
  cases: CaseResult[];
  /** Cases of NIST's parameter sets that are not Galet's. */
  skipped: number;
}

/**
 * Runs files in their order; NIST's results count with the file they answer. Throws a FileError when a file cannot be read
 * or is not a known vector file.
 */
export function runFiles(paths: string[]): FileResult[] {
  const files = paths.map((path) => ({ path, json: read(path) }));
  const answers = files.flatMap(({ path, json }) =>
    vectorSetsOf(json)
      .filter(isResults)
      .map((set) => ({ path, set, isUsed: false })),
  );
  const results = files.flatMap(({ path, json }) => {
    const sets = vectorSetsOf(json);
    if (sets.length > 0 && sets.every(isResults)) return [];
    return named(path, () => {
      if (sets.length === 0) return { path, cases: runVectors(json), skipped: 0 };
      const joined = sets
        .filter((set) => !isResults(set))
        .map((set) => {
          const candidates = answers.filter((answer) => !answer.isUsed && belongTogether(set, answer.set));
          const answer = candidates.find((candidate) => dirname(candidate.path) === dirname(path)) ?? candidates[0];
          if (answer === undefined) return set;
          answer.isUsed = true;
          return joinResults(set, answer.set);
        });
      return { path, ...runSets(joined) };
    });
  });
  const stray = answers.find(({ isUsed }) => !isUsed);
  if (stray !== undefined) throw new FileError(`${stray.path} holds results alone: give the prompt too`);
  return results;
}

function read(path: string): unknown {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new FileError(`${path} cannot be read: ${(error as Error).message}`);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new FileError(`${path} is not JSON: ${(error as Error).message}`);
  }
}

function named<T>(path: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof FieldError) throw new FileError(`${path} is not a vector file: ${error.message}`);
    throw error;
  }
}

/** NIST's vector sets; throws a FieldError when not one case is of Galet's parameter set. */
function runSets(sets: Record<string, unknown>[]): Omit<FileResult, 'path'> {
  const cases: CaseResult[] = [];
  let skipped = 0;
  for (const set of sets.map((json) => Fields.of(json, 'set'))) {
    const mode = set.has('mode') ? set.text('mode') : undefined;
    for (const group of set.parts('testGroups')) {
      const tests = group.parts('tests');
      if (group.text('parameterSet') !== PARAMETER_SET || mode === 'keyGen') skipped += tests.length;
      else for (const [index, test] of tests.entries()) cases.push(runSlhCase(group, test, mode, index));
    }
  }
  if (cases.length === 0) throw new FieldError(`no signature of ${PARAMETER_SET}, ${skipped} cases of others`);
  return { cases, skipped };
}

function runSlhCase(group: Fields, test: Fields, mode: string | undefined, index: number): CaseResult {
  const slhCase = new SlhCase(group, test, mode);
  const n = test.has('tcId') ? String(test.raw('tcId')) : `at ${index}`;
  return { kind: slhCase.kind, n, differences: differencesOf((check) => slhCase.run(check)) };
}

/** Throws a FieldError when `json` is not a known vector file. */
export function runVectors(json: unknown): CaseResult[] {
  const file = Fields.of(json, 'file');
  const meta = file.part('meta');
  const cases = file.parts('cases');
  const runner = RUNNERS.find((candidate) => cases.some((fields) => candidate.recognises(fields)));
  if (runner === undefined) throw new FieldError('no case of a known kind');
  return cases.map((fields, index) => runCase(runner, fields, meta, index));
}

function runCase(runner: FileRunner, fields: Fields, meta: Fields, index: number): CaseResult {
  const kind = fields.has('kind') ? String(fields.raw('kind')) : 'no kind';
  const n = fields.has('n') ? String(fields.raw('n')) : `at ${index}`;
  const differences = differencesOf((check) => {
    const run = runner.runnerOf(fields.text('kind'));
    if (run === undefined) check.note('kind', `not a kind of ${runner.name}`);
    else run(fields, meta, check);
  });
  return { kind, n, differences };
}

function differencesOf(run: (check: Check) => void): string[] {
  const check = new Check();
  try {
    run(check);
  } catch (error) {
    // Whatever a case provokes is its failure, never the end of the run.
    check.note('case', (error as Error).message);
  }
  return check.differences;
}
