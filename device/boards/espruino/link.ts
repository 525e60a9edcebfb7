/** The serial port, where the board has one. It is no console any more. */
import type { LinkPort } from '../../ports.js';

export const serialPort: LinkPort = {
  onData(receive) {
    if (typeof USB !== 'undefined') USB.on('data', (data) => receive(E.toUint8Array(data)));
  },
  write: (chunk) => USB.write(chunk),
};
