/** `galet report --code CODE`. */
import { type Command, Option } from 'commander';
import { cliSentences } from '../../catalogue/cli.js';
import { normaliseCode } from '../../codes.js';
import { describeCommand, jsonOption, kioskOption, option, wholeNumber } from '../describe.js';
import type { DeskOptions } from '../desk.js';
import { addPlace } from '../place-flags.js';
import type { Terminal } from '../terminal.js';

const WAIT_SECONDS = 20;
const WAIT_MAX = 3600;

interface ReportFlags extends DeskOptions {
  code: string;
  wait: number;
}

async function report(terminal: Terminal, port: string | undefined, flags: ReportFlags): Promise<void> {
  const { withVisit } = await import('../desk.js');
  const { reportContacts } = await import('../../link/visit/report.js');
  const options = { code: normaliseCode(flags.code), receiptSeconds: flags.wait };
  // Its own `wait` is for the receipt; a button is waited for as long as everywhere.
  const { wait: _, ...place } = flags;
  const done = await withVisit(terminal, port, place, (visit) => reportContacts(visit, options));
  const sentence = done.outcome === 'delivered' ? cliSentences.reported : cliSentences.reportKept;
  terminal.result([terminal.say(sentence)], done);
}

export function addReport(program: Command, terminal: Terminal): void {
  addPlace(describeCommand(program.command('report'), terminal, 'report'), terminal)
    .addOption(new Option('--code <code>', option(terminal, 'code')).makeOptionMandatory())
    .addOption(
      new Option('--wait <seconds>', option(terminal, 'wait')).default(WAIT_SECONDS).argParser(wholeNumber(WAIT_MAX)),
    )
    .addOption(kioskOption(terminal))
    .addOption(jsonOption(terminal))
    .action((port: string | undefined, flags: ReportFlags) => report(terminal, port, flags));
}
