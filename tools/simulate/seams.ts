/**
 * Where faults may take hold of a world: the ports that they may dress, and what they may do to it. The world knows no
 * fault by name.
 */
import type { TwinFlash } from '../../device/boards/twin/flash.js';
import type { Radio } from '../../device/ports.js';
import type { Send } from '../../host/kiosk/http.js';
import type { Carrier } from '../../host/link/carrier.js';
import type { Chronicle } from './chronicle.js';
import type { Timeline } from './timeline.js';

/** Each seam with its port: `who` is the wearer's name for the first four, the kiosk's for `network`. */
export interface Seams {
  flash: TwinFlash;
  radio: Radio;
  /** Of a token's crystal, ppm. */
  drift: number;
  /** The counter's end of a cable; one for each visit. */
  link: Carrier;
  /** From a kiosk to the server. */
  network: Send;
}

/** What faults may do to a world beside dressing its ports. Everything is called from events of the timeline. */
export interface Hands {
  timeline: Timeline;
  chronicle: Chronicle;
  tokens: readonly string[];
  kiosks: readonly string[];
  /** NTP seconds: when the days begin, and when the last of them is over. */
  begins: number;
  ends: number;
  /**
   * Restarts a token from its flash, in a visit too; `lostPower`: its clock as well. A flash that tears a write throws the
   * `PowerCut` of the twin's flash, which the world swallows, and has scheduled this for the same moment.
   */
  reset(who: string, lostPower: boolean): void;
  network(kiosk: string, isUp: boolean): void;
  /** Ends a kiosk's process without a word and starts it again from its disk. */
  crashKiosk(kiosk: string): void;
  crashBackend(): void;
  /** Lets a kiosk's disk be full, or not any more. */
  fillDisk(kiosk: string, isFull: boolean): void;
}

export interface Faults {
  /** The port that the world uses in place of `port`. */
  dress<S extends keyof Seams>(what: S, port: Seams[S], who: string): Seams[S];
  /** Once, before the first event: schedules what comes at its time. */
  begin(hands: Hands): void;
}

/** No fault at all. */
export const flawless: Faults = { dress: (_what, port) => port, begin: () => undefined };
