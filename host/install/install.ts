/**
 * Makes a token of a board with Espruino on it, over its console. The one file that does so is written last, so that until
 * then the board still has its console: interrupted anywhere, the installation is begun again and ends well.
 */
import { createHash } from 'node:crypto';
import { PAGE, type Release } from '../../device/update/objects.js';
import { isInterpreterAtLeast } from '../../device/update/versions.js';
import { GaletError } from '../errors.js';
import type { Repl } from './repl.js';

export type InstallEvent =
  | { step: 'board' }
  | { step: 'erase'; seconds: number }
  | { step: 'upload'; done: number; total: number }
  | { step: 'boot' };

/** What is put on a board: what the release keys have signed, and the scripts around it that come with this program. */
export interface Package {
  release: Release;
  /** SHA-256 of the signed body. */
  body: Uint8Array;
  image: Uint8Array;
  /** On a board that keeps two images: what starts one, and what puts the first there. */
  scripts?: { selector: string; installer: string };
}

export interface InstallOptions {
  /** Erases whatever else is on the board. */
  erase: boolean;
  progress: (event: InstallEvent) => void;
}

/** How a board calls itself (process.env.BOARD), by our name of it. */
const BOARDS: Record<string, string> = { bangle2: 'BANGLEJS2', galet1: 'XIAOBLE', puck: 'PUCKJS' };
export const BOARD_NAMES = Object.keys(BOARDS);
/** Boards that keep one script, and run it as it is. */
export const SMALL_BOARDS = ['puck'];

const BOOT_FILE = '.boot0';
const SLOTS_FILE = 'galet.fw';
const LANGUAGE_FILE = 'galet.lang';
/** Bytes of base64 in one line: with the rest it stays below the kilobyte that a small board keeps of what it has not read. */
const PIECE = 540;
/** Longest erasure of 8 MB of external flash, by its data sheet, with as much again. */
const ERASE_SECONDS = 600;
const SECOND = 1000;
/** Bytes in front of the piece that a small board's script is completed with. */
const FIRST_WORD = 4;
/** Headers of our files, their slack, and what the token's own file needs at least (18 pages). */
const ROOM = 24 * PAGE;
const HEADER = 32;

export interface BoardFacts {
  /** As the interpreter calls the board. */
  espruino: string;
  /** Version of the interpreter. */
  version: string;
  /** Bytes of Storage that files can still take. */
  free: number;
  files: string[];
}

const FACTS = `[process.env.BOARD,process.env.VERSION,require("Storage").getFree(),require("Storage").list(),
typeof require("crypto").SHA256]`.replace('\n', '');

/** Asks a board what it is. Throws 'board-failed' for one that lacks Storage or native SHA-256. */
export async function readFacts(repl: Repl): Promise<BoardFacts> {
  const [espruino, version, free, files, digest] = (await repl.evaluate(FACTS)) as unknown[];
  if (digest !== 'function') throw new GaletError('board-failed', { reason: 'no SHA-256' });
  return {
    espruino: String(espruino),
    version: String(version),
    free: Number(free),
    files: (files as unknown[]).map(String),
  };
}

/**
 * Our name of a board. `said`: what the person says it is, which is believed of a board that we do not know. Throws
 * 'board-unknown', and 'board-other' when it is known and not what was said.
 */
