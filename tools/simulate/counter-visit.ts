/** A token on a counter in virtual time: a cable whose bytes take their time, and the real link and visits over it. */
import { FRAME_MAX } from '../../device/link/frame.js';
import { encodeLine, lineReader } from '../../device/link/lines.js';
import type { LinkPort } from '../../device/ports.js';
import type { Carrier } from '../../host/link/carrier.js';
import { TokenLink } from '../../host/link/client.js';
import type { Token } from '../../host/link/visit/token.js';
import type { Stream } from './random.js';
import type { Timeline } from './timeline.js';

/** 115,200 baud, ten bits a byte. */
const SECONDS_A_BYTE = 10 / 115_200;

export interface Wire {
  tokenEnd: LinkPort;
  counterEnd: Carrier;
}

/** A serial cable on a timeline. */
export function wireOn(timeline: Timeline): Wire {
  let toToken: (chunk: Uint8Array) => void = () => {};
  let toCounter: (chunk: Uint8Array) => void = () => {};
  const bytes = { sent: 0, received: 0 };
  // Each direction is free again when its last byte has left.
  const free = { down: 0, up: 0 };
  const carry = (way: 'down' | 'up', length: number, arrive: () => void): void => {
    free[way] = Math.max(free[way], timeline.now()) + length * SECONDS_A_BYTE;
    timeline.at(free[way], arrive);
  };
  return {
    tokenEnd: {
      onData(receive) {
        toToken = receive;
      },
      write(chunk) {
        const copy = chunk.slice();
        bytes.received += copy.length;
        carry('up', copy.length, () => toCounter(copy));
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
        carry('down', line.length, () => toToken(line));
      },
      close: async () => {},
    },
  };
}

/** Counts who waits for virtual time to pass: a token's answer, or a pause. While nobody does, time must stand still. */
export class Waits {
  private count = 0;

  get areThere(): boolean {
    return this.count > 0;
  }

  async during<T>(work: Promise<T>): Promise<T> {
    this.count += 1;
    try {
      return await work;
    } finally {
      this.count -= 1;
    }
  }
}

/** A link over `carrier` whose clock is the timeline's, and the token behind it as a visit asks it. */
export function linkOn(
  timeline: Timeline,
  random: Stream,
  carrier: Carrier,
  waits: Waits,
): { token: Token; close(): Promise<void> } {
  const clock = {
    monotonic: timeline.now,
    after: (seconds: number, callback: () => void) => timeline.at(timeline.now() + seconds, callback),
  };
  const link = new TokenLink(carrier, { clock, random });
  return {
    token: {
      ask: (name, fields) => waits.during(link.ask(name, fields)),
      async *fetch(from) {
        const chunks = link.fetch(from);
        try {
          for (;;) {
            const next = await waits.during(chunks.next());
            if (next.done) return;
            yield next.value;
          }
        } finally {
          await chunks.return();
        }
      },
    },
    close: () => link.close(),
  };
}
