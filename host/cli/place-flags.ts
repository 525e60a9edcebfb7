/** The options that say where a token is: at a serial port, or on the air. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { colourSentences } from '../catalogue/cli.js';
import { usageReasons } from '../catalogue/commands.js';
import { GaletError } from '../errors.js';
import { option, quietOption, wholeNumber } from './describe.js';
import type { Terminal } from './terminal.js';

/** How long somebody is given to press a token's button, unless told. */
export const SEEK_SECONDS = 30;
const SEEK_MAX = 3600;

export interface AirFlags {
  /** As host/link/ble/adapter.ts takes it. */
  adapter?: string;
  /** Seconds. */
  wait?: number;
  quiet?: boolean;
}

export interface PlaceFlags extends AirFlags {
  ble?: boolean;
  /** A COLOUR_ number of device/link/messages.ts: the token that blinks so, and no other. */
  colour?: number;
}

const COLOURS = Object.values(colourSentences);

/** The name of a colour (a COLOUR_ number). */
export function colourName(terminal: Terminal, colour: number): string {
  const sentence = COLOURS[colour];
  return sentence === undefined ? String(colour) : terminal.say(sentence);
}

/** The same for programs. */
export function colourKey(colour: number): string | undefined {
  return Object.keys(colourSentences)[colour];
}

/** A colour by its name in either language. */
function parseColour(value: string): number {
  const name = value.toLowerCase();
  const colour = COLOURS.findIndex(({ en, fr }) => en === name || fr === name);
  if (colour < 0) throw new InvalidArgumentError('');
  return colour;
}

export function adapterOption(terminal: Terminal): Option {
  return new Option('--adapter <name>', option(terminal, 'adapter'));
}

export function seekOption(terminal: Terminal, seconds: number): Option {
  return new Option('--wait <seconds>', option(terminal, 'seek')).default(seconds).argParser(wholeNumber(SEEK_MAX));
}

/** Adds the port and its alternative, the air, to a command for one token, and --quiet. */
export function addPlace(command: Command, terminal: Terminal): Command {
  const ble = { ble: true };
  return command
    .argument('[port]', option(terminal, 'serialPort'))
    .addOption(new Option('--ble', option(terminal, 'ble')))
    .addOption(new Option('--colour <name>', option(terminal, 'colour')).argParser(parseColour).implies(ble))
    .addOption(adapterOption(terminal).implies(ble))
    .addOption(quietOption(terminal));
}

/** Whether a command line means the air; throws 'usage' when it names no place, or two. */
export function isOnAir(terminal: Terminal, port: string | undefined, { ble = false }: PlaceFlags): boolean {
  if (ble !== (port !== undefined)) return ble;
  const { missingArgument, portOrAir } = usageReasons;
  const reason = ble ? terminal.say(portOrAir) : terminal.say(missingArgument, { name: 'port' });
  throw new GaletError('usage', { reason });
}
