/** A person of the simulated house with a real token: the token's own code on a twin board. */
import { TWIN_PAGE_SIZE, TWIN_PAGES, type TwinBoard, twinBoard } from '../../device/boards/twin/board.js';
import { type TwinFlash, twinFlash } from '../../device/boards/twin/flash.js';
import type { FaultName } from '../../device/faults.js';
import type { Digest, Radio, Signal, Signals } from '../../device/ports.js';
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
  /** Starts the token again from what its flash holds; `lostPower`: even its clock had stopped. */
  restart(lostPower: boolean): void;
}

/** What a simulation may put between a token and its board, to see what happens then. */
export interface Interference {
  radio?: (radio: Radio) => Radio;
  flash?: (flash: TwinFlash) => TwinFlash;
  /** Of the crystal, ppm. */
  drift?: (ppm: number) => number;
  /** Around every SHA-256 of the token. */
  digest?: Digest;
  onSignal?: (person: Person, signal: Signal) => void;
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
  const { radio = (port) => port, flash = (port) => port, drift = (ppm) => ppm, onSignal, onTrouble } = interference;
  const crystal = new Stream(seed, `crystal of ${person.name}`).between(-DRIFT_MAX, DRIFT_MAX);
  const clock = new BoardClock(timeline, drift(crystal));
  const digest = interference.digest ?? nodeDigest;
  const random = new Stream(seed, `token of ${person.name}`);
  const dressed = radio(air.radio(person.name));
  const boardOf = (chip: TwinFlash) => twinBoard({ digest, random, clock, radio: dressed, flash: flash(chip) });
  const boot = (board: TwinBoard) => {
    const { signals } = board.ports;
    const show: Signals['show'] = (signal, phone) => {
      signals.show(signal, phone);
      onSignal?.(person, signal);
    };
    const ports = { ...board.ports, signals: { show } };
    return startToken(ports, {
      onTrouble: (what) => {
        // What a token says whose place another start has taken is of no interest.
        if (wearer.board === board) onTrouble?.(person, what);
      },
    });
  };
  const wearer = { person, clock, board: boardOf(twinFlash(TWIN_PAGES, TWIN_PAGE_SIZE)) } as Wearer;
  wearer.token = boot(wearer.board);
  wearer.restart = (lostPower) => {
    wearer.token.stop();
    if (lostPower) clock.losePower();
    wearer.board = boardOf(wearer.board.flash.afterReset());
    wearer.token = boot(wearer.board);
  };
  return wearer;
}
