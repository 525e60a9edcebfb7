/** Galet-1, our wristband; its development kit is a Seeed XIAO BLE with a button on D1, a motor on D2 and a cell. */
import { runBoard } from '../espruino/board.js';
import { diodes, lightSignals, noPin } from '../espruino/lights.js';
import { cell } from './battery.js';

const MOTOR = typeof D2 === 'undefined' ? noPin : D2;

runBoard({
  board: 'galet1',
  pages: 272,
  radio: { txGain: -10, rxGain: -10, txPower: 4, hasPrivacy: true },
  battery: cell,
  // The kit's diodes: red, green, blue on D11, D13, D12.
  signals: ({ clock }) => lightSignals(clock, diodes(), (on) => MOTOR.write(on)),
});
