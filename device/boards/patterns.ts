/**
 * What each signal looks and feels like on a board without a screen, and the player for it.
 *
 * Red alone is for at risk, blue for the wearer's own test (consent asked, given, handed over). These two matters differ in
 * colour, in rhythm and in vibration, each enough by itself (R38): red and blue are told apart by the colour-blind, and
 * at risk is the only signal made of long pulses.
 */
import { BLINK_SECONDS } from '../link/messages.js';
import type { Signal, Signals } from '../ports.js';

const RED = 1;
const GREEN = 2;
const BLUE = 4;
const AMBER = RED | GREEN;
const WHITE = RED | GREEN | BLUE;

/** How one signal is told. Times in a train are milliseconds, on and off in turns, beginning and ending with on. */
export interface Pattern {
  /** 1 red, 2 green, 4 blue, or a sum of them. */
  color: number;
  /** Empty: dark. */
  light: number[];
  /** Seconds from the end of one showing of the light to the next. 0: once. */
  every: number;
  /** Felt once, when the signal begins. Empty: not felt. */
  buzz: number[];
}

/**
 * The table. A row is made when it is asked for, so that a board keeps one and not nine. What stands for days is short
 * and far between, because a lit diode draws a hundred times what the token does; a question is shown until it is over.
 */
export function patternOf(signal: Signal): Pattern {
  switch (signal) {
    case 'at-risk':
      return { color: RED, light: [900, 500, 900, 500, 900], every: 60, buzz: [1200, 600, 1200, 600, 1200] };
    case 'consent':
      return { color: BLUE, light: [100, 100, 100], every: 1, buzz: [150, 150, 150] };
    case 'consented':
      return {
        color: BLUE,
        light: [100, 100, 100, 100, 100, 100, 100],
        every: 0,
        buzz: [150, 150, 150, 150, 150, 150, 150],
      };
    case 'kept':
      return { color: BLUE, light: [250, 100, 100], every: 1.5, buzz: [300] };
    case 'charge':
      return { color: AMBER, light: [60], every: 20, buzz: [200] };
    case 'visit':
      return { color: WHITE, light: [60, 200, 60], every: 20, buzz: [200, 400, 200] };
    case 'silent':
      return { color: AMBER, light: [60, 200, 60, 200, 60], every: 20, buzz: [200, 400, 200, 400, 200] };
    case 'ended':
      return { color: WHITE, light: [600, 300, 100], every: 0, buzz: [] };
    default:
      return { color: GREEN, light: [20], every: 60, buzz: [] };
  }
}

/** 1 red, 2 green, 4 blue, or a sum of them, for a COLOUR_ number of link/messages.ts. */
export const lightOf = (colour: number): number => '423567'.charCodeAt(colour) & 7;

/** How a colour blinks: lit for most of the time, as no signal is, and not felt. */
export const blinkOf = (colour: number): Pattern => ({ color: lightOf(colour), light: [400], every: 0.1, buzz: [] });

type After = (seconds: number, callback: () => void) => () => void;

/** Sets `port` on and off by `train`, again after `every` seconds if not 0; the result stops it and leaves it off. */
function playTrain(train: number[], every: number, port: (on: boolean) => void, after: After): () => void {
  let at = 0;
  let cancel: (() => void) | undefined;

  function step(): void {
    cancel = undefined;
    const isOver = at === train.length;
    port(!isOver && at % 2 === 0);
    const seconds = isOver ? every : (train[at] as number) / 1000;
    at = isOver ? 0 : at + 1;
    if (seconds > 0) cancel = after(seconds, step);
  }

  if (train.length > 0) step();
  return () => {
    if (cancel) cancel();
    cancel = undefined;
    port(false);
  };
}

/**
 * Plays a row until the result is called, which cancels its timer and leaves light and motor off. A board without a motor
 * gives a `buzz` that does nothing.
 */
export function playPattern(
  row: Pattern,
  light: (red: boolean, green: boolean, blue: boolean) => void,
  buzz: (on: boolean) => void,
  after: After,
): () => void {
  const color = row.color;
  const stopLight = playTrain(
    row.light,
    row.every,
    (on) => light(on && (color & RED) !== 0, on && (color & GREEN) !== 0, on && (color & BLUE) !== 0),
    after,
  );
  const stopBuzz = playTrain(row.buzz, 0, buzz, after);
  return () => {
    stopLight();
    stopBuzz();
  };
}

/** Signals on a board of lamps. A colour blinks over whatever is shown, but for a question, which ends it. */
export function patternSignals(
  light: (red: boolean, green: boolean, blue: boolean) => void,
  buzz: (on: boolean) => void,
  after: After,
): Required<Signals> {
  let stop: () => void = () => {};
  let shown: Signal = 'visit';
  let endBlink: (() => void) | undefined;

  function play(row: Pattern): void {
    stop();
    stop = playPattern(row, light, buzz, after);
  }

  return {
    show(signal) {
      shown = signal;
      if (endBlink && signal === 'consent') {
        endBlink();
        endBlink = undefined;
      }
      if (!endBlink) play(patternOf(signal));
    },
    blink(colour) {
      if (endBlink) endBlink();
      play(blinkOf(colour));
      endBlink = after(BLINK_SECONDS, () => {
        endBlink = undefined;
        play(patternOf(shown));
      });
    },
  };
}
