/** What a command is given of the world it runs in, and how it speaks to it: results on stdout, the rest on stderr. */
import { fill, type Language, type Sentence } from '../catalogue/catalogue.js';
import { errorSentences } from '../catalogue/errors.js';
import { type ErrorCode, GaletError } from '../errors.js';

export interface Output {
  write(text: string): unknown;
  isTTY?: boolean | undefined;
  columns?: number | undefined;
}

/** A process as commands see it; `process` is one. */
export interface World {
  stdout: Output;
  stderr: Output;
  stdin: NodeJS.ReadableStream;
  env: Record<string, string | undefined>;
  /** Calls back once, at the first SIGINT or SIGTERM; the result stops listening. */
  onStop(stop: (signal: 'SIGINT' | 'SIGTERM') => void): () => void;
}

export interface Terminal {
  readonly world: World;
  readonly language: Language;
  readonly isJson: boolean;
  /** A sentence of a catalogue in the person's language. */
  say(sentence: Sentence, parameters?: Record<string, string | number>): string;
  /** The result: the sentences for a person, or with --json the object. */
  result(lines: string[], json: object): void;
  /** A remark that is no result. */
  remark(line: string): void;
}

export function createTerminal(world: World, language: Language, isJson: boolean): Terminal {
  const say = (sentence: Sentence, parameters?: Record<string, string | number>): string =>
    fill(sentence[language], parameters);
  return {
    world,
    language,
    isJson,
    say,
    result: (lines, json) => {
      world.stdout.write(isJson ? `${JSON.stringify(json)}\n` : lines.map((line) => `${line}\n`).join(''));
    },
    remark: (line) => {
      world.stderr.write(`${line}\n`);
    },
  };
}

/** Whatever was thrown, as one of the named errors. */
function namedError(thrown: unknown): GaletError {
  return thrown instanceof GaletError ? thrown : new GaletError('internal', {}, thrown);
}

export function errorSentence(code: ErrorCode, language: Language, parameters: GaletError['parameters']): string {
  return fill(errorSentences[code][language], parameters);
}

/** Tells an error, on stdout as JSON or on stderr as a sentence, and returns the exit code. Stacks are for GALET_DEBUG=1. */
export function tellError(terminal: Terminal, thrown: unknown): number {
  const error = namedError(thrown);
  const message = errorSentence(error.code, terminal.language, error.parameters);
  const { exit } = error.kind;
  if (terminal.isJson)
    terminal.world.stdout.write(`${JSON.stringify({ error: { code: error.code, message, exit } })}\n`);
  else terminal.remark(message);
  if (terminal.world.env.GALET_DEBUG === '1') {
    for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) terminal.remark(cause.stack ?? '');
  }
  return exit;
}
