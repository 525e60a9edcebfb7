/**
 * noble, made fit for a counter: no packet from the air makes it throw, it says nothing on the terminal, keeps nothing of
 * adverts that nobody asked for, ends when it is told to, and leaves Ctrl-C alone. Its internals are touched here only.
 */
import { EventEmitter } from 'node:events';
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ErrorCode, GaletError } from '../../errors.js';
import { adapterName, isUart, useAdapter } from './adapter.js';

export interface NobleCharacteristic extends EventEmitter {
  readonly uuid: string;
  readonly properties: readonly string[];
  write(data: Buffer, withoutResponse: boolean): void;
  subscribe(): void;
}

export interface NobleService extends EventEmitter {
  readonly uuid: string;
  discoverCharacteristics(uuids: string[]): void;
}

export interface NoblePeripheral extends EventEmitter {
  readonly id: string;
  readonly connectable: boolean;
  readonly rssi: number;
  readonly mtu: number | null;
  readonly state: string;
  readonly advertisement: { localName?: string; serviceUuids?: string[] };
  connect(options?: object): void;
  cancelConnect(): void;
  disconnect(): void;
  discoverServices(uuids: string[]): void;
}

/** noble's own object: the part that is used. */
export interface Noble extends EventEmitter {
  initialized: boolean;
  _peripherals: Record<string, NoblePeripheral>;
  startScanning(services: string[], allowDuplicates: boolean): void;
  stopScanning(): void;
}

/** What noble puts between itself and a system's Bluetooth. */
interface Bindings extends EventEmitter {
  _hci?: Hci;
  _gap?: { _discoveries: Record<string, unknown> };
  onSigIntBinded?: () => void;
  _handles?: Record<string | number, unknown>;
  init(): void;
  onDisconnComplete(handle: number, reason: number): void;
  onStateChange(state: string): void;
}

interface HciSocket extends EventEmitter {
  /** Of an adapter over a serial port. */
  _serialDevice?: { isOpen: boolean };
  _exitHandler?: () => void;
  isDevUp(): boolean;
  stop(): void;
}

interface Hci extends EventEmitter {
  _socket: HciSocket;
  _aclConnections: Map<number, unknown>;
  _aclQueue: { handle: number }[];
  _handleBuffers: Record<number, { length: number; data: Buffer }>;
  pollIsDevUp(): void;
  setSocketFilter(): void;
  setEventMask(): void;
  setLeEventMask(): void;
  readLocalVersion(): void;
  writeLeHostSupported(): void;
  readLeHostSupported(): void;
  readLeBufferSize(): void;
  readBdAddr(): void;
  onSocketData(data: Buffer): void;
  flushAcl(): Promise<void>;
  processLeAdvertisingReport(count: number, data: Buffer): void;
}

/** A started adapter in the central's role. */
export interface Central {
  readonly noble: Noble;
  /** The adapter's name, for people. */
  readonly name: string;
  /** Waits until what has been written has gone to the adapter but for a few packets. */
  drained(): Promise<void>;
  /** Forgets who advertised so far. */
  forget(): void;
  /** Registers the one listener for the adapter's end. */
  onGone(gone: (cause: GaletError) => void): void;
  close(): Promise<void>;
}

const POLL_MILLISECONDS = 50;
const START_SECONDS = 5;
const CLOSE_TRIES = 20;
/** Packets that may wait for the adapter before a writer is held up. */
const QUEUE_MAX = 4;
/** Addresses remembered in one search: nobody has so many tokens on a counter. */
const ADDRESSES_MAX = 512;

const ADV_IND = 0;
const SCAN_RESPONSE = 4;
/** Bytes of a report before its advert: type, address type, address, length (vol 4 part E, section 7.7.65.2). */
const REPORT_HEAD = 9;

/** Waits for an event, but not long. */
async function soon(emitter: EventEmitter, event: string): Promise<void> {
  await new Promise<void>((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      emitter.removeListener(event, done);
      resolve();
    };
    const timer = setTimeout(done, POLL_MILLISECONDS);
    emitter.on(event, done);
  });
}

/** What the system's words mean; neither noble nor serialport has codes. */
export function adapterError(cause: unknown, adapter: string): GaletError {
  const message = cause instanceof Error ? cause.message.toLowerCase() : '';
  let code: ErrorCode = 'adapter-missing';
  if (/permitted|permission|denied/.test(message)) code = 'adapter-denied';
  else if (/cannot lock|temporarily unavailable|busy/.test(message)) code = 'port-busy';
  else if (/network is down/.test(message)) code = 'adapter-off';
  return new GaletError(code, { adapter, port: adapter }, cause);
}

