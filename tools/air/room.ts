/**
 * A room in an emulated air: who sits where, and so at which RSSI they hear each other. The emulator itself has neither
 * places nor powers; they are put into the adverts' reports on their way to each host.
 */
import { distance, POWER_AT_1_M, type Point } from '../simulate/radio.js';
import { type Adapter, plugAdapter, type Watcher } from './adapter.js';
import type { EmulatedAir } from './btvirt.js';
import { HCI_COMMAND } from './h4.js';

const LE_SET_RANDOM_ADDRESS = 0x2005;
const ADDRESS_AT = 4;
/** A room with people in it. */
const EXPONENT = 2.2;
/** Closer than this, antennas on two bodies do not come. Metres. */
const NEAREST = 0.4;

/** Gains of the radios in the room, dB: a calibrated power p reads as p + txGain + rxGain. */
export interface Gains {
  txGain: number;
  rxGain: number;
}

/** Raw RSSI at a distance in metres, whole dBm. */
export function rssiAt(metres: number, { txGain, rxGain }: Gains): number {
  return Math.round(POWER_AT_1_M - 10 * EXPONENT * Math.log10(Math.max(NEAREST, metres)) + txGain + rxGain);
}

export class Room {
  /** Where whoever advertises from an address sits; addresses as hexadecimal digits. */
  private readonly places = new Map<string, Point>();
  private readonly adapters: Adapter[] = [];

  constructor(
    private readonly air: EmulatedAir,
    private readonly gains: Gains,
  ) {}

  /** An adapter at a place. Whatever random address its host sets is from then on heard from there. */
  async plug(place: Point, onPacket?: Watcher): Promise<Adapter> {
    const adapter = await plugAdapter(this.air, {
      onPacket: (direction, packet) => {
        onPacket?.(direction, packet);
        if (direction !== 'controller' || packet[0] !== HCI_COMMAND) return;
        if (packet.readUInt16LE(1) !== LE_SET_RANDOM_ADDRESS) return;
        this.places.set(Buffer.from(packet.subarray(ADDRESS_AT)).reverse().toString('hex'), place);
      },
      rssiOf: (address) => {
        const from = this.places.get(address.toString('hex'));
        return from && rssiAt(distance(from, place), this.gains);
      },
    });
    this.adapters.push(adapter);
    return adapter;
  }

  close(): void {
    for (const adapter of this.adapters) adapter.close();
  }
}
