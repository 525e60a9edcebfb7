/** The battery as the interpreter knows it. */
import type { Battery } from '../../ports.js';

const UNKNOWN = 255;

export const batteryPercent: Battery = {
  percent: () => (typeof E.getBattery === 'function' ? E.getBattery() : UNKNOWN),
};
