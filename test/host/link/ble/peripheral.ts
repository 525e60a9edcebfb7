/**
 * A peripheral written with plain HCI commands, on a controller of its own: the Nordic UART Service in five attributes. It
 * shares no code with what it is served by, does what a test says, and can be as bad as anybody on the air.
 */
import { connect, type Socket } from 'node:net';
import type { BlePort } from '../../../../device/ports.js';
import type { EmulatedAir } from '../../../../tools/air/btvirt.js';
import { commandPacket, HCI_ACL, HCI_EVENT, packetSplitter } from '../../../../tools/air/h4.js';

const NUS = '6e400001b5a3f393e0a9e50e24dcca9e';
const RANDOM_ADDRESS = 0x2005;
const ADVERTISING_PARAMETERS = 0x2006;
const ADVERTISING_DATA = 0x2008;
const SCAN_RESPONSE_DATA = 0x2009;
const ADVERTISING_ENABLE = 0x200a;
const DISCONNECT = 0x0406;
const ATT = 4;
/** What one packet to the controller holds. */
const ACL_MAX = 27;

const ADV_IND = 0;
export const ADV_NONCONN_IND = 3;

const bytesOf = (hex: string): Buffer => Buffer.from(hex, 'hex');
const turned = (hex: string): Buffer => Buffer.from(bytesOf(hex).reverse());
const u16 = (value: number): Buffer => Buffer.from([value & 0xff, value >> 8]);

/** A field of an advert. */
export const field = (type: number, data: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from([data.length + 1, type]), data]);

/** The scan response of a token, `Galet 3` say. */
export const scanResponse = (name: string, service = NUS): Buffer =>
  Buffer.concat([field(0x07, turned(service)), field(0x09, Buffer.from(name, 'latin1'))]);

export interface PeripheralOptions {
  /** 6 bytes in hexadecimal, most significant first. */
  address?: string;
  advert?: Uint8Array;
  response?: Uint8Array;
  type?: number;
  mtu?: number;
  /** UUIDs of the service, of what is written and of what notifies. */
  uuids?: [string, string, string];
  /** Answers a packet of ATT in the peripheral's stead; undefined leaves it to the peripheral, null to nobody. */
  answer?: (request: Buffer) => Uint8Array[] | null | undefined;
}

export interface Peripheral {
  readonly ble: BlePort;
  /** Connections so far. */
  readonly connections: number;
  readonly isConnected: boolean;
  /** Told of every packet of the service, either way, once it has passed. */
  onPacket: (bytes: number) => void;
  /** What is said on the air from now on. */
  advertise(options: PeripheralOptions): void;
  silence(): void;
  /** Ends the connection, as a token that goes out of reach would. */
  cut(): void;
  /** Sends a packet of ATT as it is. */
  sendAtt(packet: Uint8Array): void;
  /** Sends bytes that are no packet of ATT, under any channel. */
  sendAcl(bytes: Uint8Array): void;
  close(): void;
}

