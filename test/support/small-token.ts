/** The small token of Puck.js under Node. Its state is that of its modules, so each boot gets modules of its own. */
import { vi } from 'vitest';
import type { Ports, Signal } from '../../device/ports.js';

/** By their numbers (device/boards/puck/signals.ts). */
const SIGNALS: Signal[] = ['well', 'charge', 'visit', 'silent', 'at-risk', 'consent', 'consented', 'kept', 'ended'];

export interface SmallToken {
  /** What the wearer sees. */
  signal(): Signal | undefined;
  /** The power goes: no timer runs any more. */
  stop(): void;
}

/** As many boots as are called for later: modules cannot be loaded in the middle of a simulated day. */
export async function smallTokens(boots: number): Promise<(ports: Ports) => SmallToken> {
  const fresh: ((ports: Ports) => SmallToken)[] = [];
  for (let i = 0; i < boots; i++) fresh.push(await load());
  return (ports) => {
    const start = fresh.pop();
    if (!start) throw new Error('no small token left: ask for more boots');
    return start(ports);
  };
}

async function load(): Promise<(ports: Ports) => SmallToken> {
  vi.resetModules();
  const { useBoard } = await import('../../device/boards/puck/board.js');
  const { startSmallToken } = await import('../../device/boards/puck/token.js');
  return (ports) => {
    let isOn = true;
    let shown: Signal | undefined;
    const clock = {
      ...ports.clock,
      monotonic: () => ports.clock.monotonic(),
      rtc: () => ports.clock.rtc(),
      setRtc: (ntp: number) => ports.clock.setRtc(ntp),
      after: (seconds: number, callback: () => void) => ports.clock.after(seconds, () => isOn && callback()),
    };
    useBoard({
      ...ports,
      clock,
      show(signal) {
        shown = SIGNALS[signal];
      },
    });
    startSmallToken();
    return {
      signal: () => shown,
      stop() {
        isOn = false;
      },
    };
  };
}
