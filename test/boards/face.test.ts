import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFace, type FaceState } from '../../device/boards/bangle2/face.js';
import { colourWord, type Language, phoneGroups, wordsOf } from '../../device/boards/words.js';
import { morning, ownTest, screens, signals } from '../support/screens.js';
import { advanceOf, extentOf } from '../support/vector-font.js';

const SIDE = 176;
/** Pixels of the capitals; 176 of them are 24 mm. */
const LARGE = 20;
const SMALL = 11;

interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

interface Mark extends Box {
  color: string;
  /** Undefined for a shape. */
  text?: string;
  cap: number;
  fontWidth: number;
}

/** Stands in for the screen: notes what is drawn, and where the ink is. */
function recorder() {
  const marks: Mark[] = [];
  let color = 'none';
  let background = 'none';
  let cleared = 'none';
  let [fontWidth, fontHeight] = [0, 0];

  const nameOf = (red: number, green: number, blue: number): string => {
    expect([red, green, blue].every((part) => part === 0 || part === 1)).toBe(true);
    return `${red}${green}${blue}`;
  };
  const widthOf = (text: string) => [...text].reduce((sum, letter) => sum + advanceOf(letter, fontWidth), 0);
  function mark(box: Box, more: Partial<Mark> = {}): Graphics {
    for (const place of [box.left, box.top, box.right, box.bottom]) expect(Number.isFinite(place)).toBe(true);
    marks.push({ ...box, color, cap: 0, fontWidth, ...more });
    return g;
  }
  const rectangle = (left: number, top: number, right: number, bottom: number) => mark({ left, top, right, bottom });

  const g: Graphics = {
    reset: () => g,
    clear() {
      cleared = background;
      marks.length = 0;
      return g;
    },
    setColor(red, green, blue) {
      color = nameOf(red, green, blue);
      return g;
    },
    setBgColor(red, green, blue) {
      background = nameOf(red, green, blue);
      return g;
    },
    setFont(name) {
      const size = /^Vector:(\d+)x(\d+)$/.exec(name)!;
      [fontWidth, fontHeight] = [Number(size[1]), Number(size[2])];
      expect(Math.min(fontWidth, fontHeight)).toBeGreaterThan(0);
      expect(Math.max(fontWidth, fontHeight)).toBeLessThanOrEqual(63);
      return g;
    },
    stringWidth: widthOf,
    drawString(text, x, y) {
      const last = marks.at(-1);
      // The second stroke of bold letters is not a second text.
      if (last?.text === text && last.left === x - 1) {
        last.right++;
        return g;
      }
      const extents = [...text].map(extentOf);
      const top = y + Math.floor((Math.min(...extents.map((e) => e.top)) * fontHeight) / 16);
      const bottom = y + Math.ceil((Math.max(...extents.map((e) => e.bottom)) * fontHeight) / 16);
      // The blank right of the last letter is not ink.
      const right = x + widthOf(text) - Math.floor(fontWidth / 16);
      return mark({ left: x, top, right, bottom }, { text, cap: (fontHeight * 12) / 16 });
    },
    fillRect: rectangle,
    fillEllipse: rectangle,
    fillCircle: (x, y, radius) => rectangle(x - radius, y - radius, x + radius, y + radius),
    fillPoly(points) {
      const [xs, ys] = [0, 1].map((odd) => points.filter((_, index) => index % 2 === odd)) as [number[], number[]];
      return rectangle(Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys));
    },
  };
  return { g, marks, cleared: () => cleared };
}

function draw(language: Language, state: FaceState): { texts: Mark[]; shapes: Mark[]; cleared: string } {
  const screen = recorder();
  createFace(screen.g, language).draw(state);
  return {
    texts: screen.marks.filter((mark) => mark.text !== undefined),
    shapes: screen.marks.filter((mark) => mark.text === undefined),
    cleared: screen.cleared(),
  };
}

