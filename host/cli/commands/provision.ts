/** `galet provision`. */
import { type Command, Option } from 'commander';
import { cliSentences } from '../../catalogue/cli.js';
import { nodeRandom } from '../../crypto.js';
import type { Hello } from '../../link/visit/visit.js';
import { readCredential } from '../credential.js';
import { dataOption, describeCommand, jsonOption, kioskOption, option } from '../describe.js';
import type { Desk, DeskOptions } from '../desk.js';
import { addPlace, SEEK_SECONDS, seekOption } from '../place-flags.js';
import { defaultCredential } from '../places.js';
import { tokenJson } from '../say-token.js';
import type { Terminal } from '../terminal.js';

export interface ProvisionFlags extends DeskOptions {
  data: string;
  credential?: string;
}

function credentialOf(flags: ProvisionFlags): string {
  return readCredential(flags.credential ?? defaultCredential(flags.data));
}

/** Sets the token at a desk up. */
export async function provisionAt(desk: Desk, flags: ProvisionFlags): Promise<Hello> {
  const credential = credentialOf(flags);
  const { withVisitAt } = await import('../desk.js');
  const { provisionToken } = await import('../../provision/provision.js');
  return await withVisitAt(desk, flags.kiosk, (visit) => provisionToken(visit, { credential, random: nodeRandom }));
}

/** Tells how a token is that was set up. */
export function tellProvisioned(terminal: Terminal, hello: Hello): void {
  terminal.result([terminal.say(cliSentences.provisioned, { days: hello.goodForDays })], tokenJson(hello));
}

async function provision(terminal: Terminal, port: string | undefined, flags: ProvisionFlags): Promise<void> {
  // What is wrong with it is said before anybody has to press a button.
  credentialOf(flags);
  const { atPlace } = await import('../desk.js');
  tellProvisioned(terminal, await atPlace(terminal, port, flags, (desk) => provisionAt(desk, flags)));
}

export function addProvision(program: Command, terminal: Terminal): void {
  addPlace(describeCommand(program.command('provision'), terminal, 'provision'), terminal)
    .addOption(seekOption(terminal, SEEK_SECONDS))
    .addOption(new Option('--credential <file>', option(terminal, 'credential')))
    .addOption(dataOption(terminal))
    .addOption(kioskOption(terminal))
    .addOption(jsonOption(terminal))
    .action((port: string | undefined, flags: ProvisionFlags) => provision(terminal, port, flags));
}
