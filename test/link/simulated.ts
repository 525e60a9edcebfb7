/** Time that moves when told, and wires that misbehave as told; everything repeats from a seed. */
import type { Clock } from '../../device/ports.js';
import { BoardClock, Timeline } from '../../tools/simulate/timeline.js';

export interface TestClock {
  clock: Clock;
  advance(seconds: number): void;
  /** Moves in small steps, letting promises settle in between, until `done`; throws when `seconds` run out. */
  settle(done: () => boolean, seconds?: number): Promise<void>;
}

export function testClock(): TestClock {
  const timeline = new Timeline(0, () => 0);
  const advance = (seconds: number): void => timeline.advance(timeline.now() + seconds);
  return {
    clock: new BoardClock(timeline, 0),
    advance,
    settle: async (done, seconds = 600) => {
      const end = timeline.now() + seconds;
      while (!done()) {
        if (timeline.now() > end) throw new Error(`not done after ${seconds} s`);
        advance(0.01);
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
  };
}

export interface WireFaults {
  loss: number;
  repeat: number;
  /** Share of packets that are delayed behind later ones. */
  reorder: number;
  flip: number;
  latency: number;
  /** Bytes a second; 0 for no bound. */
  rate: number;
}

export const PERFECT: WireFaults = { loss: 0, repeat: 0, reorder: 0, flip: 0, latency: 0.001, rate: 0 };

/** One direction of a wire that carries packets, badly. */
export function wire(
  clock: Clock,
  random: () => number,
  faults: WireFaults,
  deliver: (packet: Uint8Array) => void,
): { send(packet: Uint8Array): void; bytes: number; cut: boolean } {
  let free = 0;
  const line = {
    bytes: 0,
    cut: false,
    send: (packet: Uint8Array): void => {
      line.bytes += packet.length;
      if (line.cut) return;
      if (faults.rate > 0) free = Math.max(free, clock.monotonic()) + packet.length / faults.rate;
      const copies = random() < faults.repeat ? 2 : 1;
      for (let copy = 0; copy < copies; copy++) {
        if (random() < faults.loss) continue;
        const arriving = new Uint8Array(packet);
        if (random() < faults.flip) {
          const bit = Math.floor(random() * arriving.length * 8);
          arriving[bit >> 3] = (arriving[bit >> 3] as number) ^ (1 << (bit & 7));
        }
        const late = random() < faults.reorder ? random() * 0.2 : 0;
        const wait = Math.max(0, free - clock.monotonic()) + faults.latency + late;
        clock.after(wait, () => {
          if (!line.cut) deliver(arriving);
        });
      }
    },
  };
  return line;
}
