/**
 * The neighbours of the running epoch, in memory: one row per EBID heard, gathered until they are sealed as a batch.
 * Packed typed arrays of fixed size, allocated once, because memory on a board is short and cannot be caught running out.
 */
import { copyOf } from '../bytes.js';
import { milliwatts, POWER_MAX_DBM } from './power.js';
import type { Contact } from './record.js';
import { MAX_MINUTES, MAX_PROOFS, PROOF_GAP_MAX } from './record.js';

const KEY = 9;
const MAC = 5;
/** At most one sighting of an EBID in this many seconds counts. */
const SIGHTING_GAP = 5;
/**
 * Every counted second lies within this many seconds of a proof: the server's 180 s less the 15 s that a HELLO may be
 * old. The gateway moves a hello inside its minute for what the two clocks differ.
 */
const PROOF_REACH = 165;
/** RSSI above this is an error value (robert-server drops it too). */
const RSSI_ERROR = -5;
/** A controller's word for a power that it did not measure. */
export const RSSI_UNAVAILABLE = 127;

const FREE = 0;
const OPEN = 1;
/** Complete: the EBID goes on in a row of its own. */
const CLOSED = 2;

/** One heard HELLO. */
export interface Sighting {
  /** ECC | EBID, 9 bytes. */
  key: Uint8Array;
  time16: number;
  /** 5 bytes. */
  mac: Uint8Array;
  /** Calibrated, dBm; or `RSSI_UNAVAILABLE`. */
  rssi: number;
  /** Reception, whole NTP seconds by the token's own clock. */
  at: number;
}

export interface Neighbours {
  hear(sighting: Sighting): void;
  /**
   * Takes out the rows first heard before `before`: hands them to `visit`, longest and nearest first and one at a time,
   * for a crowd's contacts all at once are more than a board has memory for, until it answers false. `start` is the
   * earliest first reception among them.
   */
  take(before: number, visit: (contact: Contact, start: number) => boolean): void;
  isEmpty(): boolean;
  /** Forgets the rows first heard before `before`. */
  forget(before: number): void;
}

