/** A token as a process on a computer: flash in a file, its own clock, a link and an air that it is given. */
import { createHash, randomFillSync } from 'node:crypto';
import type { BlePort, Firmware, LinkPort, Ports, Radio, Signal } from '../../ports.js';
import { VERSION } from '../../version.js';
import { linuxClock } from './clock.js';
import type { CommitObserver, FileFlash } from './flash.js';
import { fileFlash, LINUX_PAGES } from './flash.js';

export interface LinuxOptions {
  flashFile: string;
  /** Seconds to shift the token's clock by, or 'lost'. */
  clock?: number | 'lost';
  link: LinkPort;
  ble?: BlePort;
  radio: Radio;
  onSignal: (signal: Signal) => void;
  /** Blinks a colour: a COLOUR_ number of link/messages.ts. */
  onBlink?: (colour: number) => void;
  onCommit?: CommitObserver;
  /** Of the code that will run on these ports. */
  version?: string;
  firmware?: Firmware;
}

export interface LinuxBoard {
  ports: Ports;
  press(seconds: number): void;
  close(): void;
}

const BATTERY_UNKNOWN = 255;

export function linuxBoard(options: LinuxOptions): LinuxBoard {
  const flash: FileFlash = fileFlash(options.flashFile, LINUX_PAGES, options.onCommit);
  let pressed: (seconds: number) => void = () => {};
  return {
    press: (seconds) => pressed(seconds),
    close: flash.close,
    ports: {
      board: 'linux',
      version: options.version ?? VERSION,
      firmware: options.firmware,
      digest: { sha256: (data) => new Uint8Array(createHash('sha256').update(data).digest()) },
      random: {
        fill: (out) => {
          randomFillSync(out);
        },
      },
      clock: linuxClock(`${options.flashFile}.clock`, options.clock),
      flash,
      radio: options.radio,
      signals: { show: options.onSignal, ...(options.onBlink && { blink: options.onBlink }) },
      button: {
        onPress(listener) {
          pressed = listener;
        },
      },
      battery: { percent: () => BATTERY_UNKNOWN },
      link: options.link,
      ...(options.ble && { ble: options.ble }),
    },
  };
}
