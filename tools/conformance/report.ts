/** The command itself, apart from the process it runs in. */
import { FileError, type FileResult, runFiles } from './files.js';

/**
 * Runs vector files; `print` gets one line for each failed case, one for each file of which something was skipped, and
 * last `N passed, M failed`, `complain` why a file could not be run. Returns the exit code: 0, 1 when a case failed, 2 when a file could not be run.
 */
export function reportConformance(
  paths: string[],
  print: (line: string) => void,
  complain: (line: string) => void,
): number {
  if (paths.length === 0) {
    complain('usage: npm run -s conformance -- FILE...');
    return 2;
  }
  let results: FileResult[];
  try {
    results = runFiles(paths);
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    complain(error.message);
    return 2;
  }
  let passed = 0;
  let failed = 0;
  for (const { path, cases, skipped } of results) {
    if (skipped > 0) print(`${path}: ${skipped} cases of other parameter sets skipped`);
    for (const { kind, n, differences } of cases) {
      if (differences.length === 0) passed++;
      else {
        failed++;
        print(`${path}: ${kind} ${n}: ${differences.join('; ')}`);
      }
    }
  }
  print(`${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}
