/**
 * Sent into the memory of a board that has nothing of ours yet, over its console: writes the first image into slot 0, and
 * last of all the file that makes a token of the board. Interrupted anywhere and begun again it ends well: until then the
 * board has its console, and the file of the firmware is used again as it is, erased and written.
 */
import { fault } from '../../faults.js';
import type { Region } from '../../log/region.js';
import {
  arrivedPages,
  beginSlot,
  FIRMWARE_PAGES,
  pagesOf,
  readSlot,
  type Slot,
  setConfirmed,
  setReady,
  slotRegion,
  TRUST_PAGES,
  writePiece,
} from '../../update/slots.js';
import { nativeDigest } from './digest.js';
import { FIRMWARE_FILE, type FileFlash, makeFile, storageFlash } from './flash.js';

let text = '';

function flash(): FileFlash | undefined {
  return storageFlash(FIRMWARE_FILE, FIRMWARE_PAGES);
}

function pages(slot: number): Region {
  const found = flash();
  if (!found) throw fault('flash-full');
  return slotRegion(found, slot);
}

function begun(region: Region): Slot {
  const slot = readSlot(region);
  if (!slot) throw fault('no-request-pending');
  return slot;
}

global.galet = {
  installPages() {
    if (!flash()) makeFile(FIRMWARE_FILE, FIRMWARE_PAGES);
    const found = flash();
    return found ? found.pageCount : 0;
  },
  installBegin(version, size, expires, body, hashes) {
    const found = flash();
    for (let page = 0; found && page < TRUST_PAGES; page++) found.erase(page);
    pages(1).erase(0);
    const head = { version, size, expires, body: E.toUint8Array(atob(body)) };
    beginSlot(pages(0), head, E.toUint8Array(atob(hashes)));
  },
  installPiece(page, at, data) {
    const region = pages(0);
    return writePiece(nativeDigest, region, begun(region), page, at, E.toUint8Array(atob(data)));
  },
  installImage() {
    const region = pages(0);
    const slot = begun(region);
    if (arrivedPages(region, slot) < pagesOf(slot.size)) return false;
    setReady(region);
    setConfirmed(region);
    return true;
  },
  installText(at, data) {
    text = text.substr(0, at) + atob(data);
  },
  installBoot(name) {
    const storage = require('Storage');
    return storage.write(name, E.toUint8Array(text), 0, text.length) && storage.read(name) === text;
  },
};
