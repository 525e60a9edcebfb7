/** `galet codes issue`. */
import { type Command, Option } from 'commander';
import { UNIX_EPOCH_NTP } from '../../../device/robert/time.js';
import { cliSentences } from '../../catalogue/cli.js';
import { readCredential } from '../credential.js';
import { backendOption, dataOption, describeCommand, jsonOption, option } from '../describe.js';
import { defaultCredential } from '../places.js';
import type { Terminal } from '../terminal.js';

interface IssueFlags {
  backend: string;
  data: string;
  credential?: string;
  kind: 'short' | 'jwt';
}

async function issue(terminal: Terminal, flags: IssueFlags): Promise<void> {
  const { connectBackend } = await import('../../backend/client.js');
  const credential = readCredential(flags.credential ?? defaultCredential(flags.data));
  const { code, validUntil } = await connectBackend(flags.backend).issueCode(credential, flags.kind);
  const time = new Date((validUntil - UNIX_EPOCH_NTP) * 1000);
  const shown = time.toLocaleString(terminal.language, { dateStyle: 'medium', timeStyle: 'short' });
  terminal.result([terminal.say(cliSentences.codeIssued, { code, time: shown })], {
    code,
    validUntil: time.toISOString(),
  });
}

export function addCodes(program: Command, terminal: Terminal): void {
  const codes = describeCommand(program.command('codes'), terminal, 'codes');
  describeCommand(codes.command('issue'), terminal, 'codes issue')
    .addOption(new Option('--kind <kind>', option(terminal, 'kind')).choices(['short', 'jwt']).default('short'))
    .addOption(backendOption(terminal))
    .addOption(dataOption(terminal))
    .addOption(new Option('--credential <file>', option(terminal, 'credential')))
    .addOption(jsonOption(terminal))
    .action((flags: IssueFlags) => issue(terminal, flags));
}
