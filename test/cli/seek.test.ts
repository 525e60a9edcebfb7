import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { COLOUR_BLUE, COLOUR_CYAN, COLOUR_GREEN, COLOUR_WHITE, COLOUR_YELLOW } from '../../device/link/messages.js';
import { giveColours, type SeekEvent, seek } from '../../host/cli/seek.js';
import type { Asking } from '../../host/link/ble/asking.js';

const token = (id: string, rssi?: number, colour?: number): Asking => ({
  id,
  rssi,
  colour,
  kind: 'token',
  name: 'Galet -',
});

/** A radio that hears one of `looks` after the other, and then the last for ever; and what it was asked for. */
function scripted(...looks: Asking[][]) {
  let count = 0;
  return {
    get looked() {
      return count;
    },
    discover: async (): Promise<Asking[]> => looks[Math.min(count++, looks.length - 1)] as Asking[],
  };
}

describe('looking for a token that asks', () => {
  const anybody = (): boolean => true;
  const idsOf = (asking: Asking[]): string[] => asking.map(({ id }) => id);

  it('looks until one asks, then once more for others, and has the nearest first and unknown distances last', async () => {
    const radio = scripted([], [], [token('far', -80)], [token('far', -82), token('dim'), token('near', -50)]);
    const steps: SeekEvent[] = [];
    expect(idsOf(await seek(radio, 30, anybody, (event) => steps.push(event)))).toEqual(['near', 'far', 'dim']);
    expect(radio.looked).toBe(4);
    expect(steps.map(({ step }) => step)).toEqual(['seek', 'seek', 'seek', 'gather']);
    expect(steps[0]).toEqual({ step: 'seek', secondsLeft: 30 });
  });

  it('keeps who was heard in the first look alone', async () => {
    const radio = scripted([token('far', -80)], [token('near', -50)]);
    expect(idsOf(await seek(radio, 30, anybody, () => {}))).toEqual(['near', 'far']);
  });

  it('goes on while only others ask, and says who they are when the time is over', async () => {
    const radio = scripted([token('other', -50)]);
    expect(
      idsOf(
        await seek(
          radio,
          0.01,
          ({ id }) => id === 'wanted',
          () => {},
        ),
      ),
    ).toEqual(['other']);
    expect(radio.looked).toBeGreaterThanOrEqual(1);
  });
});

describe('colours by which people tell tokens apart', () => {
  it('are given in order to those that have none', () => {
    expect(giveColours([undefined, undefined, undefined])).toEqual([COLOUR_BLUE, COLOUR_GREEN, COLOUR_YELLOW]);
  });

  it('are kept by whoever is alone in its own, and skipped when somebody else has them', () => {
    expect(giveColours([COLOUR_GREEN, undefined, COLOUR_CYAN])).toEqual([COLOUR_GREEN, COLOUR_BLUE, COLOUR_CYAN]);
    expect(giveColours([undefined, COLOUR_BLUE], [COLOUR_GREEN])).toEqual([COLOUR_YELLOW, COLOUR_BLUE]);
  });

  it('are new for two that have the same', () => {
    expect(giveColours([COLOUR_BLUE, COLOUR_BLUE])).toEqual([COLOUR_GREEN, COLOUR_YELLOW]);
  });

  it('are never the same for two, nor one that is taken, and as many are given as there are left', () => {
    const colours = fc.array(fc.option(fc.integer({ min: COLOUR_BLUE, max: COLOUR_WHITE }), { nil: undefined }), {
      maxLength: 9,
    });
    fc.assert(
      fc.property(colours, colours, (blinking, taken) => {
        const given = giveColours(blinking, taken);
        const named = given.filter((colour) => colour !== undefined);
        expect(given).toHaveLength(blinking.length);
        expect(new Set(named).size).toBe(named.length);
        for (const colour of named) expect(taken).not.toContain(colour);
        const free = COLOUR_WHITE + 1 - new Set([...blinking, ...taken].filter((colour) => colour !== undefined)).size;
        expect(named.length).toBeGreaterThanOrEqual(Math.min(blinking.length, free));
      }),
    );
  });
});
