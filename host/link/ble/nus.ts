/** The Nordic UART Service of one connection, as a pipe of bytes. Every step has a bound: the other side may be anybody. */
import type { EventEmitter } from 'node:events';
import { GaletError } from '../../errors.js';
import type { ByteCount } from '../carrier.js';
import type { BytePipe } from '../serial.js';
import { NUS_SERVICE } from './asking.js';
import type { Central, NobleCharacteristic, NoblePeripheral, NobleService } from './central.js';

const WRITE = '6e400002b5a3f393e0a9e50e24dcca9e';
const NOTIFY = '6e400003b5a3f393e0a9e50e24dcca9e';

/** Seconds that a connection may take to be made. */
export const CONNECT_SECONDS = 5;
const STEP_SECONDS = 5;
const LEAVE_SECONDS = 1;

/** Of Bluetooth 4.0, and the largest that noble asks for; every system's own lies between. */
const MTU_MIN = 23;
const MTU_MAX = 517;
const ATT_HEADER = 3;

/** Bytes that may wait to be written: several windows of frames. More is lost, as on a cable that nobody reads. */
const BACKLOG_MAX = 32_768;

/**
 * How the connection is kept, for systems where noble chooses: every 7.5 to 15 ms (units of 1.25 ms), and it counts as
 * lost after 4 s of nothing (units of 10 ms).
 */
const CONNECTION = { minInterval: 6, maxInterval: 12, latency: 0, timeout: 400 };

export interface NusPipe extends BytePipe {
  readonly bytes: ByteCount;
}

interface Wait<T> {
  emitter: EventEmitter;
  event: string;
  seconds: number;
  start: () => void;
  /** Reads what the event tells; what it throws fails the wait. */
  read: (told: unknown) => T;
}

/** One step of a connection: its event, or `link-lost` when the connection ends, or `link-silent` in the end. */
function step<T>(peripheral: NoblePeripheral, name: string, wait: Wait<T>): Promise<T> {
  const { emitter, event, seconds, start, read } = wait;
  return new Promise((resolve, reject) => {
    const finish = (settle: () => void): void => {
      clearTimeout(timer);
      emitter.removeListener(event, onEvent);
      peripheral.removeListener('disconnect', onEnd);
      try {
        settle();
      } catch (error) {
        reject(error);
      }
    };
    const onEvent = (told: unknown): void => finish(() => resolve(read(told)));
    const onEnd = (cause: unknown): void => finish(() => reject(new GaletError('link-lost', { port: name }, cause)));
    const onTime = (): void => finish(() => reject(new GaletError('link-silent', { port: name, seconds })));
    const timer = setTimeout(onTime, seconds * 1000);
    emitter.on(event, onEvent);
    peripheral.on('disconnect', onEnd);
    try {
      if (peripheral.state === 'disconnected' && emitter !== peripheral) throw new Error('disconnected');
      start();
    } catch (cause) {
      finish(() => reject(new GaletError('link-lost', { port: name }, cause)));
    }
  });
}

async function connect(peripheral: NoblePeripheral, name: string, seconds: number): Promise<void> {
  try {
    await step(peripheral, name, {
      emitter: peripheral,
      event: 'connect',
      seconds,
      start: () => peripheral.connect(CONNECTION),
      read: (cause) => {
        if (cause) throw cause;
      },
    });
  } catch (cause) {
    peripheral.cancelConnect();
    throw new GaletError('token-gone', { port: name }, cause);
  }
}

