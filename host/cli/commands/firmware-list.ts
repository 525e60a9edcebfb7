/** `galet firmware list`. */
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { decodeConfiguration, decodeRelease, RELEASE, ROOT } from '../../../device/update/objects.js';
import { firmwareSentences } from '../../catalogue/firmware.js';
import { systemClock } from '../../clock.js';
import type { Releases, SignedObject } from '../../release/objects.js';
import { describeCommand, jsonOption, option, parseUrl } from '../describe.js';
import { backendFolder, defaultDataFolder } from '../places.js';
import { signedJson, signedLine } from '../say-signed.js';
import type { Terminal } from '../terminal.js';

interface ListFlags {
  kiosk?: string;
}

/** Boards that a counter is asked about; a folder says itself which it has. */
const BOARDS = ['bangle2', 'galet1', 'puck', 'linux'];

async function fromFolder(folder: string): Promise<Releases[]> {
  const { boardsIn, readReleases } = await import('../../release/folder.js');
  const boards = boardsIn(folder);
  // Without a board there may still be roots and a configuration.
  return (boards.length > 0 ? boards : ['']).map((board) => readReleases(folder, board));
}

async function fromKiosk(url: string): Promise<Releases[]> {
  const { connectKiosk } = await import('../../kiosk/client.js');
  const counter = connectKiosk(url);
  try {
    return await Promise.all(BOARDS.map((board) => counter.releases(board)));
  } finally {
    counter.close();
  }
}

/** Roots and configuration are the same for all boards. */
function objectsOf(all: Releases[]): SignedObject[] {
  const { roots = [], configuration } = all[0] ?? {};
  const releases = all.map(({ release }) => release).filter((release) => release !== undefined);
  return [...roots, ...(configuration ? [configuration] : []), ...releases];
}

function isExpired({ kind, body }: SignedObject, now: number): boolean {
  if (kind === ROOT) return false;
  return now > (kind === RELEASE ? decodeRelease(body) : decodeConfiguration(body)).expires;
}

async function list(terminal: Terminal, folder: string | undefined, { kiosk }: ListFlags): Promise<void> {
  const place = kiosk ?? folder ?? join(backendFolder(defaultDataFolder()), 'releases');
  const objects = objectsOf(kiosk === undefined ? await fromFolder(place) : await fromKiosk(kiosk));
  const now = systemClock();
  const lines = objects.map((object) => {
    const count = object.signatures.length;
    const line = terminal.say(firmwareSentences.listSignatures, { what: signedLine(terminal, object), count });
    return isExpired(object, now) ? terminal.say(firmwareSentences.listExpired, { line }) : line;
  });
  if (lines.length === 0) lines.push(terminal.say(firmwareSentences.listEmpty, { place }));
  const items = objects.map((object) => ({ ...signedJson(object), expired: isExpired(object, now) }));
  terminal.result(lines, { place, objects: items });
}

export function addFirmwareList(firmware: Command, terminal: Terminal): void {
  describeCommand(firmware.command('list'), terminal, 'firmware list')
    .argument('[releases]', option(terminal, 'releasesFolder'))
    .addOption(new Option('--kiosk <url>', option(terminal, 'kioskReleases')).argParser(parseUrl))
    .addOption(jsonOption(terminal))
    .action((folder: string | undefined, flags: ListFlags) => list(terminal, folder, flags));
}
