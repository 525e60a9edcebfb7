/**
 * What must hold in every world, whatever goes wrong in it: each named by its number, checked at every event or at the end.
 * A broken one ends the run and says how to live it again.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAdvert } from '../../device/robert/advert.js';
import type { EventOf, Watcher, WorldEvent } from './chronicle.js';
import type { PersonRecord } from './record.js';

export class Violation extends Error {
  constructor(
    readonly property: string,
    readonly at: number,
    detail: string,
  ) {
    super(`${property} is broken: ${detail}`);
  }
}

/** What is there to look at when the days are over. */
export interface Ending {
  people: readonly PersonRecord[];
  /** Folders of the counters: all that they keep. */
  courierFolders: readonly string[];
  /** Reports that counters hold and the server has not taken. */
  waiting: number;
  /** NTP seconds. */
  now: number;
}

export interface Invariant {
  /** Its number. */
  property: string;
  says: string;
  see?(event: WorldEvent): void;
  end?(ending: Ending): void;
}

type Advert = EventOf<'advert'>;

const EBID_LENGTH = 8;
/** HELLO: ECC, then EBID. */
const EBID_AT = 1;
const ON_AIR_SECONDS = 890;
/** An advert is built anew at least this often. */
const HELLO_SECONDS = 15;
const SILENCE_SECONDS = 1;
const KEPT_PLAIN = 20_000;

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

/** The identifier in an advert; undefined when it says none. */
function ebidIn(payload: Uint8Array): string | undefined {
  const heard = parseAdvert(payload);
  return heard && hex(heard.hello.subarray(EBID_AT, EBID_AT + EBID_LENGTH));
}

/** R18: one identifier to an address, one address to an identifier; only a reset takes a new address within an epoch. */
function inStep(): Invariant {
  const ebidOf = new Map<string, string>();
  const addressOf = new Map<string, string>();
  return {
    property: 'R18',
    says: 'no advert carries an old address with a new identifier, or the reverse',
    see(event) {
      if (event.what === 'reset') {
        for (const [ebid, at] of addressOf) if (at.startsWith(`${event.who}/`)) addressOf.delete(ebid);
      }
      if (event.what !== 'advert') return;
      const ebid = ebidIn(event.payload);
      if (ebid === undefined) return;
      const address = `${event.who}/${hex(event.address)}`;
      const known = ebidOf.get(address);
      if (known !== undefined && known !== ebid)
        throw new Violation('R18', event.at, `${event.who}: old address, new identifier`);
      const at = addressOf.get(ebid);
      if (at !== undefined && at !== address)
        throw new Violation('R18', event.at, `${event.who}: old identifier, new address`);
      ebidOf.set(address, ebid);
      addressOf.set(ebid, address);
    },
  };
}

/** R20: between two addresses of one token lies a silence. */
function silenceBetween(): Invariant {
  const last = new Map<string, Advert>();
  const silentSince = new Map<string, number>();
  return {
    property: 'R20',
    says: `a new address comes after at least ${SILENCE_SECONDS} s of silence`,
    see(event) {
      if (event.what === 'silent' && !silentSince.has(event.who)) silentSince.set(event.who, event.at);
      if (event.what === 'reset') last.delete(event.who);
      if (event.what !== 'advert') return;
      const before = last.get(event.who);
      if (before !== undefined && hex(before.address) !== hex(event.address)) {
        const since = silentSince.get(event.who);
        // A crystal that is slow lets a second be a little shorter.
        if (since === undefined || event.at - since < SILENCE_SECONDS * 0.999) {
          throw new Violation('R20', event.at, `${event.who}: another address without a silence`);
        }
      }
      silentSince.delete(event.who);
      last.set(event.who, event);
    },
  };
}

