/**
 * A pseudo-terminal as a token's serial port: the simulated token holds one end, any program opens the other by its
 * path as if a cable were there.
 */
import { spawnSync } from 'node:child_process';
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import type { ReadStream } from 'node:tty';
import * as nodePty from '@lydell/node-pty';
import type { LinkPort } from '../../device/ports.js';
import { GaletError } from '../errors.js';

export interface Pty {
  /** What the counter opens. */
  readonly path: string;
  /** The token's end. */
  readonly port: LinkPort;
  close(): void;
}

/** The part of node-pty that its type declarations leave out. */
interface PtyPair {
  readonly master: ReadStream;
  readonly slave: ReadStream;
  readonly ptsName: string;
  readonly fd: number;
}

const { open } = nodePty as unknown as { open(options: { encoding: null }): PtyPair };

/** Bytes kept for a reader that is slow, if nothing else is asked for. */
const BACKLOG = 16_384;
const RETRY_MILLISECONDS = 5;

/** The terminal as a clean pipe of bytes: no echo, no line editing, no newline translation, no XON/XOFF. */
function makeRaw(path: string): void {
  const flag = process.platform === 'darwin' ? '-f' : '-F';
  const { status, error, stderr } = spawnSync('stty', [flag, path, 'raw', '-echo'], { encoding: 'utf8' });
  if (status !== 0) throw new GaletError('pty-unavailable', {}, error ?? stderr);
}

/**
 * Opens a pair. Writing never waits: the system would otherwise hold the whole process up for as long as nobody reads. Beyond
 * `backlogMax` bytes that nobody has read, as on a serial line, bytes are lost. Errors: `pty-unavailable`.
 */
export function openPty(backlogMax = BACKLOG): Pty {
  let pair: PtyPair;
  try {
    pair = open({ encoding: null });
  } catch (cause) {
    throw new GaletError('pty-unavailable', {}, cause);
  }
  const { master, slave, ptsName: path, fd } = pair;
  // One open slave of our own keeps the pair alive between two visits. node-pty's reads what is meant for the counter,
  // so it goes; its own destroy() must never be called, since it signals every process (its process id is -1).
  const held = openSync(path, constants.O_RDWR | constants.O_NOCTTY);
  slave.destroy();
  let closed = false;
  let backlog: Buffer = Buffer.alloc(0);
  let retry: NodeJS.Timeout | undefined;

  const close = (): void => {
    if (closed) return;
    closed = true;
    clearTimeout(retry);
    master.destroy();
    closeSync(held);
  };

  const flush = (): void => {
    retry = undefined;
    while (backlog.length > 0 && !closed) {
      try {
        backlog = backlog.subarray(writeSync(fd, backlog));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
        retry = setTimeout(flush, RETRY_MILLISECONDS);
        return;
      }
    }
  };

  try {
    makeRaw(path);
  } catch (error) {
    close();
    throw error;
  }
  return {
    path,
    port: {
      onData: (receive) => {
        master.on('data', receive);
      },
      write: (chunk) => {
        if (closed) return;
        backlog = Buffer.concat([backlog, chunk]).subarray(0, backlogMax);
        if (retry === undefined) flush();
      },
    },
    close,
  };
}
