/** A person of the simulated house with a real token: the token's own code on a twin board. */
import { TWIN_PAGE_SIZE, TWIN_PAGES, type TwinBoard, twinBoard } from '../../device/boards/twin/board.js';
import { type TwinFlash, twinFlash } from '../../device/boards/twin/flash.js';
import type { FaultName } from '../../device/faults.js';
import type { Radio } from '../../device/ports.js';
import { startToken, type Token } from '../../device/token/token.js';
import { nodeDigest } from '../../host/crypto.js';
import type { Air } from './air.js';
import type { Person } from './people.js';
import { Stream } from './random.js';
import { BoardClock, type Timeline } from './timeline.js';

/** Crystals are this good or better (ppm), either way. */
const DRIFT_MAX = 20;

export interface Wearer {
  person: Person;
  clock: BoardClock;
  board: TwinBoard;
  token: Token;
}

/** What a simulation may put between a token and its board, to see what happens then. */
export interface Interference {
  radio?: (radio: Radio) => Radio;
  flash?: (flash: TwinFlash) => TwinFlash;
  onTrouble?: (person: Person, what: FaultName | 'internal') => void;
}

/** Boots a blank token for `person`, with a crystal and a random port drawn from the seed. */
export function wearToken(
  person: Person,
  seed: number,
  timeline: Timeline,
  air: Air,
  interference: Interference = {},
): Wearer {
  const { radio = (port) => port, flash = (port) => port, onTrouble } = interference;
  const clock = new BoardClock(timeline, new Stream(seed, `crystal of ${person.name}`).between(-DRIFT_MAX, DRIFT_MAX));
  const board = twinBoard({
    digest: nodeDigest,
    random: new Stream(seed, `token of ${person.name}`),
    clock,
    radio: radio(air.radio(person.name)),
    flash: flash(twinFlash(TWIN_PAGES, TWIN_PAGE_SIZE)),
  });
  const token = startToken(board.ports, { onTrouble: (what) => onTrouble?.(person, what) });
  return { person, clock, board, token };
}
