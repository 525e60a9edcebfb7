/**
 * Running out of memory cannot be caught on Espruino: it ends the callback, and its timer with it. So the error flag
 * restarts the board, and a watchdog that is kicked from a timer restarts it should even that be lost.
 */
export const WATCHDOG_SECONDS = 60;
const KICK_MILLISECONDS = 10000;

export function guard(): void {
  E.enableWatchdog(WATCHDOG_SECONDS, false);
  setInterval(() => E.kickWatchdog(), KICK_MILLISECONDS);
  E.on('errorFlag', (flags) => {
    if (flags.indexOf('MEMORY') >= 0) E.reboot();
  });
}
