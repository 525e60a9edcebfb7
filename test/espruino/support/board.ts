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

/** What an installed board holds (interpreter.ts). */
export interface Installed {
  code: string;
  selector: string;
  version: string;
}

const scripts = new Map<string, Promise<Installed>>();

/** The firmware of a board, built from the sources as they are; `version`: what it says of itself instead. */
export function firmware(board: string, version?: string): Promise<Installed> {
  const key = `${board} ${version}`;
  let script = scripts.get(key);
  if (!script) {
    script = buildFirmware(ROOT, board, version === undefined ? {} : { version }).then(
      ({ code, selector = '', manifest }) => ({ code, selector, version: manifest.version }),
    );
    scripts.set(key, script);
  }
  return script;
}

/** What a token whose pages these are remembers. The bytes are left as they are. */
export function factsIn(pages: Uint8Array): Facts {
  const flash = twinFlash(TWIN_PAGES, TWIN_PAGE_SIZE);
  flash.bytes.set(pages);
  return factsOf(mountJournal(region(flash, 0, 2)));
}
