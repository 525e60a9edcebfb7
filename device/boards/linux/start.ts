/** A token as a process on a computer, started with the image that its slots choose, and again whenever that asks for it. */
import type { BlePort, Flash, LinkPort } from '../../ports.js';
import type { Token } from '../../token/token.js';
import { judgeTrial } from '../../update/select.js';
import { FIRMWARE_PAGES, TRIAL_SECONDS } from '../../update/slots.js';
import { type LinuxBoard, type LinuxOptions, linuxBoard } from './board.js';
import { type FileFlash, fileFlash } from './flash.js';
import { chooseImage } from './images.js';

export interface LinuxToken {
  press(seconds: number): void;
  close(): void;
}

export interface StartOptions extends Omit<LinuxOptions, 'firmware' | 'version'> {
  /** Told when a signed update restarts the token: a counter waits to see it through. */
  onRestart?: () => void;
}

interface Started {
  board: LinuxBoard;
  token: Token;
}

/** One of the board's pipes, for one image after the other: each registers its receiver, older ones not every pipe's. */
interface HandedOn<P extends LinkPort> {
  port: P;
  /** The image that was listening has stopped. */
  forget(): void;
}

function handedOn(pipe: LinkPort): HandedOn<LinkPort> {
  let receive: (chunk: Uint8Array) => void = () => {};
  pipe.onData((chunk) => receive(chunk));
  return {
    port: {
      onData(receiver) {
        receive = receiver;
      },
      write: (chunk) => pipe.write(chunk),
    },
    forget() {
      receive = () => {};
    },
  };
}

function handedOnBle(pipe: BlePort): HandedOn<BlePort> {
  const { port, forget } = handedOn(pipe);
  let begin: () => void = () => {};
  pipe.onConnect(() => begin());
  return {
    port: {
      ...port,
      onConnect(listener) {
        begin = listener;
      },
    },
    forget() {
      forget();
      begin = () => {};
    },
  };
}

/** Its firmware is in a file beside the flash file. Throws what opening the files throws. */
export function startLinux(options: StartOptions): LinuxToken {
  const flash: FileFlash = fileFlash(`${options.flashFile}.firmware`, FIRMWARE_PAGES, options.onCommit);
  let trial: NodeJS.Timeout | undefined;
  const link = handedOn(options.link);
  const ble = options.ble && handedOnBle(options.ble);

  function boot(given: StartOptions): Started {
    const image = chooseImage(flash);
    link.forget();
    ble?.forget();
    const board = linuxBoard({
      ...given,
      link: link.port,
      ...(ble && { ble: ble.port }),
      version: image.version,
      firmware: { flash: flash as Flash, interpreter: '', restart: restartForUpdate },
    });
    try {
      const token = image.start(board.ports);
      if (image.trial !== undefined) watch(image.trial);
      return { board, token };
    } catch (thrown) {
      board.close();
      if (image.trial === undefined || !judgeTrial(flash, image.trial)) throw thrown;
      return boot(given);
    }
  }

  function watch(slot: number): void {
    trial = setTimeout(() => {
      if (judgeTrial(flash, slot)) restart();
    }, TRIAL_SECONDS * 1000);
  }

  function stop({ token, board }: Started): void {
    clearTimeout(trial);
    token.stop();
    board.close();
  }

  function restart(): void {
    stop(running);
    const { clock: _shifted, ...again } = options;
    running = boot(again);
  }

  function restartForUpdate(): void {
    options.onRestart?.();
    restart();
  }

  let running: Started;
  try {
    running = boot(options);
  } catch (thrown) {
    flash.close();
    throw thrown;
  }

  return {
    press: (seconds) => running.board.press(seconds),
    close() {
      stop(running);
      flash.close();
    },
  };
}
