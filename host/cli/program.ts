/** The command line as a whole: its commands, its help in two languages, its errors and exit codes. */
import { Command, CommanderError } from 'commander';
import { VERSION } from '../../device/version.js';
import { type Language, languageOf } from '../catalogue/catalogue.js';
import { addBackend } from './commands/backend.js';
import { addCodes } from './commands/codes.js';
import { addDemo } from './commands/demo.js';
import { addDoctor } from './commands/doctor.js';
import { addFirmware } from './commands/firmware.js';
import { addHelp } from './commands/help.js';
import { addKiosk } from './commands/kiosk.js';
import { addProvision } from './commands/provision.js';
import { addReport } from './commands/report.js';
import { addSync } from './commands/sync.js';
import { addToken } from './commands/token.js';
import { describeCommand, option, translatedHelp } from './describe.js';
import { ExitCode } from './exit.js';
import { createTerminal, type Terminal, tellError, type World } from './terminal.js';
import { usageError } from './usage.js';

/** The value of `--name` or `--name=value`, before anything is parsed: the language decides what parsing says. */
function early(args: string[], name: string): string | undefined {
  const at = args.findIndex((arg) => arg === name || arg.startsWith(`${name}=`));
  if (at < 0) return undefined;
  return args[at]?.includes('=') === true ? args[at]?.slice(name.length + 1) : args[at + 1];
}

function languageFor(args: string[], env: World['env']): Language {
  const asked = early(args, '--lang');
  if (asked === 'fr' || asked === 'en') return asked;
  const locale = env.LC_ALL || env.LC_MESSAGES || env.LANG;
  return languageOf(locale || Intl.DateTimeFormat().resolvedOptions().locale);
}

/** Every command, for one person in one language. */
export function buildProgram(terminal: Terminal): Command {
  const program = new Command('galet');
  program
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void terminal.world.stdout.write(text),
      writeErr: (text) => void terminal.world.stderr.write(text),
      // Errors are told once, by name, in the person's language.
      outputError: () => undefined,
      getOutHelpWidth: () => terminal.world.stdout.columns ?? 100,
      getErrHelpWidth: () => terminal.world.stderr.columns ?? 100,
    })
    .configureHelp(translatedHelp(terminal))
    .version(VERSION, '-V, --version', option(terminal, 'version'));
  describeCommand(program, terminal, 'galet');
  addDemo(program, terminal);
  addToken(program, terminal);
  addProvision(program, terminal);
  addSync(program, terminal);
  addReport(program, terminal);
  addKiosk(program, terminal);
  addBackend(program, terminal);
  addCodes(program, terminal);
  addFirmware(program, terminal);
  addDoctor(program, terminal);
  addHelp(program, terminal);
  return program;
}

/** Runs a command line (without node and script) and returns the exit code. Never throws. */
export async function run(args: string[], world: World): Promise<number> {
  const terminal = createTerminal(world, languageFor(args, world.env), args.includes('--json'));
  try {
    const program = buildProgram(terminal);
    await program.parseAsync(args.length === 0 ? ['help'] : args, { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return 0;
      return tellError(terminal, usageError(error, terminal));
    }
    if (error instanceof ExitCode) return error.code;
    return tellError(terminal, error);
  }
}
