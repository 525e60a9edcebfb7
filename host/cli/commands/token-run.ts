/** `galet token run`: a token as a process, pressed from the keyboard. */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { cliSentences, signalSentences } from '../../catalogue/cli.js';
import { airOption, dataOption, describeCommand, jsonOption, option } from '../describe.js';
import { adapterOption, colourName } from '../place-flags.js';
import { defaultFlash } from '../places.js';
import { serveUntilStopped } from '../stoppable.js';
import type { Terminal } from '../terminal.js';

/** What a press is when no length is given: as long as a consent needs. */
const PRESS_SECONDS = 3;

/** Gains of an adapter that nobody has calibrated (dB); what one byte of an advert can carry. */
const TX_GAIN = -15;
const RX_GAIN = -5;
const GAIN_MIN = -128;
const GAIN_MAX = 127;

interface RunFlags {
  data: string;
  flash?: string;
  clock?: number | 'lost';
  air?: number;
  distance: number;
  ble?: boolean;
  adapter?: string;
  docked?: boolean;
  txGain: number;
  rxGain: number;
}

function parseClock(value: string): number | 'lost' {
  if (value === 'lost') return value;
  if (!/^[+-]?\d{1,9}$/.test(value)) throw new InvalidArgumentError('');
  return Number(value);
}

function parseDistance(value: string): number {
  const metres = /^\d{1,4}(\.\d+)?$/.test(value) ? Number(value) : 0;
  if (metres <= 0) throw new InvalidArgumentError('');
  return metres;
}

function parseGain(value: string): number {
  const gain = /^[+-]?\d{1,3}$/.test(value) ? Number(value) : Number.NaN;
  if (!(gain >= GAIN_MIN && gain <= GAIN_MAX)) throw new InvalidArgumentError('');
  return gain;
}

async function runOne(terminal: Terminal, flags: RunFlags): Promise<void> {
  const { runToken } = await import('../token-process.js');
  const flashFile = flags.flash ?? defaultFlash(flags.data);
  mkdirSync(dirname(flashFile), { recursive: true });
  const token = await runToken({
    flashFile,
    distance: flags.distance,
    ...(flags.clock !== undefined && { clock: flags.clock }),
    ...(flags.air !== undefined && { air: flags.air }),
    ...(flags.ble && {
      ble: {
        isDocked: flags.docked ?? false,
        txGain: flags.txGain,
        rxGain: flags.rxGain,
        ...(flags.adapter !== undefined && { adapter: flags.adapter }),
      },
    }),
    onSignal: (signal) => terminal.remark(terminal.say(signalSentences[signal])),
    onBlink: (colour) =>
      terminal.remark(terminal.say(cliSentences.tokenBlinks, { colour: colourName(terminal, colour) })),
    onTrouble: (what) => terminal.remark(terminal.say(cliSentences.tokenTrouble, { what })),
  });
  const keyboard = createInterface({ input: terminal.world.stdin });
  keyboard.on('line', (line) => {
    const [word, seconds] = line.trim().split(/\s+/);
    if (word === 'press') token.press(Number(seconds ?? PRESS_SECONDS) || PRESS_SECONDS);
    else if (word !== '') terminal.remark(terminal.say(cliSentences.tokenKeyboard));
  });
  const { path } = token;
  terminal.result([terminal.say(cliSentences.tokenRunning, { path })], { port: path, flash: flashFile });
  await serveUntilStopped(terminal, async () => {
    keyboard.close();
    await token.close();
  });
}

export function addTokenRun(token: Command, terminal: Terminal): void {
  const ble = { ble: true };
  describeCommand(token.command('run'), terminal, 'token run')
    .addOption(new Option('--flash <file>', option(terminal, 'flash')))
    .addOption(new Option('--clock <value>', option(terminal, 'clock')).argParser(parseClock))
    .addOption(airOption(terminal))
    .addOption(new Option('--distance <metres>', option(terminal, 'distance')).default(1).argParser(parseDistance))
    .addOption(new Option('--ble', option(terminal, 'tokenBle')).conflicts('air'))
    .addOption(adapterOption(terminal).implies(ble))
    .addOption(new Option('--docked', option(terminal, 'docked')).implies(ble))
    .addOption(new Option('--tx-gain <dB>', option(terminal, 'txGain')).default(TX_GAIN).argParser(parseGain))
    .addOption(new Option('--rx-gain <dB>', option(terminal, 'rxGain')).default(RX_GAIN).argParser(parseGain))
    .addOption(dataOption(terminal))
    .addOption(jsonOption(terminal))
    .action((flags: RunFlags) => runOne(terminal, flags));
}
