/** `galet firmware install PORT`. */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Command, Option } from 'commander';
import { LIFE_BLANK } from '../../../device/link/messages.js';
import { UNIX_EPOCH_NTP } from '../../../device/robert/time.js';
import { versionText } from '../../../device/update/versions.js';
import { cliSentences } from '../../catalogue/cli.js';
import { usageReasons } from '../../catalogue/commands.js';
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
import { openBytes } from '../../link/serial.js';
import type { Hello } from '../../link/visit/visit.js';
import { readImage, readReleases } from '../../release/folder.js';
import { verifyImage } from '../../release/image.js';
import type { Releases } from '../../release/objects.js';
import { verifyRelease, verifyRoots } from '../../release/verify.js';
import { dataOption, describeCommand, jsonOption, kioskOption, option, quietOption } from '../describe.js';
import { Progress } from '../progress.js';
import { tokenJson } from '../say-token.js';
import { stoppable } from '../stoppable.js';
import type { Terminal } from '../terminal.js';
import { type ProvisionFlags, provision } from './provision.js';

interface InstallFlags extends ProvisionFlags {
  board?: string;
  releases?: string;
  build: string;
  erase?: boolean;
  provision: boolean;
  ble?: boolean;
}

/** Where the firmware's build puts its scripts, beside this program. */
const BUILD = resolve(import.meta.dirname, '../../../firmware');
/** Seconds for the first start of a token, which takes its pages one after the other. */
const START_SECONDS = 120;

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

/** Puts a firmware on the board at a port, if it answers with its console; otherwise undefined. */
async function installOver(
  path: string,
  flags: InstallFlags,
  progress: (event: InstallEvent) => void,
): Promise<Package | undefined> {
  const pipe = await openBytes(path);
  try {
    progress({ step: 'board' });
    const repl = new Repl(pipe);
    if (!(await repl.greet())) return undefined;
    const facts = await readFacts(repl);
    const given = await packageFor(boardOf(facts, flags.board), flags);
    await installFirmware(repl, given, facts, { erase: flags.erase === true, progress });
    return given;
  } finally {
    await pipe.close();
  }
}

/** The token that a port leads to; a board that starts for the first time is waited for. */
async function greetToken(terminal: Terminal, path: string, seconds: number): Promise<Hello> {
  const { withToken } = await import('../desk.js');
  const end = performance.now() + seconds * 1000;
  for (;;) {
    try {
      return await withToken(terminal, path, (token) => token.ask('hello', {}));
    } catch (error) {
      const isLate = performance.now() > end;
      if (!(error instanceof GaletError) || !/^(link|port)-/.test(error.code) || isLate) throw error;
      await sleep(500);
    }
  }
}

/** Commander would ask for the port even where none is meant. */
function missingPort(terminal: Terminal): GaletError {
  return new GaletError('usage', { reason: terminal.say(usageReasons.missingArgument, { name: 'port' }) });
}

async function install(terminal: Terminal, path: string | undefined, flags: InstallFlags): Promise<void> {
  if (flags.ble === true) throw new GaletError('bluetooth-absent');
  if (path === undefined) throw missingPort(terminal);
  const progress = new Progress(terminal, flags.quiet === true);
  let given: Package | undefined;
  try {
    given = await stoppable(terminal.world, installOver(path, flags, progress.show));
  } finally {
    progress.end();
  }
  const hello = await greetToken(terminal, path, given ? START_SECONDS : 0);
  const version = given ? versionText(given.release.version) : hello.firmware;
  if (hello.firmware !== version) {
    throw new GaletError('install-unconfirmed', { found: hello.firmware, wanted: version });
  }
  const isSmall = SMALL_BOARDS.includes(hello.board);
  const already = isSmall ? cliSentences.alreadySmall : cliSentences.alreadyInstalled;
  const line = terminal.say(given ? cliSentences.installed : already, { version });
  if (hello.life !== LIFE_BLANK || !flags.provision) {
    terminal.result([line], { ...tokenJson(hello), installed: given !== undefined });
    return;
  }
  if (!terminal.isJson) terminal.result([line], {});
  await provision(terminal, path, flags);
}

export function addFirmwareInstall(firmware: Command, terminal: Terminal): void {
  describeCommand(firmware.command('install'), terminal, 'firmware install')
    .argument('[port]', option(terminal, 'serialPort'))
    .addOption(new Option('--board <name>', option(terminal, 'boardName')).choices(BOARD_NAMES))
    .addOption(new Option('--releases <folder>', option(terminal, 'releasesInstalled')))
    .addOption(new Option('--build <folder>', option(terminal, 'buildScripts')).default(BUILD))
    .addOption(new Option('--erase', option(terminal, 'eraseBoard')))
    .addOption(new Option('--no-provision', option(terminal, 'noProvision')))
    .addOption(new Option('--credential <file>', option(terminal, 'credential')))
    .addOption(new Option('--ble', option(terminal, 'overBluetooth')))
    .addOption(dataOption(terminal))
    .addOption(kioskOption(terminal))
    .addOption(quietOption(terminal))
    .addOption(jsonOption(terminal))
    .action((path: string | undefined, flags: InstallFlags) => install(terminal, path, flags));
}
