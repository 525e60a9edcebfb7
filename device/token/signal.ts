/**
 * What the wearer sees. A consent being asked goes first, then what she must know most. At risk is said by one signal
 * only, and not before `signalAt`: never at the counter.
 */
import type { Battery, Ports, Signal } from '../ports.js';
import { DAY_SECONDS } from '../robert/time.js';
import type { Facts } from './facts.js';
import type { Identifiers } from './identifiers.js';
import type { TokenTime } from './time.js';

const CHARGE_BELOW = 15;
const UNKNOWN_BATTERY = 255;
/** With fewer days of identifiers than this the wearer is asked to visit. */
const VISIT_DAYS = 2;

/** Whether the wearer is to be asked to charge; never where the board cannot tell. */
export function needsCharge(battery: Battery): boolean {
  const percent = battery.percent();
  return percent !== UNKNOWN_BATTERY && percent < CHARGE_BELOW;
}

export interface SignalBoard {
  /** Shows what holds now, if it is not shown already. */
  refresh(): void;
  /** Shows a passing signal for so many seconds, whatever else holds. */
  flash(signal: Signal, seconds: number): void;
  shown(): Signal | undefined;
}

export function createSignals(ports: Ports, facts: Facts, time: TokenTime, identifiers: Identifiers): SignalBoard {
  let shown: Signal | undefined;
  let endFlash: (() => void) | undefined;

  function standing(): Signal {
    const answer = facts.answer();
    const wipe = facts.wipe();
    if (wipe?.ended === 1) return 'ended';
    if (!answer) return 'visit';
    const now = time.now();
    if (answer.signalAt > 0 && now >= answer.signalAt) return 'at-risk';
    if (needsCharge(ports.battery)) return 'charge';
    if (!time.isCertain() || now >= identifiers.goodUntil()) return 'silent';
    return now + VISIT_DAYS * DAY_SECONDS > identifiers.goodUntil() ? 'visit' : 'well';
  }

  function show(signal: Signal): void {
    if (signal === shown) return;
    shown = signal;
    const answer = facts.answer();
    ports.signals.show(signal, answer ? answer.head.phone : '');
  }

  function refresh(): void {
    if (!endFlash) show(standing());
  }

  return {
    refresh,
    flash(signal, seconds) {
      if (endFlash) endFlash();
      endFlash = ports.clock.after(seconds, () => {
        endFlash = undefined;
        refresh();
      });
      show(signal);
    },
    shown: () => shown,
  };
}
