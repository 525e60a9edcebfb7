/** What radios draw, with the source of each figure. */

export interface Currents {
  /** Charge of one advertising event on three channels, microcoulombs. */
  eventMicrocoulombs: number;
  /** While the receiver listens, milliamperes. */
  receiveMilliamperes: number;
  /** All the time, microamperes. */
  idleMicroamperes: number;
  source: string;
}

export const CURRENTS = {
  espruino: {
    eventMicrocoulombs: 7.1,
    receiveMilliamperes: 12,
    idleMicroamperes: 3,
    source: 'Espruino, Puck.js reference: 22 uA at an interval of 375 ms less idle, scanning 12 mA, idle 3 uA',
  },
  zephyr: {
    eventMicrocoulombs: 9.76,
    receiveMilliamperes: 6.01,
    idleMicroamperes: 2.56,
    source: 'TraceBand on an nRF52840 with Zephyr, measured by its authors: 2.44 mA for 4 ms, 6.01 mA, 2.56 uA',
  },
} as const satisfies Record<string, Currents>;

export type CurrentsName = keyof typeof CURRENTS;
