import type { Check } from './check.js';
import type { Fields } from './fields.js';

/** Checks one case: notes every difference in `check`; throws a FieldError when the case cannot be read. */
export type CaseRunner = (fields: Fields, meta: Fields, check: Check) => void;

/** Runs one of the vector files. */
export interface FileRunner {
  name: string;
  /** Whether a case looks like one of this file's: by its fields, as files may be renamed. */
  recognises(fields: Fields): boolean;
  /** What runs cases of `kind`; undefined for a kind that does not belong to this file. */
  runnerOf(kind: string): CaseRunner | undefined;
}
