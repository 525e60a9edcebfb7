/** What the tests of boards on the interpreter need around them: the firmware, and what stands in their Storage. */
import { TWIN_PAGE_SIZE, TWIN_PAGES } from '../../../device/boards/twin/board.js';
import { twinFlash } from '../../../device/boards/twin/flash.js';
import { mountJournal } from '../../../device/log/journal.js';
import { region } from '../../../device/log/region.js';
import { type Facts, factsOf } from '../../../device/token/facts.js';
import { buildFirmware } from '../../../tools/firmware/build.js';

const ROOT = new URL('../../../', import.meta.url).pathname;
/** As much as Bangle.js 2 has. */
export const STORAGE_BYTES = 8 << 20;

const scripts = new Map<string, Promise<string>>();

/** The script of a board, built from the sources as they are. */
export function firmware(board: string): Promise<string> {
  let script = scripts.get(board);
  if (!script) {
    script = buildFirmware(ROOT, board).then(({ code }) => code);
    scripts.set(board, script);
  }
  return script;
}

/** What a token whose pages these are remembers. The bytes are left as they are. */
export function factsIn(pages: Uint8Array): Facts {
  const flash = twinFlash(TWIN_PAGES, TWIN_PAGE_SIZE);
  flash.bytes.set(pages);
  return factsOf(mountJournal(region(flash, 0, 2)));
}
