/** `galet sync PORT`. */
import type { Command } from 'commander';
import { LIFE_ENDED, NEEDS_CHARGE } from '../../../device/link/messages.js';
import { cliSentences } from '../../catalogue/cli.js';
import type { Pending } from '../../link/visit/receipt.js';
import type { Synchronised } from '../../link/visit/synchronise.js';
import { describeCommand, jsonOption, kioskOption, option, quietOption } from '../describe.js';
import type { DeskOptions } from '../desk.js';
import { tokenJson } from '../say-token.js';
import { errorSentence, type Terminal } from '../terminal.js';

const PENDING = {
  delivered: cliSentences.pendingDelivered,
  waiting: cliSentences.pendingWaiting,
  unfinished: cliSentences.pendingUnfinished,
  elsewhere: cliSentences.pendingElsewhere,
} as const;

function pendingLines(terminal: Terminal, { outcome, refusal }: Pending): string[] {
  if (outcome === 'none') return [];
  if (outcome !== 'refused') return [terminal.say(PENDING[outcome])];
  const reason = errorSentence(refusal ?? 'server-refused', terminal.language, {});
  return [terminal.say(cliSentences.pendingRefused, { reason })];
}

function linesOf(terminal: Terminal, { hello, pending }: Synchronised): string[] {
  if (hello.life === LIFE_ENDED) return [terminal.say(cliSentences.synchronisedEnded)];
  const lines = [terminal.say(cliSentences.synchronised, { days: hello.goodForDays })];
  if ((hello.needs & NEEDS_CHARGE) !== 0) lines.push(terminal.say(cliSentences.needsCharge));
  return [...lines, ...pendingLines(terminal, pending)];
}

async function sync(terminal: Terminal, path: string, flags: DeskOptions): Promise<void> {
  const { withVisit } = await import('../desk.js');
  const { synchronise } = await import('../../link/visit/synchronise.js');
  const done = await withVisit(terminal, path, flags, synchronise);
  const { outcome, refusal } = done.pending;
  terminal.result(linesOf(terminal, done), {
    ...tokenJson(done.hello),
    report: outcome,
    ...(refusal !== undefined && { refusal }),
  });
}

export function addSync(program: Command, terminal: Terminal): void {
  describeCommand(program.command('sync'), terminal, 'sync')
    .argument('<port>', option(terminal, 'serialPort'))
    .addOption(kioskOption(terminal))
    .addOption(quietOption(terminal))
    .addOption(jsonOption(terminal))
    .action((path: string, flags: DeskOptions) => sync(terminal, path, flags));
}
