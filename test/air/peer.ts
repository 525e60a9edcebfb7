/**
 * Somebody else's Bluetooth host on an emulated air: nothing but HCI commands, L2CAP and ATT as the Bluetooth Core Specification has
 * them, without a line of the project's radio, link or protocol code. What it understands of a token, others will.
 */
import { connect, type Socket } from 'node:net';
import type { EmulatedAir } from '../../tools/air/btvirt.js';
import { commandPacket, HCI_ACL, HCI_EVENT, packetSplitter } from '../../tools/air/h4.js';

const RESET = 0x0c03;
const SET_EVENT_MASK = 0x0c01;
const LE_SET_EVENT_MASK = 0x2001;
const LE_SET_RANDOM_ADDRESS = 0x2005;
const LE_SET_ADVERTISING_PARAMETERS = 0x2006;
const LE_SET_ADVERTISING_DATA = 0x2008;
const LE_SET_ADVERTISE_ENABLE = 0x200a;
const LE_SET_SCAN_PARAMETERS = 0x200b;
const LE_SET_SCAN_ENABLE = 0x200c;
const LE_CREATE_CONNECTION = 0x200d;
const LE_CREATE_CONNECTION_CANCEL = 0x200e;
const DISCONNECT = 0x0406;

const COMMAND_COMPLETE = 0x0e;
const COMMAND_STATUS = 0x0f;
const DISCONNECTION_COMPLETE = 0x05;
const NUMBER_OF_COMPLETED_PACKETS = 0x13;
const LE_META = 0x3e;
const CONNECTION_COMPLETE = 0x01;
const ADVERTISING_REPORT = 0x02;

export const ADV_IND = 0;
export const ADV_NONCONN_IND = 3;
const RANDOM_ADDRESS = 1;
const CONTINUES = 0x1000;
const ATT = 4;
/** ACL packets that the controller may hold at once, and their data: less than any controller's. */
const ACL_CREDITS = 4;
const ACL_LENGTH = 27;
const REPLY_MS = 5000;

const MTU_REQUEST = 0x02;
const READ_BY_TYPE_REQUEST = 0x08;
const READ_BY_TYPE_RESPONSE = 0x09;
const CHARACTERISTIC = 0x2803;

/** One advertising report. */
export interface Report {
  /** ADV_IND and so on. */
  type: number;
  isRandom: boolean;
  /** 6 bytes as hexadecimal digits, most significant first. */
  address: string;
  data: Buffer;
  rssi: number;
}

interface Waiting {
  opcode: number;
  resolve: (returned: Buffer) => void;
}

function u16(value: number): number[] {
  return [value & 0xff, value >> 8];
}

export class Peer {
  /** Told every advertising report. */
  onReport: (report: Report) => void = () => {};
  /** Told every ATT packet of the connection. */
  onAtt: (packet: Buffer) => void = () => {};
  private handle: number | undefined;
  private credits = ACL_CREDITS;
  private queue: Buffer[] = [];
  private waiting: Waiting[] = [];
  private watchers: (() => void)[] = [];
  private attHeld: Buffer = Buffer.alloc(0);

  private constructor(private readonly socket: Socket) {
    socket.on(
      'data',
      packetSplitter((packet) => this.take(Buffer.from(packet))),
    );
    socket.on('error', () => socket.destroy());
  }

  static async plug(air: EmulatedAir): Promise<Peer> {
    const socket = connect(air.socket);
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    const peer = new Peer(socket);
    await peer.command(RESET);
    await peer.command(SET_EVENT_MASK, ...new Array<number>(8).fill(0xff));
    await peer.command(LE_SET_EVENT_MASK, 0x1f, 0, 0, 0, 0, 0, 0, 0);
    return peer;
  }

  close(): void {
    this.socket.destroy();
  }

  /** Sends a command; the parameters that it returns, or of a Command Status its status. */
  async command(opcode: number, ...parameters: number[]): Promise<Buffer> {
    const returned = new Promise<Buffer>((resolve) => this.waiting.push({ opcode, resolve }));
    this.socket.write(commandPacket(opcode, Uint8Array.from(parameters)));
    return await within(returned, `the reply to command ${opcode.toString(16)}`);
  }

