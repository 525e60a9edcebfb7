import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eventsInWindow, fading, link, POWER_AT_1_M, wallLoss } from '../../tools/simulate/radio.js';
import { Stream } from '../../tools/simulate/random.js';

const freeSpace = { exponent: 2, bodyDb: 0, walls: [] };

describe('the simulated air', () => {
  it('brings -40 dBm over 1 m of free space and 6 dB less at twice the distance', () => {
    const here = { x: 0, y: 0, heading: 0 };
    expect(link(freeSpace, here, { x: 1, y: 0, heading: 0 }).dbm).toBeCloseTo(POWER_AT_1_M, 9);
    expect(link(freeSpace, here, { x: 2, y: 0, heading: 0 }).dbm).toBeCloseTo(-46.02, 2);
  });

  it('is the same in both directions', () => {
    const coordinate = fc.double({ min: -20, max: 20, noNaN: true });
    const standing = fc.record({
      x: coordinate,
      y: coordinate,
      heading: fc.double({ min: 0, max: 6.28, noNaN: true }),
    });
    const world = { exponent: 2.2, bodyDb: 8, walls: [{ from: { x: -3, y: -5 }, to: { x: 2, y: 6 }, lossDb: 15 }] };
    fc.assert(
      fc.property(standing, standing, (a, b) => {
        expect(link(world, a, b).dbm).toBeCloseTo(link(world, b, a).dbm, 9);
      }),
    );
  });

  it('loses nothing through the body in front and everything through the two backs', () => {
    const world = { exponent: 2, bodyDb: 8, walls: [] };
    const face = link(world, { x: 0, y: 0, heading: 0 }, { x: 1, y: 0, heading: Math.PI }).dbm;
    const backs = link(world, { x: 0, y: 0, heading: Math.PI }, { x: 1, y: 0, heading: 0 }).dbm;
    expect(face).toBeCloseTo(-40, 9);
    expect(backs).toBeCloseTo(-56, 9);
  });

  it('counts each wall crossed', () => {
    const walls = [1, 2, 3].map((x) => ({ from: { x, y: -1 }, to: { x, y: 1 }, lossDb: 10 }));
    expect(wallLoss(walls, { x: 0, y: 0 }, { x: 2.5, y: 0 })).toBe(20);
    expect(wallLoss(walls, { x: 0, y: 5 }, { x: 9, y: 5 })).toBe(0);
  });

  it.each([0, 1, 4, 20])('fades with a mean power factor of 1 (K = %i)', (k) => {
    const random = new Stream(1, `fading ${k}`);
    let sum = 0;
    const draws = 200_000;
    for (let i = 0; i < draws; i++) sum += fading(random, k);
    // The factor's standard deviation is at most 1: four standard errors.
    expect(Math.abs(sum / draws - 1)).toBeLessThan(4 / Math.sqrt(draws));
  });

  it('puts as many advertising events in a window as the interval and its jitter say', () => {
    const random = new Stream(2, 'events');
    let events = 0;
    for (let i = 0; i < 20_000; i++) events += eventsInWindow(random, 0.156, 0.5).length;
    expect(events / 20_000).toBeCloseTo(0.5 / 0.161, 1);
    for (let i = 0; i < 2_000; i++) expect(eventsInWindow(random, 0.156, 0.166).length).toBeGreaterThan(0);
  });
});
