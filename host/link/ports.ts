/** The serial ports of this computer at which a token could be. */
import { readdirSync } from 'node:fs';
import { SerialPort } from 'serialport';

const USB_DEVICE = /^tty(?:ACM|USB)\d+$/;

/** Paths of the ports that are on USB, sorted: bare UARTs and modems of the computer itself are nobody's token. */
export async function listPorts(): Promise<string[]> {
  try {
    const ports = await SerialPort.list();
    return ports
      .filter(({ vendorId }) => vendorId !== undefined)
      .map(({ path }) => path)
      .sort();
  } catch {
    // A Linux without udev, which serialport asks: names have to do.
    if (process.platform !== 'linux') return [];
    return readdirSync('/dev')
      .filter((name) => USB_DEVICE.test(name))
      .map((name) => `/dev/${name}`)
      .sort();
  }
}
