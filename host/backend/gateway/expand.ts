/**
 * Expands the records of one report into the ordinary hellos of ROBERT, so that one validator and one scorer judge
 * tokens' and phones' reports (docs/spec/log.md, "Expansion").
 *
 * - Times are put right first (timeline.ts). Records of one (ECC, EBID) become one contact.
 * - A minute with receptions becomes that many hellos of its mean power, spread evenly over the minute; the first hello
 *   stands exactly at the first reception, from which the score counts its minutes.
 * - Each hello carries the proof whose time is nearest. It is moved inside its minute as far as the server's 180 s
 *   between a hello's time and its reception ask for, and left out where no moment of the minute is near enough.
 * - A proof counts if it was heard while the record lasted: 60 s early or late when the token's clock is known, 180 s
 *   when it is not. This is where a HELLO that somebody replays later is found out.
 */
import { distance16, HELLO_TOLERANCE_SECONDS, time16 } from '../../../device/robert/time.js';
import type { Contact } from '../store/contacts.js';
import type { Hello } from '../store/hellos.js';
import type { LoggedBatch, LoggedRecord, Proof } from './record.js';
import { type Anchor, correctTime } from './timeline.js';

const KNOWN_CLOCK_TOLERANCE = 60;

const MINUTE = 60;
/** Hellos for each count class: what is told apart by the score's table and its windows of two minutes. */
const HELLOS_OF_CLASS = [0, 1, 2, 3, 4, 6, 8, 11];
/** The score of a contact longer than this is zero in robert-server; a record's last minute may only brush it. */
const CONTACT_SPAN = 900;
/** No honest log holds more of one EBID: four records, restarts included, of fifteen crowded minutes. */
const HELLOS_MAX = 700;

/** Which receptions count, NTP seconds. */
export interface Window {
  from: number;
  until: number;
}

export interface Expansion {
  contacts: Contact[];
  /** Records that became no hello, by reason. */
  dropped: Record<'time-unknown' | 'outside-window' | 'proofs-not-near' | 'too-many', number>;
}

/** Signed seconds by which the 16-bit time of a proof lies after `time`, -32 768 to 32 767. */
function aheadOf(proof: Proof, time: number): number {
  const ahead = (proof.time16 - time16(time) + 0x10000) % 0x10000;
  return ahead < 0x8000 ? ahead : ahead - 0x10000;
}

/** The proofs that can have been heard between the first and the last reception. */
function credibleProofs(record: LoggedRecord, first: number, tolerance: number): Proof[] {
  const length = record.minutes.length * MINUTE;
  return record.proofs.filter((proof) => {
    const ahead = aheadOf(proof, first);
    return ahead >= -tolerance && ahead <= length + tolerance;
  });
}

function nearest(proofs: Proof[], time: number): Proof | undefined {
  let best: Proof | undefined;
  for (const proof of proofs) {
    if (best === undefined || distance16(proof.time16, time16(time)) < distance16(best.time16, time16(time))) {
      best = proof;
    }
  }
  return best;
}

/** The moment nearest to `time` in [from, until] at which the nearest proof still vouches; undefined when there is none. */
function vouched(proofs: Proof[], time: number, from: number, until: number): { at: number; proof: Proof } | undefined {
  const proof = nearest(proofs, time);
  if (proof === undefined) return undefined;
  const ahead = aheadOf(proof, time);
  const excess = Math.max(0, Math.abs(ahead) - HELLO_TOLERANCE_SECONDS);
  const at = time + Math.sign(ahead) * excess;
  return at >= from && at <= until ? { at, proof } : undefined;
}

function hellosOf(record: LoggedRecord, first: number, tolerance: number): Hello[] {
  const proofs = credibleProofs(record, first, tolerance);
  const hellos: Hello[] = [];
  record.minutes.forEach((minute, index) => {
    const start = first + index * MINUTE;
    const count = HELLOS_OF_CLASS[minute.countClass] as number;
    for (let i = 0; i < count; i++) {
      // The sixteenth minute begins at the longest span that is still scored, and cannot be told apart further.
      const time = Math.min(start + Math.floor((i * MINUTE) / count), first + CONTACT_SPAN);
      const end = Math.min(start + MINUTE - 1, first + CONTACT_SPAN);
      const place = vouched(proofs, time, start, end);
      if (place === undefined) continue;
      hellos.push({ received: place.at, time16: place.proof.time16, mac: place.proof.mac, rssi: minute.power });
    }
  });
  return hellos;
}

/** Contacts by no meaningful order, each with its hellos by rising reception time. */
export function expand(batches: LoggedBatch[], anchors: Anchor[], window: Window): Expansion {
  const contacts = new Map<string, Contact>();
  const dropped = { 'time-unknown': 0, 'outside-window': 0, 'proofs-not-near': 0, 'too-many': 0 };
  for (const batch of batches) {
    for (const record of batch.records) {
      const first = correctTime(anchors, batch.timeline, record.first, batch.uncertainty);
      if (first === undefined) {
        dropped['time-unknown'] += 1;
        continue;
      }
      if (first.time < window.from || first.time > window.until) {
        dropped['outside-window'] += 1;
        continue;
      }
      const hellos = hellosOf(record, first.time, first.isKnown ? KNOWN_CLOCK_TOLERANCE : HELLO_TOLERANCE_SECONDS);
      if (hellos.length === 0) {
        dropped['proofs-not-near'] += 1;
        continue;
      }
      const key = `${record.ecc} ${Buffer.from(record.ebid).toString('hex')}`;
      const contact = contacts.get(key) ?? { ecc: record.ecc, ebid: record.ebid, hellos: [] };
      if (contact.hellos.length + hellos.length > HELLOS_MAX) {
        dropped['too-many'] += 1;
        continue;
      }
      contact.hellos.push(...hellos);
      contacts.set(key, contact);
    }
  }
  for (const contact of contacts.values()) contact.hellos.sort((a, b) => a.received - b.received);
  return { contacts: [...contacts.values()], dropped };
}
