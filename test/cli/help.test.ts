import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { VERSION } from '../../device/version.js';
import type { Sentence } from '../../host/catalogue/catalogue.js';
import { cliSentences, signalSentences, stepSentences } from '../../host/catalogue/cli.js';
import { commandTexts, helpTitles, helpWords, optionTexts, usageReasons } from '../../host/catalogue/commands.js';
import { errorSentences } from '../../host/catalogue/errors.js';
import { firmwareSentences } from '../../host/catalogue/firmware.js';
import { holdsDocument, holdsPages, holdsText } from '../../host/catalogue/holds.js';
import { kioskSentences } from '../../host/catalogue/kiosk.js';
import { defaultDataFolder } from '../../host/cli/places.js';
import { buildProgram } from '../../host/cli/program.js';
import { createTerminal } from '../../host/cli/terminal.js';
import { ERRORS } from '../../host/errors.js';
import { galet } from './support.js';

function wordsOf(command: Command): string[] {
  return command.parent === null ? [] : [...wordsOf(command.parent), command.name()];
}

function everyCommand(): string[][] {
  const silent = { write: () => undefined };
  const world = { stdout: silent, stderr: silent, stdin: process.stdin, env: {}, onStop: () => () => undefined };
  const visit = (command: Command): string[][] => [wordsOf(command), ...command.commands.flatMap(visit)];
  return visit(buildProgram(createTerminal(world, 'en', false)));
}

describe('help', () => {
  const commands = everyCommand();

  it('exists for every command that has a text, and the other way round', () => {
    expect(commands.map((words) => words.join(' ') || 'galet').sort()).toEqual(Object.keys(commandTexts).sort());
    for (const words of [
      ['demo'],
      ['token', 'run'],
      ['token', 'show'],
      ['token', 'forget'],
      ['provision'],
      ['sync'],
      ['report'],
      ['kiosk', 'serve'],
      ['backend', 'init'],
      ['backend', 'serve'],
      ['codes', 'issue'],
    ]) {
      expect(commands).toContainEqual(words);
    }
  });

  it.each(
    commands.map((words) => [words.join(' ') || 'galet', words] as const),
  )('of %s, in both languages', async (name, words) => {
    for (const language of ['en', 'fr'] as const) {
      const ran = await galet([...words, '--help', '--lang', language]);
      expect(ran).toMatchObject({ code: 0, stderr: '' });
      const text = ran.stdout.replace(/\s+/g, ' ');
      const { description, examples } = commandTexts[name as keyof typeof commandTexts];
      expect(text).toContain(description[language]);
      for (const example of examples) {
        expect(text).toContain(example.line);
        expect(text).toContain(example.meaning[language]);
      }
      expect(text).toContain(helpTitles['Examples:']?.[language]);
      expect(text).toContain(`-h, --help ${optionTexts.help[language]}`);
      if (language === 'fr') expect(text).not.toMatch(/display|default|choices|Usage:|Options:|Commands:|\[command\]/);
      expect((await galet(['help', ...words, '--lang', language])).stdout).toBe(ran.stdout);
    }
  });

  it('offers --json and --lang to every command that does something', async () => {
    for (const words of commands) {
      const { stdout } = await galet([...words, '--help']);
      expect(stdout).toContain('--lang <fr|en>');
      const isLeaf = !commands.some(
        (other) => other.length > words.length && other.slice(0, words.length).join() === words.join(),
      );
      if (isLeaf && words[0] !== 'help') expect(stdout).toContain('--json');
    }
  });

  it('is what the command alone shows, in the language of the system', async () => {
    expect((await galet([])).stdout).toContain('Usage: galet');
    expect((await galet([], { env: { LANG: 'fr_FR.UTF-8' } })).stdout).toContain('Usage : galet');
    expect((await galet([], { env: { LC_ALL: 'fr_CA', LANG: 'en_US' } })).stdout).toContain('Usage : galet');
    expect((await galet(['--lang=fr'], { env: {} })).code).toBe(2);
  });

  it('says its version', async () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    expect(VERSION).toBe(version);
    expect(await galet(['--version'])).toMatchObject({ code: 0, stdout: `${version}\n` });
  });
});

describe('what does it hold about me?', () => {
  it('is answered on one page, in both languages', async () => {
    for (const language of ['en', 'fr'] as const) {
      const { stdout, code } = await galet(['help', 'what-it-holds', '--lang', language]);
      expect(code).toBe(0);
      expect(stdout).toBe(holdsText(language, 100));
      const lines = stdout.split('\n');
      expect(lines.length).toBeLessThan(60);
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(100);
    }
    expect(holdsPages.fr.sections.map(({ items }) => items.length)).toEqual(
      holdsPages.en.sections.map(({ items }) => items.length),
    );
  });

  it('is the same text in the documentation', () => {
    expect(readFileSync('docs/privacy/what-it-holds.md', 'utf8')).toBe(holdsDocument());
  });
});

