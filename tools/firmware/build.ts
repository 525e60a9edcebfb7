/** One board's firmware: its scripts, checked, and the manifest that names them. */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { versionNumber } from '../../device/update/versions.js';
import { BOARDS, type Board, ESPRUINO_MINIMUM } from './boards.js';
import { BuildError, bundle } from './bundle.js';
import { linuxImage } from './linux.js';
import { syntaxProblems } from './syntax.js';
import { tokenised } from './tokens.js';

/** The file of Storage that Espruino runs at every start, even with a button held; and the one of both images. */
const BOOT_FILE = '.boot0';
const SLOTS_FILE = 'galet.fw';

/**
 * The first statement of every script that is installed: from here on nothing that arrives is ever run (R48), not even
 * while the rest of the script is being read.
 */
const NO_CONSOLE = 'E.setConsole(null,{force:true});';

/** Tokens that are processes on a computer: they have an image too, and no interpreter. */
const LINUX = 'linux';

/** The version that device/version.ts has to say, in its place. */
const VERSION_MODULE = 'device/version.js';

/** Byte loops that the interpreter does natively. */
const NATIVES = {
  'device/bytes': 'device/boards/espruino/bytes',
  'device/base64': 'device/boards/espruino/base64',
};

export interface ManifestFile {
  file: string;
  bytes: number;
  sha256: string;
}

export interface Manifest extends ManifestFile {
  manifest: 1;
  board: string;
  version: string;
  espruino: { board: string; minimum: string };
  /** Name of the file of Storage that the script is put into. */
  storage: string;
  /** The same script, smaller, to install in its place. */
  tokens?: ManifestFile;
  /** On a board with two places for the script: what starts it, as .boot0, and what puts all of it on a board. */
  selector?: ManifestFile;
  installer?: ManifestFile;
}

export interface Firmware {
  code: string;
  manifest: Manifest;
  tokens?: Uint8Array;
  selector?: string;
  installer?: string;
}

export interface BuildOptions {
  /** That the script says of itself, `major.minor.patch`; the package's own unless told. */
  version?: string;
}

function fileOf(file: string, data: string | Uint8Array): ManifestFile {
  return { file, bytes: Buffer.byteLength(data), sha256: createHash('sha256').update(data).digest('hex') };
}

function checked(code: string): string {
  const problems = syntaxProblems(code);
  if (problems.length > 0) throw new BuildError(problems.join('\n'));
  return code;
}

function packageVersion(root: string): string {
  return (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }).version;
}

function linuxFirmware(version: string, code: string): Firmware {
  const espruino = { board: '', minimum: '' };
  return { code, manifest: { manifest: 1, board: LINUX, version, espruino, storage: '', ...fileOf('galet.js', code) } };
}

/** Builds the firmware of one board, or the image of Linux tokens, in memory. Throws `BuildError`. */
export async function buildFirmware(root: string, name: string, options: BuildOptions = {}): Promise<Firmware> {
  const version = options.version ?? packageVersion(root);
  if (versionNumber(version) === 0) throw new BuildError(`${version} is no version like 1.2.3`);
  const written = { [VERSION_MODULE]: `export var VERSION = '${version}';` };
  if (name === LINUX) return linuxFirmware(version, await linuxImage(root, written));
  const board: Board | undefined = Object.hasOwn(BOARDS, name) ? BOARDS[name] : undefined;
  if (board === undefined) {
    throw new BuildError(`there is no board ${name}; there are ${[...Object.keys(BOARDS), LINUX].join(', ')}`);
  }
  const build = (entry: string): Promise<string> =>
    bundle({
      root,
      entry: join(root, 'device/boards', entry),
      ambient: join(root, 'device/boards/espruino'),
      natives: { ...NATIVES, ...board.natives },
      written,
    });
  const code = checked(NO_CONSOLE + (await build(`${name}/main.ts`)));
  const manifest: Manifest = {
    manifest: 1,
    board: name,
    version,
    espruino: { board: board.espruino, minimum: ESPRUINO_MINIMUM },
    storage: board.pages === undefined ? SLOTS_FILE : BOOT_FILE,
    ...fileOf('galet.js', code),
  };
  if (board.pages !== undefined) return { code, manifest };
  const selector = checked(`(function(){${NO_CONSOLE}${await build('espruino/selector.ts')}})();`);
  const installer = checked(await build('espruino/installer.ts'));
  return {
    code,
    selector,
    installer,
    manifest: { ...manifest, selector: fileOf('selector.js', selector), installer: fileOf('installer.js', installer) },
  };
}

/** The firmware with its script as tokens beside the text, which stays for whoever wants to read it. */
export function withTokens(firmware: Firmware): Firmware & { tokens: Uint8Array } {
  const tokens = tokenised(firmware.code);
  return { ...firmware, tokens, manifest: { ...firmware.manifest, tokens: fileOf('galet.tok', tokens) } };
}

/** The script in the form that is installed. */
export function installedForm({ code, tokens }: Firmware): string {
  return tokens ? Buffer.from(tokens).toString('latin1') : code;
}

/** Writes scripts and manifest to `folder`/<board>, which it returns. */
export function writeFirmware(folder: string, { code, tokens, selector, installer, manifest }: Firmware): string {
  const place = join(folder, manifest.board);
  mkdirSync(place, { recursive: true });
  const write = (file: ManifestFile | undefined, data: string | Uint8Array | undefined): void => {
    if (file && data !== undefined) writeFileSync(join(place, file.file), data);
  };
  write(manifest, code);
  write(manifest.tokens, tokens);
  write(manifest.selector, selector);
  write(manifest.installer, installer);
  writeFileSync(join(place, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  return place;
}
