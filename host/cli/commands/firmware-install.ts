/** `galet firmware install`. */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Command, Option } from 'commander';
import { LIFE_BLANK } from '../../../device/link/messages.js';
import { UNIX_EPOCH_NTP } from '../../../device/robert/time.js';
import { versionText } from '../../../device/update/versions.js';
import { cliSentences } from '../../catalogue/cli.js';
import { nodeDigest } from '../../crypto.js';
import { GaletError } from '../../errors.js';
import {
  BOARD_NAMES,
  boardOf,
  type InstallEvent,
  installFirmware,
  type Package,
  readFacts,
  SMALL_BOARDS,
} from '../../install/install.js';
import { Repl } from '../../install/repl.js';
import type { Hello } from '../../link/visit/visit.js';
import { readImage, readReleases } from '../../release/folder.js';
import { verifyImage } from '../../release/image.js';
import type { Releases } from '../../release/objects.js';
import { verifyRelease, verifyRoots } from '../../release/verify.js';
import { dataOption, describeCommand, jsonOption, kioskOption, option } from '../describe.js';
import type { Desk } from '../desk.js';
import { addPlace, SEEK_SECONDS, seekOption } from '../place-flags.js';
import { tokenJson } from '../say-token.js';
import type { Terminal } from '../terminal.js';
import { type ProvisionFlags, provisionAt, tellProvisioned } from './provision.js';

interface InstallFlags extends ProvisionFlags {
  board?: string;
  releases?: string;
  build: string;
  erase?: boolean;
  provision: boolean;
}

/** Where the firmware's build puts its scripts, beside this program. */
const BUILD = resolve(import.meta.dirname, '../../../firmware');
/** Seconds for the first start of a token, which takes its pages one after the other. */
const START_SECONDS = 120;
/** Codes of errors that say that it is not there yet. */
const AWAY = /^(link|port|no-token|token-gone)/;

async function published(flags: InstallFlags, board: string): Promise<{ releases: Releases; image: Uint8Array }> {
  if (flags.releases !== undefined) {
    const releases = readReleases(flags.releases, board);
    if (!releases.release) throw new GaletError('release-missing', { board, place: flags.releases });
    return { releases, image: readImage(flags.releases, board) };
  }
  const { connectKiosk } = await import('../../kiosk/client.js');
  const counter = connectKiosk(flags.kiosk);
  try {
    const releases = await counter.releases(board);
    if (!releases.release) throw new GaletError('release-missing', { board, place: flags.kiosk });
    return { releases, image: await counter.image(board) };
  } finally {
    counter.close();
  }
}

function scriptsFor(board: string, build: string): Pick<Package, 'scripts'> {
  if (SMALL_BOARDS.includes(board)) return {};
  const [selector, installer] = ['selector.js', 'installer.js'].map((file) => join(build, board, file));
  if (!selector || !installer || !existsSync(selector) || !existsSync(installer)) {
    throw new GaletError('firmware-missing', { folder: join(build, board) });
  }
  return { scripts: { selector: readFileSync(selector, 'latin1'), installer: readFileSync(installer, 'latin1') } };
}

/** What is to be put on a board, verified as far as a token would. */
async function packageFor(board: string, flags: InstallFlags): Promise<Package> {
  const scripts = scriptsFor(board, flags.build);
  const { releases, image } = await published(flags, board);
  const object = releases.release;
  if (!object) throw new GaletError('release-missing', { board, place: flags.releases ?? flags.kiosk });
  const now = Math.floor(Date.now() / 1000) + UNIX_EPOCH_NTP;
  const release = verifyRelease(object, verifyRoots(releases.roots), now);
  if (release.board !== board) throw new GaletError('release-missing', { board, place: flags.releases ?? flags.kiosk });
  verifyImage(release, image, `${board}/galet.js`);
  return { release, body: nodeDigest.sha256(object.body), image, ...scripts };
}

