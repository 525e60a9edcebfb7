/** A program at the console of a board: what it sends, and what it makes of all that a line can do to the answers. */
import { runInNewContext } from 'node:vm';
import { beforeEach, describe, expect, it } from 'vitest';
import { crc32 } from '../../device/bytes.js';
import { Repl } from '../../host/install/repl.js';
import type { BytePipe } from '../../host/link/serial.js';

const INTERRUPT = '\x03';
/** Seconds for one answer, in tests that wait for it in vain. */
const PATIENCE = 0.2;

/** What a board says to a line; undefined: nothing. `number` is that of the line, from 1. */
type Script = (line: string, number: number) => string | undefined;

interface Scripted {
  pipe: BytePipe;
  /** Whole lines that arrived, and each interruption. */
  sent: string[];
  say(text: string): void;
  vanish(cause: unknown): void;
}

function scripted(script: Script): Scripted {
  let rest = '';
  let lines = 0;
  let onBytes: (bytes: Uint8Array) => void = () => {};
  let onGone: (cause: unknown) => void = () => {};
  const sent: string[] = [];
  const say = (text: string): void => onBytes(Buffer.from(text, 'latin1'));
  function take(line: string): void {
    sent.push(line);
    const answer = script(line, ++lines);
    if (answer !== undefined) queueMicrotask(() => say(answer));
  }
  const pipe: BytePipe = {
    name: 'port',
    write(bytes) {
      rest += Buffer.from(bytes).toString('latin1');
      for (; rest.startsWith(INTERRUPT); rest = rest.slice(1)) sent.push(INTERRUPT);
      for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n')) {
        const line = rest.slice(0, end);
        rest = rest.slice(end + 1);
        take(line);
      }
    },
    listen(bytes, gone) {
      onBytes = bytes;
      onGone = gone;
    },
    close: async () => {},
  };
  return { pipe, sent, say, vanish: (cause) => onGone(cause) };
}

/** A console of its own globals, that runs a line as Espruino does and returns what it prints. */
function newConsole(): (line: string) => string {
  const printed: string[] = [];
  const globals: Record<string, unknown> = {
    print: (text: string) => printed.push(`${text}\r\n`),
    E: { CRC32: (text: string) => crc32(Buffer.from(text, 'latin1')) },
  };
  globals.global = globals;
  return (line) => {
    runInNewContext(line.slice(1), globals);
    return printed.splice(0).join('');
  };
}

describe('a console', () => {
  let run: (line: string) => string;
  beforeEach(() => {
    run = newConsole();
  });

  it('gives the value of an expression as JSON tells it, and undefined for undefined', async () => {
    const repl = new Repl(scripted(run).pipe);
    expect(await repl.evaluate('[1+1,"two",{a:null}]')).toEqual([2, 'two', { a: null }]);
    expect(await repl.evaluate('"a > b"')).toBe('a > b');
    expect(await repl.evaluate('undefined')).toBeUndefined();
  });

  it('is asked in one line that is not echoed', async () => {
    const { pipe, sent } = scripted(run);
    await new Repl(pipe).evaluate('"\\n"');
    expect(sent).toHaveLength(1);
    expect(sent[0]?.charCodeAt(0)).toBe(0x10);
  });

  it('is understood in the midst of noise, of echoes and in pieces', async () => {
    const board = scripted((line) => {
      const answer = run(line);
      const noise = `\x00\xff>${line}\r\n<galet 99 "no">\r\n<galet 1 \r\n`;
      queueMicrotask(() => {
        for (const character of noise + answer) board.say(character);
      });
      return undefined;
    });
    expect(await new Repl(board.pipe).evaluate('6*7')).toBe(42);
  });

  it('is sent a line again that was lost, behind an interruption', async () => {
    const { pipe, sent } = scripted((line, number) => (number === 1 ? undefined : run(line)));
    const value = new Repl(pipe).evaluate('6*7', PATIENCE);
    expect(await value).toBe(42);
    expect(sent).toHaveLength(3);
    expect(sent[1]).toBe(INTERRUPT);
  });

  it('runs nothing of a line that was changed on its way, and is sent it again', async () => {
    let answers = '';
    const { pipe, sent } = scripted((line, number) => {
      const answer = run(number === 1 ? line.replace('ran=(', 'ran=-(') : line);
      answers += answer;
      return answer;
    });
    expect(await new Repl(pipe).evaluate('global.ran=(global.ran||0)+1')).toBe(1);
    expect(answers).toBe('<galet 1 ?>\r\n<galet 2 1>\r\n');
    expect(sent).toHaveLength(3);
  });

  it('fails with what the board throws, once it has thrown it three times', async () => {
    const { pipe, sent } = scripted(run);
    const value = new Repl(pipe).evaluate('(function(){throw "no room"})()');
    await expect(value).rejects.toMatchObject({ code: 'board-failed', parameters: { reason: '!no room' } });
    expect(sent.filter((line) => line !== INTERRUPT)).toHaveLength(3);
  });

  it('fails when every line arrives changed', async () => {
    const value = new Repl(scripted((line) => run(line.replace('6*7', '6*8'))).pipe).evaluate('6*7');
    await expect(value).rejects.toMatchObject({ code: 'board-failed', parameters: { reason: '?' } });
  });

  it('does not take the late answer to an earlier question for this one', async () => {
    const { pipe, sent } = scripted((line, number) =>
      number === 1 ? undefined : `<galet ${number - 1} 13>\r\n${run(line)}`,
    );
    expect(await new Repl(pipe).evaluate('6*7', PATIENCE)).toBe(42);
    expect(sent).toHaveLength(3);
  });

  it('is silent after three tries', async () => {
    const { pipe, sent } = scripted(() => undefined);
    const value = new Repl(pipe).evaluate('6*7', PATIENCE);
    await expect(value).rejects.toMatchObject({ code: 'link-silent', parameters: { port: 'port', seconds: PATIENCE } });
    expect(sent.filter((line) => line !== INTERRUPT)).toHaveLength(3);
  });

  it('is lost when the port goes, at once and from then on', async () => {
    const board = scripted(() => undefined);
    const repl = new Repl(board.pipe);
    const value = repl.evaluate('6*7');
    board.vanish('unplugged');
    await expect(value).rejects.toMatchObject({ code: 'link-lost' });
    await expect(repl.evaluate('6*7')).rejects.toMatchObject({ code: 'link-lost' });
  });

  it('is there when it answers one of three greetings, and not where nothing answers', async () => {
    const slow = scripted((line, number) => (number < 3 ? undefined : run(line)));
    expect(await new Repl(slow.pipe).greet()).toBe(true);
    expect(slow.sent[0]).toBe(INTERRUPT);
    expect(await new Repl(scripted(() => 'AAAA\n').pipe).greet()).toBe(false);
  }, 20_000);
});
