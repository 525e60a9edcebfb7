/** Which code a Linux token runs: the image that its slots choose, or what it was installed with where that is newer. */
import { runInThisContext } from 'node:vm';
import type { Flash } from '../../ports.js';
import { startToken } from '../../token/token.js';
import { PAGE } from '../../update/objects.js';
import { judgeTrial, selectImage } from '../../update/select.js';
import { pagesOf, type Slot, slotRegion } from '../../update/slots.js';
import { versionNumber, versionText } from '../../update/versions.js';
import { VERSION } from '../../version.js';

export interface Image {
  version: string;
  start: typeof startToken;
  /** The slot of an image that has not confirmed itself yet. */
  trial?: number;
}

/** An image that has not come to an end of its first lines by then hangs. */
const LOAD_MILLISECONDS = 5000;

const BUILT_IN: Image = { version: VERSION, start: startToken };

function textOf(flash: Flash, slot: number, size: number): string {
  const pages = slotRegion(flash, slot);
  const bytes = new Uint8Array(pagesOf(size) * PAGE);
  for (let page = 0; page < pagesOf(size); page++) bytes.set(pages.read(1 + page, 0, PAGE), page * PAGE);
  return Buffer.from(bytes.subarray(0, size)).toString('utf8');
}

/** Runs a script in which `galetImage` is what it is told to call; its first lines have to come to an end. */
function evaluate(flash: Flash, slot: number, { size, version }: Slot): Image {
  const loaded: Image[] = [];
  const scope = globalThis as { galetImage?: (start: typeof startToken, version: string) => void };
  scope.galetImage = (start, itself) => loaded.push({ start, version: itself });
  try {
    runInThisContext(textOf(flash, slot, size), { filename: 'galet.js', timeout: LOAD_MILLISECONDS });
  } finally {
    delete scope.galetImage;
  }
  const [image] = loaded;
  if (image?.version !== versionText(version)) throw new Error('image of another version');
  return image;
}

/** The code to start now. An image on trial that cannot even be loaded has failed. */
export function chooseImage(flash: Flash): Image {
  for (;;) {
    const { slot, image, isTrial } = selectImage(flash);
    if (image === undefined || image.version <= versionNumber(VERSION)) return BUILT_IN;
    try {
      const loaded = evaluate(flash, slot, image);
      return isTrial ? { ...loaded, trial: slot } : loaded;
    } catch {
      if (!judgeTrial(flash, slot)) return BUILT_IN;
    }
  }
}
