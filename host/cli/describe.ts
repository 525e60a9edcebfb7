/** Help texts and options that many commands share. */
import { type Command, type HelpConfiguration, InvalidArgumentError, Option } from 'commander';
import { type CommandText, commandTexts, helpTitles, helpWords, optionTexts } from '../catalogue/commands.js';
import { DEFAULT_BACKEND_URL, DEFAULT_KIOSK_URL, defaultDataFolder } from './places.js';
import type { Terminal } from './terminal.js';

export type CommandName = keyof typeof commandTexts;
export type OptionName = keyof typeof optionTexts;

const PORT_MAX = 65_535;

export function option(terminal: Terminal, name: OptionName): string {
  return terminal.say(optionTexts[name]);
}

/** Gives a command its description and examples, and the options that every command has. */
export function describeCommand(command: Command, terminal: Terminal, name: CommandName): Command {
  const text: CommandText = commandTexts[name];
  const width = Math.max(...text.examples.map(({ line }) => line.length));
  const examples = text.examples.map(({ line, meaning }) => `  ${line.padEnd(width)}   ${terminal.say(meaning)}`);
  const title = helpTitles['Examples:']?.[terminal.language];
  return command
    .description(terminal.say(text.description))
    .helpCommand(false)
    .addHelpText('after', `\n${title}\n${examples.join('\n')}`)
    .helpOption('-h, --help', option(terminal, 'help'))
    .addOption(new Option('--lang <fr|en>', option(terminal, 'lang')).choices(['fr', 'en']));
}

export function jsonOption(terminal: Terminal): Option {
  return new Option('--json', option(terminal, 'json'));
}

export function quietOption(terminal: Terminal): Option {
  return new Option('-q, --quiet', option(terminal, 'quiet'));
}

/** What commander writes into help by itself, in the person's language. */
export function translatedHelp(terminal: Terminal): HelpConfiguration {
  const { language } = terminal;
  return {
    styleTitle: (title) => helpTitles[title]?.[language] ?? title,
    styleUsage: (usage) => usage.replace('[command]', `<${helpWords.command[language]}>`),
    optionDescription: ({ description, argChoices, defaultValue }) => {
      const extra: string[] = [];
      if (argChoices !== undefined) extra.push(`${helpWords.choices[language]} ${argChoices.join(', ')}`);
      if (defaultValue !== undefined) extra.push(`${helpWords.default[language]} ${defaultValue}`);
      return extra.length === 0 ? description : `${description} (${extra.join('; ')})`;
    },
  };
}

/** An address of HTTP, as it was given. */
export function parseUrl(value: string): string {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:')) throw new InvalidArgumentError('');
  return value;
}

export function kioskOption(terminal: Terminal): Option {
  return new Option('--kiosk <url>', option(terminal, 'kiosk')).default(DEFAULT_KIOSK_URL).argParser(parseUrl);
}

export function backendOption(terminal: Terminal): Option {
  return new Option('--backend <url>', option(terminal, 'backend')).default(DEFAULT_BACKEND_URL).argParser(parseUrl);
}

export function dataOption(terminal: Terminal): Option {
  return new Option('--data <folder>', option(terminal, 'data')).default(defaultDataFolder());
}

export function hostOption(terminal: Terminal): Option {
  return new Option('--host <address>', option(terminal, 'host')).default('127.0.0.1');
}

/** A whole number from 0 to `max`. */
export function wholeNumber(max: number): (value: string) => number {
  return (value) => {
    const number = /^\d{1,10}$/.test(value) ? Number(value) : Number.NaN;
    if (!(number <= max)) throw new InvalidArgumentError('');
    return number;
  };
}

export function portOption(terminal: Terminal, standard: number): Option {
  return new Option('--port <number>', option(terminal, 'port')).default(standard).argParser(wholeNumber(PORT_MAX));
}

export function airOption(terminal: Terminal): Option {
  return new Option('--air <number>', option(terminal, 'air')).argParser(wholeNumber(PORT_MAX));
}
