/**
 * A day on the real interpreter: three boards and a token on this computer share one air, are set up and visited through
 * their serial ports by the real command line, and the server warns those who sat with the one who tested positive.
 */
import '../e2e/patience.js';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { linuxBoard } from '../../device/boards/linux/board.js';
import { TWIN_PAGE_SIZE, TWIN_PAGES } from '../../device/boards/twin/board.js';
import type { Facts } from '../../device/token/facts.js';
import { startToken, type Token } from '../../device/token/token.js';
import { openPty } from '../../host/link/pty.js';
import { BoardClock } from '../../tools/simulate/timeline.js';
import { House, type Ran } from '../e2e/house.js';
import { World } from '../e2e/world.js';
import { START } from '../support/fleet.js';
import { Air, bootUnix } from './support/air.js';
import { factsIn, firmware, STORAGE_BYTES } from './support/board.js';
import { ESPRUINO, type Interpreter, startInterpreter } from './support/interpreter.js';
import { tokenPages } from './support/token-file.js';

// An afternoon of three boards, which make their own tickets and keys meanwhile.
vi.setConfig({ testTimeout: 900_000 });

const MINUTE = 60;
/** What a token on the other side of the table is heard at, uncalibrated; and across a large room. */
const NEAR = -62;
const FAR = -98;
const PRESS = 3.2;

type Name = 'Jeanne' | 'Marcel' | 'Odette' | 'Simone';

