/**
 * The token's own judgement of what is brought to it: it takes keys, configuration and firmware only when two of three
 * release keys have signed them, which it verifies itself, piece by piece as the signatures arrive. Whoever carries them,
 * and the server, can hold them back and nothing else (docs/spec/update.md).
 */
import { equal } from '../bytes.js';
import { fault } from '../faults.js';
import type { Region } from '../log/region.js';
import type { Digest, Firmware } from '../ports.js';
import { checkSignature, type SignatureCheck, SLH_SIGNATURE } from '../seal/slh-dsa.js';
import {
  CONFIGURATION,
  type Configuration,
  contextOf,
  decodeConfiguration,
  decodeRelease,
  decodeRoot,
  keyOf,
  RELEASE,
  type Release,
  ROOT,
  ROOT_KEYS,
  type Root,
  THRESHOLD,
} from './objects.js';
import {
  arrivedPages,
  beginSlot,
  isOnTrial,
  pagesOf,
  readSlot,
  type Slot,
  setConfirmed,
  setReady,
  sizeOfPage,
  slotRegion,
  writePiece,
} from './slots.js';
import { mountTrust } from './trust.js';
import { isInterpreterAtLeast, versionNumber } from './versions.js';

/** The server's order to go over to a release holds for so long after the answer that gave it, seconds. */
const ORDER_SECONDS = 3600;
/** From the promise to start again until the token can be expected to answer, seconds. */
const BACK_SECONDS = 5;

/** What an update needs to know of its token. */
export interface Situation {
  /** NTP seconds, or 0 while the token does not know the time. */
  now(): number;
  /** Whether the token is blank: then it takes the first root on the word of whoever installs it. */
  isBlank(): boolean;
  /** The version that the server's last answer lets it go over to, and when that was said; both 0 for none. */
  order(): { release: number; at: number };
  /** Whether everything works that a token is for: asked before a new image is kept. */
  isHealthy(): boolean;
  /** Told of a configuration that is in force from now on. */
  configured(configuration: Configuration): void;
  /** Seals what was heard and starts the board again, a moment from now. */
  restart(): void;
}

/** Versions as numbers, 0 for none. */
export interface Trust {
  root: number;
  configuration: number;
  running: number;
  staged: number;
  /** Pages of the staged image that are there, and how many it has. */
  nextPage: number;
  pages: number;
  /** 1 while the running image has not confirmed itself. */
  trial: number;
}

export interface Update {
  /** How things stand. An image on trial confirms itself here when the token is healthy: it has shown that it can be asked. */
  trust(): Trust;
  /**
   * Looks at an object: whether it is in force or staged already. If not, `prove` is wanted for it. Faults: 'root-absent',
   * 'object-malformed', 'object-old', 'object-expired', 'object-foreign', 'time-unknown', 'block-unexpected' (a root that is
   * not the next one; the detail says which is).
   */
  offer(kind: number, body: Uint8Array): boolean;
  /**
   * Takes the next piece of a signature by `key` over what was offered. Once two keys have signed, the object is in force,
   * or a release's pages are wanted. Faults: 'no-request-pending', 'signature-refused'.
   */
  prove(key: Uint8Array, at: number, piece: Uint8Array): { next: number; accepted: boolean };
  /** Takes a piece of the staged image; tells which is wanted next. Faults: 'no-request-pending', 'page-forged'. */
  page(index: number, at: number, piece: Uint8Array): { nextPage: number; nextAt: number };
  /** Goes over to the staged image if the server has ordered it: 'not-ordered'. Seconds until the token answers again. */
  install(): number;
}

interface Offer {
  kind: number;
  body: Uint8Array;
  object: Root | Configuration | Release;
  /** Keys of which the whole signature was right. */
  signers: Uint8Array[];
  key: Uint8Array;
  check: SignatureCheck | undefined;
}

