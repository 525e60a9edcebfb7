/** Bangle.js 2: a full token on the wrist, with a screen. */

import { batteryPercent } from '../espruino/battery.js';
import { runBoard } from '../espruino/board.js';
import { darkSignals, noPin } from '../espruino/lights.js';
import { localTime } from './local-time.js';
import { createWatch, type Watch } from './watch.js';

/** A file of Storage that holds `en` makes the watch speak English. */
const LANGUAGE_FILE = 'galet.lang';
const MOTOR = typeof D19 === 'undefined' ? noPin : D19;
let watch: Watch | undefined;

if (typeof Bangle !== 'undefined') {
  // The long press is the wearer's consent: it must not load the launcher.
  Bangle.setOptions({ btnLoadTimeout: 0, lockTimeout: 0, backlightTimeout: 3000 });
  Bangle.setLCDPower(1);
}

runBoard({
  board: 'bangle2',
  pages: 272,
  radio: { txGain: -10, rxGain: -10, txPower: 4, hasPrivacy: true },
  battery: batteryPercent,
  signals({ clock, battery }) {
    if (typeof g === 'undefined') return darkSignals;
    const language = require('Storage').read(LANGUAGE_FILE) === 'en' ? 'en' : 'fr';
    watch = createWatch(clock, battery, g, (on) => MOTOR.write(on), language);
    return watch;
  },
  started(token, radio) {
    if (watch) watch.setTime(() => (token.knowsTime() ? localTime(token.now()) : undefined));
    if (typeof Bangle === 'undefined') return;
    Bangle.on('charging', radio.dock);
    if (Bangle.isCharging()) radio.dock(true);
  },
});
