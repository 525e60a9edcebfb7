/** `galet demo`: a process of its own, which tells the day or prints one JSON object. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type Command, Option } from 'commander';
import { describeCommand, jsonOption, option, wholeNumber } from '../describe.js';
import { ExitCode } from '../exit.js';
import type { Terminal } from '../terminal.js';

const SEED_MAX = 4_294_967_295;

interface DemoFlags {
  json?: boolean;
  seed?: number;
  nobodyPositive?: boolean;
  break?: string;
  keep?: boolean;
  air?: string;
}

function argumentsFor(flags: DemoFlags, language: string): string[] {
  const args = ['--lang', language];
  if (flags.json === true) args.push('--json');
  if (flags.seed !== undefined) args.push('--seed', String(flags.seed));
  if (flags.nobodyPositive === true) args.push('--nobody-positive');
  if (flags.break !== undefined) args.push('--break', flags.break);
  if (flags.keep === true) args.push('--keep');
  if (flags.air !== undefined) args.push('--air', flags.air);
  return args;
}

/** Runs the demo with this process's own input and output; it handles Ctrl-C itself, so here it is let pass. */
function runDemo(terminal: Terminal, args: string[]): Promise<number> {
  const script = fileURLToPath(new URL('../../../tools/demo/main.js', import.meta.url));
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [script, ...args], { stdio: 'inherit' });
    const forget = terminal.world.onStop((signal) => {
      if (signal === 'SIGTERM') child.kill(signal);
    });
    child.once('error', reject);
    child.once('close', (code) => {
      forget();
      resolve(code ?? 1);
    });
  });
}

export function addDemo(program: Command, terminal: Terminal): void {
  const command = describeCommand(program.command('demo'), terminal, 'demo')
    .addOption(jsonOption(terminal))
    .addOption(new Option('--seed <number>', option(terminal, 'seed')).argParser(wholeNumber(SEED_MAX)))
    .addOption(new Option('--nobody-positive', option(terminal, 'nobodyPositive')))
    .addOption(new Option('--break <fault>', option(terminal, 'break')).choices(['mac', 'seal', 'ratchet', 'outbox']))
    .addOption(new Option('--keep', option(terminal, 'keep')))
    .addOption(
      new Option('--air <kind>', option(terminal, 'demoAir'))
        .choices(['ble'])
        .conflicts(['seed', 'nobodyPositive', 'break', 'keep']),
    );
  command.action(async (flags: DemoFlags) => {
    const code = await runDemo(terminal, argumentsFor(flags, terminal.language));
    if (code !== 0) throw new ExitCode(code);
  });
}
