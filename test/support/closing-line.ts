/**
 * Ends a test run with the one line that scripts read: `N passed, M failed`. Tests that passed only at a second try, where
 * one is allowed, are named before it.
 */
import type { File, Reporter, Task } from 'vitest';

function tellRetried(tasks: Task[], path: string): void {
  for (const task of tasks) {
    const name = `${path} > ${task.name}`;
    if (task.type === 'suite') tellRetried(task.tasks, name);
    else if (task.result?.state === 'pass' && (task.result.retryCount ?? 0) > 0) {
      process.stdout.write(`passed at a second try: ${name}\n`);
    }
  }
}

function count(tasks: Task[], totals: { passed: number; failed: number }): void {
  for (const task of tasks) {
    if (task.type === 'suite') count(task.tasks, totals);
    else if (task.result?.state === 'pass') totals.passed += 1;
    else if (task.result?.state === 'fail') totals.failed += 1;
  }
}

export default class ClosingLine implements Reporter {
  onFinished(files: File[] = [], errors: unknown[] = []): void {
    const totals = { passed: 0, failed: errors.length };
    for (const file of files) {
      count(file.tasks, totals);
      tellRetried(file.tasks, file.name);
      // A file that could not even be loaded has no tests to fail.
      if (file.result?.state === 'fail' && file.tasks.length === 0) totals.failed += 1;
    }
    process.stdout.write(`${totals.passed} passed, ${totals.failed} failed\n`);
  }
}
