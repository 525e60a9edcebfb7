/** A token as a process on this computer: the real token code on a flash file, its link on a pseudo-terminal. */
import { noAir, udpAir } from '../../device/boards/linux/air.js';
import { startLinux } from '../../device/boards/linux/start.js';
import { faultOf } from '../../device/faults.js';
import type { Signal } from '../../device/ports.js';
import { type CheckpointName, checkpoint } from '../checkpoint.js';
import { GaletError } from '../errors.js';
import { openPty } from '../link/pty.js';

export interface TokenProcessOptions {
  /** Made when it is not there; holds everything that survives a restart. */
  flashFile: string;
  /** Seconds to shift the token's clock by, or 'lost' for one that a power loss has cleared. */
  clock?: number | 'lost';
  /** First of the loopback ports on which tokens of this computer hear each other; without it there is no air. */
  air?: number;
  /** Metres to every other token of that air. */
  distance: number;
  onSignal: (signal: Signal) => void;
}

export interface TokenProcess {
  /** What a courier opens as the token's serial port. */
  path: string;
  /** Holds the button for so many seconds. */
  press(seconds: number): void;
  close(): void;
}

/** Errors: `flash-file-unusable`, `pty-unavailable`, `air-unavailable`. */
export async function runToken(options: TokenProcessOptions): Promise<TokenProcess> {
  const radio = options.air === undefined ? { ...noAir, close() {} } : await openAir(options.air, options.distance);
  const pty = openPty();
  try {
    const token = startLinux({
      flashFile: options.flashFile,
      ...(options.clock === undefined ? {} : { clock: options.clock }),
      link: {
        onData: pty.port.onData,
        write(chunk) {
          checkpoint('token.reply', 'before');
          pty.port.write(chunk);
          checkpoint('token.reply', 'after');
        },
      },
      radio,
      onSignal: options.onSignal,
      onCommit: (commit, phase) => checkpoint(`token.${commit}` as CheckpointName, phase),
    });
    return {
      path: pty.path,
      press: token.press,
      close() {
        token.close();
        pty.close();
        radio.close();
      },
    };
  } catch (cause) {
    pty.close();
    radio.close();
    const known = faultOf(cause);
    if (known || (cause as NodeJS.ErrnoException).code !== undefined) {
      throw new GaletError('flash-file-unusable', { file: options.flashFile }, cause);
    }
    throw cause;
  }
}

async function openAir(port: number, distance: number): Promise<Awaited<ReturnType<typeof udpAir>>> {
  try {
    return await udpAir(port, distance);
  } catch (cause) {
    throw new GaletError('air-unavailable', { port }, cause);
  }
}
