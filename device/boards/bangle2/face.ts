/// <reference path="../espruino/graphics.d.ts" />
/**
 * The screen of Bangle.js 2: 176 x 176 pixels on 24 mm, always on, eight colours. A quiet clock while all is well, else one
 * message in words as large as they fit, black on white, with a symbol so that neither words nor colour stand alone.
 */
import type { Signal } from '../../ports.js';
import { lightOf } from '../patterns.js';
import { colourWord, dateWords, type Language, phoneGroups, type Words, wordsOf } from '../words.js';

export interface FaceTime {
  /** 0 to 23. */
  hours: number;
  minutes: number;
  /** 0 is Sunday. */
  weekday: number;
  /** 1 to 31. */
  day: number;
  /** 0 is January. */
  month: number;
}

export interface FaceState {
  signal: Signal;
  /** The number to ring, at most 20 characters; empty if there is none. */
  phone: string;
  /** Wall-clock time; undefined while the token does not know it. */
  time: FaceTime | undefined;
  /** 0 to 100, or 255: unknown. */
  battery: number;
  /** Of the 60 s that a question stands. */
  consentSecondsLeft: number;
}

export interface Face {
  /** Draws everything anew. */
  draw(state: FaceState): void;
  /** Fills the screen with a COLOUR_ of link/messages.ts and its word; not `isLit`: with the word alone, black on white. */
  blink(colour: number, isLit: boolean): void;
}

const SIDE = 176;
const MARGIN = 4;
const WIDTH = SIDE - 2 * MARGIN;
/** The interpreter's limit for a width and a height that are chosen apart. */
const FONT_MAX = 63;
/** Capitals of that font, which are 12/16 of its height. */
const CAP_MAX = 47;
/** Of a number: its font is at most twice as high as wide. */
const SLENDER = 2;
const CONSENT_SECONDS = 60;
/** Lights of a colour, as patterns.ts counts them. */
const BLUE = 4;
const WHITE = 7;
/** Widest letters of a colour's word, so that white's frame has room. */
const WORD_MAX = 43;

/** Font height for capitals of `cap` pixels, which are 12/16 of it. */
function heightOf(cap: number): number {
  const height = Math.ceil((cap * 4) / 3);
  return height < FONT_MAX ? height : FONT_MAX;
}

/** The widest letters, at most `most`, with which `text` keeps within `width`; leaves the font set to them. */
function fitted(g: Graphics, text: string, width: number, height: number, most: number): number {
  let size = Math.min(height, most);
  let wide = g.setFont(`Vector:${size}x${height}`).stringWidth(text);
  // Widths go almost as the size does: one guess comes near, rounding asks for a few steps.
  while (wide >= width && size > 1) {
    size = Math.min(size - 1, Math.floor((size * width) / wide));
    wide = g.setFont(`Vector:${size}x${height}`).stringWidth(text);
  }
  return size;
}

/**
 * One line in capitals of `cap` pixels whose tops are at `top`, as wide as fits but at most `most`, centred between `left`
 * and the right margin.
 */
function write(g: Graphics, text: string, left: number, top: number, cap: number, most: number): void {
  const width = SIDE - MARGIN - left;
  const height = heightOf(cap);
  const size = fitted(g, text, width, height, most);
  // A letter carries its blank on the right; a second stroke one pixel on makes it bold.
  const x = left + ((width - g.stringWidth(text) + (size >> 4)) >> 1);
  const y = top - (height >> 4);
  g.drawString(text, x, y).drawString(text, x + 1, y);
}

/** Lines of equally high capitals, the first at `top`, `pitch` apart, over the whole width. */
function writeLines(g: Graphics, lines: string[], top: number, pitch: number, cap: number, most: number): void {
  for (let i = 0; i < lines.length; i++) write(g, lines[i] as string, MARGIN, top + i * pitch, cap, most);
}

function twoDigits(number: number): string {
  return number < 10 ? `0${number}` : `${number}`;
}

/** The groups over `count` lines, as even as they come. */
function linesOf(groups: string[], count: number): string[] {
  const lines: string[] = [];
  let at = 0;
  for (let i = 0; i < count; i++) {
    const take = Math.ceil((groups.length - at) / (count - i));
    lines.push(groups.slice(at, at + take).join(' '));
    at += take;
  }
  return lines;
}

