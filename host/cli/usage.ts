/** Why commander did not understand a command line, in the person's language. */
import type { CommanderError } from 'commander';
import { usageReasons } from '../catalogue/commands.js';
import { GaletError } from '../errors.js';
import type { Terminal } from './terminal.js';

const REASONS: Record<string, keyof typeof usageReasons> = {
  'commander.unknownCommand': 'unknownCommand',
  'commander.unknownOption': 'unknownOption',
  'commander.missingArgument': 'missingArgument',
  'commander.missingMandatoryOptionValue': 'missingOption',
  'commander.optionMissingArgument': 'missingValue',
  'commander.invalidArgument': 'invalidValue',
  'commander.excessArguments': 'tooMany',
  'commander.conflictingOption': 'conflict',
};

/** The error 'usage' behind one of commander's own. */
export function usageError(error: CommanderError, terminal: Terminal): GaletError {
  const key = REASONS[error.code] ?? 'noCommand';
  // Of its English sentence only the quoted name is used; of an invalid value, the option it was given for is first.
  const quoted = [...error.message.matchAll(/'([^']*)'/g)].map((match) => match[1] ?? '');
  const name = (key === 'invalidValue' ? quoted[1] : quoted[0]) ?? quoted[0] ?? '';
  const suggestion = /\(Did you mean (?:one of )?([^?]+)\?\)/.exec(error.message)?.[1];
  const hint = suggestion === undefined ? '' : terminal.say(usageReasons.didYouMean, { name: suggestion });
  return new GaletError('usage', { reason: `${terminal.say(usageReasons[key], { name })}${hint}` }, error);
}
