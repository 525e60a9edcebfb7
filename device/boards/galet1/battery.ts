/** A lithium cell behind a divider of 1 : 2.96, which is connected only while it is measured. */
import type { Battery } from '../../ports.js';

const UNKNOWN = 255;
const REFERENCE = 3.3;
const DIVIDER = 2.96;
/** Volts of an empty and of a full cell; between them straight, which is right to a fifth. */
const EMPTY = 3.3;
const FULL = 4.15;

export const cell: Battery = {
  percent() {
    if (typeof D32 === 'undefined') return UNKNOWN;
    D14.write(true);
    const volts = D32.analog() * REFERENCE * DIVIDER;
    D14.write(false);
    return Math.max(0, Math.min(100, Math.round(((volts - EMPTY) / (FULL - EMPTY)) * 100)));
  },
};