  private take(packet: Buffer): void {
    if (packet[0] === HCI_ACL) this.takeAcl(packet);
    if (packet[0] !== HCI_EVENT) return;
    const parameters = packet.subarray(3);
    if (packet[1] === COMMAND_COMPLETE) this.answered(parameters.readUInt16LE(1), parameters.subarray(3));
    if (packet[1] === COMMAND_STATUS) this.answered(parameters.readUInt16LE(2), parameters.subarray(0, 1));
    if (packet[1] === NUMBER_OF_COMPLETED_PACKETS) this.completed(parameters);
    if (packet[1] === DISCONNECTION_COMPLETE) this.handle = undefined;
    if (packet[1] === LE_META && parameters[0] === CONNECTION_COMPLETE && parameters[1] === 0) {
      this.handle = parameters.readUInt16LE(2);
      this.credits = ACL_CREDITS;
      this.queue = [];
      this.attHeld = Buffer.alloc(0);
    }
    if (packet[1] === LE_META && parameters[0] === ADVERTISING_REPORT) this.takeReport(parameters);
    for (const look of this.watchers) look();
  }

  private answered(opcode: number, returned: Buffer): void {
    const index = this.waiting.findIndex((one) => one.opcode === opcode);
    if (index >= 0) this.waiting.splice(index, 1)[0]?.resolve(returned);
  }

  /** The emulator puts one report into each event. */
  private takeReport(parameters: Buffer): void {
    const length = parameters.readUInt8(10);
    this.onReport({
      type: parameters.readUInt8(2),
      isRandom: parameters[3] === RANDOM_ADDRESS,
      address: Buffer.from(parameters.subarray(4, 10)).reverse().toString('hex'),
      data: parameters.subarray(11, 11 + length),
      rssi: parameters.readInt8(11 + length),
    });
  }

  /** Resolves once `holds`. */
  async until(what: string, holds: () => boolean, milliseconds = REPLY_MS): Promise<void> {
    let look = (): void => {};
    const held = new Promise<void>((resolve) => {
      look = () => {
        if (holds()) resolve();
      };
    });
    this.watchers.push(look);
    look();
    try {
      await within(held, what, milliseconds);
    } finally {
      this.watchers = this.watchers.filter((one) => one !== look);
    }
  }

  /** Advertises `data` from a random address (hexadecimal, most significant byte first), for others to hear once. */
  async advertise(data: Uint8Array, address: string, type = ADV_IND): Promise<void> {
    await this.command(LE_SET_ADVERTISE_ENABLE, 0);
    await this.command(LE_SET_RANDOM_ADDRESS, ...Buffer.from(address, 'hex').reverse());
    const interval = u16(0xa0);
    const noPeer = [0, 0, 0, 0, 0, 0, 0];
    await this.command(LE_SET_ADVERTISING_PARAMETERS, ...interval, ...interval, type, RANDOM_ADDRESS, ...noPeer, 7, 0);
    await this.command(LE_SET_ADVERTISING_DATA, data.length, ...data, ...new Array<number>(31 - data.length).fill(0));
    await this.command(LE_SET_ADVERTISE_ENABLE, 1);
  }

  async silence(): Promise<void> {
    await this.command(LE_SET_ADVERTISE_ENABLE, 0);
  }

  /** Begins to listen anew: whoever advertises is reported. */
  async scan(): Promise<void> {
    await this.command(LE_SET_SCAN_ENABLE, 0, 0);
    await this.command(LE_SET_SCAN_PARAMETERS, 0, ...u16(0x10), ...u16(0x10), 0, 0);
    await this.command(LE_SET_SCAN_ENABLE, 1, 0);
  }

  async stopScan(): Promise<void> {
    await this.command(LE_SET_SCAN_ENABLE, 0, 0);
  }

  get isConnected(): boolean {
    return this.handle !== undefined;
  }

  /** Connects to a random address; false when nobody answers there in time. */
  async connect(address: string, milliseconds = REPLY_MS): Promise<boolean> {
    const target = Buffer.from(address, 'hex').reverse();
    const interval = u16(0x18);
    await this.command(
      LE_CREATE_CONNECTION,
      ...[...u16(0x60), ...u16(0x60), 0, RANDOM_ADDRESS, ...target, 0],
      ...[...interval, ...interval, 0, 0, ...u16(0xc8), 0, 0, 0, 0],
    );
    try {
      await this.until('a connection', () => this.isConnected, milliseconds);
    } catch {
      await this.command(LE_CREATE_CONNECTION_CANCEL);
    }
    return this.isConnected;
  }