/** How many of the root's keys are among `signers`; one that signed twice is one. */
function countOf(root: Root, signers: Uint8Array[]): number {
  let count = 0;
  for (let i = 0; i < ROOT_KEYS; i++) {
    let isAmong = false;
    for (let j = 0; j < signers.length; j++) if (equal(keyOf(root, i), signers[j] as Uint8Array)) isAmong = true;
    if (isAmong) count += 1;
  }
  return count;
}

export function createUpdate(
  digest: Digest,
  firmware: Firmware,
  board: string,
  version: string,
  situation: Situation,
): Update {
  const trust = mountTrust(firmware.flash);
  const running = versionNumber(version);
  let offered: Offer | undefined;
  /** Bytes of the page under way that are in flash. */
  let nextAt = 0;

  /** The slot of the running image, or slot 0 where that is in neither: the other one is staged into. */
  function keptSlot(): number {
    const second = readSlot(slotRegion(firmware.flash, 1));
    return second?.isReady && second.version === running ? 1 : 0;
  }

  function stagingPages(): Region {
    return slotRegion(firmware.flash, 1 - keptSlot());
  }

  /** What stands in the other slot and was not started yet. */
  function staged(): Slot | undefined {
    const slot = readSlot(stagingPages());
    return slot && !slot.isReady ? slot : undefined;
  }

  /** The newest version that this board ever ran or tried: nothing older is taken again, whoever signed it (R14). */
  function newest(): number {
    let version = running;
    for (let i = 0; i < 2; i++) {
      const slot = readSlot(slotRegion(firmware.flash, i));
      if (slot?.isReady) version = Math.max(version, slot.version);
    }
    return version;
  }

  function mustBeFresh(expires: number): void {
    const now = situation.now();
    if (now === 0) throw fault('time-unknown');
    if (now > expires) throw fault('object-expired');
  }

  function isRootKnown(next: Root, body: Uint8Array): boolean {
    const current = trust.root();
    if (!current) {
      if (!situation.isBlank()) throw fault('already-provisioned');
      return false;
    }
    if (equal(trust.body(ROOT) as Uint8Array, body)) return true;
    if (next.version <= current.version) throw fault('object-old');
    if (next.version > current.version + 1) throw fault('block-unexpected', 'root', current.version + 1);
    return false;
  }

  function isConfigurationKnown(next: Configuration, body: Uint8Array): boolean {
    const current = trust.configuration();
    if (current && equal(trust.body(CONFIGURATION) as Uint8Array, body)) return true;
    if (current && next.version <= current.version) throw fault('object-old');
    // A blank token has no clock yet, and nothing that an old configuration could harm.
    if (!situation.isBlank()) mustBeFresh(next.expires);
    return false;
  }

  function isOnProbation(): boolean {
    const mine = readSlot(slotRegion(firmware.flash, keptSlot()));
    return mine !== undefined && isOnTrial(mine) && mine.version === running;
  }

  function isReleaseKnown(next: Release, body: Uint8Array): boolean {
    // The other slot is what a failed trial goes back to.
    if (isOnProbation()) throw fault('state-wrong', 'on trial');
    if (next.board !== board || !isInterpreterAtLeast(firmware.interpreter, next.interpreter)) {
      throw fault('object-foreign', next.board);
    }
    if (next.version <= newest()) throw fault('object-old');
    mustBeFresh(next.expires);
    const waiting = staged();
    if (!waiting) return false;
    if (next.version < waiting.version) throw fault('object-old');
    return equal(waiting.body, digest.sha256(body));
  }

  function isProven(offer: Offer): boolean {
    const current = trust.root();
    const isByCurrent = !current || countOf(current, offer.signers) >= THRESHOLD;
    return isByCurrent && (offer.kind !== ROOT || countOf(offer.object as Root, offer.signers) >= THRESHOLD);
  }

  function accept(offer: Offer): void {
    if (offer.kind === RELEASE) {
      const { version: number, size, expires, pages } = offer.object as Release;
      beginSlot(stagingPages(), { version: number, size, expires, body: digest.sha256(offer.body) }, pages);
      nextAt = 0;
      return;
    }
    // What keys that are now replaced have signed is not to be started under the new ones.
    if (offer.kind === ROOT && staged()) stagingPages().erase(0);
    trust.put(offer.kind, offer.body);
    if (offer.kind === CONFIGURATION) situation.configured(offer.object as Configuration);
  }

  function beginSignature(offer: Offer, key: Uint8Array): void {
    const current = trust.root();
    const isKnownKey =
      (current && countOf(current, [key]) > 0) || (offer.kind === ROOT && countOf(offer.object as Root, [key]) > 0);
    if (!isKnownKey) throw fault('signature-refused', 'key');
    offer.key = key;
    offer.check = checkSignature(digest, key, contextOf(offer.kind), offer.body);
  }

  return {
    trust() {
      let trial = isOnProbation();
      if (trial && situation.isHealthy()) {
        setConfirmed(slotRegion(firmware.flash, keptSlot()));
        trial = false;
      }
      const waiting = staged();
      const current = trust.root();
      const configured = trust.configuration();
      return {
        root: current ? current.version : 0,
        configuration: configured ? configured.version : 0,
        running,
        staged: waiting ? waiting.version : 0,
        nextPage: waiting ? arrivedPages(stagingPages(), waiting) : 0,
        pages: waiting ? pagesOf(waiting.size) : 0,
        trial: trial ? 1 : 0,
      };
    },
    offer(kind, body) {
      if (kind !== ROOT && !trust.root()) throw fault('root-absent');
      offered = undefined;
      let object: Root | Configuration | Release;
      let known: boolean;
      if (kind === ROOT) {
        object = decodeRoot(body);
        known = isRootKnown(object, body);
      } else if (kind === CONFIGURATION) {
        object = decodeConfiguration(body);
        known = isConfigurationKnown(object, body);
      } else {
        object = decodeRelease(body);
        known = isReleaseKnown(object, body);
      }
      if (!known) offered = { kind, body, object, signers: [], key: new Uint8Array(0), check: undefined };
      return known;
    },
    prove(key, at, piece) {
      const offer = offered;
      if (!offer) throw fault('no-request-pending');
      if (at === 0 && !(offer.check && equal(offer.key, key))) beginSignature(offer, key);
      const check = offer.check;
      if (!check || !equal(offer.key, key)) throw fault('no-request-pending', 'signature');
      // A piece that was taken already, or is not due yet, changes nothing: the answer says where to go on.
      if (at !== check.taken()) return { next: check.taken(), accepted: false };
      if (piece.length > SLH_SIGNATURE - at) throw fault('signature-refused', 'length');
      check.push(piece);
      const next = check.taken();
      if (next < SLH_SIGNATURE) return { next, accepted: false };
      offer.check = undefined;
      if (!check.isValid()) throw fault('signature-refused');
      offer.signers.push(key);
      const accepted = isProven(offer);
      if (accepted) {
        offered = undefined;
        accept(offer);
      }
      return { next, accepted };
    },
    page(index, at, piece) {
      const pages = stagingPages();
      const slot = staged();
      if (!slot) throw fault('no-request-pending');
      const nextPage = arrivedPages(pages, slot);
      const size = sizeOfPage(slot, nextPage);
      if (nextPage >= pagesOf(slot.size) || index !== nextPage || at !== nextAt) return { nextPage, nextAt };
      const end = at + piece.length;
      if (end > size || (end < size && end % 4 !== 0)) throw fault('page-forged', 'length');
      const isRight = writePiece(digest, pages, slot, index, at, piece);
      nextAt = end < size ? end : 0;
      if (!isRight) throw fault('page-forged');
      return { nextPage: end < size ? nextPage : nextPage + 1, nextAt };
    },
    install() {
      const pages = stagingPages();
      const slot = staged();
      if (!slot || arrivedPages(pages, slot) < pagesOf(slot.size)) throw fault('no-request-pending');
      const order = situation.order();
      mustBeFresh(slot.expires);
      if (order.release !== slot.version || situation.now() > order.at + ORDER_SECONDS) throw fault('not-ordered');
      setReady(pages);
      situation.restart();
      return BACK_SECONDS;
    },
  };
}
