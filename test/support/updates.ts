/** Updatable twins, and a courier that brings them signed objects as host/link/visit/update.ts does, step by step. */
import { TWIN_PAGE_SIZE } from '../../device/boards/twin/board.js';
import { type TwinFlash, twinFlash } from '../../device/boards/twin/flash.js';
import { SLH_SIGNATURE } from '../../device/seal/slh-dsa.js';
import { PAGE } from '../../device/update/objects.js';
import { beginSlot, FIRMWARE_PAGES, setConfirmed, setReady, slotRegion } from '../../device/update/slots.js';
import { versionNumber } from '../../device/update/versions.js';
import type { TokenLink } from '../../host/link/client.js';
import type { SignedObject } from '../../host/release/objects.js';

/** The version that `installed` puts into slot 0. */
export const INSTALLED = '0.2.0';
const PIECE = 512;

/** Firmware flash as the installer leaves it: an image of four bytes in slot 0, confirmed. */
export function installed(onCommit?: (name: string) => void): TwinFlash {
  const flash = twinFlash(FIRMWARE_PAGES, TWIN_PAGE_SIZE, onCommit);
  const pages = slotRegion(flash, 0);
  const head = { version: versionNumber(INSTALLED), size: 4, expires: 0, body: new Uint8Array(32) };
  beginSlot(pages, head, new Uint8Array(32));
  pages.write(1, 0, new Uint8Array(4));
  setReady(pages);
  setConfirmed(pages);
  return flash;
}

/** Brings one signature, from where the token has it; true when with it the object is accepted. */
export async function prove(link: TokenLink, { key, signature }: SignedObject['signatures'][number]): Promise<boolean> {
  let at = 0;
  for (;;) {
    const { next, accepted } = await link.ask('proof', { key, at, piece: signature.subarray(at, at + PIECE) });
    if (accepted === 1) return true;
    if (next === SLH_SIGNATURE) return false;
    at = next;
  }
}

/** Brings an object and its signatures; true when the token has it in the end. */
export async function bring(link: TokenLink, object: SignedObject): Promise<boolean> {
  // Signatures may just have been made, which takes seconds: whoever watches this process is to hear of it in between.
  await new Promise(setImmediate);
  const { known } = await link.ask('offer', { kind: object.kind, body: object.body });
  if (known === 1) return true;
  for (const signature of object.signatures) if (await prove(link, signature)) return true;
  return false;
}

/** Brings an image from where the token has it, by pieces of `length`. */
export async function bringImage(link: TokenLink, image: Uint8Array, length = 1024): Promise<void> {
  let { nextPage: index, pages } = await link.ask('trust', {});
  let at = 0;
  while (index < pages) {
    const end = Math.min(image.length, (index + 1) * PAGE, index * PAGE + at + length);
    const piece = image.subarray(index * PAGE + at, end);
    const next = await link.ask('page', { index, at, piece });
    index = next.nextPage;
    at = next.nextAt;
  }
}
