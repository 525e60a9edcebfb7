/** A passphrase: from a file, from the environment, or typed on a terminal that shows nothing of it. */
import { StringDecoder } from 'node:string_decoder';
import type { Sentence } from '../catalogue/catalogue.js';
import { firmwareSentences } from '../catalogue/firmware.js';
import { GaletError } from '../errors.js';
import { readBounded } from '../release/files.js';
import { PASSPHRASE_MIN } from '../release/keys.js';
import type { Terminal } from './terminal.js';

const PASSPHRASE_MAX = 1024;
const INTERRUPT = '\u0003';
const END = '\u0004';
const ERASERS = ['\u007f', '\b'];

type Keyboard = NodeJS.ReadableStream & { isTTY?: boolean; setRawMode?(isRaw: boolean): unknown };

/** What has been typed so far, and whether that was all. */
interface Typed {
  characters: string[];
  isDone: boolean;
}

function type({ characters }: Typed, character: string): Typed {
  if (character === INTERRUPT) throw new GaletError('interrupted');
  if (character === '\r' || character === '\n' || character === END) return { characters, isDone: true };
  if (ERASERS.includes(character)) return { characters: characters.slice(0, -1), isDone: false };
  if (character < ' ' || characters.length === PASSPHRASE_MAX) return { characters, isDone: false };
  return { characters: [...characters, character], isDone: false };
}

/** One line from a keyboard in raw mode; what was typed after it stays for the next question. */
function typedLine(keyboard: Keyboard): Promise<string> {
  return new Promise((resolve, reject) => {
    const decoder = new StringDecoder('utf8');
    let typed: Typed = { characters: [], isDone: false };
    const settle = (finish: () => void): void => {
      keyboard.off('data', onData);
      keyboard.off('end', onEnd);
      keyboard.pause();
      finish();
    };
    const onEnd = (): void => settle(() => reject(new GaletError('passphrase-missing')));
    const onData = (chunk: Buffer | string): void => {
      const characters = [...decoder.write(Buffer.from(chunk as string))];
      try {
        while (characters.length > 0 && !typed.isDone) typed = type(typed, characters.shift() as string);
      } catch (error) {
        settle(() => reject(error));
        return;
      }
      if (!typed.isDone) return;
      settle(() => resolve(typed.characters.join('')));
      if (characters.length > 0) keyboard.unshift(Buffer.from(characters.join('')));
    };
    keyboard.on('data', onData);
    keyboard.on('end', onEnd);
    keyboard.resume();
  });
}

/** An answer to each question. The keyboard is silent before the first one is seen, and until the last is answered. */
async function ask(terminal: Terminal, questions: Sentence[], file: string): Promise<string[]> {
  const { stdin, stderr } = terminal.world;
  const keyboard = stdin as Keyboard;
  if (keyboard.isTTY !== true || keyboard.setRawMode === undefined) throw new GaletError('passphrase-missing');
  const answers: string[] = [];
  keyboard.setRawMode(true);
  try {
    for (const question of questions) {
      stderr.write(terminal.say(question, { file }));
      try {
        answers.push(await typedLine(keyboard));
      } finally {
        stderr.write('\n');
      }
    }
  } finally {
    keyboard.setRawMode(false);
  }
  return answers;
}

/** The passphrase that was given without asking; undefined for none. */
function given(terminal: Terminal, passphraseFile: string | undefined): string | undefined {
  if (passphraseFile === undefined) return terminal.world.env.GALET_PASSPHRASE;
  return Buffer.from(readBounded(passphraseFile, 4 * PASSPHRASE_MAX))
    .toString('utf8')
    .replace(/\r?\n$/, '');
}

/** The passphrase of the key in `file`. Throws 'passphrase-missing' where nobody can be asked, 'interrupted'. */
export async function readPassphrase(terminal: Terminal, file: string, from: string | undefined): Promise<string> {
  return given(terminal, from) ?? ((await ask(terminal, [firmwareSentences.askPassphrase], file))[0] as string);
}

/** One for a new key, asked for twice. Throws 'passphrase-short' too. */
export async function choosePassphrase(terminal: Terminal, file: string, from: string | undefined): Promise<string> {
  const known = given(terminal, from);
  const questions = [firmwareSentences.askNewPassphrase, firmwareSentences.askAgain];
  const [passphrase = '', again] = known === undefined ? await ask(terminal, questions, file) : [known, known];
  if ([...passphrase].length < PASSPHRASE_MIN || passphrase !== again) {
    throw new GaletError('passphrase-short', { count: PASSPHRASE_MIN });
  }
  return passphrase;
}
