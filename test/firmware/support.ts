/** Small projects for the build, in folders of their own, and what their scripts print. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { runInNewContext } from 'node:vm';
import { onTestFinished } from 'vitest';

export const ROOT = resolve(import.meta.dirname, '../..');
/** Modules that are compiled for the interpreter, and the declaration of `print`, all that they know of it. */
export const SAMPLES = join(ROOT, 'test/firmware/samples');
export const SAMPLE_AMBIENT = join(SAMPLES, 'ambient');

/** A folder that goes when the test ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'galet-firmware-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A project's folder with the compiler's settings and these files: path to text. */
export function project(files: Record<string, string>): string {
  const root = temporaryFolder();
  mkdirSync(join(root, 'device'));
  for (const settings of ['tsconfig.json', 'device/tsconfig.json']) cpSync(join(ROOT, settings), join(root, settings));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

/** The lines that a script prints under Node. */
export function printedBy(code: string): string[] {
  const lines: string[] = [];
  const print = (...values: unknown[]): void => void lines.push(values.join(' '));
  runInNewContext(code, { print }, { timeout: 20_000 });
  return lines;
}
