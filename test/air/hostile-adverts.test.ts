/** Hostile air: what a token's radio hands up from a million adverts that are none of its protocol's, and from a crowd of liars. */
import '../e2e/patience.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type EmulatedAir, startAir, whyNoAir } from '../../tools/air/btvirt.js';
import { eventPacket } from '../../tools/air/h4.js';
import { chance } from '../support/chance.js';
import { START } from '../support/fleet.js';
import { anything, below, type Draw, keyOf, some } from './garbage.js';
import { reportPacket, Station } from './station.js';
import { phoneAdvert } from './stopcovid.js';

const missing = whyNoAir();
if (missing !== undefined) console.log(`skipped: ${missing}`);

const SEED = Number(process.env.GALET_SEED ?? Date.now() % 100_000);
const ADVERTS = 1_000_000;
const AT_ONCE = 2500;
const EPOCH = 900;
const UNKNOWN = 127;
const RX_GAIN = -5;
const LE_META = 0x3e;

describe.skipIf(missing !== undefined)('hostile air', () => {
  let air: EmulatedAir;
  let station: Station;

  beforeEach(async () => {
    console.log(`seed ${SEED}`);
    air = await startAir();
    station = await Station.plug(air, { seed: SEED, start: START, rxGain: RX_GAIN });
  });
  afterEach(async () => {
    station.close();
    await air.close();
  });

  it(`${ADVERTS} adverts that are no HELLOs make no record and no exception (R26, R31)`, async () => {
    const draw = chance(SEED);
    let heard = 0;
    let passedOver = 0;
    while (heard < ADVERTS) {
      await station.pass(12, () => {
        if (!station.isScanning || heard >= ADVERTS) return;
        const now = station.timeline.now();
        for (let i = 0; i < AT_ONCE; i++) {
          const advert = anything(draw, now);
          const rssi = draw() < 0.1 ? UNKNOWN : below(draw, 256) - 128;
          // Now and then a report lies about its length: what it then says is something else.
          const length = draw() < 0.05 ? below(draw, 256) : advert.length;
          const body = Buffer.concat([advert, Buffer.from([rssi & 0xff])]);
          const told = length < body.length ? length : advert.length;
          if (keyOf(body.subarray(0, told), body.readInt8(told), now, RX_GAIN) !== undefined) {
            passedOver += 1;
            continue;
          }
          heard += 1;
          station.hand(reportPacket(below(draw, 6), advert, rssi, length));
          if (draw() < 0.05)
            station.hand(eventPacket(LE_META, Buffer.concat([Buffer.from([2]), some(draw, below(draw, 60))])));
        }
      });
    }
    station.tracing.flush();
    console.log(`${heard} adverts that are no HELLOs, ${passedOver} others left out`);
    expect(station.records).toEqual([]);
    expect(station.troubles).toEqual([]);
  });

  it('what is recorded was said by somebody, byte for byte (R26)', async () => {
    const draw = chance(SEED);
    const said = new Set<string>();
    await station.pass(3 * EPOCH, () => {
      if (!station.isScanning) return;
      const now = station.timeline.now();
      for (let i = 0; i < 200; i++) {
        const advert = anything(draw, now);
        const rssi = draw() < 0.1 ? UNKNOWN : below(draw, 128) - 128;
        const key = keyOf(advert, rssi, now, RX_GAIN);
        if (key !== undefined) said.add(key);
        station.hand(reportPacket(0, advert, rssi));
      }
    });
    station.tracing.flush();
    const recorded = station.records.map(({ ecc, ebid }) => Buffer.from([ecc, ...ebid]).toString('hex'));
    console.log(`${said.size} HELLOs among garbage, ${recorded.length} recorded`);
    expect(recorded.length).toBeGreaterThan(100);
    expect(recorded.filter((key) => !said.has(key))).toEqual([]);
    expect(station.troubles).toEqual([]);
  });

  describe('200 hostile neighbours', () => {
    const TRUE = 8;
    const HOSTILE = 200;

    /** Somebody's HELLO now: whole and of this time, as a liar's may be too. */
    const sayer = (draw: Draw): ((ntp: number, rssi: number) => Buffer) => {
      const hello = some(draw, 16);
      return (ntp, rssi) => {
        hello.writeUInt16BE(Math.floor(ntp) % 0x10000, 9);
        return reportPacket(3, phoneAdvert(hello, 0), rssi);
      };
    };

    function shuffled<T>(draw: Draw, values: T[]): T[] {
      return values
        .map((value) => ({ value, order: draw() }))
        .sort((a, b) => a.order - b.order)
        .map(({ value }) => value);
    }

    it.each<[string, (minute: number, liar: number) => number | undefined]>([
      ['weaker', () => -80],
      ['briefer', (minute, liar) => (liar % 15 === minute ? -30 : undefined)],
      ['weaker and without a power', (_minute, liar) => (liar % 2 === 0 ? -80 : UNKNOWN)],
    ])('%s than eight true ones do not push those out (R32)', async (_name, powerOf) => {
      const draw = chance(SEED);
      const friends = Array.from({ length: TRUE }, () => ({ say: sayer(draw), key: '' }));
      const liars = Array.from({ length: HOSTILE }, () => sayer(draw));
      const keys = friends.map(({ say }) => {
        const packet = say(START, -60);
        return packet.subarray(14 + 11, 14 + 20).toString('hex');
      });
      await station.pass(EPOCH + 60, () => {
        const now = station.timeline.now();
        const minute = Math.floor((now - START) / 60);
        if (!station.isScanning || minute >= 15) return;
        const packets = friends.map(({ say }, i) => say(now, -55 - i));
        for (const [i, say] of liars.entries()) {
          const rssi = powerOf(minute, i);
          if (rssi !== undefined) packets.push(say(now, rssi));
        }
        for (const packet of shuffled(draw, packets)) station.hand(packet);
      });
      const kept = station.records.filter(({ ecc, ebid }) =>
        keys.includes(Buffer.from([ecc, ...ebid]).toString('hex')),
      );
      console.log(`${station.records.length} records, ${kept.length} of true neighbours`);
      expect(kept.length).toBe(TRUE);
      for (const { minutes } of kept) {
        expect(minutes.filter(({ countClass }) => countClass > 0).length).toBeGreaterThanOrEqual(14);
      }
    });
  });
});