export function boardOf({ espruino }: BoardFacts, said: string | undefined): string {
  const known = BOARD_NAMES.find((name) => BOARDS[name] === espruino);
  if (known === undefined && said === undefined) throw new GaletError('board-unknown', { board: espruino });
  if (known !== undefined && said !== undefined && known !== said) {
    throw new GaletError('board-other', { board: known, said });
  }
  return (known ?? said) as string;
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
const isSmall = (board: string): boolean => SMALL_BOARDS.includes(board);

/** Files that an installation of ours can have left, and the one with which a person chooses the watch's language. */
function foreignFiles(files: string[]): string[] {
  return files.filter((file) => ![BOOT_FILE, SLOTS_FILE, LANGUAGE_FILE].includes(file));
}

/** The board is one that takes this release. Throws 'interpreter-old', 'storage-foreign', 'storage-full'. */
async function mustBeFit(repl: Repl, facts: BoardFacts, given: Package, options: InstallOptions): Promise<void> {
  const { release, image } = given;
  if (!isInterpreterAtLeast(facts.version, release.interpreter)) {
    throw new GaletError('interpreter-old', { version: facts.version, minimum: release.interpreter });
  }
  const foreign = foreignFiles(facts.files);
  // A script that stands alone is begun on an empty board only: there is no room for two.
  const isBegun = isSmall(release.board) && facts.files.includes(BOOT_FILE);
  if (foreign.length > 0 && !options.erase) {
    throw new GaletError('storage-foreign', { count: foreign.length, files: foreign.slice(0, 5).join(', ') });
  }
  let { free } = facts;
  if (foreign.length > 0 || isBegun || (options.erase && facts.files.length > 0)) {
    await erase(repl, options);
    free = (await readFacts(repl)).free;
  }
  const needed = isSmall(release.board) ? image.length + HEADER : ROOM;
  const isThere = !isSmall(release.board) && !options.erase && facts.files.includes(SLOTS_FILE);
  if (!isThere && free < needed) throw new GaletError('storage-full', { free, needed });
}

async function erase(repl: Repl, { progress }: InstallOptions): Promise<void> {
  const from = Date.now();
  const tell = (): void => progress({ step: 'erase', seconds: Math.round((Date.now() - from) / SECOND) });
  tell();
  const timer = setInterval(tell, SECOND);
  try {
    await repl.evaluate('require("Storage").eraseAll()', ERASE_SECONDS);
  } finally {
    clearInterval(timer);
  }
}

/** Text as calls that each take a piece of it. */
async function sendText(repl: Repl, text: string, call: (at: number, piece: string) => string): Promise<void> {
  const bytes = Buffer.from(text, 'latin1');
  const size = (PIECE / 4) * 3;
  for (let at = 0; at < bytes.length; at += size) await repl.evaluate(call(at, base64(bytes.subarray(at, at + size))));
}

async function mustBeTrue(repl: Repl, call: string, what: string): Promise<void> {
  if ((await repl.evaluate(call)) !== true) throw new GaletError('board-failed', { reason: what });
}

/** Slot 0 and the selector. */
async function installSlots(
  repl: Repl,
  given: Package,
  scripts: NonNullable<Package['scripts']>,
  options: InstallOptions,
) {
  const { release, image, body } = given;
  await repl.evaluate('global.script=""');
  await sendText(repl, scripts.installer, (at, piece) => `(script=script.substr(0,${at})+atob("${piece}"),1)`);
  await repl.evaluate('(eval(script),script="",1)');
  if (Number(await repl.evaluate('galet.installPages()')) === 0) {
    throw new GaletError('storage-full', { free: 0, needed: ROOM });
  }
  const head = `${release.version},${release.size},${release.expires},"${base64(body)}"`;
  await beginImage(repl, head, release.pages);
  const size = (PIECE / 4) * 3 - (((PIECE / 4) * 3) % 4);
  for (let start = 0; start < image.length; start += PAGE) {
    const page = image.subarray(start, start + PAGE);
    for (let at = 0; at < page.length; at += size) {
      options.progress({ step: 'upload', done: start + at, total: image.length });
      const piece = base64(page.subarray(at, at + size));
      await mustBeTrue(repl, `galet.installPiece(${start / PAGE},${at},"${piece}")`, `page ${start / PAGE}`);
    }
  }
  await mustBeTrue(repl, 'galet.installImage()', 'image');
  options.progress({ step: 'boot' });
  await sendText(repl, scripts.selector, (at, piece) => `galet.installText(${at},"${piece}")`);
  await mustBeTrue(repl, `galet.installBoot("${BOOT_FILE}")`, BOOT_FILE);
}

/** The hashes of an image's pages do not fit into one line: they are put together on the board first. */
async function beginImage(repl: Repl, head: string, hashes: Uint8Array): Promise<void> {
  await repl.evaluate('global.hashes=""');
  const text = base64(hashes);
  for (let at = 0; at < text.length; at += PIECE)
    await repl.evaluate(`(hashes=hashes.substr(0,${at})+"${text.slice(at, at + PIECE)}",1)`);
  await repl.evaluate(`(galet.installBegin(${head},hashes),1)`);
}

/**
 * The script itself as the file that is run at the start. Its first bytes make the file, the ones behind them come last:
 * until then it is no script.
 */
async function installScript(repl: Repl, { image }: Package, options: InstallOptions): Promise<void> {
  const size = (PIECE / 4) * 3 - (((PIECE / 4) * 3) % 4);
  const write = (at: number, end: number): Promise<void> => {
    const piece = base64(image.subarray(at, end));
    const call = `require("Storage").write("${BOOT_FILE}",atob("${piece}"),${at},${image.length})`;
    return mustBeTrue(repl, call, BOOT_FILE);
  };
  await write(0, FIRST_WORD);
  for (let at = FIRST_WORD + size; at < image.length; at += size) {
    options.progress({ step: 'upload', done: at, total: image.length });
    await write(at, at + size);
  }
  options.progress({ step: 'boot' });
  await write(FIRST_WORD, FIRST_WORD + size);
  const digest = createHash('sha256').update(image).digest('base64');
  await mustBeTrue(
    repl,
    `btoa(require("crypto").SHA256(require("Storage").read("${BOOT_FILE}")))=="${digest}"`,
    BOOT_FILE,
  );
}

/**
 * Puts a firmware on a board that answers with its console, checks what it has written, and starts it. Throws the named
 * errors of `readFacts`, `boardOf` and `Repl`, 'interpreter-old', 'storage-foreign', 'storage-full'.
 */
export async function installFirmware(repl: Repl, given: Package, facts: BoardFacts, options: InstallOptions) {
  await mustBeFit(repl, facts, given, options);
  if (given.scripts) await installSlots(repl, given, given.scripts, options);
  else await installScript(repl, given, options);
  repl.run('load()');
}
