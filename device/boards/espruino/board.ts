/**
 * What the Espruino boards have in common: a profile says how a board differs, this makes a running token of it.
 *
 * The build detaches the console before the first line of this. Running out of memory cannot be caught on Espruino: it ends
 * the callback, and its timer with it. So the error flag restarts the board, and a watchdog that is kicked from a timer
 * restarts it should even that be lost.
 */
import type { Battery, Ports, Signals } from '../../ports.js';
import { startToken, type Token } from '../../token/token.js';
import { espruinoClock } from './clock.js';
import { nativeDigest } from './digest.js';
import { storageFlash } from './flash.js';
import { pipesOf } from './link.js';
import { type EspruinoRadioPort, nrfRadio, type RadioProfile } from './radio.js';
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
const WATCHDOG_SECONDS = 60;
const KICK_MILLISECONDS = 10000;
/** Shorter presses of the button admit a counter over Bluetooth. */
const LONG_PRESS = 3;
const DEBOUNCE_MILLISECONDS = 25;

function watchButton(radio: EspruinoRadioPort, pressed: (seconds: number) => void): void {
  if (typeof BTN1 === 'undefined') return;
  setWatch(
    (event) => {
      if (event.state) return;
      const seconds = event.time - event.lastTime;
      if (seconds < LONG_PRESS) radio.admitCounter();
      pressed(seconds);
    },
    BTN1,
    { repeat: true, edge: 'both', debounce: DEBOUNCE_MILLISECONDS },
  );
}

function guard(): void {
  E.enableWatchdog(WATCHDOG_SECONDS, false);
  setInterval(() => E.kickWatchdog(), KICK_MILLISECONDS);
  E.on('errorFlag', (flags) => {
    if (flags.indexOf('MEMORY') >= 0) E.reboot();
  });
}

/** Boots the token of a board. */
export function runBoard(profile: Profile): void {
  guard();
  const clock = espruinoClock();
  const radio = nrfRadio(clock, profile.radio);
  const token = startToken({
    board: profile.board,
    digest: nativeDigest,
    random: hardwareRandom,
    clock,
    flash: storageFlash([profile.storageBase, LINUX_STORAGE], profile.pages),
    radio,
    signals: profile.signals({ clock, battery: profile.battery }),
    button: { onPress: (listener) => watchButton(radio, listener) },
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
