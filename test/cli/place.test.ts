/** Which token a command takes: a scripted radio hears what a test says, and its connections lead to scripted tokens. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fault } from '../../device/faults.js';
import { COLOUR_BLUE, COLOUR_GREEN, COLOUR_VIOLET, COLOUR_YELLOW } from '../../device/link/messages.js';
import { type Place, placeOf } from '../../host/cli/place.js';
import type { PlaceFlags } from '../../host/cli/place-flags.js';
import { createTerminal } from '../../host/cli/terminal.js';
import { GaletError } from '../../host/errors.js';
import type { Asking } from '../../host/link/ble/asking.js';
import type { CounterRadio } from '../../host/link/ble/counter-radio.js';
import { openBytes, openSerial } from '../../host/link/serial.js';
import { ScriptedToken } from '../link/visit/scripted.js';
import { galet, PtyToken } from './support.js';

const asking = (id: string, more: Partial<Asking> = {}): Asking => ({
  id,
  rssi: -50,
  colour: undefined,
  kind: 'token',
  name: 'Galet -',
  ...more,
});

/** A token at the other end of a connection, which remembers what it was told to blink. */
function worn(knowsBlink = true): { pty: PtyToken; blinked: number[] } {
  const token = new ScriptedToken();
  const answer = token.answer.bind(token);
  const blinked: number[] = [];
  token.answer = (name, fields) => {
    if (name === 'blink') {
      if (!knowsBlink) throw new GaletError('token-refused', {}, fault('message-unknown'));
      blinked.push((fields as { colour: number }).colour);
    }
    return answer(name, fields);
  };
  return { pty: new PtyToken(token), blinked };
}

