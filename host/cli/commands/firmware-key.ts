/** `galet firmware key`. */
import { type Command, Option } from 'commander';
import { firmwareSentences } from '../../catalogue/firmware.js';
import { nodeRandom } from '../../crypto.js';
import { describeCommand, jsonOption, option } from '../describe.js';
import type { Terminal } from '../terminal.js';

interface KeyFlags {
  out: string;
  passphraseFile?: string;
}

async function key(terminal: Terminal, { out, passphraseFile }: KeyFlags): Promise<void> {
  const { mustBeAbsent } = await import('../../release/files.js');
  const { makeKey, publicFileOf, writeKey } = await import('../../release/keys.js');
  const { choosePassphrase } = await import('../passphrase.js');
  const publicFile = publicFileOf(out);
  // Said before a passphrase is thought of.
  mustBeAbsent(out);
  mustBeAbsent(publicFile);
  const passphrase = await choosePassphrase(terminal, out, passphraseFile);
  terminal.remark(terminal.say(firmwareSentences.makingKey));
  const made = makeKey(nodeRandom);
  writeKey(out, made, passphrase, nodeRandom);
  const publicKey = Buffer.from(made.publicKey).toString('hex');
  terminal.result(
    [
      terminal.say(firmwareSentences.keyMade, { file: out, publicFile }),
      terminal.say(firmwareSentences.keyPublic, { key: publicKey }),
    ],
    { file: out, publicFile, publicKey },
  );
}

export function passphraseOption(terminal: Terminal): Option {
  return new Option('--passphrase-file <file>', option(terminal, 'passphraseFile'));
}

export function addFirmwareKey(firmware: Command, terminal: Terminal): void {
  describeCommand(firmware.command('key'), terminal, 'firmware key')
    .addOption(new Option('--out <file>', option(terminal, 'keyOut')).makeOptionMandatory())
    .addOption(passphraseOption(terminal))
    .addOption(jsonOption(terminal))
    .action((flags: KeyFlags) => key(terminal, flags));
}
