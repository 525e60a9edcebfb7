/**
 * A Bluetooth adapter of an emulated air: a pseudo-terminal that any program opens as an HCI UART. What passes can be watched, and an
 * RSSI put into reports that have none.
 */
import { connect } from 'node:net';
import { openPty } from '../../host/link/pty.js';
import type { EmulatedAir } from './btvirt.js';
import { HCI_EVENT, packetSplitter } from './h4.js';

const LE_META = 0x3e;
const ADVERTISING_REPORT = 0x02;
const RSSI_UNAVAILABLE = 127;
/** Everything is kept for a reader that is slow: a controller loses nothing to its host. */
const BACKLOG = Number.POSITIVE_INFINITY;

/** One packet that passed: to the host or to the controller. The packet is valid during the call only. */
export type Watcher = (direction: 'host' | 'controller', packet: Buffer) => void;

export interface AdapterOptions {
  onPacket?: Watcher;
  /** RSSI (dBm) at which this adapter hears who advertises from `address` (6 bytes, most significant first); undefined: unknown. */
  rssiOf?: (address: Buffer) => number | undefined;
}

export interface Adapter {
  /** The terminal's path, as `--adapter` takes it. */
  readonly path: string;
  /** Hands the host a packet as if the controller had sent it. */
  inject(packet: Uint8Array): void;
  close(): void;
}

/** Puts an RSSI into each report of an advertising report that has none (vol 4 part E, section 7.7.65.2). */
function putRssi(packet: Buffer, rssiOf: NonNullable<AdapterOptions['rssiOf']>): void {
  if (packet[0] !== HCI_EVENT || packet[1] !== LE_META || packet[3] !== ADVERTISING_REPORT || packet[4] !== 1) return;
  const at = packet.length - 1;
  if (packet.readInt8(at) !== RSSI_UNAVAILABLE) return;
  const rssi = rssiOf(Buffer.from(packet.subarray(7, 13)).reverse());
  if (rssi !== undefined) packet.writeInt8(rssi, at);
}

/** Plugs one more adapter into an air. Errors: `pty-unavailable`, and what connecting to the emulator throws. */
export async function plugAdapter(air: EmulatedAir, options: AdapterOptions = {}): Promise<Adapter> {
  const socket = connect(air.socket);
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  const pty = openPty(BACKLOG);
  const { onPacket, rssiOf } = options;
  const fromController = packetSplitter((packet) => {
    if (rssiOf) putRssi(packet, rssiOf);
    onPacket?.('host', packet);
    pty.port.write(packet);
  });
  const fromHost = packetSplitter((packet) => {
    onPacket?.('controller', packet);
    socket.write(packet);
  });
  socket.on('data', fromController);
  pty.port.onData(fromHost);
  socket.on('error', () => socket.destroy());
  return {
    path: pty.path,
    inject: (packet) => pty.port.write(packet),
    close() {
      socket.destroy();
      pty.close();
    },
  };
}
