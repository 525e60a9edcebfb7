import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { batchesIn } from '../../tools/attack/image.js';
import { AIR_DEFAULTS, Air } from '../../tools/simulate/air.js';
import { DAY_LENGTH, drawDay } from '../../tools/simulate/day.js';
import { WALLS } from '../../tools/simulate/house.js';
import { Stream } from '../../tools/simulate/random.js';
import { Timeline } from '../../tools/simulate/timeline.js';
import { wearToken } from '../../tools/simulate/wearer.js';
import { loadToken } from './load.js';

const START = 4_000_000_000 - (4_000_000_000 % 900);

/** A day of twelve real tokens; the hash is over every advert received. */
async function live(seed: number) {
  const timeline = new Timeline(START - 900, () => performance.now() / 1000);
  const day = drawDay(new Stream(seed, 'day'));
  const people = new Map(day.people.map((person) => [person.name, person]));
  const hash = createHash('sha256');
  let received = 0;
  const air = new Air(
    timeline,
    new Stream(seed, 'air'),
    { ...AIR_DEFAULTS, walls: WALLS },
    (name, time) => people.get(name)?.standing(time - START),
    {
      heard: (to, from, time, payload, rssi) => {
        received += 1;
        hash.update(`${to} ${from} ${time} ${rssi} ${Buffer.from(payload).toString('hex')}\n`);
      },
    },
  );
  const wearers = day.people.map((person) => wearToken(person, seed, timeline, air));
  for (const { board, person } of wearers) {
    await loadToken(board, timeline.now(), new Stream(seed, `server for ${person.name}`));
  }
  timeline.advance(START + DAY_LENGTH);
  return { hash: hash.digest('hex'), received, wearers };
}

describe('a day of real tokens', () => {
  it('replays from its seed to the byte, on the air and on flash', async () => {
    const [once, again] = [await live(5), await live(5)];
    expect(again.hash).toBe(once.hash);
    again.wearers.forEach(({ board }, i) => {
      expect(Buffer.compare(board.flash.bytes, once.wearers[i]!.board.flash.bytes)).toBe(0);
    });
    expect((await live(6)).hash).not.toBe(once.hash);
  });

  it('leaves a log on every token, a clock that kept time, and wearers who are well', async () => {
    const { wearers, received } = await live(7);
    expect(received).toBeGreaterThan(10_000);
    for (const { token, board } of wearers) {
      expect(batchesIn(board.flash.bytes, board.flash.pageSize).length).toBeGreaterThan(2);
      expect(token.signal()).toBe('well');
      expect(Math.abs(token.now() - (START + DAY_LENGTH))).toBeLessThan(3);
    }
  });
});
