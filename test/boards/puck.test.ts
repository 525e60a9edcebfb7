/** The small token of Puck.js under Node: to the real server it is a token like any other, with fewer days. */
import '../e2e/patience.js';
import { afterEach, describe, expect, it } from 'vitest';
import * as refusals from '../../device/boards/puck/refusals.js';
import { FAULTS } from '../../device/faults.js';
import { DAY, HOUR, World } from '../e2e/world.js';
import { chance } from '../support/chance.js';
import { START } from '../support/fleet.js';
import { smallTokens } from '../support/small-token.js';

const LONG = 45 * 60;
const MORNING = START + 9 * HOUR;

let world: World;

afterEach(async () => {
  await world?.close();
});

async function open(): Promise<World> {
  world = await World.open({ start: MORNING });
  return world;
}

describe('the small token', () => {
  it('has the numbers of the full one for what it refuses', () => {
    const { DETAIL, ...numbers } = refusals;
    expect(DETAIL).toBeGreaterThan(Math.max(...Object.values(FAULTS)));
    const known: Record<string, number> = {
      ...Object.fromEntries(
        Object.entries(FAULTS).map(([name, number]) => [name.toUpperCase().replaceAll('-', '_'), number]),
      ),
      MALFORMED: FAULTS['message-malformed'],
      VERSION: FAULTS['message-version'],
      UNKNOWN: FAULTS['message-unknown'],
    };
    for (const [name, number] of Object.entries(numbers)) expect([name, number]).toEqual([name, known[name]]);
  });

  it('hears a full token, and its report warns that one', async () => {
    const w = await open();
    const [small, full] = [await w.wearer('small', await smallTokens(1)), await w.wearer('full')];
    await w.together([small, full], LONG);
    await w.advance(HOUR);
    expect(await w.report(small, await w.issueCode())).toMatchObject({ outcome: 'delivered' });
    expect(await w.isWarnedAtVisit(full)).toBe(true);
    expect(await w.isWarnedAtVisit(small)).toBe(false);
  });

  it('is heard by a full token, and warned by its report', async () => {
    const w = await open();
    const [small, full] = [await w.wearer('small', await smallTokens(1)), await w.wearer('full')];
    await w.together([small, full], LONG);
    await w.advance(HOUR);
    await w.report(full, await w.issueCode());
    expect(small.token.signal()).not.toBe('at-risk');
    expect(await w.isWarnedAtVisit(small)).toBe(true);
  });

  it('lives five days at least on one visit, refills within its pages, and then falls silent', async () => {
    const w = await open();
    const small = await w.wearer('small', await smallTokens(1));
    for (let visits = 0; visits < 4; visits++) {
      // Not at the change of an identifier, when all are silent.
      await w.advance(4 * DAY + 60);
      expect(small.onAir).toBeDefined();
      await w.sync(small);
    }
    await w.advance(8 * DAY + HOUR);
    expect(small.token.signal()).toBe('silent');
    expect(small.onAir).toBeUndefined();
  });

  it('is erased with a proof that the server knows', async () => {
    const w = await open();
    const { forget } = await import('../../host/link/visit/forget.js');
    const small = await w.wearer('small', await smallTokens(1));
    await w.together([small, await w.wearer('full')], LONG);
    await w.visit(small, forget);
    const left = small.board.flash.bytes.filter((byte) => byte !== 0xff);
    // A page of the store with little else than the proof.
    expect(left.filter((byte) => byte !== 0).length).toBeLessThan(64);
    await w.advance(DAY);
    expect(small.onAir).toBeUndefined();
  });

  it('comes back from a loss of its clock at the next visit, silent until then', async () => {
    const w = await open();
    const small = await w.wearer('small', await smallTokens(2));
    await w.advance(HOUR);
    small.off();
    small.on(true);
    await w.advance(HOUR);
    expect(small.onAir).toBeUndefined();
    expect(small.token.signal()).toBe('silent');
    await w.sync(small);
    await w.advance(HOUR + 60);
    expect(small.onAir).toBeDefined();
  });

  it('keeps what it has, at whatever flash operation of a contact or a refill the power goes', async () => {
    const w = await open();
    const draw = chance(7);
    let worked = false;
    const start = await smallTokens(60);
    const small = await w.wearer('small', start);
    const full = await w.wearer('full');
    for (let cut = 0; cut < 50; cut++) {
      const atVisit = cut % 2 === 0;
      small.board.flash.cutAt(1 + Math.floor(draw() * (atVisit ? 400 : 60)), [0, 0.5, 1][cut % 3] as number, draw);
      try {
        if (atVisit) await w.sync(small);
        else await w.together([small, full], 20 * 60);
      } catch {
        // At the counter a lost token, on the table a lost air: the cut itself.
      }
      small.off();
      small.on();
      await w.advance(20);
      await w.sync(small);
      await w.advance(20 * 60);
      expect(small.token.signal()).toBe('well');
      worked ||= small.onAir !== undefined;
    }
    expect(worked).toBe(true);
    await w.together([small, full], LONG);
    await w.advance(HOUR);
    expect(await w.report(small, await w.issueCode())).toMatchObject({ outcome: 'delivered' });
    expect(await w.isWarnedAtVisit(full)).toBe(true);
  });
});
