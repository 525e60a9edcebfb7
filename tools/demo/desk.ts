/** The counter's desk: a token is put on it, over a real pseudo-terminal and serial port, for as long as a visit takes. */
import { setTimeout as sleep } from 'node:timers/promises';
import { TokenLink } from '../../host/link/client.js';
import { openPty } from '../../host/link/pty.js';
import { openSerial } from '../../host/link/serial.js';
import type { Counter } from '../../host/link/visit/counter.js';
import type { Visit, VisitEvent } from '../../host/link/visit/visit.js';
import type { Wearer } from '../simulate/wearer.js';

export class Desk {
  private bytes = 0;

  constructor(private readonly counter: Counter) {}

  /** Bytes over serial lines so far, both ways. */
  get serialBytes(): number {
    return this.bytes;
  }

  /** Plugs the token in, lets `work` visit with it, and unplugs it, whatever happens. */
  async visit<T>(
    wearer: Wearer,
    work: (visit: Visit) => Promise<T>,
    progress: (event: VisitEvent) => void = () => {},
  ): Promise<T> {
    const pty = openPty();
    wearer.board.plug(pty.port);
    try {
      const carrier = await openSerial(pty.path);
      const link = new TokenLink(carrier);
      try {
        return await work({
          token: link,
          counter: this.counter,
          progress,
          wait: (seconds) => sleep(seconds * 1000),
        });
      } finally {
        await link.close();
        this.bytes += carrier.bytes.sent + carrier.bytes.received;
      }
    } finally {
      wearer.board.unplug();
      pty.close();
    }
  }
}
