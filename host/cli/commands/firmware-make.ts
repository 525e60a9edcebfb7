/** `galet firmware root`, `configure` and `release`: make what is to be signed. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { UNIX_EPOCH_NTP } from '../../../device/robert/time.js';
import { firmwareSentences } from '../../catalogue/firmware.js';
import { systemClock } from '../../clock.js';
import type { Kind, SignedObject } from '../../release/objects.js';
import { describeCommand, jsonOption, option, parseUrl, wholeNumber } from '../describe.js';
import type { Terminal } from '../terminal.js';

const DAY_SECONDS = 86_400;
const EXPIRES_DAYS = 30;
const EXPIRES_DAYS_MAX = 90;
const U32_MAX = 0xffffffff;

interface RootFlags {
  keys: string[];
  previous?: string;
  out: string;
}

interface ConfigureFlags {
  /** NTP seconds; 0 for never. */
  end: number;
  gatewayKey?: Uint8Array;
  backend?: string;
  number?: number;
  expires: number;
  out: string;
}

interface ReleaseFlags {
  out: string;
  expires: number;
}

/** Whole NTP seconds, now and so many days later. */
function span(days: number): { issued: number; expires: number } {
  const issued = Math.floor(systemClock());
  return { issued, expires: issued + days * DAY_SECONDS };
}

/** What was made, and how many signatures it wants. */
async function tellMade(terminal: Terminal, file: string, object: SignedObject, missing: number): Promise<void> {
  const { missingLine, signedJson, signedLines } = await import('../say-signed.js');
  const lines = [
    ...signedLines(terminal, object, systemClock()),
    terminal.say(firmwareSentences.wrote, { file }),
    missingLine(terminal, missing),
  ];
  terminal.result(lines, { file, ...signedJson(object), missing });
}

function unsigned(kind: Kind, body: Uint8Array): SignedObject {
  return { kind, body, signatures: [] };
}

async function root(terminal: Terminal, { keys, previous, out }: RootFlags): Promise<void> {
  const { ROOT } = await import('../../../device/update/objects.js');
  const { mustBeAbsent } = await import('../../release/files.js');
  const { readSigned, writeSigned } = await import('../../release/folder.js');
  const { readPublicKey } = await import('../../release/keys.js');
  const { rootBody, rootOf } = await import('../../release/make.js');
  const { verifySignatures } = await import('../../release/verify.js');
  mustBeAbsent(out);
  const before = previous === undefined ? undefined : rootOf(readSigned(previous), previous);
  const body = rootBody(keys.map(readPublicKey), keys.join(' '), before, Math.floor(systemClock()));
  const object = unsigned(ROOT, body);
  const made = rootOf(object, out);
  writeSigned(out, object);
  await tellMade(terminal, out, object, verifySignatures(object, before ? [before, made] : [made]));
}

async function gatewayKeyOf({ gatewayKey, backend }: ConfigureFlags): Promise<Uint8Array> {
  if (gatewayKey !== undefined) return gatewayKey;
  const { connectBackend } = await import('../../backend/client.js');
  return (await connectBackend(backend as string).parameters()).gatewayKey;
}

async function configure(terminal: Terminal, command: Command, flags: ConfigureFlags): Promise<void> {
  if ((flags.gatewayKey === undefined) === (flags.backend === undefined)) {
    command.error("error: option '--gateway-key <base64>' or '--backend'", {
      code: 'commander.missingMandatoryOptionValue',
    });
  }
  const { CONFIGURATION, encodeConfiguration, THRESHOLD } = await import('../../../device/update/objects.js');
  const { writeSigned } = await import('../../release/folder.js');
  const { nextConfiguration } = await import('../../release/make.js');
  const version = nextConfiguration(flags.out, flags.number);
  const gatewayKey = await gatewayKeyOf(flags);
  const body = encodeConfiguration({ version, ...span(flags.expires), endTime: flags.end, gatewayKey });
  const object = unsigned(CONFIGURATION, body);
  writeSigned(flags.out, object);
  await tellMade(terminal, flags.out, object, THRESHOLD);
}