describe('a command line that is not understood', () => {
  it.each([
    [
      ['snyc'],
      'there is no command “snyc”. Did you mean “sync”?',
      'il n’y a pas de commande « snyc ». Vouliez-vous dire « sync » ?',
    ],
    [['help', 'nothing'], 'there is no command “nothing”.', 'il n’y a pas de commande « nothing ».'],
    [
      ['sync', '/dev/x', '--kisok', 'x'],
      'no option “--kisok”. Did you mean “--kiosk”?',
      'pas d’option « --kisok ». Vouliez-vous dire « --kiosk » ?',
    ],
    [['sync'], '“port” is missing.', 'il manque « port ».'],
    [['report', '/dev/x'], 'the option “--code <code>” is needed.', 'il faut l’option « --code <code> ».'],
    [
      ['sync', '/dev/x', '--kiosk'],
      'the option “--kiosk <url>” needs a value.',
      'l’option « --kiosk <url> » veut une valeur.',
    ],
    [['sync', '/dev/x', '--kiosk', 'ftp://x'], '“ftp://x” is not a value', '« ftp://x » n’est pas une valeur'],
    [['kiosk', 'serve', '--port', '70000'], '“70000” is not a value', '« 70000 » n’est pas une valeur'],
    [['codes', 'issue', '--kind', 'long'], '“long” is not a value', '« long » n’est pas une valeur'],
    [['token', 'run', '--clock', 'yesterday'], '“yesterday” is not a value', '« yesterday » n’est pas une valeur'],
    [['token', 'run', '--distance', '0'], '“0” is not a value', '« 0 » n’est pas une valeur'],
    [['sync', 'a', 'b'], 'too many arguments', 'trop d’arguments'],
    [['backend'], 'a command is needed', 'il faut une commande'],
  ])('%j: named, with a way on, exit code 2', async (args, english, french) => {
    const inEnglish = await galet(args);
    expect(inEnglish.code).toBe(2);
    expect(inEnglish.stderr).toContain(`The command was not understood: `);
    expect(inEnglish.stderr).toContain(english);
    expect((await galet(args, { env: { LANG: 'fr_FR' } })).stderr).toContain(french);
  });

  it('is a JSON object with --json', async () => {
    expect((await galet(['sync', '--json'])).json()).toEqual({
      error: { code: 'usage', message: 'The command was not understood: “port” is missing.', exit: 2 },
    });
  });
});

describe('every sentence', () => {
  const catalogues: Record<string, Record<string, Sentence>> = {
    errorSentences,
    cliSentences,
    stepSentences,
    signalSentences,
    optionTexts,
    usageReasons,
    helpWords,
    kioskSentences,
    firmwareSentences,
    commands: Object.fromEntries(Object.entries(commandTexts).map(([name, { description }]) => [name, description])),
  };
  const placeholders = (text: string): string[] => (text.match(/\{\w+\}/g) ?? []).sort();
  // Names and signs that both languages write alike.
  const ALIKE = ['refusedCount'];

  it.each(
    Object.entries(catalogues),
  )('of %s exists in French and English, with the same placeholders', (_name, sentences) => {
    for (const [key, { en, fr }] of Object.entries(sentences)) {
      expect(en.length, key).toBeGreaterThan(1);
      expect(fr.length, key).toBeGreaterThan(1);
      expect(placeholders(fr), key).toEqual(placeholders(en));
      if (!ALIKE.includes(key)) expect(fr, key).not.toBe(en);
      expect(`${en}${fr}`, key).not.toMatch(/'/);
      expect(fr, key).not.toMatch(/[^\s\d][:;!?](\s|$)/);
    }
  });

  it('of an error belongs to a code with an exit code that a shell can hold', () => {
    expect(Object.keys(errorSentences).sort()).toEqual(Object.keys(ERRORS).sort());
    for (const { exit } of Object.values(ERRORS)) {
      expect(exit).toBeGreaterThan(0);
      expect(exit).toBeLessThan(256);
    }
  });

  it('of what can go wrong at the counter has an exit code of its own', () => {
    const codes = [
      'port-missing',
      'port-busy',
      'link-silent',
      'kiosk-unreachable',
      'backend-unreachable',
      'kiosk-full',
      'code-unknown',
      'code-used',
      'code-expired',
      'code-mismatch',
      'token-unknown',
      'consent-lapsed',
    ] as const;
    expect(new Set(codes.map((code) => ERRORS[code].exit)).size).toBe(codes.length);
  });
});

describe('the data folder', () => {
  it('is where each system keeps such things', () => {
    expect(defaultDataFolder('linux', {}, '/home/a')).toBe('/home/a/.local/share/galet');
    expect(defaultDataFolder('linux', { XDG_DATA_HOME: '/data' }, '/home/a')).toBe('/data/galet');
    expect(defaultDataFolder('darwin', {}, '/Users/a')).toBe('/Users/a/Library/Application Support/Galet');
    expect(defaultDataFolder('win32', { LOCALAPPDATA: 'C:\\Local' }, 'C:\\a')).toMatch(/^C:\\Local.Galet$/);
  });
});
