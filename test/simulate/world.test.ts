import { describe, expect, it } from 'vitest';
import type { WorldEvent } from '../../tools/simulate/chronicle.js';
import type { RunRecord } from '../../tools/simulate/record.js';
import type { ScenarioName } from '../../tools/simulate/scenarios.js';
import { type Faults, flawless, type Hands } from '../../tools/simulate/seams.js';
import { World, type WorldOptions } from '../../tools/simulate/world.js';

interface Lived {
  record: RunRecord;
  events: WorldEvent[];
}

const QUIET = new Set<WorldEvent['what']>(['heard', 'advert', 'silent', 'batch']);

/** Lives a world; keeps what happens in it but for the radio's chatter. */
async function live(options: Partial<WorldOptions> = {}): Promise<Lived> {
  const events: WorldEvent[] = [];
  const watcher = {
    see(event: WorldEvent) {
      if (!QUIET.has(event.what)) events.push(event);
    },
  };
  const small = { seed: 1, scenario: 'care-home' as const, tokens: 3, days: 1 };
  const record = await new World({ ...small, watchers: [watcher], ...options }).run();
  return { record, events };
}

/** Faults that do something to the world at some hours, and dress nothing unless told. */
function faultsOf(begin: (hands: Hands) => void, dress: Faults['dress'] = flawless.dress): Faults {
  return { dress, begin };
}

function expectRightWarnings({ people }: RunRecord): void {
  const told = people.map(({ name, isWarned }) => [name, isWarned]);
  const due = people.map(({ name, verdict, isWarned }) => [
    name,
    verdict === 'borderline' ? isWarned : verdict === 'warn',
  ]);
  expect(told).toEqual(due);
  expect(people.some(({ isWarned }) => isWarned)).toBe(true);
}

describe('a simulated world', () => {
  it.each<ScenarioName>([
    'care-home',
    'town',
  ])('gives the same event hash for the same seed, in %s (R6)', async (scenario) => {
    const hash = async (seed: number) => (await live({ seed, scenario, tokens: 3 })).record.eventHash;
    const once = await hash(11);
    expect(await hash(11)).toBe(once);
    expect(await hash(12)).not.toBe(once);
  });

  it('warns exactly those whose receptions add up to a risk, and once each (R71)', async () => {
    const { record, events } = await live({ tokens: 12 });
    expectRightWarnings(record);
    expect(record.people.filter(({ verdict }) => verdict === 'spare').length).toBeGreaterThan(1);
    for (const { name, isWarned } of record.people) {
      const told = events.filter(
        (event) => event.what === 'signal' && event.who === name && event.signal === 'at-risk',
      );
      expect(told.length > 0).toBe(isWarned);
    }
    expect(events.filter(({ what }) => what === 'trouble')).toEqual([]);
  });

  it('tells nobody anything before somebody reports, and nothing is reported without consent (R37)', async () => {
    const { events } = await live({ tokens: 4 });
    const order = events.flatMap(({ what }) =>
      ['consented', 'report-kept', 'report-receipt'].includes(what) ? [what] : [],
    );
    expect(order).toEqual(['consented', 'report-kept', 'report-receipt']);
    const reported = events.find(({ what }) => what === 'report-kept') as WorldEvent;
    for (const event of events) {
      if (event.what === 'signal' && event.signal === 'at-risk') expect(event.at).toBeGreaterThan(reported.at);
    }
  });

  it('delivers a report that was kept while the line to the server was cut, and warns all the same (R9)', async () => {
    const faults = faultsOf(({ timeline, kiosks, network, begins, ends }) => {
      timeline.at(begins + 3600, () => {
        for (const kiosk of kiosks) network(kiosk, false);
      });
      timeline.at(ends + 600, () => {
        for (const kiosk of kiosks) network(kiosk, true);
      });
    });
    const { record, events } = await live({ tokens: 6, faults });
    const kept = events.find(({ what }) => what === 'report-kept') as WorldEvent;
    expect(kept.at).toBeLessThan(events.filter(({ what }) => what === 'network').at(-1)?.at as number);
    const outcomes = events.flatMap((event) => (event.what === 'visit' ? [event.outcome] : []));
    expect(outcomes).toContain('backend-unreachable');
    expectRightWarnings(record);
  });

  it('goes on after its processes were killed and its tokens reset (R8)', async () => {
    const faults = faultsOf(({ timeline, tokens, kiosks, begins, reset, crashKiosk, crashBackend }) => {
      for (let hour = 2; hour < 24; hour += 4) {
        timeline.at(begins + hour * 3600, () => {
          reset(tokens[hour % tokens.length] as string, false);
          crashKiosk(kiosks[0] as string);
          crashBackend();
        });
      }
    });
    const { record } = await live({ tokens: 4, faults });
    expect(record.counts).toMatchObject({ reset: 6, 'kiosk-crash': 6, 'backend-crash': 6 });
    expectRightWarnings(record);
  });

  it('sets the clock of a token whose battery was out before it dates a consent, so that the code still counts', async () => {
    const faults = faultsOf(({ timeline, tokens, begins, reset }) => {
      timeline.at(begins + 14 * 3600, () => {
        for (const token of tokens) reset(token, true);
      });
    });
    const { record, events } = await live({ tokens: 4, faults });
    expect(events.flatMap((event) => (event.what === 'visit' ? [event.outcome] : []))).not.toContain('code-expired');
    expect(record.counts['report-kept']).toBe(1);
  });

  it('ends with what a watcher throws', async () => {
    const watcher = {
      see({ what }: WorldEvent) {
        if (what === 'provisioned') throw new Error('a broken promise');
      },
    };
    await expect(live({ watchers: [watcher] })).rejects.toThrow('a broken promise');
  });
});
