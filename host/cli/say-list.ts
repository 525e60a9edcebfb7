/** The tokens at a counter as a table, for people. */
import {
  LIFE_BLANK,
  LIFE_ENDED,
  NEEDS_CHARGE,
  NEEDS_IDENTIFIERS,
  NEEDS_RECEIPT,
  NEEDS_TIME,
} from '../../device/link/messages.js';
import { cliSentences } from '../catalogue/cli.js';
import type { Hello } from '../link/visit/visit.js';
import { colourName } from './place-flags.js';
import { BATTERY_UNKNOWN, signalWords } from './say-token.js';
import type { Terminal } from './terminal.js';

/** A token that has answered. */
export interface Listed {
  /** Undefined on the air. */
  port: string | undefined;
  /** What it blinks now (a COLOUR_ number), if anything. */
  colour: number | undefined;
  /** dBm, if it is on the air and the adapter can tell. */
  rssi: number | undefined;
  hello: Hello;
}

const NOTHING = '-';
const GAP = '  ';

function needsOf({ say }: Terminal, { life, needs }: Hello): string {
  if (life === LIFE_BLANK) return say(cliSentences.listSetUp);
  if (life === LIFE_ENDED) return say(cliSentences.listTakeBack);
  const words: string[] = [];
  if ((needs & (NEEDS_IDENTIFIERS | NEEDS_TIME)) !== 0) words.push(say(cliSentences.listVisit));
  if ((needs & NEEDS_CHARGE) !== 0) words.push(say(cliSentences.listCharge));
  if ((needs & NEEDS_RECEIPT) !== 0) words.push(say(cliSentences.listReceipt));
  return words.join(', ') || say(cliSentences.listNothing);
}

function cellsOf(terminal: Terminal, { port, colour, rssi, hello }: Listed): string[] {
  const { say } = terminal;
  const isAtWork = hello.life !== LIFE_BLANK && hello.life !== LIFE_ENDED;
  const isOnCableAlone = port !== undefined && rssi === undefined;
  return [
    port ?? say(cliSentences.listOnAir),
    colour === undefined ? NOTHING : colourName(terminal, colour),
    isOnCableAlone ? say(cliSentences.listCable) : signalWords(terminal, rssi),
    hello.battery === BATTERY_UNKNOWN ? NOTHING : `${hello.battery} %`,
    isAtWork ? say(cliSentences.listGood, { days: hello.goodForDays }) : NOTHING,
    needsOf(terminal, hello),
  ];
}

/** A line a token below one of titles, in columns; one sentence when there is none. */
export function listLines(terminal: Terminal, listed: readonly Listed[]): string[] {
  const { say } = terminal;
  if (listed.length === 0) return [say(cliSentences.listEmpty)];
  const titles = [
    cliSentences.listTitlePlace,
    cliSentences.listTitleColour,
    cliSentences.listTitleSignal,
    cliSentences.listTitleBattery,
    cliSentences.listTitleGood,
    cliSentences.listTitleNeeds,
  ].map((title) => say(title));
  const rows = [titles, ...listed.map((token) => cellsOf(terminal, token))];
  const widths = titles.map((_, column) => Math.max(...rows.map((row) => (row[column] as string).length)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] as number))
      .join(GAP)
      .trimEnd(),
  );
}
