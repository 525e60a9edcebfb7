/** `galet firmware fleet`. */
import { type Command, Option } from 'commander';
import { firmwareSentences } from '../../catalogue/firmware.js';
import { readCredential } from '../credential.js';
import { backendOption, dataOption, describeCommand, jsonOption, option } from '../describe.js';
import { defaultCredential } from '../places.js';
import type { Terminal } from '../terminal.js';

interface FleetFlags {
  backend: string;
  data: string;
  credential?: string;
}

async function fleet(terminal: Terminal, flags: FleetFlags): Promise<void> {
  const { connectBackend } = await import('../../backend/client.js');
  const credential = readCredential(flags.credential ?? defaultCredential(flags.data));
  const answer = await connectBackend(flags.backend).fleet(credential);
  const { days, versions, hidden } = answer;
  const lines = [terminal.say(firmwareSentences.fleetTitle, { days })];
  for (const each of versions) lines.push(terminal.say(firmwareSentences.fleetLine, { ...each }));
  lines.push(terminal.say(firmwareSentences.fleetHidden, { hidden }));
  terminal.result(lines, answer);
}

export function addFirmwareFleet(firmware: Command, terminal: Terminal): void {
  describeCommand(firmware.command('fleet'), terminal, 'firmware fleet')
    .addOption(backendOption(terminal))
    .addOption(new Option('--credential <file>', option(terminal, 'credential')))
    .addOption(dataOption(terminal))
    .addOption(jsonOption(terminal))
    .action((flags: FleetFlags) => fleet(terminal, flags));
}
