/** A token as a process on this computer: the real token code on a flash file, its link on a pseudo-terminal. */
import { noAir, udpAir } from '../../device/boards/linux/air.js';
import { AdapterOff, BlenoMissing, type LinuxBluetooth, openBluetooth } from '../../device/boards/linux/bluetooth.js';
import { startLinux } from '../../device/boards/linux/start.js';
import { faultOf } from '../../device/faults.js';
import type { Radio, Signal } from '../../device/ports.js';
import { type CheckpointName, checkpoint } from '../checkpoint.js';
import { GaletError } from '../errors.js';
import { adapterName, useAdapter } from '../link/ble/adapter.js';
import { adapterError } from '../link/ble/central.js';
import { oncePatient } from '../link/busy.js';
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
  /** A Bluetooth adapter as its radio, and as a second link to the counter. */
  ble?: TokenBluetooth;
  onSignal: (signal: Signal) => void;
  /** Blinks a COLOUR_ number of device/link/messages.ts. */
  onBlink: (colour: number) => void;
  /** Told in English what its adapter does not do. */
  onTrouble: (what: string) => void;
}

export interface TokenBluetooth {
  /** As host/link/ble/adapter.ts takes it. */
  adapter?: string;
  /** Admits a counter without a press. */
  isDocked: boolean;
  /** Gains of the adapter as it sends and receives (dB), as device/ports.ts has them. */
  txGain: number;
  rxGain: number;
}

export interface TokenProcess {
  /** What a courier opens as the token's serial port. */
  path: string;
  /** Holds the button for so many seconds. */
  press(seconds: number): void;
  close(): Promise<void>;
}

/** What a token process is heard with. */
interface Air {
  radio: Radio;
  bluetooth?: LinuxBluetooth;
  close(): Promise<void>;
}

/**
 * Errors: `flash-file-unusable`, `pty-unavailable`, `air-unavailable`, `bluetooth-missing`, `adapter-missing`,
 * `adapter-denied`, `adapter-off`, `port-busy`.
 */
export async function runToken(options: TokenProcessOptions): Promise<TokenProcess> {
  const pty = openPty();
  let air: Air;
  try {
    air = await openAir(options);
  } catch (cause) {
    pty.close();
    throw cause;
  }
  const { radio, bluetooth } = air;
  const admit = (): void => bluetooth?.admit();
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
      ...(bluetooth && { ble: bluetooth.ble }),
      onSignal: options.onSignal,
      onBlink(colour) {
        bluetooth?.name(colour);
        options.onBlink(colour);
      },
      onRestart: admit,
      onCommit: (commit, phase) => checkpoint(`token.${commit}` as CheckpointName, phase),
    });
    return {
      path: pty.path,
      press(seconds) {
        admit();
        token.press(seconds);
      },
      async close() {
        token.close();
        pty.close();
        await air.close();
      },
    };
  } catch (cause) {
    pty.close();
    await air.close();
    const known = faultOf(cause);
    if (known || (cause as NodeJS.ErrnoException).code !== undefined) {
      throw new GaletError('flash-file-unusable', { file: options.flashFile }, cause);
    }
    throw cause;
  }
}

async function openAir({ air, distance, ble, onTrouble }: TokenProcessOptions): Promise<Air> {
  if (ble) return openAdapter(ble, onTrouble);
  if (air === undefined) return { radio: noAir, close: async () => {} };
  try {
    const radio = await udpAir(air, distance);
    return { radio, close: async () => radio.close() };
  } catch (cause) {
    throw new GaletError('air-unavailable', { port: air }, cause);
  }
}

async function openAdapter({ adapter, ...ble }: TokenBluetooth, onTrouble: (what: string) => void): Promise<Air> {
  useAdapter(adapter);
  const name = adapterName(adapter) ?? 'Bluetooth';
  return await oncePatient(() => tryAdapter(name, ble, onTrouble));
}

async function tryAdapter(
  name: string,
  ble: Omit<TokenBluetooth, 'adapter'>,
  onTrouble: (what: string) => void,
): Promise<Air> {
  try {
    const bluetooth = await openBluetooth({ ...ble, onTrouble });
    return { radio: bluetooth.radio, bluetooth, close: bluetooth.close };
  } catch (cause) {
    if (cause instanceof BlenoMissing) throw new GaletError('bluetooth-missing', {}, cause);
    if (cause instanceof AdapterOff) throw new GaletError('adapter-off', { adapter: name }, cause);
    throw adapterError(cause, name);
  }
}