/** R29: an identifier is on the air for 890 s at most, once, and never again. */
function neverAgain(): Invariant {
  const first = new Map<string, { who: string; at: number }>();
  return {
    property: 'R29',
    says: `an identifier is one token’s, for at most ${ON_AIR_SECONDS} s, and never again`,
    see(event) {
      if (event.what !== 'advert') return;
      const ebid = ebidIn(event.payload);
      if (ebid === undefined) return;
      const begun = first.get(ebid);
      if (begun === undefined) first.set(ebid, { who: event.who, at: event.at });
      else if (begun.who !== event.who)
        throw new Violation('R29', event.at, `${event.who} says an identifier of ${begun.who}`);
      else if (event.at - begun.at > ON_AIR_SECONDS + HELLO_SECONDS) {
        throw new Violation('R29', event.at, `${event.who}: an identifier for ${Math.round(event.at - begun.at)} s`);
      }
    },
  };
}

/** R37: the wearer pressed before a report was kept. */
function consentFirst(): Invariant {
  const consented = new Map<string, number>();
  return {
    property: 'R37',
    says: 'no report without the wearer’s press',
    see(event) {
      if (event.what === 'consented') consented.set(event.who, event.at);
      if (event.what !== 'report-kept') return;
      if (!consented.has(event.who)) throw new Violation('R37', event.at, `${event.who}: a report without consent`);
      consented.delete(event.who);
    },
  };
}

/** R41: nothing that a token heard stands at a counter. */
function blindCourier(): Invariant {
  const heard: Set<string> = new Set();
  return {
    property: 'R41',
    says: 'no identifier that a token heard stands in anything a counter keeps',
    see(event) {
      if (event.what !== 'heard' || heard.size >= KEPT_PLAIN) return;
      const ebid = ebidIn(event.payload);
      if (ebid !== undefined) heard.add(ebid);
    },
    end({ courierFolders, now }) {
      for (const folder of courierFolders) {
        for (const name of readdirSync(folder)) {
          const bytes = readFileSync(join(folder, name)).toString('latin1');
          for (let at = 0; at + EBID_LENGTH <= bytes.length; at++) {
            if (heard.has(bytes.slice(at, at + EBID_LENGTH)))
              throw new Violation('R41', now, `${name}: an identifier in clear`);
          }
        }
      }
    },
  };
}

/** R10: a fault has a name; what has none is a bug. */
function namedTrouble(): Invariant {
  /** Whose power has gone in the middle of a write, and when: what it still says in that moment nobody hears. */
  const gone = new Map<string, number>();
  return {
    property: 'R10',
    says: 'a token’s trouble has a name',
    see(event) {
      if (event.what === 'fault' && event.kind === 'torn-write') gone.set(event.detail, event.at);
      if (event.what !== 'trouble' || event.fault !== 'internal' || gone.get(event.who) === event.at) return;
      throw new Violation('R10', event.at, `${event.who}: internal`);
    },
  };
}

/** R9: when everything works again, what was kept arrives. */
function everythingArrives(): Invariant {
  return {
    property: 'R9',
    says: 'what a counter has kept has arrived when faults have ended',
    end({ waiting, now }) {
      if (waiting > 0) throw new Violation('R9', now, `${waiting} reports still wait at a counter`);
    },
  };
}

/** R71: warnings are what the receptions add up to by the scoring model. */
function rightWarnings(): Invariant {
  return {
    property: 'R71',
    says: 'everybody over the threshold who visits is warned, and nobody else',
    end({ people, now }) {
      for (const { name, verdict, isWarned, score } of people) {
        if (verdict === 'borderline' || isWarned === (verdict === 'warn')) continue;
        const what = isWarned ? 'warned for nothing' : 'not warned';
        throw new Violation('R71', now, `${name} is ${what} (score ${score.toFixed(1)})`);
      }
    },
  };
}

const INVARIANTS: readonly (() => Invariant)[] = [
  everythingArrives,
  namedTrouble,
  inStep,
  silenceBetween,
  neverAgain,
  consentFirst,
  blindCourier,
  rightWarnings,
];

/** All of them over one run. */
export class Guard implements Watcher {
  readonly invariants = INVARIANTS.map((make) => make());

  see(event: WorldEvent): void {
    for (const invariant of this.invariants) invariant.see?.(event);
  }

  end(ending: Ending): void {
    for (const invariant of this.invariants) invariant.end?.(ending);
  }
}