function loadNoble(): Noble & { _bindings: Bindings } {
  const require = createRequire(import.meta.url);
  try {
    const create = require('@abandonware/noble/with-bindings');
    const Own = isUart() && require('@abandonware/noble/lib/hci-socket/bindings');
    // Over a serial port noble speaks HCI itself, also where it would otherwise ask the system.
    return create(Own ? new Own({}) : require('@abandonware/noble/lib/resolve-bindings')({}));
  } catch (cause) {
    // The kernel without Bluetooth refuses the socket; anything else is a module that does not load here.
    const isKernel = cause instanceof Error && 'syscall' in cause;
    if (isKernel || /not supported by protocol/i.test(String(cause)))
      throw adapterError(cause, adapterName() ?? 'Bluetooth');
    throw new GaletError('bluetooth-missing', {}, cause);
  }
}

/** Hands on the adverts of those who accept a connection, and their scan responses, of a bounded number of addresses. */
function guardReports(hci: Hci, isKnown: Set<string>): void {
  hci.processLeAdvertisingReport = (count, data) => {
    let at = 0;
    for (let report = 0; report < count && at + REPORT_HEAD < data.length; report++) {
      const end = at + REPORT_HEAD + data.readUInt8(at + REPORT_HEAD - 1);
      if (end >= data.length) return;
      const type = data.readUInt8(at);
      const address = Buffer.from(data.subarray(at + 2, at + 8)).reverse();
      const text = address.toString('hex').replace(/..\B/g, '$&:');
      const payload = data.subarray(at + REPORT_HEAD, end);
      const isWanted = type === ADV_IND ? isKnown.size < ADDRESSES_MAX || isKnown.has(text) : isKnown.has(text);
      if (isWanted && (type === ADV_IND || type === SCAN_RESPONSE)) {
        isKnown.add(text);
        const addressType = data.readUInt8(at + 1) === 1 ? 'random' : 'public';
        try {
          hci.emit('leAdvertisingReport', 0, type, text, addressType, payload, data.readInt8(end));
        } catch {
          // noble throws at adverts with fields too short: their sender is nobody's token.
        }
      }
      at = end + 1;
    }
  };
}

/** Keeps whatever arrives from ending the process, and from growing without end. */
function guardPackets(hci: Hci): void {
  const onSocketData = hci.onSocketData;
  hci.onSocketData = (data) => {
    try {
      onSocketData.call(hci, data);
      for (const [handle, held] of Object.entries(hci._handleBuffers)) {
        if (held.data.length > held.length) delete hci._handleBuffers[Number(handle)];
      }
    } catch {
      // A malformed packet: whoever waits for a better one waits with a bound.
    }
  };
  const flushAcl = hci.flushAcl;
  hci.flushAcl = async () => {
    // noble throws, in a promise that nobody holds, at packets for a connection that has just ended.
    hci._aclQueue = hci._aclQueue.filter((packet) => hci._aclConnections.has(packet.handle));
    await flushAcl.call(hci).catch(() => undefined);
    hci.emit('flushed');
  };
}

/** noble looks once a second, for ever, whether the adapter is there; this looks more often, and until it is stopped. */
function watchPower(hci: Hci, onPower: (isUp: boolean) => void): () => void {
  let timer: NodeJS.Timeout | undefined;
  let wasUp = false;
  let isStopped = false;
  hci.pollIsDevUp = () => {
    if (isStopped) return;
    const isUp = hci._socket.isDevUp();
    if (isUp !== wasUp) onPower(isUp);
    if (isUp && !wasUp) {
      hci.setSocketFilter();
      hci.setEventMask();
      hci.setLeEventMask();
      hci.readLocalVersion();
      hci.writeLeHostSupported();
      hci.readLeHostSupported();
      hci.readLeBufferSize();
      hci.readBdAddr();
    }
    wasUp = isUp;
    timer = setTimeout(hci.pollIsDevUp, POLL_MILLISECONDS);
  };
  return () => {
    isStopped = true;
    clearTimeout(timer);
  };
}

