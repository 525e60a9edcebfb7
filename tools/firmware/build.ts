/** One board's firmware: the script, checked, and the manifest that names it. */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BOARDS, type Board, ESPRUINO_MINIMUM } from './boards.js';
import { BuildError, bundle } from './bundle.js';
import { syntaxProblems } from './syntax.js';
import { tokenised } from './tokens.js';

/** The file of Storage that Espruino runs at every start, even with a button held. */
const BOOT_FILE = '.boot0';

/**
 * The first statement of every script: from here on nothing that arrives is ever run (R48), not even while the rest of the
 * script is being read.
 */
const NO_CONSOLE = 'E.setConsole(null,{force:true});';

/** Byte loops that the interpreter does natively. */
const NATIVES = {
  'device/bytes': 'device/boards/espruino/bytes',
  'device/base64': 'device/boards/espruino/base64',
};

interface ManifestFile {
  file: string;
  bytes: number;
  sha256: string;
}

export interface Manifest extends ManifestFile {
  manifest: 1;
  board: string;
  version: string;
  espruino: { board: string; minimum: string };
  /** Name that the script has in the board's Storage. */
  storage: string;
  /** The same script, smaller, to install in its place. */
  tokens?: ManifestFile;
}

export interface Firmware {
  code: string;
  manifest: Manifest;
  tokens?: Uint8Array;
}

function fileOf(file: string, data: string | Uint8Array): ManifestFile {
  return { file, bytes: Buffer.byteLength(data), sha256: createHash('sha256').update(data).digest('hex') };
}

/** Builds the firmware of one board in memory. Throws `BuildError`. */
export async function buildFirmware(root: string, name: string): Promise<Firmware> {
  const board: Board | undefined = BOARDS[name];
  if (board === undefined)
    throw new BuildError(`there is no board ${name}; there are ${Object.keys(BOARDS).join(', ')}`);
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  const script = await bundle({
    root,
    entry: join(root, 'device/boards', name, 'main.ts'),
    ambient: join(root, 'device/boards/espruino'),
    natives: { ...NATIVES, ...board.natives },
  });
  const code = NO_CONSOLE + script;
  const problems = syntaxProblems(code);
  if (problems.length > 0) throw new BuildError(problems.join('\n'));
  return {
    code,
    manifest: {
      manifest: 1,
      board: name,
      version,
      espruino: { board: board.espruino, minimum: ESPRUINO_MINIMUM },
      storage: BOOT_FILE,
      ...fileOf('galet.js', code),
    },
  };
}

/** The firmware with its script as tokens beside the text, which stays for whoever wants to read it. */
export function withTokens({ code, manifest }: Firmware): Firmware & { tokens: Uint8Array } {
  const tokens = tokenised(code);
  return { code, tokens, manifest: { ...manifest, tokens: fileOf('galet.tok', tokens) } };
}

/** Writes script and manifest to `folder`/<board>, which it returns. */
export function writeFirmware(folder: string, { code, tokens, manifest }: Firmware): string {
  const place = join(folder, manifest.board);
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, manifest.file), code);
  if (tokens && manifest.tokens) writeFileSync(join(place, manifest.tokens.file), tokens);
  writeFileSync(join(place, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  return place;
}
