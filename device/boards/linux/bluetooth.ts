/** A Bluetooth adapter as a token's radio and as its link to the counter: bleno's HCI socket and GATT server, our commands beside. */
import { randomFillSync } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BlePort, Clock, Radio } from '../../ports.js';
import { DEVICE_NAME } from './asking.js';
import { type Bleno, type HciSocket, loadBleno } from './bleno.js';
import { commandPacket, isSound, readPacket, refuseKey } from './hci.js';
import { createHciRadio } from './hci-radio.js';
import { createNus } from './nus.js';

export interface BluetoothOptions {
  /** Gains of the emitter and the receiver (dB), as ports.ts has them. */
  txGain: number;
  rxGain: number;
  /** Admits a counter without a press, as long as this runs. */
  isDocked: boolean;
  /** Told in English, for an operator, what does not work. */
  onTrouble?: (what: string) => void;
  /** For tests: the timer, and the largest MTU to agree to. */
  clock?: Pick<Clock, 'after'>;
  mtuMax?: number;
}

export interface LinuxBluetooth {
  readonly radio: Radio;
  readonly ble: BlePort;
  /** Lets a counter connect for 60 s. */
  admit(): void;
  /** The counter calls this token by a colour (a COLOUR_ number of link/messages.ts). */
  name(colour: number): void;
  /** Goes off the air and lets go of the adapter. */
  close(): Promise<void>;
}

/** bleno cannot be loaded on this computer; `cause` says why. */
export class BlenoMissing extends Error {}

/** The adapter is there, and switched off, or it does not answer. */
export class AdapterOff extends Error {}

const POLL_MILLISECONDS = 50;
const WATCH_MILLISECONDS = 1000;
const START_SECONDS = 5;
const CLOSE_SECONDS = 3;
const CLOSE_POLLS = 40;

const systemClock: Pick<Clock, 'after'> = {
  after(seconds, callback) {
    const timer = setTimeout(callback, seconds * 1000);
    return () => clearTimeout(timer);
  },
};

function load(): Bleno {
  try {
    return loadBleno(DEVICE_NAME);
  } catch (cause) {
    throw new BlenoMissing('bleno cannot be loaded', { cause });
  }
}

async function closeSocket(socket: HciSocket): Promise<void> {
  try {
    socket.stop();
  } catch {
    // Never opened.
  }
  for (let polls = 0; polls < CLOSE_POLLS && socket._serialDevice?.isOpen; polls++) await sleep(POLL_MILLISECONDS);
}

/**
 * Opens the adapter that the environment names (BLENO_HCI_DEVICE_ID, BLUETOOTH_HCI_SOCKET_UART_PORT). Errors: `BlenoMissing`,
 * `AdapterOff`, and what the system says of an adapter that is not there or not allowed.
 */
export async function openBluetooth(options: BluetoothOptions): Promise<LinuxBluetooth> {
  const { onTrouble = () => {}, clock = systemClock, txGain, rxGain, isDocked } = options;
  const bleno = load();
  const hci = new bleno.Hci();
  const socket = hci._socket;
  const send = (packet: Uint8Array): void => socket.write(Buffer.from(packet));
  const random = { fill: (out: Uint8Array) => void randomFillSync(out) };
  const radio = createHciRadio({ send, clock, random, txGain, rxGain, isDocked, onTrouble });
  const nus = createNus({ bleno, hci, clock, ...(options.mtuMax !== undefined && { mtuMax: options.mtuMax }) });

  const toBleno = hci.onSocketData;
  hci.onSocketData = (packet) => {
    if (isSound(packet)) toBleno.call(hci, packet);
    readPacket(packet, {
      ...radio,
      connected(handle) {
        radio.connected(handle);
        nus.connected(handle);
      },
      disconnected(handle) {
        nus.disconnected(handle);
        radio.disconnected(handle);
      },
      keyWanted: (handle) => send(commandPacket(refuseKey(handle))),
    });
  };

  // bleno looks once a second, for ever, whether the adapter is there; this looks until it is closed.
  let poll: NodeJS.Timeout | undefined;
  let isClosed = false;
  let wasUp = false;
  hci.pollIsDevUp = () => {
    if (isClosed) return;
    const isUp = socket.isDevUp();
    if (isUp && !wasUp) {
      hci.setSocketFilter();
      hci.initDev();
    } else if (!isUp && wasUp) {
      hci.emit('stateChange', 'poweredOff');
      radio.down();
      nus.down();
      onTrouble('the Bluetooth adapter is gone');
    }
    wasUp = isUp;
    poll = setTimeout(hci.pollIsDevUp, isUp ? WATCH_MILLISECONDS : POLL_MILLISECONDS);
  };

  const close = async (): Promise<void> => {
    if (isClosed) return;
    nus.close();
    await Promise.race([
      new Promise<void>((done) => radio.close(done)),
      sleep(CLOSE_SECONDS * 1000, undefined, { ref: false }),
    ]);
    isClosed = true;
    clearTimeout(poll);
    radio.down();
    await closeSocket(socket);
  };

  let timer: NodeJS.Timeout | undefined;
  let isOn = false;
  await new Promise<void>((resolve, reject) => {
    timer = setTimeout(() => reject(new AdapterOff('no answer')), START_SECONDS * 1000);
    socket.on('error', (cause: Error) => {
      reject(cause);
      if (isOn) onTrouble(`the Bluetooth adapter: ${cause.message}`);
    });
    // bleno says so at each answer to advertising parameters: the first after a start ends its own commands.
    hci.on('stateChange', (state: string) => {
      if (state === 'unsupported') reject(new AdapterOff('no Bluetooth Low Energy'));
      if (state === 'poweredOn' && !isOn) radio.up();
      isOn = state === 'poweredOn';
      if (isOn) resolve();
    });
    hci.init();
  })
    .finally(() => clearTimeout(timer))
    .catch(async (cause) => {
      await close();
      throw cause;
    });

  return { radio: radio.radio, ble: nus.ble, admit: radio.admit, name: radio.name, close };
}
