/** `galet token show` and `galet token forget`; `run` is in a file of its own. */
import type { Command } from 'commander';
import { cliSentences } from '../../catalogue/cli.js';
import { describeCommand, jsonOption, kioskOption, option, quietOption } from '../describe.js';
import type { DeskOptions } from '../desk.js';
import { tokenJson, tokenLines } from '../say-token.js';
import type { Terminal } from '../terminal.js';
import { addTokenRun } from './token-run.js';

async function show(terminal: Terminal, path: string): Promise<void> {
  const { withToken } = await import('../desk.js');
  const hello = await withToken(terminal, path, (token) => token.ask('hello', {}));
  terminal.result(tokenLines(terminal, hello), tokenJson(hello));
}

async function forgetToken(terminal: Terminal, path: string, flags: DeskOptions): Promise<void> {
  const { withVisit } = await import('../desk.js');
  const { forget } = await import('../../link/visit/forget.js');
  await withVisit(terminal, path, flags, forget);
  terminal.result([terminal.say(cliSentences.forgotten)], { forgotten: true, proven: true });
}

export function addToken(program: Command, terminal: Terminal): void {
  const token = describeCommand(program.command('token'), terminal, 'token');
  addTokenRun(token, terminal);
  describeCommand(token.command('show'), terminal, 'token show')
    .argument('<port>', option(terminal, 'serialPort'))
    .addOption(kioskOption(terminal).hideHelp())
    .addOption(jsonOption(terminal))
    .action((path: string) => show(terminal, path));
  describeCommand(token.command('forget'), terminal, 'token forget')
    .argument('<port>', option(terminal, 'serialPort'))
    .addOption(kioskOption(terminal))
    .addOption(quietOption(terminal))
    .addOption(jsonOption(terminal))
    .action((path: string, flags: DeskOptions) => forgetToken(terminal, path, flags));
}
