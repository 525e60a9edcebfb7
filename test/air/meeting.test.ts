/** Tokens that really meet: processes of their own, an adapter each, on one emulated air; a real server judges what they heard. */
import '../e2e/patience.js';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { whyNoAir } from '../../tools/air/btvirt.js';
import { AirHouse, type AirToken } from './house.js';

const missing = whyNoAir();
if (missing !== undefined) console.log(`skipped: ${missing}`);

/** Some windows of listening. */
const BRIEFLY = 45;
/** Beyond the first minute, which ROBERT's score does not count. */
const LONGER = 110;

/** `count` tokens, set up by the operator's command, that hear each other at `rssi` for so many seconds. */
async function together(house: AirHouse, count: number, seconds: number, rssi?: number): Promise<AirToken[]> {
  const tokens: AirToken[] = [];
  for (let i = 0; i < count; i++) tokens.push(await house.token(`token-${i}`, { rssiOf: () => rssi }));
  await Promise.all(tokens.map((token) => house.provision(token)));
  await sleep(seconds * 1000);
  return tokens;
}

describe.skipIf(missing !== undefined)('tokens on one air', () => {
  it.each([
    2, 5,
  ])('hear each other: %i of them; all HELLOs are valid, and without a power nobody is scored', async (count) => {
    const house = await AirHouse.open();
    try {
      const tokens = await together(house, count, BRIEFLY);
      for (const token of tokens) expect((await house.report(token)).json).toMatchObject({ outcome: 'delivered' });
      const outcomes = house.town.contacts();
      console.log(`${count} tokens: ${JSON.stringify([...outcomes])}`);
      expect([...outcomes.keys()]).toEqual(['power-unknown']);
      // Everybody heard everybody; under two identifiers whoever reports after the end of an epoch.
      const pairs = count * (count - 1);
      expect(outcomes.get('power-unknown')).toBeGreaterThanOrEqual(pairs);
      expect(outcomes.get('power-unknown')).toBeLessThanOrEqual(2 * pairs);
      expect([...house.hellos().keys()]).toEqual(['kept']);
      expect(await house.recordsDropped()).toBe(0);
    } finally {
      await house.close();
    }
  });

  it('are scored where the controller says how strongly they hear each other', async () => {
    const house = await AirHouse.open();
    try {
      const [first] = await together(house, 2, LONGER, -55);
      expect((await house.report(first as AirToken)).json).toMatchObject({ outcome: 'delivered' });
      const outcomes = house.town.contacts();
      expect([...outcomes.keys()]).toEqual(['scored']);
      expect([...house.hellos().keys()]).toEqual(['kept']);
      expect(await house.recordsDropped()).toBe(0);
    } finally {
      await house.close();
    }
  });
});
