/**
 * The Nordic UART Service for one counter at a time, over bleno's GATT server (docs/spec/link.md). Whoever is at the other
 * end may be anybody: nothing that arrives throws, no pairing, and a connection that carries no frames is ended.
 */
import { EventEmitter } from 'node:events';
import { readFrame, readOpen, sessionSeed } from '../../link/frame.js';
import { packetReader } from '../../link/packets.js';
import type { BlePort, Clock } from '../../ports.js';
import type { AclStream, Bleno, Hci } from './bleno.js';

const SERVICE = '6e400001-b5a3-f393-e0a9-e50e24dcca9e';
const WRITE = '6e400002-b5a3-f393-e0a9-e50e24dcca9e';
const NOTIFY = '6e400003-b5a3-f393-e0a9-e50e24dcca9e';

/** L2CAP channels. */
const ATTRIBUTES = 0x0004;
const SECURITY = 0x0006;

const PAIRING_FAILED = 0x05;
const PAIRING_NOT_SUPPORTED = Buffer.from([PAIRING_FAILED, 0x05]);

const ATT_HEADER = 3;
const SUCCESS = 0x00;
const INVALID_PDU = 0x04;
const NOT_SUPPORTED = 0x06;
/** bleno would gather the pieces of a long write without a bound; no frame needs one. */
const LONG_WRITES = [0x16, 0x18];
const CONFIRMATION = 0x1e;
/** Set in what is never answered; of these only a write is known. */
const IS_COMMAND = 0x40;
const WRITE_COMMAND = 0x52;

/** Packets that may wait for a slow peer: several windows of frames at the least MTU. */
const QUEUE_MAX = 1024;
/** Of L2CAP: longer than anything that MTU 517 allows. */
const PACKET_MAX = 1024;

/** Until a frame has come, and from frame to frame. */
const FIRST_SECONDS = 10;
const QUIET_SECONDS = 30;

export interface NusOptions {
  bleno: Bleno;
  hci: Hci;
  clock: Pick<Clock, 'after'>;
  /** The largest MTU that is agreed to; bleno's own is 256. */
  mtuMax?: number;
}

export interface NusServer {
  readonly ble: BlePort;
  /** A counter has connected. */
  connected(handle: number): void;
  disconnected(handle: number): void;
  /** The adapter is gone, and the connection with it. */
  down(): void;
  /** Ends the connection if there is one. */
  close(): void;
}

/** Told of each chunk, calls back for each frame of a session, whatever session it is. */
function frameWatcher(onFrame: () => void): { read(chunk: Uint8Array): void; reset(): void } {
  let seed: Uint8Array | undefined;
  return packetReader((frame) => {
    const open = readOpen(frame);
    if (open) seed = sessionSeed(open.nonce);
    if (open || (seed && readFrame(frame, 0, seed))) onFrame();
  });
}

export function createNus({ bleno, hci, clock, mtuMax }: NusOptions): NusServer {
  const gatt = new bleno.Gatt();
  if (mtuMax !== undefined) gatt.maxMtu = mtuMax;
  let receive: (chunk: Uint8Array) => void = () => {};
  let begin: () => void = () => {};
  let connection: { handle: number; stream: AclStream } | undefined;
  let notify: ((data: Buffer) => void) | undefined;
  let cancelWatch = (): void => {};
  const frames = frameWatcher(() => watch(QUIET_SECONDS));

  /** Ends the connection `seconds` from now, unless this is called again before. */
  function watch(seconds: number): void {
    cancelWatch();
    cancelWatch = clock.after(seconds, () => {
      if (connection) hci.disconnect(connection.handle);
      watch(FIRST_SECONDS);
    });
  }

  function down(): void {
    connection?.stream.emit('end');
    connection = undefined;
    notify = undefined;
    cancelWatch();
  }

  const write = new bleno.Characteristic({
    uuid: WRITE,
    properties: ['write', 'writeWithoutResponse'],
    onWriteRequest(data, _offset, _withoutResponse, done) {
      done(SUCCESS);
      const chunk = Uint8Array.from(data);
      frames.read(chunk);
      // Apart from bleno, whose errors are swallowed: those of the token are not.
      queueMicrotask(() => receive(chunk));
    },
  });
  const notifications = new bleno.Characteristic({
    uuid: NOTIFY,
    properties: ['notify'],
    onSubscribe(_maxLength, update) {
      notify = update;
    },
    onUnsubscribe() {
      notify = undefined;
    },
  });
  gatt.setServices([new bleno.PrimaryService({ uuid: SERVICE, characteristics: [write, notifications] })]);

  const handleRequest = gatt.handleRequest;
  gatt.handleRequest = (request) => {
    const opcode = request[0];
    if (opcode === undefined) return;
    const isAnswered = (opcode & IS_COMMAND) === 0 && opcode !== CONFIRMATION;
    if (!isAnswered && opcode !== WRITE_COMMAND) return;
    if (LONG_WRITES.includes(opcode)) {
      gatt.send(gatt.errorResponse(opcode, 0, NOT_SUPPORTED));
      return;
    }
    try {
      handleRequest.call(gatt, request);
    } catch {
      if (isAnswered) gatt.send(gatt.errorResponse(opcode, 0, INVALID_PDU));
    }
  };

  hci.on('aclDataPkt', (handle: number, channel: number, data: Buffer) => {
    if (handle !== connection?.handle) return;
    if (channel === ATTRIBUTES) connection.stream.emit('data', channel, data);
    else if (channel === SECURITY && data.length > 0 && data[0] !== PAIRING_FAILED) {
      hci.queueAclDataPkt(handle, SECURITY, PAIRING_NOT_SUPPORTED);
    }
  });

  const onSocketData = hci.onSocketData;
  hci.onSocketData = (packet) => {
    try {
      onSocketData.call(hci, packet);
    } catch {
      // A malformed packet, from the air.
    }
    for (const [handle, { length, data }] of Object.entries(hci._handleBuffers)) {
      if (length > PACKET_MAX || data.length > length) delete hci._handleBuffers[Number(handle)];
    }
  };

  return {
    ble: {
      onData(receiver) {
        receive = receiver;
      },
      onConnect(listener) {
        begin = listener;
      },
      write(chunk) {
        const size = gatt._mtu - ATT_HEADER;
        for (let at = 0; at < chunk.length && notify && hci._aclOutQueue.length < QUEUE_MAX; at += size) {
          notify(Buffer.from(chunk.subarray(at, at + size)));
        }
      },
    },
    connected(handle) {
      const stream = Object.assign(new EventEmitter(), {
        encrypted: false,
        write: (channel: number, data: Buffer) => hci.queueAclDataPkt(handle, channel, data),
      });
      delete hci._handleBuffers[handle];
      connection = { handle, stream };
      gatt.setAclStream(stream);
      frames.reset();
      begin();
      watch(FIRST_SECONDS);
    },
    disconnected(handle) {
      if (handle === connection?.handle) down();
    },
    down,
    close() {
      cancelWatch();
      if (connection) hci.disconnect(connection.handle);
    },
  };
}
