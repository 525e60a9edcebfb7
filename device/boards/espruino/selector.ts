/**
 * What an installed board runs first at every start: it has an image chosen, starts it, and watches over one that is on
 * trial. It erases nothing, and is never replaced by an update.
 *
 * The build makes one function expression of it, so that a file of which the end is missing runs nothing, and detaches the
 * console as its first act.
 */
import { judgeTrial, selectImage } from '../../update/select.js';
import { FIRMWARE_PAGES, imageAddress, TRIAL_SECONDS } from '../../update/slots.js';
import { FIRMWARE_FILE, type FileFlash, storageFlash } from './flash.js';
import { WATCHDOG_SECONDS } from './guard.js';

/** The image has so long to be confirmed. It kicks the watchdog itself, or is started again. */
function watch(flash: FileFlash, slot: number): void {
  E.enableWatchdog(WATCHDOG_SECONDS, false);
  setTimeout(() => {
    if (judgeTrial(flash, slot)) E.reboot();
  }, TRIAL_SECONDS * 1000);
}

function start(flash: FileFlash): void {
  const { slot, image, isTrial } = selectImage(flash);
  if (!image) return;
  if (isTrial) watch(flash, slot);
  const code = require('Storage').read(FIRMWARE_FILE, flash.offset + imageAddress(slot), image.size);
  // Text is run in the scope of globals, with nothing of this one in memory.
  if (code !== undefined) setTimeout(code, 0);
}

const found = storageFlash(FIRMWARE_FILE, FIRMWARE_PAGES);
if (found) start(found);