async function release(terminal: Terminal, build: string, { out, expires }: ReleaseFlags): Promise<void> {
  const { decodeRelease, RELEASE, THRESHOLD } = await import('../../../device/update/objects.js');
  const { writeWhole } = await import('../../release/files.js');
  const { imageFile, releaseFile, writeSigned } = await import('../../release/folder.js');
  const { mustBeNewer, readBuild, releaseBody } = await import('../../release/make.js');
  const { image, ...facts } = readBuild(build);
  const object = unsigned(RELEASE, releaseBody(facts, image, span(expires)));
  mustBeNewer(out, decodeRelease(object.body));
  const file = releaseFile(out, facts.board);
  // The image first: whoever is cut short has not made something to sign that has another image.
  writeWhole(imageFile(out, facts.board), image);
  writeSigned(file, object);
  await tellMade(terminal, file, object, THRESHOLD);
}

/** `2027-06-30` as NTP seconds of its 00:00 UTC; 0 for `never`. */
function parseDay(value: string): number {
  if (value === 'never') return 0;
  const time = /^\d{4}-\d\d-\d\d$/.test(value) ? new Date(`${value}T00:00:00Z`) : new Date(Number.NaN);
  const ntp = time.getTime() / 1000 + UNIX_EPOCH_NTP;
  // A month has the days it has: 30 February would become a day of March.
  if (!(ntp > UNIX_EPOCH_NTP && ntp <= U32_MAX) || time.toISOString().slice(0, 10) !== value) {
    throw new InvalidArgumentError('');
  }
  return ntp;
}

function parseKey(value: string): Uint8Array {
  const key = Buffer.from(value, 'base64');
  if (key.length !== 32 || key.toString('base64') !== value) throw new InvalidArgumentError('');
  return new Uint8Array(key);
}

function atLeastOne(max: number): (value: string) => number {
  return (value) => {
    const number = wholeNumber(max)(value);
    if (number === 0) throw new InvalidArgumentError('');
    return number;
  };
}

function expiresOption(terminal: Terminal): Option {
  return new Option('--expires <days>', option(terminal, 'expiresDays'))
    .default(EXPIRES_DAYS)
    .argParser(atLeastOne(EXPIRES_DAYS_MAX));
}

export function addFirmwareMake(firmware: Command, terminal: Terminal): void {
  const out = (): Option => new Option('--out <file>', option(terminal, 'signedOut')).makeOptionMandatory();
  describeCommand(firmware.command('root'), terminal, 'firmware root')
    .addOption(new Option('--keys <files...>', option(terminal, 'publicKeys')).makeOptionMandatory())
    .addOption(new Option('--previous <file>', option(terminal, 'previousRoot')))
    .addOption(out())
    .addOption(jsonOption(terminal))
    .action((flags: RootFlags) => root(terminal, flags));
  const configuring = describeCommand(firmware.command('configure'), terminal, 'firmware configure');
  configuring
    .addOption(new Option('--end <date>', option(terminal, 'endDate')).makeOptionMandatory().argParser(parseDay))
    .addOption(new Option('--gateway-key <base64>', option(terminal, 'gatewayKey')).argParser(parseKey))
    .addOption(new Option('--backend <url>', option(terminal, 'backend')).argParser(parseUrl))
    .addOption(new Option('--number <number>', option(terminal, 'configurationNumber')).argParser(atLeastOne(U32_MAX)))
    .addOption(expiresOption(terminal))
    .addOption(out())
    .addOption(jsonOption(terminal))
    .action((flags: ConfigureFlags) => configure(terminal, configuring, flags));
  describeCommand(firmware.command('release'), terminal, 'firmware release')
    .argument('<build>', option(terminal, 'buildFolder'))
    .addOption(new Option('--out <folder>', option(terminal, 'releasesOut')).makeOptionMandatory())
    .addOption(expiresOption(terminal))
    .addOption(jsonOption(terminal))
    .action((build: string, flags: ReleaseFlags) => release(terminal, build, flags));
}