const meet = (a: Box, b: Box): boolean =>
  a.left <= b.right && b.left <= a.right && a.top <= b.bottom && b.top <= a.bottom;

/** What holds for every screen: all of it inside, nothing over anything, words black on white, with a symbol. */
function expectLegible(language: Language, state: FaceState): void {
  const { texts, shapes, cleared } = draw(language, state);
  expect(cleared).toBe('111');
  for (const mark of [...texts, ...shapes]) {
    expect(Math.min(mark.left, mark.top), JSON.stringify(mark)).toBeGreaterThanOrEqual(0);
    expect(Math.max(mark.right, mark.bottom), JSON.stringify(mark)).toBeLessThan(SIDE);
  }
  texts.forEach((text, index) => {
    expect(text.color).toBe('000');
    expect(text.cap).toBeGreaterThanOrEqual(SMALL);
    for (const other of [...texts.slice(index + 1), ...shapes]) {
      expect(meet(text, other), `${JSON.stringify(text)} ${JSON.stringify(other)}`).toBe(false);
    }
  });
  expect(shapes.length).toBeGreaterThan(0);
}

describe('a colour that blinks', () => {
  const colours = [0, 1, 2, 3, 4, 5];
  const languages: Language[] = ['fr', 'en'];
  const cases = languages.flatMap((language) => colours.map((colour) => ({ language, colour })));

  function blink(language: Language, colour: number, isLit: boolean): { marks: Mark[]; cleared: string } {
    const screen = recorder();
    createFace(screen.g, language).blink(colour, isLit);
    return { marks: screen.marks, cleared: screen.cleared() };
  }

  it.each(cases)('fills the screen and is named on it: $language $colour', ({ language, colour }) => {
    for (const isLit of [true, false]) {
      const { marks, cleared } = blink(language, colour, isLit);
      const word = marks.find((mark) => mark.text !== undefined) as Mark;
      expect(word.text).toBe(colourWord(colour, language));
      expect(word.cap).toBeGreaterThanOrEqual(LARGE);
      expect(word.color).not.toBe(cleared);
      const frame = marks.length > 1 ? 9 : 4;
      expect(Math.min(word.left, word.top)).toBeGreaterThanOrEqual(frame);
      expect(Math.max(word.right, word.bottom)).toBeLessThan(SIDE - frame);
      // Red is for at-risk alone.
      expect([cleared, ...marks.map((mark) => mark.color)]).not.toContain('100');
    }
  });

  it('is another screen for each colour, lit or not', () => {
    const lit = colours.map((colour) => blink('fr', colour, true).cleared);
    expect(lit).toEqual(['001', '010', '110', '101', '011', '111']);
    for (const colour of colours) {
      expect(blink('fr', colour, true)).not.toEqual(blink('fr', colour, false));
      expect(blink('fr', colour, false).cleared).toBe('111');
    }
  });
});

const anyTime = fc.option(
  fc.record({
    hours: fc.nat(23),
    minutes: fc.nat(59),
    weekday: fc.nat(6),
    day: fc.integer({ min: 1, max: 31 }),
    month: fc.nat(11),
  }),
  { nil: undefined },
);
const anyPhone = fc.string({
  maxLength: 20,
  unit: fc.integer({ min: 32, max: 126 }).map((c) => String.fromCharCode(c)),
});
const anyState: fc.Arbitrary<FaceState> = fc.record({
  signal: fc.constantFrom(...signals),
  phone: anyPhone,
  time: anyTime,
  battery: fc.constantFrom(0, 1, 14, 50, 100, 255),
  consentSecondsLeft: fc.nat(60),
});

