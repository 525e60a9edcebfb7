/** Reads vector files, finds out what they are and runs their cases. */
import { readFileSync } from 'node:fs';
import { Check } from './check.js';
import { FieldError, Fields } from './fields.js';
import type { FileRunner } from './runner.js';
import { contactsRunner } from './runners/contacts.js';
import { ebidRunner } from './runners/ebid.js';
import { helloRunner } from './runners/hello.js';
import { requestsRunner } from './runners/requests.js';
import { scoringRunner } from './runners/scoring.js';
import { skinnyRunner } from './runners/skinny.js';
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

/** Throws a FileError when the file cannot be read or is not a known vector file. */
export function runFile(path: string): CaseResult[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new FileError(`${path} cannot be read: ${(error as Error).message}`);
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new FileError(`${path} is not JSON: ${(error as Error).message}`);
  }
  try {
    return runVectors(json);
  } catch (error) {
    if (error instanceof FieldError) throw new FileError(`${path} is not a vector file: ${error.message}`);
    throw error;
  }
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
  const check = new Check();
  const kind = fields.has('kind') ? String(fields.raw('kind')) : 'no kind';
  const n = fields.has('n') ? String(fields.raw('n')) : `at ${index}`;
  try {
    const run = runner.runnerOf(fields.text('kind'));
    if (run === undefined) check.note('kind', `not a kind of ${runner.name}`);
    else run(fields, meta, check);
  } catch (error) {
    // Whatever a case provokes is its failure, never the end of the run.
    check.note('case', (error as Error).message);
  }
  return { kind, n, differences: check.differences };
}
