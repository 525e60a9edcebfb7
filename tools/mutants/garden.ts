/** A copy of the project in which a defect is planted, met by the tests, and pulled out again. */
import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Mutant } from './mutants.js';
import { planted } from './operators.js';

/** A defect that makes the tests run for longer than this has been found by them. */
const PATIENCE_MILLISECONDS = 240_000;
const COPIED = ['device', 'host', 'tools', 'test', 'docs', 'package.json', 'tsconfig.json', 'vitest.config.ts'];

export type Fate = 'killed' | 'survived';

export class Garden {
  readonly folder = mkdtempSync(join(tmpdir(), 'galet-mutants-'));
  private running: ReturnType<typeof spawn> | undefined;

  constructor(root: string) {
    for (const path of COPIED) cpSync(join(root, path), join(this.folder, path), { recursive: true });
    for (const path of ['node_modules', 'dist']) symlinkSync(resolve(root, path), join(this.folder, path));
  }

  /** Whether all runs of the tests pass as the project is now. */
  async isGreen(runs: readonly (readonly string[])[]): Promise<boolean> {
    for (const tests of runs) if (!(await this.passes(tests))) return false;
    return true;
  }

  /** Plants one defect and lets the tests look for it. */
  async fateOf(mutant: Mutant, runs: readonly (readonly string[])[]): Promise<Fate> {
    const file = join(this.folder, mutant.file);
    const source = readFileSync(file, 'utf8');
    writeFileSync(file, planted(source, mutant));
    try {
      return (await this.isGreen(runs)) ? 'survived' : 'killed';
    } finally {
      writeFileSync(file, source);
    }
  }

  close(): void {
    this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** One run of the test runner, in a process group of its own, so that nothing of it stays behind. */
  private async passes(tests: readonly string[]): Promise<boolean> {
    const args = ['node_modules/vitest/vitest.mjs', 'run', '--bail=1', '--maxWorkers=1', '--minWorkers=1', ...tests];
    // What this process was told about its own tests is not meant for those.
    const { PATH, HOME, TMPDIR } = process.env;
    const env = { PATH, HOME, TMPDIR };
    const child = spawn(process.execPath, args, { cwd: this.folder, stdio: 'ignore', detached: true, env });
    this.running = child;
    const timer = setTimeout(() => this.stop(), PATIENCE_MILLISECONDS);
    const code = await new Promise<number | null>((resolve) => child.once('exit', resolve));
    clearTimeout(timer);
    this.running = undefined;
    return code === 0;
  }

  private stop(): void {
    if (this.running?.pid === undefined) return;
    try {
      process.kill(-this.running.pid, 'SIGKILL');
    } catch {
      // It has just ended.
    }
  }
}