/** Starts a peripheral that asks, unless `options.type` says otherwise. */
export async function startPeripheral(air: EmulatedAir, options: PeripheralOptions = {}): Promise<Peripheral> {
  const socket: Socket = connect(air.socket);
  await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  socket.on('error', () => socket.destroy());
  let said: PeripheralOptions = {};
  let handle: number | undefined;
  let mtu = 23;
  let held: Buffer = Buffer.alloc(0);
  let connections = 0;
  let onData: (chunk: Uint8Array) => void = () => {};
  let onConnect = (): void => {};

  const command = (opcode: number, parameters: Uint8Array): void =>
    void socket.write(commandPacket(opcode, parameters));
  const padded = (data: Uint8Array): Buffer => {
    const out = Buffer.alloc(32);
    out[0] = data.length;
    out.set(data, 1);
    return out;
  };
  const enable = (isOn: boolean): void => command(ADVERTISING_ENABLE, Buffer.from([Number(isOn)]));

  const sendAcl = (bytes: Uint8Array): void => {
    if (handle === undefined) return;
    for (let at = 0; at < bytes.length; at += ACL_MAX) {
      const part = bytes.subarray(at, at + ACL_MAX);
      const flags = at === 0 ? 0 : 0x1000;
      socket.write(Buffer.concat([Buffer.from([HCI_ACL]), u16(handle | flags), u16(part.length), part]));
    }
  };
  const sendAtt = (packet: Uint8Array): void => sendAcl(Buffer.concat([u16(packet.length), u16(ATT), packet]));

  function advertise(next: PeripheralOptions): void {
    said = { ...said, ...next };
    const { address = 'c0ffee000001', advert = bytesOf('020106'), type = ADV_IND } = said;
    enable(false);
    command(RANDOM_ADDRESS, turned(address));
    const interval = u16(0x00a0);
    const parameters = [interval, interval, Buffer.from([type, 1, 0]), Buffer.alloc(6), Buffer.from([7, 0])];
    command(ADVERTISING_PARAMETERS, Buffer.concat(parameters));
    command(ADVERTISING_DATA, padded(advert));
    command(SCAN_RESPONSE_DATA, padded(said.response ?? scanResponse('Galet -')));
    enable(true);
  }

  function takeAtt(request: Buffer): void {
    const given = said.answer?.(request);
    if (given === null) return;
    if (given !== undefined) {
      for (const packet of given) sendAtt(packet);
      return;
    }
    const opcode = request[0] as number;
    const [service, write, notify] = said.uuids ?? [NUS, NUS.replace('1', '2'), NUS.replace('1', '3')];
    const refuse = (): void => sendAtt(Buffer.from([0x01, opcode, request[1] ?? 0, request[2] ?? 0, 0x0a]));
    if (opcode === 0x52 || opcode === 0x12) {
      if (opcode === 0x12) sendAtt(Buffer.from([0x13]));
      if (request.readUInt16LE(1) !== 3) return;
      peripheral.onPacket(request.length - 3);
      onData(request.subarray(3));
    } else if (opcode === 0x02) {
      mtu = Math.min(request.readUInt16LE(1), said.mtu ?? 256);
      sendAtt(Buffer.concat([Buffer.from([0x03]), u16(said.mtu ?? 256)]));
    } else if (opcode === 0x10 && request.readUInt16LE(1) === 1) {
      sendAtt(Buffer.concat([Buffer.from([0x11, 20]), u16(1), u16(6), turned(service)]));
    } else if (opcode === 0x08 && request.readUInt16LE(5) === 0x2803 && request.readUInt16LE(1) <= 4) {
      const isFirst = request.readUInt16LE(1) <= 2;
      const [at, properties, uuid] = isFirst ? [2, 0x0c, write] : [4, 0x10, notify];
      sendAtt(Buffer.concat([Buffer.from([0x09, 21]), u16(at), Buffer.from([properties]), u16(at + 1), turned(uuid)]));
    } else if (opcode === 0x08 && request.readUInt16LE(5) === 0x2902) {
      sendAtt(Buffer.from([0x09, 4, 6, 0, 0, 0]));
    } else if (opcode % 2 === 0) refuse();
  }

  function takeEvent(packet: Buffer): void {
    if (packet[1] === 0x3e && packet[3] === 0x01 && packet[4] === 0) {
      handle = packet.readUInt16LE(5);
      mtu = 23;
      connections += 1;
      onConnect();
    } else if (packet[1] === 0x05) {
      handle = undefined;
      // A token asks again as long as it may.
      if ((said.type ?? ADV_IND) === ADV_IND) enable(true);
    }
  }

  function takeAcl(packet: Buffer): void {
    const isStart = ((packet[2] as number) >> 4) % 4 !== 1;
    held = isStart ? packet.subarray(5) : Buffer.concat([held, packet.subarray(5)]);
    if (held.length < 4 || held.length < held.readUInt16LE(0) + 4) return;
    const whole = Buffer.from(held);
    held = Buffer.alloc(0);
    if (whole.readUInt16LE(2) === ATT) takeAtt(whole.subarray(4));
  }

  socket.on(
    'data',
    packetSplitter((packet) => {
      if (packet[0] === HCI_EVENT) takeEvent(packet);
      else if (packet[0] === HCI_ACL) takeAcl(Buffer.from(packet));
    }),
  );
  command(0x0c03, Buffer.alloc(0));
  // The event of a connection is among those that are off after a reset.
  command(0x0c01, bytesOf('ffffffffffffff3f'));

  const peripheral: Peripheral = {
    ble: {
      onConnect: (begin) => {
        onConnect = begin;
      },
      onData: (receive) => {
        onData = receive;
      },
      write(chunk) {
        for (let at = 0; at < chunk.length && handle !== undefined; at += mtu - 3) {
          const part = chunk.subarray(at, at + mtu - 3);
          sendAtt(Buffer.concat([Buffer.from([0x1b]), u16(5), part]));
          peripheral.onPacket(part.length);
        }
      },
    },
    get connections() {
      return connections;
    },
    get isConnected() {
      return handle !== undefined;
    },
    onPacket: () => {},
    advertise,
    silence: () => enable(false),
    cut() {
      if (handle === undefined) return;
      command(DISCONNECT, Buffer.concat([u16(handle), Buffer.from([0x13])]));
      // What is written from here on does not arrive.
      handle = undefined;
    },
    sendAtt,
    sendAcl,
    close: () => void socket.destroy(),
  };
  advertise(options);
  return peripheral;
}
