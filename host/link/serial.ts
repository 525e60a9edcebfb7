/** The link over a serial port: lines of base64, cut out by serialport's own parser. */
import { setTimeout } from 'node:timers/promises';
import { ReadlineParser } from '@serialport/parser-readline';
import { SerialPort } from 'serialport';
import { FRAME_MAX } from '../../device/link/frame.js';
import { encodeLine, lineReader } from '../../device/link/lines.js';
import { type ErrorCode, GaletError } from '../errors.js';
import { oncePatient } from './busy.js';
import type { ByteCount, Carrier } from './carrier.js';

/** Ignored by USB and pseudo-terminals; what an adapter for a token with a bare UART is set to. */
const BAUD_RATE = 115_200;

/** The parser keeps a line until it ends, so an endless one is ended for it. */
const LINE_MAX = 4096;

const LAST_WRITE_MILLISECONDS = 100;

/** serialport has no codes, only the system's words. */
function openingError(path: string, cause: Error): GaletError {
  const message = cause.message.toLowerCase();
  let code: ErrorCode = 'port-failed';
  if (/no such (file|device)|file not found|cannot find/.test(message)) code = 'port-missing';
  else if (/cannot lock|temporarily unavailable|busy/.test(message)) code = 'port-busy';
  else if (/permission denied|access denied/.test(message)) code = 'port-denied';
  return new GaletError(code, { port: path }, cause);
}

class SerialCarrier implements Carrier {
  readonly bytes: ByteCount = { sent: 0, received: 0 };
  readonly #port: SerialPort;
  #gone = false;
  #written: Promise<void> = Promise.resolve();
  #closed: Promise<void> | undefined;

  constructor(
    readonly name: string,
    port: SerialPort,
  ) {
    this.#port = port;
  }

  listen(onFrame: (frame: Uint8Array) => void, onGone: (cause: unknown) => void): void {
    const parser = new ReadlineParser({ encoding: 'latin1' });
    const read = lineReader(FRAME_MAX, onFrame);
    parser.on('data', (line: string) => read(Buffer.from(`${line}\n`, 'latin1')));
    let run = 0;
    this.#port.on('data', (chunk: Buffer) => {
      this.bytes.received += chunk.length;
      const newline = chunk.lastIndexOf('\n');
      run = newline < 0 ? run + chunk.length : chunk.length - newline - 1;
      parser.write(chunk);
      if (run <= LINE_MAX) return;
      parser.write('\n');
      run = 0;
    });
    const gone = (cause: unknown): void => {
      if (this.#gone) return;
      this.#gone = true;
      onGone(cause);
    };
    this.#port.on('error', gone);
    this.#port.on('close', gone);
  }

  send(frame: Uint8Array): void {
    if (this.#gone) return;
    const line = encodeLine(frame);
    this.bytes.sent += line.length;
    this.#written = new Promise((resolve) => {
      this.#port.write(Buffer.from(line), () => resolve());
    });
  }

  close(): Promise<void> {
    this.#gone = true;
    // The port is free for others only when the first closing has ended, so a second one waits for the same.
    this.#closed ??= this.#finish();
    return this.#closed;
  }

  /** Lets the last frame leave, unless nobody takes it. */
  async #finish(): Promise<void> {
    await Promise.race([this.#written, setTimeout(LAST_WRITE_MILLISECONDS)]);
    await new Promise<void>((resolve) => {
      if (this.#port.isOpen) this.#port.close(() => resolve());
      else resolve();
    });
  }
}

function tryOpening(path: string, baudRate: number): Promise<SerialPort> {
  return new Promise((resolve, reject) => {
    const port = new SerialPort({ path, baudRate, lock: true, hupcl: false, autoOpen: false });
    port.open((cause) => {
      if (cause) reject(openingError(path, cause));
      else resolve(port);
    });
  });
}

async function openPort(path: string, baudRate: number): Promise<SerialPort> {
  if (path === '') throw new GaletError('port-missing', { port: '""' });
  return await oncePatient(() => tryOpening(path, baudRate));
}

/**
 * Opens the port at `path`, a pseudo-terminal's too, for this process alone. Errors: `port-missing`, `port-busy`
 * (another command has it), `port-denied`, `port-failed`.
 */
export async function openSerial(path: string): Promise<Carrier> {
  return new SerialCarrier(path, await openPort(path, BAUD_RATE));
}

/** A port as the bytes that pass over it, for a board that is no token yet. */
export interface BytePipe {
  /** The port's path. */
  readonly name: string;
  write(bytes: Uint8Array): void;
  /** Registers the one receiver of bytes, and of the news that the port is gone. */
  listen(onBytes: (bytes: Uint8Array) => void, onGone: (cause: unknown) => void): void;
  close(): Promise<void>;
}

/** As `openSerial`, and the same errors. */
export async function openBytes(path: string, baudRate = BAUD_RATE): Promise<BytePipe> {
  const port = await openPort(path, baudRate);
  return {
    name: path,
    write: (bytes) => void port.write(Buffer.from(bytes)),
    listen(onBytes, onGone) {
      port.on('data', onBytes);
      port.on('error', onGone);
      port.on('close', onGone);
    },
    close: () => new Promise((resolve) => (port.isOpen ? port.close(() => resolve()) : resolve())),
  };
}
