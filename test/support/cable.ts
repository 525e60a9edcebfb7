/** A cable in memory between a token and the counter's `TokenLink`: real lines and frames, no port. */

import { FRAME_MAX } from '../../device/link/frame.js';
import { encodeLine, lineReader } from '../../device/link/lines.js';
import type { LinkPort } from '../../device/ports.js';
import type { Carrier } from '../../host/link/carrier.js';

export interface Cable {
  tokenEnd: LinkPort;
  counterEnd: Carrier;
}

export function cable(): Cable {
  let toToken: (chunk: Uint8Array) => void = () => {};
  let toCounter: (chunk: Uint8Array) => void = () => {};
  const bytes = { sent: 0, received: 0 };
  return {
    tokenEnd: {
      onData(receive) {
        toToken = receive;
      },
      write(chunk) {
        bytes.received += chunk.length;
        queueMicrotask(() => toCounter(chunk));
      },
    },
    counterEnd: {
      name: 'cable',
      bytes,
      listen(onFrame) {
        toCounter = lineReader(FRAME_MAX, onFrame);
      },
      send(frame) {
        const line = encodeLine(frame);
        bytes.sent += line.length;
        queueMicrotask(() => toToken(line));
      },
      close: async () => {},
    },
  };
}
