/**
 * There is no console (R48): whatever commands come over the serial line, while the board runs or while it boots, none is
 * run. Byte 0x04 is left out: it ends the interpreter's Linux build, and nothing else.
 */
import { afterEach, describe, expect, it } from 'vitest';
import { LIFE_TRACING } from '../../device/link/messages.js';
import { START } from '../support/fleet.js';
import { type Installed, STORAGE_BYTES } from './support/board.js';
import { plugIn, provision, UNIX_ZERO } from './support/counter.js';
import {
  ESPRUINO,
  type Interpreter,
  type InterpreterOptions,
  type Report,
  startInterpreter,
} from './support/interpreter.js';
import { smallFirmware } from './support/small-board.js';

const MORNING = START + 8 * 3600;
const COUNT = 1000;

/** What a console would do with each is seen in its output, in a global, in flash, or in silence ever after. */
const COMMANDS = [
  'print(7*191+"!")\n',
  '\x10print(7*191+"!")\n',
  'global.gotcha=1;\n',
  '\x10var gotcha=1;\n',
  '\x03print(7*191+"!")\n',
  '\x03\x10eval("global.gotcha=1")\n',
  'E.setConsole(USB,{force:true})\n',
  'require("Storage").eraseAll()\n',
  'require("Storage").erase(".bootcde")\n',
  '\x10require("Storage").write("gotcha","1")\n',
  'require("Flash").erasePage(0x10000000)\n',
  'load()\n',
  'reset(true)\n',
  '\x03\x03reset()\n',
  'echo(1)\r\n',
  'clearInterval();clearTimeout();\n',
  'setInterval(function(){print(7*191+"!")},1)\n',
  'USB.removeAllListeners("data")\n',
  'E.dumpStr()\n',
  'quit()\n',
  '\x1b[A\r\n',
  '\x01\x10print(7*191+"!")\n',
  '\x05\x10print(7*191+"!")\n',
];

interface Globals extends Report {
  t: 'globals';
  names: string[];
}

describe.skipIf(ESPRUINO === undefined)('the console on Espruino (R48)', () => {
  let board: Interpreter | undefined;
  afterEach(() => board?.close());

  function start(installed: Installed, changes: Partial<InterpreterOptions> = {}): Interpreter {
    board = startInterpreter({ ...installed, seed: 7, unix: MORNING - UNIX_ZERO, speed: 0, ...changes }, STORAGE_BYTES);
    return board;
  }

  async function globals(of: Interpreter): Promise<string[]> {
    return (await of.ask<Globals>({ t: 'globals' }, 'globals')).names;
  }

  async function lifeOf(of: Interpreter): Promise<number> {
    const link = plugIn(of, 5);
    try {
      return (await link.ask('hello', {})).life;
    } finally {
      await link.close();
    }
  }

  it('runs no command', async () => {
    const running = start(await smallFirmware());
    const link = plugIn(running);
    await provision(link, MORNING);
    await link.close();
    await running.pass(60);
    const before = { names: await globals(running), image: running.image(), output: running.output().length };
    for (let i = 0; i < COUNT; i++) running.type(COMMANDS[i % COMMANDS.length] as string);
    // Answered when everything before it has been read.
    expect(await globals(running)).toEqual(before.names);
    expect(running.output().subarray(before.output).toString('latin1')).toBe('');
    expect(Buffer.compare(running.image(), before.image)).toBe(0);
    expect(await lifeOf(running)).toBe(LIFE_TRACING);
  }, 120_000);

  it('runs no command that waits on the line while the board boots', async () => {
    const installed = await smallFirmware();
    const undisturbed = start(installed);
    // It has booted once it answers.
    await lifeOf(undisturbed);
    const names = await globals(undisturbed);
    await undisturbed.close();
    for (const waiting of COMMANDS) {
      const booting = start(installed, { waiting: waiting.repeat(3) });
      await lifeOf(booting);
      expect(await globals(booting), JSON.stringify(waiting)).toEqual(names);
      expect(booting.output().toString('latin1')).not.toContain('1337');
      await booting.close();
    }
  }, 120_000);
});
