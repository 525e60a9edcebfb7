/** One board's firmware: the script, checked, and the manifest that names it. */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BOARDS, type Board, ESPRUINO_MINIMUM } from './boards.js';
import { BuildError, bundle } from './bundle.js';
import { syntaxProblems } from './syntax.js';

/** The file of Storage that Espruino runs at every start, even with a button held. */
const BOOT_FILE = '.boot0';

/** Byte loops that the interpreter does natively. */
const NATIVES = {
  'device/bytes': 'device/boards/espruino/bytes',
  'device/base64': 'device/boards/espruino/base64',
};

export interface Manifest {
  manifest: 1;
  board: string;
  version: string;
  espruino: { board: string; minimum: string };
  file: string;
  /** Name that the script has in the board's Storage. */
  storage: string;
  bytes: number;
  sha256: string;
}

/** Builds the firmware of one board in memory. Throws `BuildError`. */
export async function buildFirmware(root: string, name: string): Promise<{ code: string; manifest: Manifest }> {
  const board: Board | undefined = BOARDS[name];
  if (board === undefined)
    throw new BuildError(`there is no board ${name}; there are ${Object.keys(BOARDS).join(', ')}`);
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  const code = await bundle({
    root,
    entry: join(root, 'device/boards', name, 'main.ts'),
    ambient: join(root, 'device/boards/espruino'),
    natives: NATIVES,
  });
  const problems = syntaxProblems(code);
  if (problems.length > 0) throw new BuildError(problems.join('\n'));
  return {
    code,
    manifest: {
      manifest: 1,
      board: name,
      version,
      espruino: { board: board.espruino, minimum: ESPRUINO_MINIMUM },
      file: 'galet.js',
      storage: BOOT_FILE,
      bytes: Buffer.byteLength(code),
      sha256: createHash('sha256').update(code).digest('hex'),
    },
  };
}

/** Writes script and manifest to `folder`/<board>. */
export function writeFirmware(folder: string, code: string, manifest: Manifest): string {
  const place = join(folder, manifest.board);
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, manifest.file), code);
  writeFileSync(join(place, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  return place;
}
