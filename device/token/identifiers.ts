/** The identifiers of the last refill. They stay sealed in flash; one is opened when it is used. */
import { copyOf } from '../bytes.js';
import type { Region } from '../log/region.js';
import type { Digest } from '../ports.js';
import { DAY_SECONDS, EPOCH_SECONDS } from '../robert/time.js';
import { EPOCHS_A_DAY, IDENTIFIER_LENGTH, openIdentifier } from '../seal/answer.js';
import type { Facts } from './facts.js';
import { DAY_BLOCK } from './layout.js';

export interface Identifier {
  epoch: number;
  /** 8 bytes. */
  ebid: Uint8Array;
  ecc: number;
}

/** Where a day block stands in its refill place. */
export function blockPlace(place: Region, day: number): { page: number; offset: number } {
  const perPage = Math.floor(place.pageSize / DAY_BLOCK);
  return { page: Math.floor(day / perPage), offset: (day % perPage) * DAY_BLOCK };
}

export interface Identifiers {
  /** The identifier of an epoch, if the last refill has one. */
  of(epoch: number): Identifier | undefined;
  /** The identifier of `epoch`, or the nearest one before it: what an authenticated request can be made with. */
  lastUpTo(epoch: number): Identifier | undefined;
  /** NTP seconds at which the last day of the refill ends; 0 without a refill. */
  goodUntil(): number;
}

export function createIdentifiers(digest: Digest, facts: Facts, refills: [Region, Region]): Identifiers {
  function of(epoch: number): Identifier | undefined {
    const answer = facts.answer();
    if (!answer) return undefined;
    const head = answer.head;
    const time = head.serviceStart + epoch * EPOCH_SECONDS;
    const day = Math.floor(time / DAY_SECONDS) - head.firstDay;
    if (day < 0 || day >= head.dayCount) return undefined;
    const ofDay = Math.floor((time % DAY_SECONDS) / EPOCH_SECONDS);
    const place = refills[answer.place === 0 ? 0 : 1];
    const block = blockPlace(place, day);
    const at = block.offset + ofDay * IDENTIFIER_LENGTH;
    const sealed = place.read(block.page, at, IDENTIFIER_LENGTH);
    const plain = openIdentifier(digest, answer.key, day, ofDay, sealed);
    return plain && { epoch, ebid: copyOf(plain, 0, 8), ecc: plain[8] as number };
  }

  return {
    of,
    lastUpTo(epoch) {
      const answer = facts.answer();
      if (!answer) return undefined;
      const start = (answer.head.firstDay * DAY_SECONDS - answer.head.serviceStart) / EPOCH_SECONDS;
      const end = start + answer.head.dayCount * EPOCHS_A_DAY - 1;
      for (let e = Math.min(Math.max(epoch, start), end); e >= start; e--) {
        const found = of(e);
        if (found) return found;
      }
      return undefined;
    },
    goodUntil() {
      const answer = facts.answer();
      return answer ? (answer.head.firstDay + answer.head.dayCount) * DAY_SECONDS : 0;
    },
  };
}
