/**
 * An air for tokens on one computer: adverts as UDP datagrams between a range of loopback ports, all at one distance.
 * It stands in where there is no Bluetooth adapter; its radio has no range, no loss and no collisions.
 *
 *   datagram: 0 magic "GA" | 2 RSSI as a signed byte | 3 advert (at most 31 bytes)
 */
import { createSocket } from 'node:dgram';
import type { Radio } from '../../ports.js';

const HOST = '127.0.0.1';
const SPAN = 32;
const MAGIC = [0x47, 0x41];
const HEADER = 3;
const ADVERT_MAX = 31;
/** What 1 m reads at these gains. */
const RSSI_AT_1_M = -60;
const TX_GAIN = -15;
const RX_GAIN = -5;
const PATH_LOSS_EXPONENT = 2.5;

/** A radio that is heard by every token process with the same `basePort` (the range basePort .. basePort + 31). */
export async function udpAir(basePort: number, distanceMetres: number): Promise<Radio & { close(): void }> {
  const socket = createSocket('udp4');
  const own = await bindFirstFree(socket, basePort);
  const rssi = Math.round(RSSI_AT_1_M - 10 * PATH_LOSS_EXPONENT * Math.log10(Math.max(0.1, distanceMetres)));
  let listeners: ((payload: Uint8Array, rssi: number) => void)[] = [];
  let beacon: NodeJS.Timeout | undefined;
  socket.unref();
  socket.on('error', () => {}); // a full buffer loses an advert, as an air does
  socket.on('message', (datagram) => {
    const length = datagram.length - HEADER;
    if (datagram[0] !== MAGIC[0] || datagram[1] !== MAGIC[1] || length < 0 || length > ADVERT_MAX) return;
    for (const heard of listeners) heard(new Uint8Array(datagram.subarray(HEADER)), datagram.readInt8(2));
  });

  function silence(): void {
    clearInterval(beacon);
  }

  return {
    txGain: TX_GAIN,
    rxGain: RX_GAIN,
    silence,
    advertise(payload, _address, intervalSeconds) {
      silence();
      const datagram = Buffer.concat([Buffer.from([...MAGIC, rssi & 0xff]), payload]);
      beacon = setInterval(() => {
        for (let port = basePort; port < basePort + SPAN; port++) if (port !== own) socket.send(datagram, port, HOST);
      }, intervalSeconds * 1000).unref();
    },
    scan(windowSeconds, heard) {
      listeners.push(heard);
      setTimeout(() => {
        listeners = listeners.filter((listener) => listener !== heard);
      }, windowSeconds * 1000).unref();
    },
    close() {
      silence();
      socket.close();
    },
  };
}

async function bindFirstFree(socket: ReturnType<typeof createSocket>, basePort: number): Promise<number> {
  for (let port = basePort; port < basePort + SPAN; port++) {
    const bound = await new Promise<boolean>((resolve) => {
      const failed = (): void => resolve(false);
      socket.once('error', failed);
      socket.bind({ port, address: HOST, exclusive: true }, () => {
        socket.removeListener('error', failed);
        resolve(true);
      });
    });
    if (bound) return port;
  }
  throw new Error(`no free port from ${basePort} to ${basePort + SPAN - 1}`);
}

/** The radio of a token without any air: it emits nothing and hears nothing. */
export const noAir: Radio = { txGain: TX_GAIN, rxGain: RX_GAIN, advertise() {}, silence() {}, scan() {} };
