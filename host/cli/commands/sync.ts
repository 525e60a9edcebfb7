/** `galet sync`. */
import { type Command, Option } from 'commander';
import { LIFE_ENDED, NEEDS_CHARGE } from '../../../device/link/messages.js';
import { cliSentences } from '../../catalogue/cli.js';
import type { Pending } from '../../link/visit/receipt.js';
import type { Synchronised } from '../../link/visit/synchronise.js';
import type { Updated } from '../../link/visit/update.js';
import { describeCommand, jsonOption, kioskOption, option } from '../describe.js';
import type { DeskOptions } from '../desk.js';
import { addPlace, SEEK_SECONDS, seekOption } from '../place-flags.js';
import { tokenJson } from '../say-token.js';
import { errorSentence, type Terminal } from '../terminal.js';

interface SyncFlags extends DeskOptions {
  update: boolean;
}

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

/** What there is to say of the update: nothing when there was none to bring. */
function updateLines(terminal: Terminal, updated: Updated): string[] {
  if (updated.outcome === 'updated') {
    return [terminal.say(cliSentences.updated, { from: updated.from, to: updated.to })];
  }
  if (updated.outcome === 'staged') return [terminal.say(cliSentences.updateStaged, { version: updated.version })];
  if (updated.outcome !== 'failed') return [];
  const reason = errorSentence(updated.error.code, terminal.language, updated.error.parameters);
  return [terminal.say(cliSentences.updateFailed, { reason })];
}

async function sync(terminal: Terminal, port: string | undefined, flags: SyncFlags): Promise<void> {
  const { withVisit } = await import('../desk.js');
  const { synchronise } = await import('../../link/visit/synchronise.js');
  const { update } = await import('../../link/visit/update.js');
  const { done, updated } = await withVisit(terminal, port, flags, async (visit) => {
    const done = await synchronise(visit);
    const updated: Updated = flags.update ? await update(visit, done.hello) : { outcome: 'none' };
    return { done, updated };
  });
  const { outcome, refusal } = done.pending;
  const firmware = updated.outcome === 'updated' ? updated.to : done.hello.firmware;
  terminal.result([...linesOf(terminal, done), ...updateLines(terminal, updated)], {
    ...tokenJson({ ...done.hello, firmware }),
    report: outcome,
    ...(refusal !== undefined && { refusal }),
    update: updated.outcome,
    ...(updated.outcome === 'failed' && { updateRefusal: updated.error.code }),
  });
}

export function addSync(program: Command, terminal: Terminal): void {
  addPlace(describeCommand(program.command('sync'), terminal, 'sync'), terminal)
    .addOption(seekOption(terminal, SEEK_SECONDS))
    .addOption(new Option('--no-update', option(terminal, 'noUpdate')))
    .addOption(kioskOption(terminal))
    .addOption(jsonOption(terminal))
    .action((port: string | undefined, flags: SyncFlags) => sync(terminal, port, flags));
}