describe.skipIf(ESPRUINO === undefined)('a day', () => {
  const boards = new Map<string, Interpreter>();
  const ports = new Map<string, string>();
  const heardBySimone: Uint8Array[] = [];
  let near: string[] = [];
  let far: string[] = [];
  let house: House;
  let world: World;
  let air: Air;
  let simone: { token: Token; press: (seconds: number) => void; close: () => void };

  async function boot(name: Name, seed: number): Promise<void> {
    const options = { ...(await firmware('bangle2')), seed, speed: 0, unix: bootUnix(world.timeline) };
    const board = startInterpreter(options, STORAGE_BYTES);
    boards.set(name, board);
    ports.set(name, board.path);
    await air.join(name, board);
  }

  function bootSimone(): typeof simone {
    const pty = openPty();
    const radio = air.radio('Simone', -15, -5);
    const board = linuxBoard({
      flashFile: house.file('simone.flash'),
      link: pty.port,
      radio: {
        ...radio,
        scan: (seconds, heard) =>
          radio.scan(seconds, (payload, rssi) => {
            heardBySimone.push(payload);
            heard(payload, rssi);
          }),
      },
      onSignal: () => {},
    });
    ports.set('Simone', pty.path);
    const token = startToken({ ...board.ports, clock: new BoardClock(world.timeline, 0) });
    return {
      token,
      press: board.press,
      close() {
        token.stop();
        pty.close();
        board.close();
      },
    };
  }

  beforeAll(async () => {
    house = await House.open();
    world = await World.open({ start: START + 9 * 3600 });
    air = new Air(world.timeline, (from, to) => {
      if (near.includes(from) && near.includes(to)) return NEAR;
      return far.includes(from) && far.includes(to) ? FAR : undefined;
    });
    await boot('Jeanne', 11);
    await boot('Odette', 12);
    simone = bootSimone();
  });

  afterAll(async () => {
    simone?.close();
    await Promise.all([...boards.values()].map((board) => board.close()));
    await world?.close();
    await house?.close();
  });

  /** Somebody's token on the counter: the real command, on the real serial port. */
  async function visit(name: Name, command: string[], onLine: (line: string) => void = () => {}): Promise<Ran> {
    const [verb, ...flags] = command;
    const args = [verb as string, ports.get(name) as string, '--kiosk', world.kiosk.url, ...flags];
    const ran = await air.live(name, () => house.run(args, { onLine }));
    await settle();
    expect(ran.code, `${name}: ${command[0]}: ${ran.stdout}${ran.stderr}`).toBe(0);
    return ran;
  }

  const provision = (name: Name) => visit(name, ['provision', '--credential', join(world.dir, 'operator')]);
  const sync = (name: Name) => visit(name, ['sync']);

  async function report(name: Name): Promise<Ran> {
    const press = () => (name === 'Simone' ? simone.press(PRESS) : boards.get(name)?.press(PRESS));
    return await visit(name, ['report', '--code', await world.issueCode()], (line) => {
      if (line.includes('Press the token')) press();
    });
  }

  async function settle(): Promise<void> {
    await world.kiosk.flush();
    await world.backend.runJobs();
  }

  async function pass(minutes: number): Promise<void> {
    await air.advance(minutes * MINUTE);
    await settle();
  }

  /** What a token remembers, as it stands in its flash. */
  function factsOf(name: Name): Facts {
    const image = boards.get(name)?.image();
    return factsIn(
      image ? tokenPages(image, TWIN_PAGES * TWIN_PAGE_SIZE) : new Uint8Array(readFileSync(house.file('simone.flash'))),
    );
  }

  /** Whether the token knows that it has a risk to tell. */
  const isWarned = (name: Name): boolean => (factsOf(name).answer()?.signalAt ?? 0) > 0;

  it('begins with tokens that are set up at the counter', async () => {
    expect(existsSync(join(world.dir, 'operator'))).toBe(true);
    for (const name of ['Jeanne', 'Odette', 'Simone'] as const) await provision(name);
    expect(world.ledger()).toMatchObject({ registrations: 3, identities: 3 });
  });

  it('is spent at tables', async () => {
    near = ['Jeanne', 'Simone'];
    far = ['Jeanne', 'Simone', 'Odette'];
    await pass(25);
    // Marcel gets his token late, and sits down with the two.
    await boot('Marcel', 13);
    await provision('Marcel');
    near = ['Jeanne', 'Simone', 'Marcel'];
    await pass(50);
    near = [];
    far = [];
    await pass(20);
    expect(heardBySimone.length).toBeGreaterThan(100);
  });

  it('leaves each with a ticket and a key share of its own making', () => {
    for (const name of ['Jeanne', 'Marcel', 'Odette', 'Simone'] as const) {
      expect(factsOf(name).tickets()?.own, name).toBe(true);
      expect(factsOf(name).share(), name).toBeDefined();
    }
  });

  it('brings a positive test: who sat with her is warned at the next visit, nobody else', async () => {
    expect((await report('Jeanne')).json).toMatchObject({ outcome: 'delivered' });
    expect(world.ledger()).toMatchObject({ receipts: 1, codesUsed: 1, doubleEpochs: 0, waiting: 0 });
    await pass(5);
    for (const name of ['Marcel', 'Odette', 'Simone', 'Jeanne'] as const) await sync(name);
    expect({ Marcel: isWarned('Marcel'), Odette: isWarned('Odette'), Simone: isWarned('Simone') }).toEqual({
      Marcel: true,
      Odette: false,
      Simone: true,
    });
    expect(isWarned('Jeanne')).toBe(false);
    // At this visit the new keys came into force.
    for (const name of ['Jeanne', 'Marcel', 'Odette', 'Simone'] as const) {
      expect(factsOf(name).share(), name).toBeUndefined();
      expect(factsOf(name).hasShared(), name).toBe(true);
    }
    expect(world.ledger()).toMatchObject({ atRisk: 2 });
  });

  it('works the other way round: what a token on this computer heard of the boards warns their wearers', async () => {
    expect((await report('Simone')).json).toMatchObject({ outcome: 'delivered' });
    await pass(5);
    await sync('Jeanne');
    await sync('Odette');
    expect(isWarned('Jeanne')).toBe(true);
    expect(isWarned('Odette')).toBe(false);
  });

  it('ends with boards that have no trouble, and memory to spare', async () => {
    for (const [name, board] of boards) {
      const { usage, total } = await board.memory();
      expect(usage / total, name).toBeLessThan(0.6);
      expect(board.output().toString('latin1')).not.toMatch(/Uncaught|MEMORY|Execution/);
    }
  });
});