describe('the face of Bangle.js 2', () => {
  it.each(screens)('$name is legible, and its main words are large', ({ language, state }) => {
    expectLegible(language, state);
    const { texts } = draw(language, state);
    const said = texts.map((text) => text.text).join(' ');
    for (const line of wordsOf(state.signal, language, true).large) expect(said).toContain(line);
    const main = texts.filter((text) => text.cap >= LARGE).map((text) => text.text);
    expect(main.join(' ')).toContain(wordsOf(state.signal, language, true).large.join(' '));
    for (const text of texts.filter((mark) => mark.cap >= LARGE)) expect(text.fontWidth).toBeGreaterThanOrEqual(14);
  });

  it('is legible whatever it has to say', () => {
    fc.assert(
      fc.property(fc.constantFrom<Language[]>('fr', 'en'), anyState, (language, state) =>
        expectLegible(language, state),
      ),
      { numRuns: 1000 },
    );
  });

  it('shows the whole number to ring, large, in the order of its groups', () => {
    fc.assert(
      fc.property(fc.constantFrom<Language[]>('fr', 'en'), anyPhone, (language, phone) => {
        fc.pre(phoneGroups(phone).length > 0);
        const { texts } = draw(language, { ...screens[0]!.state, signal: 'at-risk', phone });
        const large = texts.filter((text) => text.cap >= LARGE).map((text) => text.text);
        expect(large.join(' ')).toBe([...wordsOf('at-risk', language, true).large, ...phoneGroups(phone)].join(' '));
      }),
      { numRuns: 500 },
    );
  });

  it('keeps a number of at most ten digits above 3 mm', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 10, unit: fc.constantFrom(...'0123456789') }), (phone) => {
        const { texts } = draw('fr', { ...screens[0]!.state, signal: 'at-risk', phone });
        const number = texts.filter((text) => /^[0-9 ]+$/.test(text.text!));
        for (const line of number) expect((line.cap * 24) / SIDE).toBeGreaterThanOrEqual(3);
      }),
    );
  });

  it('says what matters most in English too where it speaks French', () => {
    const said = (signal: FaceState['signal']) =>
      draw('fr', { ...screens[0]!.state, signal }).texts.map((text) => text.text);
    expect(said('at-risk')).toContain('PLEASE CALL');
    expect(said('consent')).toContain('Press 3 s to accept');
  });

  it('is a clock while all is well, and words alone while the time is unknown', () => {
    const state = { ...screens[0]!.state, signal: 'well' as const };
    expect(draw('fr', state).texts.map((text) => text.text)).toEqual(['10:42', 'MARDI', '24 NOVEMBRE', 'TOUT VA BIEN']);
    expect(draw('fr', { ...state, time: undefined }).texts.map((text) => text.text)).toEqual(['TOUT', 'VA BIEN']);
    const early = draw('fr', { ...state, time: { ...morning, hours: 7, minutes: 5 } });
    expect(early.texts[0]!.text).toBe('07:05');
  });

  it('counts the seconds of a question down, in figures and by a bar', () => {
    const barOf = (left: number): number => {
      const { texts, shapes } = draw('fr', { ...screens[0]!.state, signal: 'consent', consentSecondsLeft: left });
      expect(texts.map((text) => text.text)).toContain(`${left}s`);
      const [bar, white] = shapes.filter((shape) => shape.top > 150);
      return (white ? white.left : bar!.right + 1) - bar!.left;
    };
    const bars = [60, 42, 30, 10, 1].map(barOf);
    expect(bars).toEqual([...bars].sort((a, b) => b - a));
    expect(new Set(bars).size).toBe(bars.length);
    expect(draw('fr', { ...screens[0]!.state, signal: 'consent', consentSecondsLeft: 0 }).texts.length).toBeGreaterThan(
      0,
    );
  });

  // R38
  it('keeps red for at-risk alone, and blue for what concerns her own test', () => {
    for (const signal of signals) {
      const { shapes } = draw('fr', { ...screens[0]!.state, signal });
      const colors = new Set(shapes.map((shape) => shape.color));
      expect(colors.has('100')).toBe(signal === 'at-risk');
      expect(colors.has('001')).toBe(ownTest.includes(signal));
    }
  });
});
