/** The same hostile air at a real process: a million advertising reports on the wire from its controller. */
import '../e2e/patience.js';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { systemClock } from '../../host/clock.js';
import { whyNoAir } from '../../tools/air/btvirt.js';
import { chance } from '../support/chance.js';
import { anything, below, keyOf, some, TOLERANCE } from './garbage.js';
import { AirHouse, stateOf } from './house.js';
import { reportPacket } from './station.js';
import { phoneAdvert } from './stopcovid.js';

const missing = whyNoAir();
if (missing !== undefined) console.log(`skipped: ${missing}`);

const SEED = Number(process.env.GALET_SEED ?? Date.now() % 100_000);
const REPORTS = 1_000_000;
/** What a terminal takes at once. */
const CHUNK = 4000;
const PAUSE_MILLISECONDS = 4;
const RX_GAIN = 0;
/** A busy token comes to an advert so much later than it was sent. */
const LATE_SECONDS = 60;
const TEST_MILLISECONDS = 300_000;
/** Longer than from one window of listening to the next. */
const WINDOWS_MILLISECONDS = 20_000;

it.skipIf(missing !== undefined)(
  `a token that is told of ${REPORTS} adverts that are no HELLOs runs on, and writes nothing (R26, R31)`,
  async () => {
    console.log(`seed ${SEED}`);
    const draw = chance(SEED);
    const house = await AirHouse.open();
    try {
      const token = await house.token('token', {}, ['--rx-gain', String(RX_GAIN)]);
      await house.provision(token);
      const before = await house.settledState(token);
      let told = 0;
      while (told < REPORTS) {
        const now = systemClock();
        const packets: Buffer[] = [];
        for (let size = 0; size < CHUNK; size += packets.at(-1)?.length ?? 0) {
          const advert = anything(draw, now);
          const rssi = draw() < 0.1 ? 127 : below(draw, 256) - 128;
          if (keyOf(advert, rssi, now, RX_GAIN, TOLERANCE + LATE_SECONDS) !== undefined) continue;
          packets.push(reportPacket(below(draw, 6), advert, rssi));
        }
        token.adapter.inject(Buffer.concat(packets));
        told += packets.length;
        await sleep(PAUSE_MILLISECONDS);
      }

      await sleep(5000);
      expect(stateOf(token)).toBe(before);

      // Behind all of that comes a true one. It says its time, so it is made anew.
      const hello = some(draw, 16);
      const end = performance.now() + WINDOWS_MILLISECONDS;
      while (performance.now() < end) {
        hello.writeUInt16BE(Math.floor(systemClock()) % 0x10000, 9);
        token.adapter.inject(reportPacket(3, phoneAdvert(hello, 0), -60));
        await sleep(100);
      }
      console.log(`${told} reports`);
      expect(token.galet.isRunning).toBe(true);
      expect(token.galet.said).not.toMatch(/Error|exception/i);
      expect((await house.report(token)).json).toMatchObject({ outcome: 'delivered' });
      // One contact, the true one: nobody knows who said it, and nothing else was ever recorded.
      expect([...house.town.contacts().values()]).toEqual([1]);
      expect(await house.recordsDropped()).toBe(0);
    } finally {
      await house.close();
    }
  },
  TEST_MILLISECONDS,
);
