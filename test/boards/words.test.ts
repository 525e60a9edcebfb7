import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { colourWord, dateWords, type Language, phoneGroups, wordsOf } from '../../device/boards/words.js';
import { ownTest, signals } from '../support/screens.js';
import { ALPHABET } from '../support/vector-font.js';

const languages: Language[] = ['fr', 'en'];
const texts = languages.flatMap((language) =>
  signals.flatMap((signal) => [true, false].map((canCall) => ({ language, signal, canCall }))),
);
const linesOf = (text: (typeof texts)[number]): string[] => {
  const words = wordsOf(text.signal, text.language, text.canCall);
  return [...words.large, ...words.small];
};

describe('the words of the signals', () => {
  it('fit the screen and its font', () => {
    for (const text of texts) {
      const { large, small } = wordsOf(text.signal, text.language, text.canCall);
      expect(large.length).toBeGreaterThan(0);
      expect(large.length).toBeLessThanOrEqual(3);
      for (const line of large) expect(line.length).toBeLessThanOrEqual(11);
      for (const line of small) expect(line.length).toBeLessThanOrEqual(20);
      for (const letter of linesOf(text).join('')) expect(` ${ALPHABET}`).toContain(letter);
    }
  });

  it('say each signal differently', () => {
    for (const language of languages) {
      const said = signals.map((signal) => wordsOf(signal, language, true).large.join(' '));
      expect(new Set(said).size).toBe(signals.length);
    }
  });

  it('name the six colours of a counter, each differently', () => {
    const french = [0, 1, 2, 3, 4, 5].map((colour) => colourWord(colour, 'fr'));
    expect(french).toEqual(['BLEU', 'VERT', 'JAUNE', 'VIOLET', 'TURQUOISE', 'BLANC']);
    const english = [0, 1, 2, 3, 4, 5].map((colour) => colourWord(colour, 'en'));
    expect(english).toEqual(['BLUE', 'GREEN', 'YELLOW', 'VIOLET', 'CYAN', 'WHITE']);
    for (const letter of [...french, ...english].join('')) expect(ALPHABET).toContain(letter);
  });

  it('never say that the wearer is ill, and never say tu', () => {
    for (const text of texts) {
      const said = linesOf(text).join(' ').toLowerCase();
      expect(said).not.toMatch(/malade|infect|positi|contamin|covid|\bill\b|sick/);
      expect(said).not.toMatch(/\b(tu|toi|ton|ta|tes)\b/);
    }
  });

  it('say at-risk as a possibility, and what to do', () => {
    expect(wordsOf('at-risk', 'fr', true)).toEqual({
      large: ['APPELEZ LE'],
      small: ['Vous avez peut-\xeatre', 'crois\xe9 le virus.'],
    });
    expect(wordsOf('at-risk', 'fr', false).large.join(' ')).toBe('APPELEZ VOTRE M\xc9DECIN');
    expect(wordsOf('at-risk', 'en', true).small.join(' ')).toContain('may');
  });

  // R38: not one large word in common.
  it.each(ownTest)('have no large word in common between at-risk and %s', (signal) => {
    for (const language of languages) {
      for (const canCall of [true, false]) {
        const risk = wordsOf('at-risk', language, canCall).large.join(' ').split(' ');
        const own = wordsOf(signal, language, canCall).large.join(' ').split(' ');
        expect(own.filter((word) => risk.includes(word))).toEqual([]);
      }
    }
  });
});

describe('the date', () => {
  it('is said as in each country', () => {
    expect(dateWords(2, 24, 10, 'fr')).toEqual(['MARDI', '24 NOVEMBRE']);
    expect(dateWords(0, 1, 7, 'fr')).toEqual(['DIMANCHE', '1er AO\xdbT']);
    expect(dateWords(6, 1, 0, 'en')).toEqual(['SATURDAY', '1 JANUARY']);
  });

  it('agrees with what the platform says, all year', () => {
    for (const language of languages) {
      for (let n = 0; n < 366; n++) {
        const date = new Date(Date.UTC(2028, 0, 1 + n));
        const [weekday, dayAndMonth] = dateWords(date.getUTCDay(), date.getUTCDate(), date.getUTCMonth(), language);
        const said = (options: Intl.DateTimeFormatOptions) =>
          date.toLocaleDateString(language, { ...options, timeZone: 'UTC' }).toUpperCase();
        expect(weekday).toBe(said({ weekday: 'long' }));
        expect(dayAndMonth!.split(' ')[1]).toBe(said({ month: 'long' }));
      }
    }
  });
});

describe('a telephone number', () => {
  it.each([
    ['0199001234', '01 99 00 12 34'],
    ['01 99 00 12 34', '01 99 00 12 34'],
    ['01.99.00.12.34', '01 99 00 12 34'],
    ['+33199001234', '+33 1 99 00 12 34'],
    ['+33 1 99 00 12 34', '+33 1 99 00 12 34'],
    ['0800 130 000', '0800 130 000'],
    ['3117', '3117'],
    ['15', '15'],
    ['(0800) sante', '0800 SANTE'],
    ['*31#0199', '*31#0199'],
    ['116117', '11 61 17'],
    ['', ''],
    [' -@\n', ''],
  ])('%j is read out as %j', (phone, expected) => {
    expect(phoneGroups(phone).join(' ')).toBe(expected);
  });

  it('loses nothing that can be dialled, in groups that fit a line', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 20, unit: 'binary-ascii' }), (phone) => {
        const groups = phoneGroups(phone);
        expect(groups.join('')).toBe(phone.toUpperCase().replace(/[^0-9A-Z+*#]/g, ''));
        expect(groups.every((group) => group.length >= 1 && group.length <= 10)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});
