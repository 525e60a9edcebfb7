/**
 * The small token on the real interpreter with Puck.js's memory and Storage, looked after by the real command line. It has 85 %
 * of the board's memory here: the rest is taken away before it starts.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COLOUR_VIOLET } from '../../device/link/messages.js';
import { buildAdvert } from '../../device/robert/advert.js';
import { buildHello } from '../../device/robert/hello.js';
import { ntpOfUnix } from '../../device/robert/time.js';
import { nodeDigest } from '../../host/crypto.js';
import { TokenLink } from '../../host/link/client.js';
import { openSerial } from '../../host/link/serial.js';
import { BOARDS, type Board, shortfallOf } from '../../tools/firmware/boards.js';
import { buildFirmware, withTokens } from '../../tools/firmware/build.js';
import { House } from '../e2e/house.js';
import { seededRandom } from '../support/chance.js';
import { ESPRUINO_PUCK, Puck, type PuckSettings, puckImage } from './support/puck.js';

const ROOT = new URL('../../', import.meta.url).pathname;
const board = BOARDS.puck as Board;
/** Blocks that the bare interpreter uses; they count as the token's. */
const BARE = 52;
const TAKEN_AWAY = Math.ceil(board.variables * (1 - board.share)) + BARE;
const PRESS = 3.2;
const PATIENCE = 120_000;

const settings = (changes: Partial<PuckSettings> = {}): PuckSettings => ({
  unix: Date.now() / 1000,
  speed: 1,
  seed: 5,
  cut: 0,
  own: TAKEN_AWAY,
  ...changes,
});

describe.skipIf(!ESPRUINO_PUCK)('a Puck.js', () => {
  let house: House;
  let script: Uint8Array;
  beforeAll(async () => {
    script = withTokens(await buildFirmware(ROOT, 'puck')).tokens;
    house = await House.open();
    await house.run(['backend', 'init', '--data', house.folder]);
    await house.startBackend();
    await house.startKiosk();
  }, PATIENCE);
  afterAll(() => house?.close());

  /** Runs a command whose wearer presses as often as she likes. */
  async function pressing<T>(puck: Puck, command: Promise<T>): Promise<T> {
    const timer = setInterval(() => puck.press(PRESS), 1500);
    try {
      return await command;
    } finally {
      clearInterval(timer);
    }
  }

  /** Somebody near says HELLO for so many seconds. */
  async function company(puck: Puck, seconds: number): Promise<void> {
    for (const end = Date.now() + seconds * 1000; Date.now() < end; await sleep(100)) {
      const ntp = Math.floor(ntpOfUnix(Date.now() / 1000));
      puck.heard(buildAdvert(buildHello(nodeDigest, new Uint8Array(32), 0x21, new Uint8Array(8).fill(7), ntp), 0), -50);
    }
  }

  it('has room for the script', () => {
    expect(shortfallOf(board, script.length)).toBeUndefined();
  });

  it(
    'is set up, says HELLO, hears, is visited, reports, and is erased with proof, in 85 % of its memory',
    async () => {
      const puck = new Puck(puckImage(script), settings());
      try {
        expect((await house.provision(puck.path)).json).toMatchObject({ life: 'tracing', board: 'puck' });
        const advert = await puck.next('advert');
        expect(advert).toMatchObject({ connectable: false });
        expect((advert.data as number[]).length).toBe(29);
        await company(puck, 20);
        expect((await house.sync(puck.path)).json).toMatchObject({ life: 'tracing' });
        const code = await house.issueCode();
        const { json } = await pressing(puck, house.report(puck.path, code));
        expect(json).toEqual({ outcome: 'delivered', batches: 1 });
        expect((await house.report(puck.path, code)).json).toMatchObject({ outcome: 'delivered', batches: 0 });
        const { usage, own, total } = await puck.memory();
        console.log(`memory at rest ${usage - own + BARE} of ${total} blocks, script ${script.length} bytes`);
        expect(own).toBeGreaterThanOrEqual(TAKEN_AWAY);
        expect((await pressing(puck, house.forget(puck.path))).json).toEqual({ forgotten: true, proven: true });
        expect((await house.show(puck.path)).json).toMatchObject({ life: 'blank', wiped: true });
      } finally {
        await puck.close();
      }
    },
    PATIENCE,
  );

  it(
    'lets a counter connect for a minute after a press, blinks its colour, and ends a connection of no use',
    async () => {
      const puck = new Puck(puckImage(script), settings({ speed: 10 }));
      const last = (kind: string) => puck.reports.filter(({ t }) => t === kind).at(-1);
      const namedBy = (letters: string) => Array.from(Buffer.from(`Galet ${letters}`));
      try {
        await sleep(1000);
        expect(await puck.connect()).toBe(false);
        puck.press(0.2);
        expect(await puck.next('response')).toMatchObject({ data: expect.arrayContaining(namedBy('-')) });
        expect(last('advert')).toMatchObject({ data: [2, 1, 6], connectable: true });
        expect(await puck.connect()).toBe(true);
        // Ten seconds without a word, at ten times the speed.
        await puck.next('disconnected');
        expect(await puck.connect()).toBe(true);
        const colour = puck.next('response');
        const link = new TokenLink(await openSerial(puck.path), { random: seededRandom(1) });
        await link.ask('blink', { colour: COLOUR_VIOLET });
        await link.close();
        puck.command({ t: 'disconnect' });
        expect((await colour).data).toEqual((last('response')?.data as number[]).slice(0, -1).concat(51));
        await sleep(7000);
        expect(await puck.connect()).toBe(false);
      } finally {
        await puck.close();
      }
    },
    PATIENCE,
  );

  it(
    'runs no command that comes over its line',
    async () => {
      const puck = new Puck(puckImage(script), settings());
      try {
        await sleep(500);
        puck.type('\x03\nE.reboot()\nprint("gotcha")\nrequire("Storage").eraseAll()\n\x10print("gotcha")\n');
        await sleep(500);
        expect(puck.output).not.toContain('gotcha');
        expect((await house.show(puck.path)).json).toMatchObject({ life: 'blank' });
      } finally {
        await puck.close();
      }
    },
    PATIENCE,
  );

  it(
    'is blank or set up, and works, after a power cut at each flash operation of its first load',
    async () => {
      let operations = 1;
      for (let cut = 1; cut <= operations; cut++) {
        const puck = new Puck(puckImage(script), settings({ cut }));
        try {
          const done = house.provision(puck.path);
          const ended = await Promise.race([puck.ended.then(() => 'cut'), done.then(() => 'provisioned')]);
          if (ended === 'cut') {
            puck.start(settings());
            operations = cut + 1;
          }
          // The command waits for a board that has gone, and ends by itself: this is a second one.
          await done;
          const { life } = (await house.show(puck.path)).json;
          expect(['blank', 'tracing']).toContain(life);
          if (life === 'blank') expect((await house.provision(puck.path)).code).toBe(0);
          else expect((await house.sync(puck.path)).code).toBe(0);
        } finally {
          await puck.close();
        }
      }
      expect(operations).toBeGreaterThan(6);
    },
    5 * PATIENCE,
  );
});
