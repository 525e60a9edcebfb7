/** Puck.js: a demonstrator; docs/design/firmware.md says what it has no room for. */

import { batteryPercent } from '../espruino/battery.js';
import { runBoard } from '../espruino/board.js';
import { diodes, lightSignals } from '../espruino/lights.js';
import { knownPipes } from '../espruino/pipes.js';

runBoard({
  board: 'puck',
  storageBase: 0x6c000,
  pages: 18,
  radio: { txGain: -14, rxGain: -10, txPower: 4, hasPrivacy: false },
  battery: batteryPercent,
  pipes: knownPipes(),
  signals: ({ clock }) => lightSignals(clock, diodes(), () => {}),
});
