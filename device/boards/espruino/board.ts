/**
 * What the Espruino boards have in common: a profile says how a board differs, this makes a running token of it.
 *
 * The build detaches the console before the first line of this.
 */
import type { Battery, Firmware, Flash, Ports, Signals } from '../../ports.js';
import { startToken, type Token } from '../../token/token.js';
import { FIRMWARE_PAGES, isOnTrial, readSlot, slotRegion } from '../../update/slots.js';
import { VERSION } from '../../version.js';
import { watchButton } from './button.js';
import { espruinoClock } from './clock.js';
import { nativeDigest } from './digest.js';
import { FIRMWARE_FILE, logFlash, storageFlash } from './flash.js';
import { guard } from './guard.js';
import { serialPort } from './link.js';
import { type EspruinoRadioPort, nrfRadio, type RadioProfile } from './radio.js';
import { hardwareRandom } from './random.js';

export interface Profile {
  board: string;
  /** Flash pages of the token. */
  pages: number;
  radio: RadioProfile;
  battery: Battery;
  signals(ports: Pick<Ports, 'clock' | 'battery'>): Required<Signals>;
  /** Called once the token runs. */
  started?(token: Token, radio: EspruinoRadioPort): void;
}

/** Where the board keeps its firmware; nowhere when its script was put there by hand, and then it takes no other. */
function firmwareAt(): Firmware | undefined {
  const flash = storageFlash(FIRMWARE_FILE, FIRMWARE_PAGES);
  return flash && { flash, interpreter: process.env.VERSION, restart: E.reboot };
}

/** Whether an image is on trial. Then the counter that has brought it is waiting to see it through. */
function isOnProbation(flash: Flash): boolean {
  for (let i = 0; i < 2; i++) {
    const slot = readSlot(slotRegion(flash, i));
    if (slot && isOnTrial(slot)) return true;
  }
  return false;
}

/** Boots the token of a board. */
export function runBoard(profile: Profile): void {
  guard();
  const radio = nrfRadio(espruinoClock, profile.radio);
  const signals = profile.signals({ clock: espruinoClock, battery: profile.battery });
  const firmware = firmwareAt();
  const token = startToken({
    board: profile.board,
    version: VERSION,
    firmware,
    digest: nativeDigest,
    random: hardwareRandom,
    clock: espruinoClock,
    flash: logFlash(profile.pages),
    radio,
    signals: {
      show: signals.show,
      blink(colour) {
        radio.name(colour);
        signals.blink(colour);
      },
    },
    button: { onPress: (listener) => watchButton(radio.admitCounter, listener) },
    battery: profile.battery,
    link: serialPort,
    ble: typeof Bluetooth === 'undefined' ? undefined : radio,
  });
  // Loading another program ends this one with a warning: what was heard is sealed before.
  E.on('kill', () => {
    token.flush();
    token.stop();
  });
  if (firmware && isOnProbation(firmware.flash)) radio.admitCounter();
  if (profile.started) profile.started(token, radio);
}
