/** The console of an Espruino board, spoken to by a program: one expression at a time, its value back as JSON. */
import { setTimeout as sleep } from 'node:timers/promises';
import { crc32 } from '../../device/bytes.js';
import { GaletError } from '../errors.js';
import type { BytePipe } from '../link/serial.js';

/** Ctrl-C ends whatever runs or was half typed; a line that begins with the other is not echoed. */
const INTERRUPT = '\x03';
const NO_ECHO = '\x10';
const PATIENCE_SECONDS = 6;
/** A line can lose bytes on its way, and then waits for its end: so often it is interrupted and sent again. */
const TRIES = 3;
const GREETING_SECONDS = 1.5;
const GREETINGS = 3;
/** Of what a board says, so much of the end is looked at: more than any answer. */
const HEARD_MAX = 65_536;

/**
 * An answer is `<galet N ...>` at the end of a line. Its beginning is put together on the board, so that no echo of the
 * question can be taken for it; and the board runs nothing of which the checksum is not right: then it says `?`, and `!`
 * before what was thrown.
 */
function question(number: number, expression: string): string {
  const head = `"<gal"+"et ${number} `;
  const sum = crc32(Buffer.from(expression, 'latin1'));
  const value = `E.CRC32(global.line=${JSON.stringify(expression)})==${sum}?JSON.stringify(eval(line)):"?"`;
  return `try{print(${head}"+(${value})+">")}catch(e){print(${head}!"+e+">")}`;
}

export class Repl {
  readonly #pipe: BytePipe;
  #heard = '';
  #asked = 0;
  #gone: GaletError | undefined;
  /** Called whenever there is something to look at. */
  #wake: () => void = () => {};

  constructor(pipe: BytePipe) {
    this.#pipe = pipe;
    pipe.listen(
      (bytes) => {
        this.#heard = (this.#heard + Buffer.from(bytes).toString('latin1')).slice(-HEARD_MAX);
        this.#wake();
      },
      (cause) => {
        this.#gone ??= new GaletError('link-lost', { port: pipe.name }, cause);
        this.#wake();
      },
    );
  }

  /** Whether a console answers here: nothing else does, and a token takes what is sent for noise. */
  async greet(): Promise<boolean> {
    for (let tries = 0; tries < GREETINGS; tries++) {
      this.#send(INTERRUPT);
      if ((await this.#ask('1', GREETING_SECONDS)) === '1') return true;
    }
    return false;
  }

  /**
   * The value of an expression on the board, which JSON has to be able to tell; undefined for undefined. What fails or is
   * not answered within `seconds` is sent again, so doing it twice must be as good as once. Throws 'link-silent',
   * 'link-lost', and 'board-failed' with what the board has thrown.
   */
  async evaluate(expression: string, seconds = PATIENCE_SECONDS): Promise<unknown> {
    let answer: string | undefined;
    for (let tries = 0; tries < TRIES; tries++) {
      if (tries > 0) this.#send(INTERRUPT);
      answer = await this.#ask(expression, seconds);
      if (answer !== undefined && !/^[?!]/.test(answer)) break;
    }
    if (answer === undefined) throw new GaletError('link-silent', { port: this.#pipe.name, seconds });
    if (answer === 'undefined') return undefined;
    try {
      return JSON.parse(answer);
    } catch (cause) {
      throw new GaletError('board-failed', { reason: answer }, cause);
    }
  }

  /** Sends a line that is not answered: the board restarts, say. */
  run(statement: string): void {
    this.#send(`${NO_ECHO}${statement}\n`);
  }

  #send(text: string): void {
    this.#pipe.write(Buffer.from(text, 'latin1'));
  }

  async #ask(expression: string, seconds: number): Promise<string | undefined> {
    this.#asked += 1;
    const answer = new RegExp(`<galet ${this.#asked} ([^\\n]*)>\\r?\\n`);
    this.#heard = '';
    this.run(question(this.#asked, expression));
    const late = new AbortController();
    const end = sleep(seconds * 1000, undefined, { signal: late.signal }).catch(() => undefined);
    try {
      for (let isLate = false; ; ) {
        if (this.#gone) throw this.#gone;
        const found = answer.exec(this.#heard);
        if (found) return found[1];
        if (isLate) return undefined;
        const woken = new Promise<boolean>((resolve) => {
          this.#wake = () => resolve(false);
        });
        isLate = await Promise.race([woken, end.then(() => true)]);
      }
    } finally {
      late.abort();
    }
  }
}
