/** `galet firmware check`. */
import { statSync } from 'node:fs';
import type { Command } from 'commander';
import { firmwareSentences } from '../../catalogue/firmware.js';
import { systemClock } from '../../clock.js';
import { GaletError } from '../../errors.js';
import type { Checked } from '../../release/check.js';
import { describeCommand, jsonOption, option } from '../describe.js';
import { ExitCode } from '../exit.js';
import { errorSentence, type Terminal } from '../terminal.js';
import { rootOption } from './firmware-sign.js';

interface CheckFlags {
  root?: string;
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch (cause) {
    throw new GaletError('file-unusable', { file: path }, cause);
  }
}

function problemOf({ language }: Terminal, { error }: Checked): { code: string; message: string } | undefined {
  if (error === undefined) return undefined;
  return { code: error.code, message: errorSentence(error.code, language, error.parameters) };
}

async function check(terminal: Terminal, path: string, flags: CheckFlags): Promise<void> {
  const { checkFile, checkFolder } = await import('../../release/check.js');
  const { readTrusted } = await import('../../release/trust.js');
  const { signedJson, signedLine } = await import('../say-signed.js');
  const trusted = readTrusted(flags.root);
  const now = systemClock();
  const { checked, anchor } = isFolder(path) ? checkFolder(path, trusted, now) : checkFile(path, trusted, now);
  const failed = checked.find(({ error }) => error !== undefined)?.error;
  const lines = checked.map((each) => {
    const { file, object } = each;
    const problem = problemOf(terminal, each);
    return problem || !object
      ? terminal.say(firmwareSentences.checkWrong, { file, reason: problem?.message ?? '' })
      : terminal.say(firmwareSentences.checkRight, { file, what: signedLine(terminal, object) });
  });
  if (anchor !== undefined) lines.push(terminal.say(firmwareSentences.trustStands, { file: anchor }));
  lines.push(terminal.say(failed ? firmwareSentences.checkSomeWrong : firmwareSentences.checkAllRight));
  const items = checked.map((each) => {
    const error = problemOf(terminal, each);
    return {
      file: each.file,
      ok: error === undefined,
      ...(each.object && signedJson(each.object)),
      ...(error && { error }),
    };
  });
  terminal.result(lines, { ok: failed === undefined, checked: items });
  if (failed) throw new ExitCode(failed.kind.exit);
}

export function addFirmwareCheck(firmware: Command, terminal: Terminal): void {
  describeCommand(firmware.command('check'), terminal, 'firmware check')
    .argument('<path>', option(terminal, 'checkPath'))
    .addOption(rootOption(terminal))
    .addOption(jsonOption(terminal))
    .action((path: string, flags: CheckFlags) => check(terminal, path, flags));
}