/** Puts a firmware on the board at a desk, if it answers with its console; otherwise undefined. */
async function installOver(desk: Desk, flags: InstallFlags): Promise<Package | undefined> {
  const pipe = await desk.openBytes();
  if (pipe === undefined) return undefined;
  const progress: (event: InstallEvent) => void = desk.place.progress.show;
  try {
    progress({ step: 'board' });
    const repl = new Repl(pipe);
    if (!(await repl.greet())) return undefined;
    const facts = await readFacts(repl);
    const given = await packageFor(boardOf(facts, flags.board), flags);
    await installFirmware(repl, given, facts, { erase: flags.erase === true, progress });
    return given;
  } finally {
    await desk.leave();
  }
}

/** The token that is at a desk now; a board that starts for the first time is waited for. */
async function greetToken(desk: Desk, seconds: number): Promise<Hello> {
  const { withTokenAt } = await import('../desk.js');
  const end = performance.now() + seconds * 1000;
  for (;;) {
    try {
      return await withTokenAt(desk, (token) => token.ask('hello', {}));
    } catch (error) {
      const isLate = performance.now() > end;
      if (!(error instanceof GaletError) || !AWAY.test(error.code) || isLate) throw error;
      await sleep(500);
    }
  }
}

interface Installed {
  hello: Hello;
  /** Whether it is a token only now. */
  isNew: boolean;
  isProvisioned: boolean;
}

async function installAt(desk: Desk, flags: InstallFlags, tell: (installed: Installed) => void): Promise<Installed> {
  const given = await installOver(desk, flags);
  const hello = await greetToken(desk, given ? START_SECONDS : 0);
  const wanted = given ? versionText(given.release.version) : hello.firmware;
  if (hello.firmware !== wanted) throw new GaletError('install-unconfirmed', { found: hello.firmware, wanted });
  const installed = { hello, isNew: given !== undefined, isProvisioned: false };
  if (hello.life !== LIFE_BLANK || !flags.provision) return installed;
  tell(installed);
  return { ...installed, hello: await provisionAt(desk, flags), isProvisioned: true };
}

async function install(terminal: Terminal, port: string | undefined, flags: InstallFlags): Promise<void> {
  const { atPlace } = await import('../desk.js');
  const lineOf = ({ hello, isNew }: Installed): string => {
    const isSmall = SMALL_BOARDS.includes(hello.board);
    const already = isSmall ? cliSentences.alreadySmall : cliSentences.alreadyInstalled;
    return terminal.say(isNew ? cliSentences.installed : already, { version: hello.firmware });
  };
  const installed = await atPlace(terminal, port, flags, (desk) =>
    installAt(desk, flags, (blank) => {
      desk.place.progress.end();
      if (!terminal.isJson) terminal.result([lineOf(blank)], {});
    }),
  );
  const { hello, isNew, isProvisioned } = installed;
  if (isProvisioned) tellProvisioned(terminal, hello);
  else terminal.result([lineOf(installed)], { ...tokenJson(hello), installed: isNew });
}

export function addFirmwareInstall(firmware: Command, terminal: Terminal): void {
  addPlace(describeCommand(firmware.command('install'), terminal, 'firmware install'), terminal)
    .addOption(seekOption(terminal, SEEK_SECONDS))
    .addOption(new Option('--board <name>', option(terminal, 'boardName')).choices(BOARD_NAMES))
    .addOption(new Option('--releases <folder>', option(terminal, 'releasesInstalled')))
    .addOption(new Option('--build <folder>', option(terminal, 'buildScripts')).default(BUILD))
    .addOption(new Option('--erase', option(terminal, 'eraseBoard')))
    .addOption(new Option('--no-provision', option(terminal, 'noProvision')))
    .addOption(new Option('--credential <file>', option(terminal, 'credential')))
    .addOption(dataOption(terminal))
    .addOption(kioskOption(terminal))
    .addOption(jsonOption(terminal))
    .action((port: string | undefined, flags: InstallFlags) => install(terminal, port, flags));
}
