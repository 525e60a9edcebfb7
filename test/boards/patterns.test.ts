import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blinkOf, type Pattern, patternOf, patternSignals, playPattern } from '../../device/boards/patterns.js';
import { wordsOf } from '../../device/boards/words.js';
import {
  BLINK_SECONDS,
  COLOUR_BLUE,
  COLOUR_CYAN,
  COLOUR_GREEN,
  COLOUR_VIOLET,
  COLOUR_WHITE,
  COLOUR_YELLOW,
} from '../../device/link/messages.js';
import { ownTest, screens, signals } from '../support/screens.js';

const pulsesOf = (train: number[]): number[] => train.filter((_, index) => index % 2 === 0);
const sum = (numbers: number[]): number => numbers.reduce((total, number) => total + number, 0);

/** What is left of a colour for who does not tell red from green: the long wavelengths, and blue. */
function seenByColorBlind(color: number): string {
  return `${(color & 3) > 0 ? 'long' : ''} ${(color & 4) > 0 ? 'short' : ''}`;
}

const colours = [COLOUR_BLUE, COLOUR_GREEN, COLOUR_YELLOW, COLOUR_VIOLET, COLOUR_CYAN, COLOUR_WHITE];

/** Of the time, how much of it is lit. */
const share = (row: Pattern): number => sum(pulsesOf(row.light)) / (sum(row.light) + row.every * 1000);