  async disconnect(): Promise<void> {
    if (this.handle === undefined) return;
    await this.command(DISCONNECT, ...u16(this.handle), 0x13);
    await this.until('the end of the connection', () => !this.isConnected);
  }

  /** Sends raw L2CAP bytes (length, channel, payload: whatever they say) in ACL packets, as fast as the controller takes them. */
  sendL2cap(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length || at === 0; at += ACL_LENGTH) {
      const data = bytes.subarray(at, at + ACL_LENGTH);
      this.sendAcl(at === 0 ? 0 : CONTINUES, data);
    }
  }

  /** Sends one ACL packet of the connection. */
  sendAcl(flags: number, data: Uint8Array): void {
    if (this.handle === undefined) return;
    const head = [HCI_ACL, ...u16(this.handle | flags), ...u16(data.length)];
    this.queue.push(Buffer.concat([Buffer.from(head), data]));
    this.pump();
  }

  sendAtt(packet: Uint8Array): void {
    this.sendL2cap(Buffer.concat([Buffer.from([...u16(packet.length), ...u16(ATT)]), packet]));
  }

  /** ACL packets that the controller has not taken yet. */
  get backlog(): number {
    return this.queue.length;
  }

  private pump(): void {
    while (this.credits > 0) {
      const next = this.queue.shift();
      if (next === undefined) return;
      this.credits -= 1;
      this.socket.write(next);
    }
  }

  private completed(parameters: Buffer): void {
    for (let i = 0; i < parameters.readUInt8(0); i++) this.credits += parameters.readUInt16LE(3 + 4 * i);
    this.pump();
  }

  /** Joins the fragments of an L2CAP packet. */
  private takeAcl(packet: Buffer): void {
    const continues = (packet.readUInt16LE(1) & CONTINUES) !== 0;
    const data = packet.subarray(5);
    this.attHeld = continues ? Buffer.concat([this.attHeld, data]) : data;
    if (this.attHeld.length < 4 || this.attHeld.length < 4 + this.attHeld.readUInt16LE(0)) return;
    if (this.attHeld.readUInt16LE(2) === ATT) this.onAtt(this.attHeld.subarray(4));
    for (const look of this.watchers) look();
  }

  /** Sends an ATT request; its answer, whatever it is. */
  async ask(request: number[]): Promise<Buffer> {
    let answer: Buffer | undefined;
    this.onAtt = (packet) => {
      // Notifications and indications are no answer.
      if (packet[0] !== 0x1b && packet[0] !== 0x1d) answer ??= packet;
    };
    this.sendAtt(Uint8Array.from(request));
    await this.until(`the answer to ATT request ${request[0]}`, () => answer !== undefined);
    return answer as Buffer;
  }

  /** Asks for an MTU; the other side's. */
  async exchangeMtu(mtu: number): Promise<number> {
    return (await this.ask([MTU_REQUEST, ...u16(mtu)])).readUInt16LE(1);
  }

  /** All characteristics: value handles by UUID in hexadecimal digits, most significant byte first. */
  async characteristics(): Promise<Map<string, number>> {
    const found = new Map<string, number>();
    for (let from = 1; from <= 0xffff; ) {
      const answer = await this.ask([READ_BY_TYPE_REQUEST, ...u16(from), 0xff, 0xff, ...u16(CHARACTERISTIC)]);
      if (answer[0] !== READ_BY_TYPE_RESPONSE) break;
      const size = answer.readUInt8(1);
      for (let at = 2; at + size <= answer.length; at += size) {
        const uuid = Buffer.from(answer.subarray(at + 5, at + size)).reverse();
        found.set(uuid.toString('hex'), answer.readUInt16LE(at + 3));
        from = answer.readUInt16LE(at + 3) + 1;
      }
    }
    return found;
  }
}

async function within<T>(promise: Promise<T>, what: string, milliseconds = REPLY_MS): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`waited in vain for ${what}`)), milliseconds);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
