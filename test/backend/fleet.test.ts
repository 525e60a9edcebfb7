import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { keepRetention } from '../../host/backend/admin/upkeep.js';
import {
  createFleet,
  FLEET_DAYS,
  type Fleet,
  type FleetOutcome,
  type Running,
  SHOWN_DAYS,
  SHOWN_VISITS_MIN,
  WRITTEN_VISITS_MIN,
} from '../../host/backend/fleet.js';
import { PAIRS_A_DAY_MAX } from '../../host/backend/store/fleet.js';
import { describeStores } from './stores.js';
import { createWorld, START, type World } from './world.js';

const DAY = 86_400;
const watch = (firmware: string): Running => ({ board: 'bangle2', firmware });

describeStores('fleet', (database) => {
  let world: World;
  let fleet: Fleet;
  let outcomes: FleetOutcome[];
  beforeAll(async () => {
    world = await createWorld(database);
  });
  afterAll(() => world.close());
  beforeEach(async () => {
    world.now = START;
    outcomes = [];
    await world.store.db.deleteFrom('fleetVisits').execute();
    fleet = newFleet();
  });

  const newFleet = (): Fleet =>
    createFleet(
      world.store,
      () => world.now,
      (outcome) => outcomes.push(outcome),
    );
  const rows = () => world.store.db.selectFrom('fleetVisits').selectAll().orderBy('firmware').execute();
  const count = (running: Running, times: number): void => {
    for (let i = 0; i < times; i++) fleet.count(running);
  };
  const today = (): number => Math.floor(world.now / DAY);

  it('counts visits by board and version, those that are written and those that wait', async () => {
    count(watch('0.2.0'), 12);
    await fleet.keep();
    count(watch('0.2.0'), 3);
    count({ board: 'galet1', firmware: '0.2.0' }, 11);
    count(watch('0.2.1'), 10);
    expect(await fleet.answer()).toEqual({
      days: 7,
      versions: [
        { board: 'bangle2', version: '0.2.0', visits: 15 },
        { board: 'bangle2', version: '0.2.1', visits: 10 },
        { board: 'galet1', version: '0.2.0', visits: 11 },
      ],
      hidden: 0,
    });
  });

  it('shows what is rare in a sum only', async () => {
    count(watch('0.2.0'), SHOWN_VISITS_MIN);
    count(watch('0.2.1'), SHOWN_VISITS_MIN - 1);
    count({ board: 'galet1', firmware: '0.1.0' }, 1);
    expect(await fleet.answer()).toEqual({
      days: 7,
      versions: [{ board: 'bangle2', version: '0.2.0', visits: 10 }],
      hidden: 10,
    });
  });

  it('shows today and seven whole days, and forgets after sixty', async () => {
    count(watch('0.2.0'), 10);
    await fleet.close();
    world.now += SHOWN_DAYS * DAY;
    expect((await fleet.answer()).versions).toHaveLength(1);
    world.now += DAY;
    expect(await fleet.answer()).toEqual({ days: 7, versions: [], hidden: 0 });
    const { store, vault, parameters } = world;
    const retain = () =>
      keepRetention({ store, vault, parameters, clock: () => world.now, random: { fill: () => undefined } });
    world.now = START + FLEET_DAYS * DAY;
    await retain();
    expect(await rows()).toHaveLength(1);
    world.now += DAY;
    await retain();
    expect(await rows()).toHaveLength(0);
  });

  it('writes visits together: ten, or what an hour brought', async () => {
    count(watch('0.2.0'), WRITTEN_VISITS_MIN - 1);
    await fleet.keep();
    expect(await rows()).toEqual([]);
    count(watch('0.2.1'), 1);
    await fleet.keep();
    expect(await rows()).toEqual([
      { day: today(), ...watch('0.2.0'), visits: 9 },
      { day: today(), ...watch('0.2.1'), visits: 1 },
    ]);
    count(watch('0.2.0'), 1);
    world.now += 3599;
    await fleet.keep();
    expect((await rows())[0]?.visits).toBe(9);
    world.now += 1;
    await fleet.keep();
    expect((await rows())[0]?.visits).toBe(10);
  });

  it('writes what waits when it is closed, and nothing twice', async () => {
    count(watch('0.2.0'), 3);
    await fleet.close();
    await fleet.close();
    expect(await rows()).toEqual([{ day: today(), ...watch('0.2.0'), visits: 3 }]);
  });

  it('adds up what several processes write', async () => {
    const others = Array.from({ length: 4 }, newFleet);
    for (const other of others) for (let i = 0; i < 5; i++) other.count(watch('0.2.0'));
    await Promise.all(others.map((other) => other.close()));
    expect(await rows()).toEqual([{ day: today(), ...watch('0.2.0'), visits: 20 }]);
  });

  it('keeps what it could not write, and what came meanwhile', async () => {
    const broken = createFleet(
      {
        ...world.store,
        transaction: async () => {
          broken.count(watch('0.2.0'));
          throw new Error('disk');
        },
      },
      () => world.now,
      () => undefined,
    );
    for (let i = 0; i < 10; i++) broken.count(watch('0.2.0'));
    await expect(broken.keep()).rejects.toThrow('disk');
    expect((await broken.answer()).versions).toEqual([{ board: 'bangle2', version: '0.2.0', visits: 11 }]);
  });

  it('counts nothing that is no name', async () => {
    for (const firmware of ['', '0.2.0 ', 'A', 'é', '0.2/0', 'x'.repeat(33), '0.2.0\n', "'; drop table audit"]) {
      fleet.count(watch(firmware));
      fleet.count({ board: firmware, firmware: '0.2.0' });
    }
    fleet.count({});
    fleet.count({ board: 'bangle2' });
    await fleet.close();
    expect(await rows()).toEqual([]);
    expect(new Set(outcomes)).toEqual(new Set(['unnamed']));
    expect(outcomes).toHaveLength(18);
  });

  it('has room for a bounded number of versions a day, and goes on counting those', async () => {
    for (let i = 0; i < PAIRS_A_DAY_MAX + 50; i++) fleet.count(watch(`1.0.${i}`));
    expect(outcomes.filter((outcome) => outcome === 'crowded')).toHaveLength(50);
    await fleet.close();
    for (let i = 0; i < PAIRS_A_DAY_MAX; i++) fleet.count(watch(`2.0.${i}`));
    await fleet.close();
    count(watch('1.0.0'), 4);
    await fleet.close();
    expect(await rows()).toHaveLength(PAIRS_A_DAY_MAX);
    expect((await rows()).find(({ firmware }) => firmware === '1.0.0')?.visits).toBe(5);
    world.now += DAY;
    fleet.count(watch('2.0.0'));
    await fleet.close();
    expect(await rows()).toHaveLength(PAIRS_A_DAY_MAX + 1);
  });

  it('loses no visit and shows no rare one, however they fall', async () => {
    const names = fc.constantFrom('0.1.0', '0.2.0', '0.2.1', '1.0.0');
    const step = fc.oneof(
      fc.record({ visits: fc.integer({ min: 1, max: 15 }), firmware: names }),
      fc.constantFrom('keep' as const, 'hour' as const),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        world.now = START;
        await world.store.db.deleteFrom('fleetVisits').execute();
        fleet = newFleet();
        let total = 0;
        for (const one of steps) {
          if (one === 'keep') await fleet.keep();
          else if (one === 'hour') world.now += 3600;
          else {
            count(watch(one.firmware), one.visits);
            total += one.visits;
          }
        }
        const { versions, hidden } = await fleet.answer();
        expect(versions.reduce((sum, { visits }) => sum + visits, hidden)).toBe(total);
        for (const { visits } of versions) expect(visits).toBeGreaterThanOrEqual(SHOWN_VISITS_MIN);
      }),
      { numRuns: 30 },
    );
  });
});