describe('a command for a token on the air', () => {
  let said: string[];
  let opened: Asking[];
  let asked: Asking[];
  let tokens: Record<string, ReturnType<typeof worn>>;
  let places: Place[];

  beforeEach(() => {
    said = [];
    opened = [];
    tokens = { a: worn(), b: worn(), c: worn(), board: worn() };
    places = [];
  });
  afterEach(async () => {
    for (const place of places) await place.close();
    for (const { pty } of Object.values(tokens)) pty.close();
  });

  const pathOf = ({ id }: Asking): string => (tokens[id] as ReturnType<typeof worn>).pty.path;
  const radio: CounterRadio = {
    name: 'hci9',
    discover: async () => {
      await sleep(10);
      return asked;
    },
    open: async (one) => {
      opened.push(one);
      return await openSerial(pathOf(one));
    },
    openBytes: async (one) => {
      opened.push(one);
      return await openBytes(pathOf(one));
    },
    close: async () => {},
  };

  function at(flags: PlaceFlags, ...around: Asking[]): Place {
    asked = around;
    const silent = { write: () => undefined };
    const stderr = { write: (line: string) => said.push(line) };
    const world = { stdout: silent, stderr, stdin: process.stdin, env: {}, onStop: () => () => undefined };
    const place = placeOf(
      createTerminal(world, 'en', false),
      undefined,
      { ble: true, quiet: true, ...flags },
      async () => radio,
    );
    places.push(place);
    return place;
  }

  async function reach(place: Place): Promise<void> {
    await (await place.openLink()).close();
  }

  it('takes the nearest, has it blink a colour that nobody else blinks, and names it even when it is to be quiet', async () => {
    await reach(
      at(
        {},
        asking('a', { rssi: -70, colour: COLOUR_BLUE }),
        asking('b', { rssi: -40 }),
        asking('c', { rssi: undefined }),
      ),
    );
    expect(opened).toEqual([asking('b', { rssi: -40, colour: COLOUR_GREEN })]);
    expect(tokens.b?.blinked).toEqual([COLOUR_GREEN]);
    expect(tokens.a?.blinked).toEqual([]);
    expect(said).toEqual([
      'This is the token that blinks green (signal: strong, -40 dBm).\n',
      'Others that ask are left alone: 2.\n',
    ]);
  });

  it('takes the one of a colour, however near another is, and not one when two have it', async () => {
    const violet = asking('a', { rssi: -80, colour: COLOUR_VIOLET });
    await reach(at({ colour: COLOUR_VIOLET }, violet, asking('b', { rssi: -40 })));
    expect(opened).toEqual([violet]);
    const twice = at({ colour: COLOUR_VIOLET }, violet, asking('b', { colour: COLOUR_VIOLET }));
    await expect(twice.openLink()).rejects.toMatchObject({ code: 'colour-twice', parameters: { colour: 'violet' } });
    const absent = at({ colour: COLOUR_YELLOW, wait: 0 }, violet);
    await expect(absent.openLink()).rejects.toMatchObject({ code: 'colour-not-there', parameters: { count: 1 } });
    const alone = at({ colour: COLOUR_YELLOW, wait: 0 });
    await expect(alone.openLink()).rejects.toMatchObject({ code: 'no-token-asks' });
    expect(opened).toHaveLength(1);
  });

  it('finds the same token again under its new address, by its colour, and says nothing twice', async () => {
    const place = at({}, asking('a', { rssi: -40 }), asking('b', { rssi: -70 }));
    await reach(place);
    asked = [asking('b', { rssi: -30 }), asking('c', { rssi: -60, colour: COLOUR_BLUE })];
    await reach(place);
    expect(opened.map(({ id }) => id)).toEqual(['a', 'c']);
    expect(tokens.c?.blinked).toEqual([COLOUR_BLUE]);
    expect(said.filter((line) => line.startsWith('This is'))).toHaveLength(1);
  });

  it('would rather find nobody than another', async () => {
    const place = at({}, asking('a', { rssi: -40 }), asking('b', { rssi: -70 }));
    await reach(place);
    asked = [asking('b', { rssi: -30 })];
    await expect(place.openLink()).rejects.toMatchObject({ code: 'token-gone' });
  }, 20_000);

  it('serves a token that knows no colours, and says so', async () => {
    tokens.a?.pty.close();
    tokens.a = worn(false);
    await reach(at({}, asking('a')));
    expect(said).toEqual(['This is the nearest token (signal: strong, -50 dBm); it cannot blink a colour.\n']);
  });

  it('installs on the nearest board, and then takes none of the tokens that had asked before', async () => {
    const board = asking('board', { kind: 'board', name: 'Bangle.js 0ead', rssi: -30 });
    const place = at({}, asking('a', { rssi: -40 }), board);
    await (await place.openBytes())?.close();
    expect(said).toEqual(['The nearest board is Bangle.js 0ead (signal: strong, -30 dBm).\n']);
    asked = [asking('a', { rssi: -40 }), asking('b', { rssi: -60 })];
    await reach(place);
    expect(opened.map(({ id }) => id)).toEqual(['board', 'b']);
  });

  it('takes a token for what it is where a board might have been', async () => {
    const place = at({}, asking('a', { rssi: -40 }), asking('board', { kind: 'board', rssi: -70 }));
    expect(await place.openBytes()).toBeUndefined();
    await reach(place);
    expect(opened.map(({ id }) => id)).toEqual(['a']);
  });
});

describe('a command line that names', () => {
  it.each([
    ['no place', ['sync'], '“port” is missing.'],
    ['two places', ['token', 'show', '/dev/nothing', '--ble'], 'name a port, or say --ble: not both.'],
    ['two places by a colour', ['sync', '/dev/nothing', '--colour', 'green'], 'name a port, or say --ble: not both.'],
    ['a colour that there is not', ['sync', '--colour', 'red'], '“red” is not a value'],
  ])('%s is not understood', async (_what, args, reason) => {
    expect(await galet(args)).toMatchObject({ code: 2, stderr: expect.stringContaining(reason) });
  });
});