/** A board of lamps, a motor and a clock that a test turns. */
function board() {
  const told: string[] = [];
  let now = 0;
  let timers: { at: number; callback: () => void }[] = [];
  let lit = '---';
  let isBuzzing = false;
  return {
    told,
    light(red: boolean, green: boolean, blue: boolean) {
      const next = `${red ? 'r' : '-'}${green ? 'g' : '-'}${blue ? 'b' : '-'}`;
      if (next !== lit) told.push(`${now} ${next}`);
      lit = next;
    },
    buzz(on: boolean) {
      if (on !== isBuzzing) told.push(`${now} ${on ? 'buzz' : 'still'}`);
      isBuzzing = on;
    },
    after(seconds: number, callback: () => void) {
      const timer = { at: now + Math.round(seconds * 1000), callback };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    run(milliseconds: number) {
      const end = now + milliseconds;
      for (;;) {
        const next = timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
        if (!next) break;
        timers = timers.filter((timer) => timer !== next);
        now = next.at;
        next.callback();
      }
      now = end;
    },
    isQuiet: () => lit === '---' && !isBuzzing,
    timers: () => timers.length,
  };
}

describe('the table of light and vibration', () => {
  // R38: nobody takes "you may have met the virus" for "your own test", whichever channel is left to her.
  it.each(ownTest)('tells at-risk from %s by colour, by rhythm and by vibration, each alone', (signal) => {
    const risk = patternOf('at-risk');
    const own = patternOf(signal);
    expect(seenByColorBlind(risk.color)).not.toBe(seenByColorBlind(own.color));
    for (const channel of ['light', 'buzz'] as const) {
      const [long, short] = [pulsesOf(risk[channel]), pulsesOf(own[channel])];
      expect(Math.min(...long)).toBeGreaterThanOrEqual(3 * Math.max(...short));
      expect(long.length).not.toBe(short.length);
    }
  });

  it('keeps red and long pulses for at-risk alone', () => {
    for (const signal of signals.filter((other) => other !== 'at-risk')) {
      const row = patternOf(signal);
      expect(row.color).not.toBe(patternOf('at-risk').color);
      expect(Math.max(0, ...pulsesOf(row.light), ...pulsesOf(row.buzz))).toBeLessThan(
        Math.min(...pulsesOf(patternOf('at-risk').light)),
      );
    }
  });

  it('gives each signal a rhythm of its own', () => {
    const rhythms = signals.map((signal) => JSON.stringify([patternOf(signal).light, patternOf(signal).every]));
    expect(new Set(rhythms).size).toBe(signals.length);
  });

  it('has trains that begin and end with on', () => {
    for (const signal of signals) {
      for (const train of [patternOf(signal).light, patternOf(signal).buzz]) {
        expect(train.length === 0 || train.length % 2 === 1).toBe(true);
        expect(train.every((milliseconds) => milliseconds > 0)).toBe(true);
      }
    }
  });

  it('spares the battery: what stands for days is nearly dark', () => {
    expect(share(patternOf('well'))).toBeLessThan(0.0005);
    for (const signal of ['charge', 'visit', 'silent'] as const) expect(share(patternOf(signal))).toBeLessThan(0.01);
    expect(share(patternOf('at-risk'))).toBeLessThan(0.05);
  });
});

describe('a colour that blinks at the counter', () => {
  it('is made of the lamps that its name says', () => {
    expect(colours.map((colour) => blinkOf(colour).color)).toEqual([4, 2, 3, 5, 6, 7]);
  });

  // R38: least of all for at-risk or for her own test.
  it.each(colours)('is not taken for a signal: colour %d', (colour) => {
    const row = blinkOf(colour);
    expect(row.color).not.toBe(patternOf('at-risk').color);
    expect(row.buzz).toEqual([]);
    expect(Math.max(...pulsesOf(row.light))).toBeLessThan(Math.min(...pulsesOf(patternOf('at-risk').light)) / 2);
    expect(share(row)).toBeGreaterThan(0.75);
    for (const signal of signals) if (patternOf(signal).every > 0) expect(share(patternOf(signal))).toBeLessThan(0.25);
  });

  it('does not flash faster than three times a second', () => {
    const row = blinkOf(COLOUR_WHITE);
    expect(sum(row.light) / 1000 + row.every).toBeGreaterThan(1 / 3);
  });

  it('blinks for a minute over what is shown, which is shown again after it', () => {
    const parts = board();
    const lamps = patternSignals(parts.light, parts.buzz, parts.after);
    lamps.show('well', '');
    lamps.blink(COLOUR_CYAN);
    lamps.show('visit', '');
    parts.run(BLINK_SECONDS * 1000 - 1);
    expect(parts.told.filter((line) => /rg|r--|buzz/.test(line))).toEqual([]);
    expect(parts.told.filter((line) => line.endsWith('-gb'))).toHaveLength(2 * BLINK_SECONDS);
    const before = parts.told.length;
    parts.run(1000);
    expect(parts.told.slice(before)).toContain('60000 rgb');
    expect(parts.told.slice(before).some((line) => line.endsWith('-gb'))).toBe(false);
  });

  it('gives way to a question', () => {
    const parts = board();
    const lamps = patternSignals(parts.light, parts.buzz, parts.after);
    lamps.show('well', '');
    lamps.blink(COLOUR_GREEN);
    parts.run(10_000);
    lamps.show('consent', '');
    const before = parts.told.length;
    parts.run(120_000);
    expect(parts.told.slice(before).some((line) => line.includes('g'))).toBe(false);
  });

  it('begins anew with another colour', () => {
    const parts = board();
    const lamps = patternSignals(parts.light, parts.buzz, parts.after);
    lamps.blink(COLOUR_GREEN);
    parts.run(30_000);
    lamps.blink(COLOUR_VIOLET);
    const before = parts.told.length;
    parts.run(BLINK_SECONDS * 1000 - 1);
    expect(new Set(parts.told.slice(before).map((line) => line.split(' ')[1]))).toEqual(new Set(['r-b', '---']));
  });
});

describe('docs/operations/signals.md', () => {
  const page = readFileSync(new URL('../../docs/operations/signals.md', import.meta.url), 'utf8');
  const colors: Record<number, string> = { 1: 'red', 2: 'green', 3: 'amber', 4: 'blue', 7: 'white' };

  it.each(signals)('says light and vibration of %s as they are', (signal) => {
    const { color, light, every, buzz } = patternOf(signal);
    const again = every === 0 ? 'once' : `every ${every} s`;
    const felt = buzz.length === 0 ? 'none' : `\`${buzz.join(' ')}\``;
    const row = page.split('\n').find((line) => line.startsWith(`| ${signal} |`))!;
    expect(row.endsWith(`| ${colors[color]} \`${light.join(' ')}\`, ${again} | ${felt} |`), row).toBe(true);
  });

  it.each(screens)('has the picture $name with its words', ({ name, language, state }) => {
    const words = wordsOf(state.signal, language, true).large.join(' ');
    expect(page).toContain(`![${words}](screens/${name}.png)`);
  });
});

describe('the player', () => {
  it('shows the light again and again, and is felt once', () => {
    const { told, light, buzz, after, run } = board();
    playPattern({ color: 5, light: [100, 50, 100], every: 2, buzz: [300] }, light, buzz, after);
    run(2600);
    expect(told).toEqual([
      '0 r-b',
      '0 buzz',
      '100 ---',
      '150 r-b',
      '250 ---',
      '300 still',
      '2250 r-b',
      '2350 ---',
      '2400 r-b',
      '2500 ---',
    ]);
  });

  it('shows once what is not repeated, and leaves no timer', () => {
    const parts = board();
    playPattern({ color: 2, light: [100], every: 0, buzz: [] }, parts.light, parts.buzz, parts.after);
    parts.run(60_000);
    expect(parts.told).toEqual(['0 -g-', '100 ---']);
    expect(parts.timers()).toBe(0);
  });

  it('is over at once when it is stopped, whenever that is', () => {
    fc.assert(
      fc.property(fc.constantFrom(...signals), fc.nat(70_000), (signal, milliseconds) => {
        const parts = board();
        const stop = playPattern(patternOf(signal), parts.light, parts.buzz, parts.after);
        parts.run(milliseconds);
        stop();
        expect(parts.isQuiet()).toBe(true);
        expect(parts.timers()).toBe(0);
        stop();
        expect(parts.isQuiet()).toBe(true);
      }),
    );
  });

  it('shows one signal after another without a trace of the first', () => {
    const parts = board();
    const stop = playPattern(patternOf('at-risk'), parts.light, parts.buzz, parts.after);
    parts.run(500);
    stop();
    const before = parts.told.length;
    playPattern(patternOf('consented'), parts.light, parts.buzz, parts.after);
    parts.run(120_000);
    expect(parts.told.slice(before).some((line) => line.includes('r'))).toBe(false);
    expect(parts.isQuiet()).toBe(true);
  });
});
