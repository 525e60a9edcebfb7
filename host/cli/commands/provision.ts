/** `galet provision PORT`. */
import { type Command, Option } from 'commander';
import { cliSentences } from '../../catalogue/cli.js';
import { nodeRandom } from '../../crypto.js';
import { readCredential } from '../credential.js';
import { dataOption, describeCommand, jsonOption, kioskOption, option, quietOption } from '../describe.js';
import type { DeskOptions } from '../desk.js';
import { defaultCredential } from '../places.js';
import { tokenJson } from '../say-token.js';
import type { Terminal } from '../terminal.js';

export interface ProvisionFlags extends DeskOptions {
  data: string;
  credential?: string;
}

/** Sets the token at a port up, and tells how it is then. */
export async function provision(terminal: Terminal, path: string, flags: ProvisionFlags): Promise<void> {
  const credential = readCredential(flags.credential ?? defaultCredential(flags.data));
  const { withVisit } = await import('../desk.js');
  const { provisionToken } = await import('../../provision/provision.js');
  const hello = await withVisit(terminal, path, flags, (visit) =>
    provisionToken(visit, { credential, random: nodeRandom }),
  );
  terminal.result([terminal.say(cliSentences.provisioned, { days: hello.goodForDays })], tokenJson(hello));
}

export function addProvision(program: Command, terminal: Terminal): void {
  describeCommand(program.command('provision'), terminal, 'provision')
    .argument('<port>', option(terminal, 'serialPort'))
    .addOption(new Option('--credential <file>', option(terminal, 'credential')))
    .addOption(dataOption(terminal))
    .addOption(kioskOption(terminal))
    .addOption(quietOption(terminal))
    .addOption(jsonOption(terminal))
    .action((path: string, flags: ProvisionFlags) => provision(terminal, path, flags));
}
