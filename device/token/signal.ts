/**
 * What the wearer sees. A consent being asked goes first, then what she must know most. At risk is said by one signal
 * only, and not before `signalAt`: never at the counter.
 */
import type { Ports, Signal } from '../ports.js';
import type { Facts } from './facts.js';
import type { Identifiers } from './identifiers.js';
import type { TokenTime } from './time.js';

const CHARGE_BELOW = 15;
const UNKNOWN_BATTERY = 255;
/** With fewer days of identifiers than this the wearer is asked to visit. */
const VISIT_DAYS = 2;
const DAY_SECONDS = 86400;

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
    const battery = ports.battery.percent();
    if (battery !== UNKNOWN_BATTERY && battery < CHARGE_BELOW) return 'charge';
    if (!time.isCertain() || now >= identifiers.goodUntil()) return 'silent';
    return now + VISIT_DAYS * DAY_SECONDS > identifiers.goodUntil() ? 'visit' : 'well';
  }

  function show(signal: Signal): void {
    if (signal === shown) return;
    shown = signal;
    ports.signals.show(signal);
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
