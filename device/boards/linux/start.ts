/** A token as a process on a computer, started with the image that its slots choose, and again whenever that asks for it. */
import type { Flash, LinkPort } from '../../ports.js';
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

interface Started {
  board: LinuxBoard;
  token: Token;
}

/** Its firmware is in a file beside the flash file. Throws what opening the files throws. */
export function startLinux(options: Omit<LinuxOptions, 'firmware' | 'version'>): LinuxToken {
  const flash: FileFlash = fileFlash(`${options.flashFile}.firmware`, FIRMWARE_PAGES, options.onCommit);
  let receive: (chunk: Uint8Array) => void = () => {};
  let trial: NodeJS.Timeout | undefined;
  options.link.onData((chunk) => receive(chunk));
  const link: LinkPort = {
    onData(receiver) {
      receive = receiver;
    },
    write: (chunk) => options.link.write(chunk),
  };

  function boot(given: Omit<LinuxOptions, 'firmware' | 'version'>): Started {
    const image = chooseImage(flash);
    const board = linuxBoard({
      ...given,
      link,
      version: image.version,
      firmware: { flash: flash as Flash, interpreter: '', restart },
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
