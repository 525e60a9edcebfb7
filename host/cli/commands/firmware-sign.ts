/** `galet firmware sign`. */
import { type Command, Option } from 'commander';
import { firmwareSentences } from '../../catalogue/firmware.js';
import { systemClock } from '../../clock.js';
import { nodeRandom } from '../../crypto.js';
import { describeCommand, jsonOption, option } from '../describe.js';
import type { Terminal } from '../terminal.js';
import { passphraseOption } from './firmware-key.js';

interface SignFlags {
  key: string;
  root?: string;
  passphraseFile?: string;
}

export function rootOption(terminal: Terminal): Option {
  return new Option('--root <file>', option(terminal, 'trustedRoot'));
}

async function sign(terminal: Terminal, file: string, flags: SignFlags): Promise<void> {
  const { decodeRelease, RELEASE, THRESHOLD } = await import('../../../device/update/objects.js');
  const { folderOf, imageBeside, readImageBeside, readSigned, writeSigned } = await import('../../release/folder.js');
  const { verifyImage } = await import('../../release/image.js');
  const { addSignature, readLockedKey, unlock } = await import('../../release/keys.js');
  const { mustBeKnown, readTrusted, rootsFor } = await import('../../release/trust.js');
  const { keyName, mustBeFresh, verifySignatures } = await import('../../release/verify.js');
  const { missingLine, signedJson, signedLines } = await import('../say-signed.js');
  const { readPassphrase } = await import('../passphrase.js');

  const object = readSigned(file);
  const now = systemClock();
  for (const line of signedLines(terminal, object, now)) terminal.remark(line);
  const roots = rootsFor(object, folderOf(file), readTrusted(flags.root));
  if (roots.length > 0) verifySignatures(object, roots);
  else terminal.remark(terminal.say(firmwareSentences.noRoot));
  mustBeFresh(object, now);
  if (object.kind === RELEASE) verifyImage(decodeRelease(object.body), readImageBeside(file), imageBeside(file));
  const locked = readLockedKey(flags.key);
  mustBeKnown(object, roots, locked.publicKey);
  const key = unlock(locked, await readPassphrase(terminal, flags.key, flags.passphraseFile));
  terminal.remark(terminal.say(firmwareSentences.signing, { key: keyName(key.publicKey) }));
  const signed = addSignature(object, key, nodeRandom);
  writeSigned(file, signed);
  const missing =
    roots.length > 0 ? verifySignatures(signed, roots) : Math.max(THRESHOLD - signed.signatures.length, 0);
  terminal.result([terminal.say(firmwareSentences.wrote, { file }), missingLine(terminal, missing)], {
    file,
    ...signedJson(signed),
    missing,
  });
}

export function addFirmwareSign(firmware: Command, terminal: Terminal): void {
  describeCommand(firmware.command('sign'), terminal, 'firmware sign')
    .argument('<file>', option(terminal, 'signedFile'))
    .addOption(new Option('--key <file>', option(terminal, 'releaseKey')).makeOptionMandatory())
    .addOption(passphraseOption(terminal))
    .addOption(rootOption(terminal))
    .addOption(jsonOption(terminal))
    .action((file: string, flags: SignFlags) => sign(terminal, file, flags));
}
