/** How a token is, in words and as JSON: what it says of itself, and nothing about anybody's health. */
import {
  LIFE_BLANK,
  LIFE_ENDED,
  LIFE_PAUSED,
  LIFE_SILENT,
  LIFE_TRACING,
  NEEDS_CHARGE,
  NEEDS_IDENTIFIERS,
  NEEDS_RECEIPT,
  NEEDS_TIME,
} from '../../device/link/messages.js';
import { cliSentences } from '../catalogue/cli.js';
import type { Hello } from '../link/visit/visit.js';
import type { Terminal } from './terminal.js';

/** `battery` of a token that cannot tell. */
export const BATTERY_UNKNOWN = 255;

const LIVES: Record<number, { name: string; sentence: (typeof cliSentences)[keyof typeof cliSentences] }> = {
  [LIFE_BLANK]: { name: 'blank', sentence: cliSentences.lifeBlank },
  [LIFE_TRACING]: { name: 'tracing', sentence: cliSentences.lifeTracing },
  [LIFE_SILENT]: { name: 'silent', sentence: cliSentences.lifeSilent },
  [LIFE_PAUSED]: { name: 'paused', sentence: cliSentences.lifePaused },
  [LIFE_ENDED]: { name: 'ended', sentence: cliSentences.lifeEnded },
};

const has = (hello: Hello, need: number): boolean => (hello.needs & need) !== 0;

export function tokenJson(hello: Hello): object {
  return {
    life: LIVES[hello.life]?.name ?? 'unknown',
    board: hello.board,
    firmware: hello.firmware,
    battery: hello.battery === BATTERY_UNKNOWN ? null : hello.battery,
    goodForDays: hello.goodForDays,
    needs: {
      identifiers: has(hello, NEEDS_IDENTIFIERS),
      time: has(hello, NEEDS_TIME),
      charge: has(hello, NEEDS_CHARGE),
      receipt: has(hello, NEEDS_RECEIPT),
    },
    wiped: hello.wiped === 1,
  };
}

export function tokenLines(terminal: Terminal, hello: Hello): string[] {
  const { board, firmware, battery, goodForDays } = hello;
  const lines = [terminal.say(cliSentences.showBoard, { board, firmware })];
  const life = LIVES[hello.life];
  if (life !== undefined) lines.unshift(terminal.say(life.sentence));
  if (battery !== BATTERY_UNKNOWN) lines.push(terminal.say(cliSentences.showBattery, { percent: battery }));
  if (hello.life === LIFE_BLANK || hello.life === LIFE_ENDED) return lines;
  lines.push(terminal.say(cliSentences.showGood, { days: goodForDays }));
  if (has(hello, NEEDS_IDENTIFIERS) || has(hello, NEEDS_TIME)) lines.push(terminal.say(cliSentences.showVisit));
  if (has(hello, NEEDS_CHARGE)) lines.push(terminal.say(cliSentences.needsCharge));
  if (has(hello, NEEDS_RECEIPT)) lines.push(terminal.say(cliSentences.showReceipt));
  return lines;
}

const STRONG_DBM = -60;
const FAIR_DBM = -75;

/** A signal strength (dBm) in words. */
export function signalWords({ say }: Terminal, rssi: number | undefined): string {
  if (rssi === undefined) return say(cliSentences.signalUnknown);
  if (rssi >= STRONG_DBM) return say(cliSentences.signalStrong, { rssi });
  return say(rssi >= FAIR_DBM ? cliSentences.signalFair : cliSentences.signalWeak, { rssi });
}
