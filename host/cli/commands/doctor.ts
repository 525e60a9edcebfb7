/** `galet doctor`: what of this computer is in the way of tokens, and what to do about each. */
import type { Command } from 'commander';
import { Option } from 'commander';
import { doctorSentences, doctorSummary, stateWords } from '../../catalogue/doctor.js';
import { exitOf, type Finding } from '../../doctor/findings.js';
import { UDEV_FILE, udevRules } from '../../doctor/udev.js';
import { describeCommand, jsonOption, kioskOption, option } from '../describe.js';
import { ExitCode } from '../exit.js';
import { adapterOption } from '../place-flags.js';
import type { Terminal } from '../terminal.js';

interface DoctorFlags {
  adapter?: string;
  token?: boolean;
  kiosk: string;
  udev?: boolean;
}

function tell(terminal: Terminal, findings: readonly Finding[]): void {
  const say = ({ sentence, parameters }: Finding): string => terminal.say(doctorSentences[sentence], parameters);
  const words = Object.values(stateWords).map((word) => terminal.say(word));
  const width = Math.max(...words.map(({ length }) => length));
  const count = findings.filter(({ state }) => state === 'to-do').length;
  terminal.result(
    [
      ...findings.map((finding) => `${terminal.say(stateWords[finding.state]).padEnd(width)}  ${say(finding)}`),
      count === 0 ? terminal.say(doctorSummary.well) : terminal.say(doctorSummary.toDo, { count }),
    ],
    findings.map((finding) => ({
      check: finding.check,
      state: finding.state,
      finding: finding.sentence,
      sentence: say(finding),
    })),
  );
}

async function look(terminal: Terminal, port: string | undefined, flags: DoctorFlags): Promise<void> {
  if (flags.udev === true) {
    terminal.result([udevRules().trimEnd()], { file: UDEV_FILE, rules: udevRules() });
    return;
  }
  const { examine } = await import('../../doctor/examine.js');
  const { thisSystem } = await import('../../doctor/system.js');
  const { readAdapter } = await import('../../doctor/question.js');
  const adapter = readAdapter(flags.adapter, terminal.world.env);
  const findings = await examine(thisSystem(), {
    isToken: flags.token === true,
    kiosk: flags.kiosk,
    ...(port !== undefined && { port }),
    ...(adapter !== undefined && { adapter }),
  });
  tell(terminal, findings);
  const exit = exitOf(findings);
  if (exit !== 0) throw new ExitCode(exit);
}

export function addDoctor(program: Command, terminal: Terminal): void {
  describeCommand(program.command('doctor'), terminal, 'doctor')
    .argument('[port]', option(terminal, 'doctorPort'))
    .addOption(adapterOption(terminal))
    .addOption(new Option('--token', option(terminal, 'doctorToken')))
    .addOption(new Option('--udev', option(terminal, 'udev')))
    .addOption(kioskOption(terminal))
    .addOption(jsonOption(terminal))
    .action((port: string | undefined, flags: DoctorFlags) => look(terminal, port, flags));
}