/** The groups in the largest letters that one, two or three lines between `top` and `bottom` allow. */
function writeNumber(g: Graphics, groups: string[], top: number, bottom: number): void {
  const gap = 9;
  let best: string[] = [];
  let bestSize = 0;
  let bestCap = 0;
  for (let count = 1; count <= 3 && count <= groups.length; count++) {
    const lines = linesOf(groups, count);
    const high = Math.min(Math.floor((bottom - top - (count - 1) * gap) / count), CAP_MAX);
    let size = FONT_MAX;
    for (let i = 0; i < count; i++) size = fitted(g, lines[i] as string, WIDTH, heightOf(high), size);
    const cap = Math.min(high, Math.floor((size * SLENDER * 3) / 4));
    if (size * cap > bestSize * bestCap) {
      best = lines;
      bestSize = size;
      bestCap = cap;
    }
  }
  const height = best.length * (bestCap + gap) - gap;
  writeLines(g, best, top + ((bottom - top - height) >> 1), bestCap + gap, bestCap, bestSize);
}

/** The symbol of a signal in the square of 44 pixels whose corner is (x, y). */
function symbol(g: Graphics, state: FaceState, x: number, y: number): void {
  const signal = state.signal;
  const check = [x + 10, y + 22, x + 15, y + 17, x + 20, y + 24, x + 31, y + 10, x + 36, y + 15, x + 20, y + 35];
  if (signal === 'well') {
    g.fillEllipse(x, y + 6, x + 43, y + 37);
    g.setColor(0, 1, 0).fillEllipse(x + 3, y + 9, x + 40, y + 34);
    g.setColor(0, 0, 0).fillPoly(check);
  } else if (signal === 'charge') {
    const level = state.battery > 100 ? 0 : state.battery;
    g.fillRect(x, y + 8, x + 38, y + 35).fillRect(x + 39, y + 16, x + 43, y + 27);
    g.setColor(1, 1, 1).fillRect(x + 4, y + 12, x + 34, y + 31);
    g.setColor(0, 0, 0).fillRect(x + 6, y + 14, x + 9 + Math.floor((level * 23) / 100), y + 29);
  } else if (signal === 'visit') {
    // The cross over a pharmacy's door.
    g.fillRect(x + 13, y, x + 30, y + 43).fillRect(x, y + 13, x + 43, y + 30);
    g.setColor(0, 1, 0);
    g.fillRect(x + 16, y + 3, x + 27, y + 40).fillRect(x + 3, y + 16, x + 40, y + 27);
  } else if (signal === 'silent') {
    g.fillRect(x + 6, y + 3, x + 17, y + 40).fillRect(x + 26, y + 3, x + 37, y + 40);
  } else if (signal === 'consent') {
    // An arrow down to a button.
    g.fillRect(x + 17, y, x + 26, y + 14).fillPoly([x + 6, y + 13, x + 37, y + 13, x + 22, y + 29]);
    g.fillRect(x, y + 33, x + 43, y + 43);
    g.setColor(0, 0, 1).fillRect(x + 3, y + 36, x + 40, y + 40);
  } else if (signal === 'consented') {
    g.fillCircle(x + 22, y + 22, 21);
    g.setColor(0, 0, 1).fillCircle(x + 22, y + 22, 18);
    g.setColor(1, 1, 1).fillPoly(check);
  } else if (signal === 'kept') {
    // An envelope.
    g.fillRect(x, y + 7, x + 43, y + 36);
    g.setColor(0, 0, 1).fillRect(x + 3, y + 10, x + 40, y + 33);
    g.setColor(1, 1, 1).fillPoly([x + 3, y + 10, x + 40, y + 10, x + 22, y + 26]);
  } else {
    g.fillRect(x + 4, y + 4, x + 39, y + 39);
  }
  g.setColor(0, 0, 0);
}

/** The receiver of a telephone, white on a red square of 30 pixels. */
function handset(g: Graphics, x: number, y: number): void {
  const outline = [
    6, 4, 10, 3, 14, 10, 10, 13, 13, 17, 17, 20, 20, 16, 27, 20, 26, 24, 22, 27, 15, 25, 8, 19, 4, 13, 3, 8,
  ];
  for (let i = 0; i < outline.length; i += 2) {
    outline[i] = (outline[i] as number) + x;
    outline[i + 1] = (outline[i + 1] as number) + y;
  }
  g.setColor(1, 0, 0).fillRect(x, y, x + 29, y + 29);
  g.setColor(1, 1, 1).fillPoly(outline).setColor(0, 0, 0);
}

