/**
 * bleno's HCI and GATT server, without what bleno puts around them: its own advertising (from the adapter's public address,
 * and always connectable), its pairing, its listening to Ctrl-C. They are internals of a package whose version is pinned,
 * typed here and nowhere else.
 */
import type { EventEmitter } from 'node:events';
import { createRequire } from 'node:module';

export interface HciSocket extends EventEmitter {
  /** Of an adapter over a serial port. */
  _serialDevice?: { isOpen: boolean };
  isDevUp(): boolean;
  write(packet: Buffer): void;
  stop(): void;
}

export interface Hci extends EventEmitter {
  _socket: HciSocket;
  /** Packets for the peer that wait for the controller. */
  _aclOutQueue: unknown[];
  /** L2CAP packets that have arrived in part, by connection. */
  _handleBuffers: Record<number, { length: number; data: Buffer }>;
  init(): void;
  initDev(): void;
  setSocketFilter(): void;
  pollIsDevUp(): void;
  onSocketData(packet: Buffer): void;
  queueAclDataPkt(handle: number, channel: number, data: Buffer): void;
  disconnect(handle: number): void;
}

/** A connection as the GATT server sees it: emits `data` (channel, bytes) and `end`. */
export interface AclStream extends EventEmitter {
  encrypted: boolean;
  write(channel: number, data: Buffer): void;
}

export interface Gatt extends EventEmitter {
  maxMtu: number;
  _mtu: number;
  setServices(services: unknown[]): void;
  setAclStream(stream: AclStream): void;
  handleRequest(request: Buffer): void;
  errorResponse(opcode: number, handle: number, status: number): Buffer;
  send(response: Buffer): void;
}

interface CharacteristicOptions {
  uuid: string;
  properties: string[];
  onWriteRequest?(data: Buffer, offset: number, withoutResponse: boolean, done: (status: number) => void): void;
  onSubscribe?(maxLength: number, update: (data: Buffer) => void): void;
  onUnsubscribe?(): void;
}

export interface Bleno {
  Hci: new () => Hci;
  Gatt: new () => Gatt;
  Characteristic: new (options: CharacteristicOptions) => unknown;
  PrimaryService: new (options: { uuid: string; characteristics: unknown[] }) => unknown;
}

/** Loads it; which adapter it is for, the environment has to say by now. Throws what loading native code throws. */
export function loadBleno(deviceName: string): Bleno {
  process.env.BLENO_DEVICE_NAME = deviceName; // it would publish the computer's
  const require = createRequire(import.meta.url);
  return {
    Hci: require('@abandonware/bleno/lib/hci-socket/hci'),
    Gatt: require('@abandonware/bleno/lib/hci-socket/gatt'),
    Characteristic: require('@abandonware/bleno/lib/characteristic'),
    PrimaryService: require('@abandonware/bleno/lib/primary-service'),
  };
}
