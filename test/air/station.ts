/**
 * A token's tracing on its real radio and a real (emulated) controller, with the time in the test's hands: a quarter of an hour takes
 * as long as the controller needs for the commands of it. What passes between radio and controller is kept as it passed.
 */
import { connect, type Socket } from 'node:net';
import { type HciListener, readPacket } from '../../device/boards/linux/hci.js';
import { createHciRadio, type HciRadio } from '../../device/boards/linux/hci-radio.js';
import type { ContactLog } from '../../device/log/log.js';
import { createNeighbours } from '../../device/log/neighbours.js';
import { absentPorts } from '../../device/ports.js';
import type { Facts } from '../../device/token/facts.js';
import type { Identifiers } from '../../device/token/identifiers.js';
import type { SignalBoard } from '../../device/token/signal.js';
import type { TokenTime } from '../../device/token/time.js';
import { createTracing, type Tracing } from '../../device/token/tracing.js';
import { decodeBatch, type LoggedRecord } from '../../host/backend/gateway/record.js';
import { eccCipher, makeEbid } from '../../host/backend/robert/ebid.js';
import { expandKey } from '../../host/backend/robert/skinny.js';
import { nodeDigest } from '../../host/crypto.js';
import type { EmulatedAir } from '../../tools/air/btvirt.js';
import { commandPacket, eventPacket, HCI_EVENT, packetSplitter } from '../../tools/air/h4.js';
import { BoardClock, Timeline } from '../../tools/simulate/timeline.js';
import { seededRandom } from '../support/chance.js';
import { K_AUTH, SERVICE_START } from '../support/fleet.js';

const RESET = 0x0c03;
const SET_EVENT_MASK = 0x0c01;
const SCAN_ENABLE = 0x200c;
const COMMAND_COMPLETE = 0x0e;
const COMMAND_STATUS = 0x0f;
const LE_META = 0x3e;
const ADVERTISING_REPORT = 0x02;
/** Shorter than the radio waits for an answer, and than a window. */
const STEP = 0.2;
const NEIGHBOURS = 60;
const ROOM = { bytes: 1_000_000, oldestDay: -1 };

export interface StationOptions {
  seed: number;
  /** NTP seconds at which the story begins. */
  start: number;
  txGain?: number;
  rxGain?: number;
  /** Told each command before the controller gets it, at which (virtual) time. */
  onCommand?: (packet: Buffer, at: number) => void;
}

/** The bytes of a report as a controller hands it up: one report an event. `rssi` in dBm. */
export function reportPacket(type: number, data: Uint8Array, rssi: number, length = data.length): Buffer {
  const head = [ADVERTISING_REPORT, 1, type, 1, 1, 2, 3, 4, 5, 6, length & 0xff];
  return eventPacket(LE_META, Buffer.concat([Buffer.from(head), data, Buffer.from([rssi & 0xff])]));
}

export class Station {
  readonly timeline: Timeline;
  readonly radio: HciRadio;
  readonly tracing: Tracing;
  /** Records that were sealed. */
  readonly records: LoggedRecord[] = [];
  readonly troubles: string[] = [];
  /** Whether the controller scans. */
  isScanning = false;
  private unanswered = 0;
  private onSettled: () => void = () => {};

  private constructor(
    private readonly socket: Socket,
    private readonly options: StationOptions,
  ) {
    const { seed, start, txGain = 0, rxGain = 0 } = options;
    this.timeline = new Timeline(start, () => 0);
    const clock = new BoardClock(this.timeline, 0);
    const random = seededRandom(seed);
    this.radio = createHciRadio({
      send: (packet) => this.send(Buffer.from(packet)),
      clock,
      random,
      txGain,
      rxGain,
      isDocked: false,
      onTrouble: (what) => this.troubles.push(what),
    });
    this.tracing = createTracing(
      { ...absentPorts, digest: nodeDigest, random, clock, radio: this.radio.radio },
      knowing,
      timeOf(this.timeline),
      identifiersOf(seed),
      this.log(),
      createNeighbours(NEIGHBOURS),
      { refresh: () => undefined } as unknown as SignalBoard,
      () => 0,
      () => undefined,
    );
    socket.on(
      'data',
      packetSplitter((packet) => this.take(Buffer.from(packet))),
    );
    socket.on('error', () => socket.destroy());
  }