/** Finds the two characteristics, and has the one notify. */
async function subscribe(
  peripheral: NoblePeripheral,
  name: string,
): Promise<[NobleCharacteristic, NobleCharacteristic]> {
  const foreign = (): GaletError => new GaletError('link-garbled', { port: name }, 'no Nordic UART Service');
  const service = await step(peripheral, name, {
    emitter: peripheral,
    event: 'servicesDiscover',
    seconds: STEP_SECONDS,
    start: () => peripheral.discoverServices([NUS_SERVICE]),
    read: (told) => {
      const found = (told as NobleService[]).find((one) => one.uuid === NUS_SERVICE);
      if (found === undefined) throw foreign();
      return found;
    },
  });
  const [write, notify] = await step(peripheral, name, {
    emitter: service,
    event: 'characteristicsDiscover',
    seconds: STEP_SECONDS,
    start: () => service.discoverCharacteristics([WRITE, NOTIFY]),
    read: (told): [NobleCharacteristic, NobleCharacteristic] => {
      const found = told as NobleCharacteristic[];
      const to = found.find((one) => one.uuid === WRITE && one.properties.includes('writeWithoutResponse'));
      const from = found.find((one) => one.uuid === NOTIFY && one.properties.includes('notify'));
      if (to === undefined || from === undefined) throw foreign();
      return [to, from];
    },
  });
  await step(peripheral, name, {
    emitter: notify,
    event: 'notify',
    seconds: STEP_SECONDS,
    start: () => notify.subscribe(),
    read: () => undefined,
  });
  return [write, notify];
}

/** Ends a connection; returns when it has ended, or nobody says so. */
async function leave(peripheral: NoblePeripheral): Promise<void> {
  if (peripheral.state !== 'connected') return;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      peripheral.removeListener('disconnect', done);
      resolve();
    };
    const timer = setTimeout(done, LEAVE_SECONDS * 1000);
    peripheral.on('disconnect', done);
    try {
      peripheral.disconnect();
    } catch {
      done();
    }
  });
}

/**
 * Connects to `peripheral`, called `name` to people, within `seconds`. Errors: `token-gone` (no connection), `link-lost`, `link-silent`,
 * `link-garbled` (it has no such service).
 */
export async function openNus(
  central: Central,
  peripheral: NoblePeripheral,
  name: string,
  seconds: number,
): Promise<NusPipe> {
  const bytes: ByteCount = { sent: 0, received: 0 };
  await connect(peripheral, name, seconds);
  let characteristics: [NobleCharacteristic, NobleCharacteristic];
  try {
    characteristics = await subscribe(peripheral, name);
  } catch (error) {
    await leave(peripheral);
    throw error;
  }
  const [out, back] = characteristics;
  let onBytes: (bytes: Uint8Array) => void = () => {};
  let onGone: (cause: unknown) => void = () => {};
  let isGone = false;
  let waiting: Buffer = Buffer.alloc(0);
  let isWriting = false;

  const onData = (data: Buffer): void => {
    bytes.received += data.length;
    onBytes(data);
  };
  const onEnd = (cause: unknown): void => {
    if (isGone) return;
    isGone = true;
    back.removeListener('data', onData);
    peripheral.removeListener('disconnect', onEnd);
    onGone(cause);
  };
  back.on('data', onData);
  peripheral.on('disconnect', onEnd);

  const room = (): number => Math.min(Math.max(peripheral.mtu ?? 0, MTU_MIN), MTU_MAX) - ATT_HEADER;
  const pump = async (): Promise<void> => {
    if (isWriting) return;
    isWriting = true;
    while (waiting.length > 0 && !isGone) {
      const packet = waiting.subarray(0, room());
      waiting = waiting.subarray(packet.length);
      out.write(packet, true);
      bytes.sent += packet.length;
      await central.drained();
    }
    isWriting = false;
  };

  return {
    name,
    bytes,
    write(chunk) {
      if (isGone || waiting.length + chunk.length > BACKLOG_MAX) return;
      waiting = Buffer.concat([waiting, chunk]);
      pump().catch(onEnd);
    },
    listen(receive, gone) {
      onBytes = receive;
      onGone = gone;
    },
    async close() {
      isGone = true;
      back.removeListener('data', onData);
      peripheral.removeListener('disconnect', onEnd);
      await leave(peripheral);
    },
  };
}
