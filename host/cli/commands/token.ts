/** `galet token show` and `galet token forget`; `run` and `list` are in files of their own. */
import type { Command } from 'commander';
import { cliSentences } from '../../catalogue/cli.js';
import type { Token } from '../../link/visit/token.js';
import type { Hello } from '../../link/visit/visit.js';
import { describeCommand, jsonOption, kioskOption } from '../describe.js';
import type { DeskOptions } from '../desk.js';
import { addPlace, SEEK_SECONDS, seekOption } from '../place-flags.js';
import { tokenJson, tokenLines } from '../say-token.js';
import type { Terminal } from '../terminal.js';
import { addTokenList } from './token-list.js';
import { addTokenRun } from './token-run.js';

async function show(terminal: Terminal, port: string | undefined, flags: DeskOptions): Promise<void> {
  const { atPlace, withTokenAt } = await import('../desk.js');
  const ask = (token: Token): Promise<Hello> => token.ask('hello', {});
  const hello = await atPlace(terminal, port, flags, (desk) => withTokenAt(desk, ask));
  terminal.result(tokenLines(terminal, hello), tokenJson(hello));
}

async function forgetToken(terminal: Terminal, port: string | undefined, flags: DeskOptions): Promise<void> {
  const { withVisit } = await import('../desk.js');
  const { forget } = await import('../../link/visit/forget.js');
  await withVisit(terminal, port, flags, forget);
  terminal.result([terminal.say(cliSentences.forgotten)], { forgotten: true, proven: true });
}

export function addToken(program: Command, terminal: Terminal): void {
  const token = describeCommand(program.command('token'), terminal, 'token');
  addTokenRun(token, terminal);
  addTokenList(token, terminal);
  addPlace(describeCommand(token.command('show'), terminal, 'token show'), terminal)
    .addOption(seekOption(terminal, SEEK_SECONDS))
    .addOption(kioskOption(terminal).hideHelp())
    .addOption(jsonOption(terminal))
    .action((port: string | undefined, flags: DeskOptions) => show(terminal, port, flags));
  addPlace(describeCommand(token.command('forget'), terminal, 'token forget'), terminal)
    .addOption(seekOption(terminal, SEEK_SECONDS))
    .addOption(kioskOption(terminal))
    .addOption(jsonOption(terminal))
    .action((port: string | undefined, flags: DeskOptions) => forgetToken(terminal, port, flags));
}