export function createNeighbours(capacity: number): Neighbours {
  const state = new Uint8Array(capacity);
  const keys = new Uint8Array(capacity * KEY);
  const first = new Uint32Array(capacity);
  const last = new Uint32Array(capacity);
  const proofs = new Uint8Array(capacity);
  const times = new Uint16Array(capacity * MAX_PROOFS);
  const macs = new Uint8Array(capacity * MAX_PROOFS * MAC);
  // Of the newest proof: when it was heard, and the first sighting that it alone vouches for.
  const provedAt = new Uint32Array(capacity);
  const unproved = new Uint32Array(capacity);
  const counts = new Uint8Array(capacity * MAX_MINUTES);
  const powers = new Float32Array(capacity * MAX_MINUTES);

  function find(key: Uint8Array): number {
    for (let row = 0; row < capacity; row++) {
      if (state[row] !== OPEN) continue;
      let i = 0;
      while (i < KEY && keys[row * KEY + i] === key[i]) i++;
      if (i === KEY) return row;
    }
    return -1;
  }

  /** Minutes heard, then summed power: what a newcomer must beat to take a row. */
  function worth(row: number): number {
    let minutes = 0;
    let power = 0;
    for (let i = row * MAX_MINUTES; i < (row + 1) * MAX_MINUTES; i++) {
      if ((counts[i] as number) > 0) minutes += 1;
      power += powers[i] as number;
    }
    return minutes + Math.min(0.999, power * 100);
  }

  /** A free row, else the least worthy one if one minute of `power` (mW) is worth more than it, else none. */
  function place(power: number): number {
    let least = -1;
    let leastWorth = 1 + Math.min(0.999, power * 100);
    for (let row = 0; row < capacity; row++) {
      if (state[row] === FREE) return row;
      const value = worth(row);
      if (value < leastWorth) {
        least = row;
        leastWorth = value;
      }
    }
    return least;
  }

  function prove(row: number, proof: number, sighting: Sighting): void {
    times[row * MAX_PROOFS + proof] = sighting.time16;
    macs.set(sighting.mac, (row * MAX_PROOFS + proof) * MAC);
    provedAt[row] = sighting.at;
  }

  /** Whether `sighting` can follow proof number `proof` of the row: its sender's clock moved on by 1 to 512 s. */
  function follows(row: number, proof: number, sighting: Sighting): boolean {
    if (proof < 0) return true;
    const gap = (sighting.time16 - (times[row * MAX_PROOFS + proof] as number)) & 0xffff;
    return gap >= 1 && gap <= PROOF_GAP_MAX;
  }

  function begin(row: number, sighting: Sighting): void {
    state[row] = OPEN;
    keys.set(sighting.key, row * KEY);
    first[row] = sighting.at;
    unproved[row] = sighting.at;
    for (let i = row * MAX_MINUTES; i < (row + 1) * MAX_MINUTES; i++) {
      counts[i] = 0;
      powers[i] = 0;
    }
    proofs[row] = 1;
    prove(row, 0, sighting);
  }

  /** Keeps the proofs in step with a new sighting; false when the row can take no more and must be closed. */
  function extendProofs(row: number, sighting: Sighting): boolean {
    const newest = (proofs[row] as number) - 1;
    if (sighting.at <= (unproved[row] as number) + PROOF_REACH) {
      // Later vouches for more: move the newest proof on, as long as it still reaches back to its first sighting.
      if (follows(row, newest - 1, sighting)) prove(row, newest, sighting);
      return true;
    }
    if (sighting.at <= (provedAt[row] as number) + PROOF_REACH) return true;
    if (newest + 1 === MAX_PROOFS || !follows(row, newest, sighting)) return false;
    proofs[row] = newest + 2;
    unproved[row] = sighting.at;
    prove(row, newest + 1, sighting);
    return true;
  }

  function contact(row: number): Contact {
    const minutes: { count: number; power: number }[] = [];
    for (let minute = 0; minute < MAX_MINUTES; minute++) {
      const i = row * MAX_MINUTES + minute;
      minutes.push({ count: counts[i] as number, power: powers[i] as number });
    }
    const proof: { time16: number; mac: Uint8Array }[] = [];
    for (let i = row * MAX_PROOFS; i < row * MAX_PROOFS + (proofs[row] as number); i++) {
      proof.push({ time16: times[i] as number, mac: copyOf(macs, i * MAC, (i + 1) * MAC) });
    }
    return { key: copyOf(keys, row * KEY, (row + 1) * KEY), first: first[row] as number, proofs: proof, minutes };
  }

  function forget(before: number): void {
    for (let row = 0; row < capacity; row++) if ((first[row] as number) < before) state[row] = FREE;
  }

  return {
    hear(sighting) {
      const rssi = sighting.rssi;
      if (rssi > RSSI_ERROR && rssi !== RSSI_UNAVAILABLE) return;
      const power = rssi > RSSI_ERROR ? 0 : milliwatts(Math.min(rssi, POWER_MAX_DBM));
      let row = find(sighting.key);
      if (row >= 0) {
        const minute = Math.floor((sighting.at - (first[row] as number)) / 60);
        if (sighting.at - (last[row] as number) < SIGHTING_GAP) return;
        if (minute >= MAX_MINUTES || !extendProofs(row, sighting)) {
          state[row] = CLOSED;
          row = -1;
        }
      }
      if (row < 0) {
        row = place(power);
        if (row < 0) return;
        begin(row, sighting);
      }
      last[row] = sighting.at;
      const i = row * MAX_MINUTES + Math.floor((sighting.at - (first[row] as number)) / 60);
      // A minute is of known powers, as soon as there is one, or of unknown ones: never the mean of both.
      if (power === 0 && (powers[i] as number) > 0) return;
      if (power > 0 && powers[i] === 0) counts[i] = 0;
      if ((counts[i] as number) < 255) {
        counts[i] = (counts[i] as number) + 1;
        powers[i] = (powers[i] as number) + power;
      }
    },
    take(before, visit) {
      const rows: number[] = [];
      let start = before;
      for (let row = 0; row < capacity; row++) {
        if (state[row] === FREE || (first[row] as number) >= before) continue;
        rows.push(row);
        start = Math.min(start, first[row] as number);
      }
      // Rows of the same worth in their own order: not every board's sort is stable.
      rows.sort((a, b) => worth(b) - worth(a) || a - b);
      forget(before);
      // What a row held stays readable until somebody else is heard.
      for (let i = 0; i < rows.length && visit(contact(rows[i] as number), start); i++);
    },
    isEmpty() {
      for (let row = 0; row < capacity; row++) if (state[row] !== FREE) return false;
      return true;
    },
    forget,
  };
}
