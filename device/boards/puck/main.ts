/** Puck.js: a demonstrator, with a token of its own (token.ts) because the full one does not fit. */
import { switchOn } from './hardware.js';
import { startSmallToken } from './token.js';

const WATCHDOG_SECONDS = 60;
const KICK_MILLISECONDS = 10000;

// As device/boards/espruino/board.ts: a restart when memory has run out.
E.enableWatchdog(WATCHDOG_SECONDS, false);
setInterval(() => E.kickWatchdog(), KICK_MILLISECONDS);
E.on('errorFlag', (flags) => {
  if (flags.indexOf('MEMORY') >= 0) E.reboot();
});
switchOn();
startSmallToken();