async function closeSocket(socket: HciSocket): Promise<void> {
  try {
    socket.stop();
  } catch {
    // Never opened.
  }
  for (let tries = 0; tries < CLOSE_TRIES && socket._serialDevice?.isOpen; tries++) await sleep(POLL_MILLISECONDS);
}

/** The states that noble names, as errors. */
const STATES: Record<string, ErrorCode> = {
  unauthorized: 'adapter-denied',
  unsupported: 'adapter-missing',
  poweredOff: 'adapter-off',
};

/**
 * Starts the adapter called `adapter` (adapter.ts). Errors: `bluetooth-missing` (noble cannot be loaded on this system),
 * `adapter-missing`, `adapter-denied`, `adapter-off` (switched off, or it does not answer), `port-busy`.
 */
export async function openCentral(adapter?: string): Promise<Central> {
  useAdapter(adapter);
  const name = adapterName(adapter) ?? 'Bluetooth';
  const noble = loadNoble();
  const bindings = noble._bindings;
  const hci = bindings._hci;
  const known = new Set<string>();
  const news = new EventEmitter();
  let gone: GaletError | undefined;
  let tellGone: (cause: GaletError) => void = () => {};
  const fail = (cause: GaletError): void => {
    if (gone !== undefined) return;
    gone = cause;
    news.emit('state');
    tellGone(cause);
  };

  let stopWatching = (): void => {};
  if (hci !== undefined) {
    guardPackets(hci);
    guardReports(hci, known);
    hci._socket.on('error', (cause) => fail(adapterError(cause, name)));
    let wasUp = false;
    stopWatching = watchPower(hci, (isUp) => {
      if (wasUp && !isUp) fail(new GaletError('adapter-off', { adapter: name }));
      wasUp = isUp;
    });
  }
  let isOn = false;
  // noble's own says on the terminal what is told here as an error.
  bindings.onStateChange = (state) => void bindings.emit('stateChange', state);
  bindings.on('stateChange', (state: string) => {
    isOn = state === 'poweredOn';
    const code = STATES[state];
    if (code !== undefined) fail(new GaletError(code, { adapter: name }));
    news.emit('state');
  });
  // Without a listener of ours noble prints its warnings.
  noble.on('warning', () => {});
  const onDisconnComplete = bindings.onDisconnComplete;
  bindings.onDisconnComplete = (handle, reason) => {
    // noble warns of connections that it does not know.
    if (bindings._handles?.[handle] !== undefined) onDisconnComplete.call(bindings, handle, reason);
  };

  const close = async (): Promise<void> => {
    stopWatching();
    gone ??= new GaletError('link-lost', { port: name }, 'closed here');
    tellGone(gone);
    if (isOn) noble.stopScanning();
    for (const peripheral of Object.values(noble._peripherals)) {
      if (peripheral.state === 'connected') peripheral.disconnect();
      if (peripheral.state === 'connecting') peripheral.cancelConnect();
    }
    if (hci !== undefined) {
      await sleep(POLL_MILLISECONDS);
      await closeSocket(hci._socket);
      hci.removeAllListeners();
    }
    bindings.removeAllListeners();
    noble.removeAllListeners();
  };

  const before = process.listeners('exit');
  try {
    noble.initialized = true;
    bindings.init();
  } catch (cause) {
    await close();
    throw adapterError(cause, name);
  } finally {
    // noble would end the process at Ctrl-C, before the command has closed what it has open.
    if (bindings.onSigIntBinded !== undefined) process.off('SIGINT', bindings.onSigIntBinded);
    // `close` does what noble would do at the process's end. The adapter's reset stays, until its socket is stopped.
    for (const listener of process.listeners('exit')) {
      if (!before.includes(listener) && listener !== hci?._socket._exitHandler) process.off('exit', listener);
    }
  }
  const started = performance.now();
  while (!isOn && gone === undefined && performance.now() - started < START_SECONDS * 1000) {
    await soon(news, 'state');
  }
  if (!isOn) {
    const cause = gone ?? new GaletError('adapter-off', { adapter: name });
    await close();
    throw cause;
  }

  return {
    noble,
    name,
    async drained() {
      while (gone === undefined && hci !== undefined && hci._aclQueue.length > QUEUE_MAX) {
        await soon(hci, 'flushed');
      }
    },
    forget() {
      known.clear();
      if (bindings._gap !== undefined) bindings._gap._discoveries = {};
    },
    onGone(listener) {
      tellGone = listener;
      if (gone !== undefined) listener(gone);
    },
    close,
  };
}
