/**
 * What the Espruino boards have in common: a profile says how a board differs, this makes a running token of it.
 *
 * The build detaches the console before the first line of this.
 */
import type { Battery, Ports, Signals } from '../../ports.js';
import { startToken, type Token } from '../../token/token.js';
import { watchButton } from './button.js';
import { espruinoClock } from './clock.js';
import { nativeDigest } from './digest.js';
import { storageFlash } from './flash.js';
import { guard } from './guard.js';
import { pipesOf } from './link.js';
import { nrfRadio, type RadioProfile } from './radio.js';
import { hardwareRandom } from './random.js';

export interface Profile {
  board: string;
  /** Where Storage begins on this board. */
  storageBase: number;
  /** Flash pages of the token. */
  pages: number;
  radio: RadioProfile;
  battery: Battery;
  pipes: EspruinoPipe[];
  signals(ports: Pick<Ports, 'clock' | 'battery'>): Signals;
  /** Called once the token runs. */
  started?(token: Token): void;
}

/** Where the interpreter's Linux build has its flash: what is tested there runs unchanged. */
const LINUX_STORAGE = 0x10000000;

/** Boots the token of a board. */
export function runBoard(profile: Profile): void {
  guard();
  const radio = nrfRadio(espruinoClock, profile.radio);
  const token = startToken({
    board: profile.board,
    digest: nativeDigest,
    random: hardwareRandom,
    clock: espruinoClock,
    flash: storageFlash([profile.storageBase, LINUX_STORAGE], profile.pages),
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
