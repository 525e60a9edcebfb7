/** Which of the tokens that ask for a visit over the air is meant, and the colours by which people tell them apart. */
import { COLOUR_BLUE, COLOUR_WHITE } from '../../device/link/messages.js';
import { type Asking, byDistance } from '../link/ble/asking.js';
import type { CounterRadio } from '../link/ble/counter-radio.js';

/** Where the search is; a person watching is told in words. */
export type SeekEvent =
  | { step: 'seek'; secondsLeft: number }
  | { step: 'gather' }
  | { step: 'reach' }
  | { step: 'again' }
  | { step: 'listen'; seconds: number }
  | { step: 'ports' }
  | { step: 'greet'; done: number; total: number };

/** Seconds of one look around: a token repeats itself several times in them. */
export const LOOK_SECONDS = 2;

/** Monotonic seconds. */
const now = (): number => performance.now() / 1000;

/**
 * Looks around until somebody asks who is `wanted`, then once more for others. Resolves with all that ask then, nearest first;
 * after `seconds` with whoever asks, `wanted` or not.
 */
export async function seek(
  radio: Pick<CounterRadio, 'discover'>,
  seconds: number,
  wanted: (asking: Asking) => boolean,
  show: (event: SeekEvent) => void,
): Promise<Asking[]> {
  const end = now() + seconds;
  for (;;) {
    show({ step: 'seek', secondsLeft: Math.max(0, Math.ceil(end - now())) });
    const first = await radio.discover(LOOK_SECONDS);
    if (!first.some(wanted)) {
      if (now() >= end) return [...first].sort(byDistance);
      continue;
    }
    show({ step: 'gather' });
    const seen = new Map(first.map((asking) => [asking.id, asking]));
    for (const asking of await radio.discover(LOOK_SECONDS)) seen.set(asking.id, asking);
    return [...seen.values()].sort(byDistance);
  }
}

/**
 * A colour for each of `blinking` (what each blinks already, if anything), in their order. Whoever is alone in its colour
 * keeps it; nobody gets one that is `taken`. There are six: who comes after gets none.
 */
export function giveColours(
  blinking: readonly (number | undefined)[],
  taken: readonly (number | undefined)[] = [],
): (number | undefined)[] {
  const used = new Set(taken);
  const isAlone = (colour: number | undefined): boolean => blinking.filter((other) => other === colour).length === 1;
  const kept = blinking.map((colour) =>
    colour !== undefined && !used.has(colour) && isAlone(colour) ? colour : undefined,
  );
  for (const colour of blinking) used.add(colour);
  return kept.map((colour) => {
    if (colour !== undefined) return colour;
    for (let free = COLOUR_BLUE; free <= COLOUR_WHITE; free++) {
      if (used.has(free)) continue;
      used.add(free);
      return free;
    }
    return undefined;
  });
}