  static async plug(air: EmulatedAir, options: StationOptions): Promise<Station> {
    const socket = connect(air.socket);
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    const station = new Station(socket, options);
    station.send(commandPacket(RESET, new Uint8Array(0)));
    station.send(commandPacket(SET_EVENT_MASK, new Uint8Array(8).fill(0xff)));
    station.radio.up();
    await station.settle();
    station.tracing.start();
    await station.settle();
    return station;
  }

  /** A log that keeps what would be sealed, and reads it as the gateway does. */
  private log(): ContactLog {
    const log = {
      room: () => ROOM,
      expire: () => undefined,
      append: (plaintext: Uint8Array) => {
        const padded = Buffer.concat([plaintext, Buffer.alloc((4 - (plaintext.length % 4)) % 4)]);
        const batch = decodeBatch(new Uint8Array(padded));
        if (typeof batch === 'string') throw new Error(batch);
        this.records.push(...batch.records);
      },
    };
    return log as unknown as ContactLog;
  }

  private send(packet: Buffer): void {
    this.options.onCommand?.(packet, this.timeline.now());
    this.unanswered += 1;
    this.socket.write(packet);
    if (packet.readUInt16LE(1) === SCAN_ENABLE) this.isScanning = packet[4] === 1;
  }

  private take(packet: Buffer): void {
    this.hand(packet);
    if (packet[0] !== HCI_EVENT || (packet[1] !== COMMAND_COMPLETE && packet[1] !== COMMAND_STATUS)) return;
    this.unanswered -= 1;
    if (this.unanswered === 0) this.onSettled();
  }

  /** Hands the radio a packet as if the controller had sent it. */
  hand(packet: Uint8Array): void {
    readPacket(packet, this.listener);
  }

  private readonly listener: HciListener = {
    answered: (opcode, status) => this.radio.answered(opcode, status),
    reported: (type, payload, rssi) => this.radio.reported(type, payload, rssi),
    connected: (handle) => this.radio.connected(handle),
    disconnected: (handle) => this.radio.disconnected(handle),
    keyWanted: () => undefined,
  };

  /** Waits until the controller has done all that the radio wants of it now. */
  async settle(): Promise<void> {
    while (this.unanswered > 0) {
      await new Promise<void>((resolve) => {
        this.onSettled = resolve;
      });
    }
  }

  /** Lets so many seconds pass; the controller is never behind by more than a moment. */
  async pass(seconds: number, each: () => void | Promise<void> = () => {}): Promise<void> {
    const until = this.timeline.now() + seconds;
    while (this.timeline.now() < until) {
      this.timeline.advance(Math.min(until, this.timeline.now() + STEP));
      if (this.unanswered > 0) await this.settle();
      const work = each();
      if (work !== undefined) await work;
    }
  }

  close(): void {
    this.tracing.stop();
    this.socket.destroy();
  }
}

/** A token that is set up; of what it knows, tracing asks for no more. */
const knowing = {
  answer: () => ({ head: { serviceStart: SERVICE_START } }),
  keys: () => ({ kAuth: K_AUTH }),
  tickets: () => ({}),
} as unknown as Facts;

function timeOf(timeline: Timeline): TokenTime {
  const time = {
    now: timeline.now,
    isCertain: () => true,
    uncertainty: () => 1,
    timeline: () => 0,
    anchors: () => [],
  };
  return time as unknown as TokenTime;
}

/** The identifiers of one person, as the server makes them; here under one key for all days. */
function identifiersOf(seed: number): Identifiers {
  const keys = new Uint8Array(24 + 32 + 5);
  seededRandom(seed + 1).fill(keys);
  const key = expandKey(keys.subarray(0, 24));
  const cipher = eccCipher(keys.subarray(24, 56));
  const of: Identifiers['of'] = (epoch) => {
    const ebid = makeEbid(key, epoch, keys.subarray(56));
    return { epoch, ebid, ecc: cipher.apply(ebid, 0x21) };
  };
  return { of } as unknown as Identifiers;
}
