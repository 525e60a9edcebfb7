/** The simulated board: the same token code on memory, a virtual clock and whatever air it is given. */
import type { Battery, Clock, Digest, Firmware, LinkPort, Ports, Radio, Random, Signal } from '../../ports.js';
import { VERSION } from '../../version.js';
import type { TwinFlash } from './flash.js';

export interface TwinParts {
  digest: Digest;
  random: Random;
  clock: Clock;
  radio: Radio;
  flash: TwinFlash;
  battery?: Battery;
  /** Without it the twin takes nothing signed. */
  firmware?: Firmware;
  version?: string;
}

export interface TwinBoard {
  ports: Ports;
  flash: TwinFlash;
  /** Presses the button for so many seconds. */
  press(seconds: number): void;
  /** Every signal shown so far, the latest last. */
  readonly shown: Signal[];
  /** Plugs a cable in, in place of the one before. */
  plug(cable: LinkPort): void;
  unplug(): void;
}

/** Pages of a full token: the fixed parts and a log of 256 pages, 4 kB each. */
export const TWIN_PAGES = 272;
export const TWIN_PAGE_SIZE = 4096;

export function twinBoard(parts: TwinParts): TwinBoard {
  const shown: Signal[] = [];
  let pressed: (seconds: number) => void = () => {};
  let receive: (chunk: Uint8Array) => void = () => {};
  let cable: LinkPort | undefined;

  return {
    flash: parts.flash,
    shown,
    press: (seconds) => pressed(seconds),
    plug(next) {
      cable = next;
      next.onData((chunk) => {
        if (cable === next) receive(chunk);
      });
    },
    unplug() {
      cable = undefined;
    },
    ports: {
      board: 'twin',
      version: parts.version ?? VERSION,
      firmware: parts.firmware,
      digest: parts.digest,
      random: parts.random,
      clock: parts.clock,
      flash: parts.flash,
      radio: parts.radio,
      signals: {
        show(signal) {
          shown.push(signal);
        },
      },
      button: {
        onPress(listener) {
          pressed = listener;
        },
      },
      battery: parts.battery ?? { percent: () => 100 },
      link: {
        onData(receiver) {
          receive = receiver;
        },
        write(chunk) {
          if (cable) cable.write(chunk);
        },
      },
    },
  };
}
