/**
 * What the Espruino boards have in common: a profile says how a board differs, this makes a running token of it.
 *
 * The build detaches the console before the first line of this.
 */
import type { Battery, Firmware, Ports, Signals } from '../../ports.js';
import { startToken, type Token } from '../../token/token.js';
import { FIRMWARE_PAGES } from '../../update/slots.js';
import { VERSION } from '../../version.js';
import { watchButton } from './button.js';
import { espruinoClock } from './clock.js';
import { nativeDigest } from './digest.js';
import { FIRMWARE_FILE, logFlash, storageFlash } from './flash.js';
import { guard } from './guard.js';
import { pipesOf } from './link.js';
import { nrfRadio, type RadioProfile } from './radio.js';
import { hardwareRandom } from './random.js';

export interface Profile {
  board: string;
  /** Flash pages of the token. */
  pages: number;
  radio: RadioProfile;
  battery: Battery;
  pipes: EspruinoPipe[];
  signals(ports: Pick<Ports, 'clock' | 'battery'>): Signals;
  /** Called once the token runs. */
  started?(token: Token): void;
}

/** Where the board keeps its firmware; nowhere when its script was put there by hand, and then it takes no other. */
function firmwareAt(): Firmware | undefined {
  const flash = storageFlash(FIRMWARE_FILE, FIRMWARE_PAGES);
  return flash && { flash, interpreter: process.env.VERSION, restart: E.reboot };
}

/** Boots the token of a board. */
export function runBoard(profile: Profile): void {
  guard();
  const radio = nrfRadio(espruinoClock, profile.radio);
  const token = startToken({
    board: profile.board,
    version: VERSION,
    firmware: firmwareAt(),
    digest: nativeDigest,
    random: hardwareRandom,
    clock: espruinoClock,
    flash: logFlash(profile.pages),
    radio,
    signals: profile.signals({ clock: espruinoClock, battery: profile.battery }),
    button: { onPress: (listener) => watchButton(radio.admitCounter, listener) },
    battery: profile.battery,
    link: pipesOf(profile.pipes),
  });
  // Loading another program ends this one with a warning: what was heard is sealed before.
  E.on('kill', () => {
    token.flush();
    token.stop();
  });
  if (profile.started) profile.started(token);
}
