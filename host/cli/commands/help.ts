/** `galet help`: of a command, or the page that answers "what does it hold about me?". */
import type { Command } from 'commander';
import { holdsText } from '../../catalogue/holds.js';
import { describeCommand, option } from '../describe.js';
import type { Terminal } from '../terminal.js';

const WIDTH_MAX = 100;
const TOPIC = 'what-it-holds';

/** The command behind `words`; commander's own error for a word that is none. */
function find(program: Command, words: string[]): Command {
  let command = program;
  for (const word of words) {
    const next = command.commands.find((child) => child.name() === word);
    if (next === undefined) program.error(`error: unknown command '${word}'`, { code: 'commander.unknownCommand' });
    else command = next;
  }
  return command;
}

export function addHelp(program: Command, terminal: Terminal): void {
  const command = program.command('help').argument('[topic...]', option(terminal, 'topic'));
  describeCommand(command, terminal, 'help').action((topic: string[]) => {
    const { stdout } = terminal.world;
    if (topic[0] === TOPIC)
      stdout.write(holdsText(terminal.language, Math.min(stdout.columns ?? WIDTH_MAX, WIDTH_MAX)));
    else find(program, topic).outputHelp();
  });
}
