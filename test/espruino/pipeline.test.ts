/**
 * The build and the interpreter agree on what TypeScript means: samples print under the interpreter what they print under
 * Node, and the board's native functions do what the portable ones do. `ESPRUINO` names the interpreter.
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bundle } from '../../tools/firmware/bundle.js';
import { storageImage } from '../../tools/firmware/image.js';
import { tokenised } from '../../tools/firmware/tokens.js';
import { printedBy, ROOT, SAMPLE_AMBIENT, SAMPLES, temporaryFolder } from '../firmware/support.js';
import { ESPRUINO } from './support/interpreter.js';

const SECONDS = 50;
const STORAGE = 2 << 20;

/** The lines that a script prints on the interpreter, which starts it from its Storage and is ended by it, or killed. */
function printedOnBoard(code: string): string[] {
  const cwd = temporaryFolder();
  // What is printed leaves the process a moment later.
  const script = `print('BEGIN');${code};print('THE END');setTimeout(function(){E.reboot()},50);`;
  writeFileSync(join(cwd, 'espruino.flash'), storageImage(STORAGE, { '.bootcde': script }));
  const { stdout } = spawnSync(ESPRUINO as string, [], {
    cwd,
    encoding: 'latin1',
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: SECONDS * 1000,
    killSignal: 'SIGKILL',
    maxBuffer: 1 << 25,
  });
  const lines = stdout.slice(0, 1 << 20).split(/[\r\n]+/);
  return lines.slice(lines.findIndex((line) => line.endsWith('BEGIN')) + 1, lines.indexOf('THE END'));
}

const FORMS: [string, (code: string) => string][] = [
  ['text', (code) => code],
  ['tokens', (code) => Buffer.from(tokenised(code)).toString('latin1')],
];

describe.skipIf(ESPRUINO === undefined).each(FORMS)('the build on Espruino, as %s', (_form, form) => {
  it.each(['classes', 'scopes', 'values'])('prints what it prints under Node: %s', async (name) => {
    const entry = join(SAMPLES, `${name}.ts`);
    const code = await bundle({ root: ROOT, entry, ambient: SAMPLE_AMBIENT });
    expect(printedOnBoard(form(code))).toEqual(printedBy(code));
  });

  it('has native functions that do what the portable ones do', async () => {
    const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 0x7fffffff));
    console.log(`native functions: SEED=${seed}`);
    const ambient = join(ROOT, 'device/boards/espruino');
    const code = await bundle({ root: ROOT, entry: join(SAMPLES, 'natives.ts'), ambient });
    const lines = printedOnBoard(`var SEED=${seed},RUNS=100;${form(code)}`);
    expect(lines).toEqual([`compared ${100 * 14}`]);
  });
});
