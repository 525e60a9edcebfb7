import { describe, expect, it } from 'vitest';
import { isPowerCut, type TwinFlash, twinFlash } from '../../device/boards/twin/flash.js';
import { mountJournal } from '../../device/log/journal.js';
import { region } from '../../device/log/region.js';
import { chance } from '../support/chance.js';

const value = (text: string): Uint8Array => new TextEncoder().encode(text);
const textOf = (journal: ReturnType<typeof mountJournal>, kind: number): string | undefined => {
  const entry = journal.get(kind);
  return entry && new TextDecoder().decode(entry.value);
};
const mount = (flash: TwinFlash): ReturnType<typeof mountJournal> => mountJournal(region(flash, 0, 2));

describe('the journal', () => {
  it('gives back the latest value of each kind, also after a reset', () => {
    const flash = twinFlash(2, 512);
    const journal = mount(flash);
    journal.put(1, 1, value('keys'), 'test');
    journal.put(2, 3, value('first'), 'test');
    journal.put(2, 3, value('second'), 'test');
    for (const mounted of [journal, mount(flash.afterReset())]) {
      expect(textOf(mounted, 1)).toBe('keys');
      expect(textOf(mounted, 2)).toBe('second');
      expect(mounted.get(2)?.version).toBe(3);
      expect(mounted.get(3)).toBeUndefined();
    }
  });

  it('goes on for ever on two pages, within the rules of the flash', () => {
    const flash = twinFlash(2, 512);
    const journal = mount(flash);
    for (let i = 0; i < 500; i++) journal.put(1 + (i % 4), 1, value(`value ${i}`), 'test');
    expect(textOf(mount(flash.afterReset()), 4)).toBe('value 499');
    expect(textOf(mount(flash.afterReset()), 1)).toBe('value 496');
  });

  it('leaves no byte of what it was told to forget', () => {
    const flash = twinFlash(2, 512);
    const journal = mount(flash);
    journal.put(1, 1, value('SECRETSECRET'), 'test');
    journal.reset(2, 1, value('gone'), 'test');
    expect(textOf(journal, 1)).toBeUndefined();
    expect(textOf(mount(flash.afterReset()), 2)).toBe('gone');
    expect(new TextDecoder('latin1').decode(flash.bytes)).not.toContain('SECRET');
  });

  it('changes several kinds in one commit, of which no byte of before is left', () => {
    const before = { 1: 'old keys, SECRET', 2: 'kept', 3: 'forgotten, SECRET' };
    const after = { 1: 'new keys', 2: 'kept', 4: 'more' };
    let cuts = 0;
    for (let operation = 1; ; operation++) {
      const flash = twinFlash(2, 512);
      const journal = mount(flash);
      for (const [kind, text] of Object.entries(before)) journal.put(Number(kind), 1, value(text), 'test');
      flash.cutAt(operation, chance(operation)(), chance(operation + 1));
      let isCut = false;
      try {
        const changes = [1, 3, 4].map((kind) => ({
          kind,
          version: 1,
          value: value(kind === 3 ? '' : after[kind as 1 | 4]),
        }));
        journal.replace(changes, 'test');
      } catch (thrown) {
        if (!isPowerCut(thrown)) throw thrown;
        isCut = true;
      }
      const mounted = mount(flash.afterReset());
      const found = Object.fromEntries([1, 2, 3, 4].map((kind) => [kind, textOf(mounted, kind)]));
      const all = { 1: undefined, 2: undefined, 3: undefined, 4: undefined };
      expect([
        { ...all, ...before },
        { ...all, ...after },
      ]).toContainEqual(found);
      if (found[4]) expect(new TextDecoder('latin1').decode(flash.bytes)).not.toContain('SECRET');
      if (!isCut) break;
      cuts += 1;
    }
    expect(cuts).toBeGreaterThan(10);
  });

  // R1, R2: every single cut point, at five degrees of tearing.
  it('holds the old or the new value after a cut at any operation, and every other value', () => {
    let cuts = 0;
    for (const tear of [0, 0.3, 0.5, 0.9, 1]) {
      for (let operation = 1; ; operation++) {
        const random = chance(operation * 7 + tear * 100);
        const flash = twinFlash(2, 512);
        const journal = mount(flash);
        const acknowledged: Record<number, string> = {};
        let attempted: [number, string] | undefined;
        flash.cutAt(operation, tear, random);
        let cut = false;
        try {
          for (let i = 0; i < 40; i++) {
            attempted = [1 + (i % 3), `value number ${i}`];
            journal.put(attempted[0], 1, value(attempted[1]), 'test');
            acknowledged[attempted[0]] = attempted[1];
          }
        } catch (thrown) {
          if (!isPowerCut(thrown)) throw thrown;
          cut = true;
        }
        if (!cut) break;
        cuts += 1;
        const mounted = mount(flash.afterReset());
        for (const kind of [1, 2, 3]) {
          const allowed = [acknowledged[kind], attempted?.[0] === kind ? attempted[1] : acknowledged[kind]];
          expect(allowed).toContain(textOf(mounted, kind));
        }
        mounted.put(1, 1, value('goes on'), 'test');
        expect(textOf(mount(flash.afterReset()), 1)).toBe('goes on');
      }
    }
    expect(cuts).toBeGreaterThan(1000);
  });
});
