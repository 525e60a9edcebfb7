/** `galet token run`: a token as a process, pressed from the keyboard. */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { cliSentences, signalSentences } from '../../catalogue/cli.js';
import { airOption, dataOption, describeCommand, jsonOption, option } from '../describe.js';
import { defaultFlash } from '../places.js';
import { serveUntilStopped } from '../stoppable.js';
import type { Terminal } from '../terminal.js';

/** What a press is when no length is given: as long as a consent needs. */
const PRESS_SECONDS = 3;

interface RunFlags {
  data: string;
  flash?: string;
  clock?: number | 'lost';
  air?: number;
  distance: number;
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

async function runOne(terminal: Terminal, flags: RunFlags): Promise<void> {
  const { runToken } = await import('../token-process.js');
  const flashFile = flags.flash ?? defaultFlash(flags.data);
  mkdirSync(dirname(flashFile), { recursive: true });
  const token = await runToken({
    flashFile,
    distance: flags.distance,
    ...(flags.clock !== undefined && { clock: flags.clock }),
    ...(flags.air !== undefined && { air: flags.air }),
    onSignal: (signal) => terminal.remark(terminal.say(signalSentences[signal])),
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
    token.close();
  });
}

export function addTokenRun(token: Command, terminal: Terminal): void {
  describeCommand(token.command('run'), terminal, 'token run')
    .addOption(new Option('--flash <file>', option(terminal, 'flash')))
    .addOption(new Option('--clock <value>', option(terminal, 'clock')).argParser(parseClock))
    .addOption(airOption(terminal))
    .addOption(new Option('--distance <metres>', option(terminal, 'distance')).default(1).argParser(parseDistance))
    .addOption(dataOption(terminal))
    .addOption(jsonOption(terminal))
    .action((flags: RunFlags) => runOne(terminal, flags));
}