/** A black frame: white would else blink unseen. */
function frame(g: Graphics): void {
  g.fillRect(0, 0, SIDE - 1, SIDE - 1)
    .setColor(1, 1, 1)
    .fillRect(8, 8, SIDE - 9, SIDE - 9)
    .setColor(0, 0, 0);
}

/** A face on `g` that speaks one language; in French, what matters most is also said small in English. */
export function createFace(g: Graphics, language: Language): Face {
  const withEnglish = language === 'fr';

  function hoursAndMinutes(time: FaceTime, left: number, top: number, cap: number): void {
    write(g, `${twoDigits(time.hours)}:${twoDigits(time.minutes)}`, left, top, cap, FONT_MAX);
  }

  function clock(state: FaceState, time: FaceTime, words: Words): void {
    hoursAndMinutes(time, MARGIN, 8, CAP_MAX);
    writeLines(g, dateWords(time.weekday, time.day, time.month, language), 66, 31, 22, FONT_MAX);
    symbol(g, state, MARGIN, 130);
    write(g, words.large.join(' '), 52, 141, 22, FONT_MAX);
  }

  function risk(words: Words, groups: string[]): void {
    writeLines(g, words.small, 6, 22, 15, FONT_MAX);
    handset(g, MARGIN, 46);
    write(g, words.large[0] as string, 38, 50, 22, FONT_MAX);
    if (groups.length === 0) {
      writeLines(g, words.large.slice(1), 88, 46, 32, FONT_MAX);
      return;
    }
    writeNumber(g, groups, 82, withEnglish ? 150 : 167);
    if (withEnglish) write(g, 'PLEASE CALL', MARGIN, 158, 13, FONT_MAX);
  }

  function consent(state: FaceState, words: Words): void {
    const left = Math.min(state.consentSecondsLeft, CONSENT_SECONDS);
    symbol(g, state, MARGIN + 8, 4);
    write(g, `${left}s`, 68, 10, 32, FONT_MAX);
    writeLines(g, words.large, 56, 35, 27, FONT_MAX);
    writeLines(g, words.small, 124, 0, 15, FONT_MAX);
    if (withEnglish) write(g, 'Press 3 s to accept', MARGIN, 145, 11, FONT_MAX);
    g.fillRect(MARGIN, 161, SIDE - MARGIN - 1, 173);
    // What has run out is white.
    const end = MARGIN + 2 + Math.floor((left * (WIDTH - 4)) / CONSENT_SECONDS);
    if (left < CONSENT_SECONDS) g.setColor(1, 1, 1).fillRect(end, 163, SIDE - MARGIN - 3, 171);
  }

  function message(state: FaceState, words: Words): void {
    const small = words.small;
    symbol(g, state, state.time ? MARGIN + 4 : 66, 6);
    if (state.time) hoursAndMinutes(state.time, 60, 12, 32);
    const count = words.large.length;
    const cap = count === 1 ? 36 : count === 2 ? 32 : 26;
    const pitch = Math.floor((SIDE - 58 - small.length * 25) / count);
    // A third, for the cedilla below needs more room than the accent above.
    writeLines(g, words.large, 58 + Math.floor((pitch - cap) / 3), pitch, cap, FONT_MAX);
    writeLines(g, small, SIDE - small.length * 25 + 2, 25, 16, FONT_MAX);
  }

  return {
    draw(state) {
      const groups = phoneGroups(state.phone);
      const words = wordsOf(state.signal, language, groups.length > 0);
      g.reset().setBgColor(1, 1, 1).setColor(0, 0, 0).clear();
      if (state.signal === 'well' && state.time) clock(state, state.time, words);
      else if (state.signal === 'at-risk') risk(words, groups);
      else if (state.signal === 'consent') consent(state, words);
      else message(state, words);
    },
    blink(colour, isLit) {
      const light = isLit ? lightOf(colour) : WHITE;
      // Black is hard to read on blue alone.
      const ink = light === BLUE ? 1 : 0;
      g.reset()
        .setBgColor(light & 1, (light >> 1) & 1, light >> 2)
        .clear()
        .setColor(ink, ink, ink);
      if (isLit && light === WHITE) frame(g);
      write(g, colourWord(colour, language), MARGIN, 65, CAP_MAX, WORD_MAX);
    },
  };
}
