/**
 * The neighbours of the running epoch in few bytes: ten rows, first come first served, from which the records of one
 * batch are made. The rules of proofs and minutes are those of device/log/neighbours.ts; what the full token has beyond
 * them is that the nearest and longest of a crowd are kept.
 */
import { copyOf, putU32 } from '../../bytes.js';
import { milliwatts, POWER_MAX_DBM } from '../../log/power.js';
import { encodeRecord, FIRST_SPAN, MAX_MINUTES, MAX_PROOFS, PROOF_GAP_MAX } from '../../log/record.js';

/** A record takes 57 bytes at most, so that one batch holds them all. */
export const ROWS = 10;
const KEY = 9;
const MAC = 5;
const SIGHTING_GAP = 5;
const PROOF_REACH = 165;
const RSSI_ERROR = -5;
const BATCH_HEAD = 7;

const FREE = 0;
const OPEN = 1;
const CLOSED = 2;

const state = new Uint8Array(ROWS);
const keys = new Uint8Array(ROWS * KEY);
const first = new Uint32Array(ROWS);
const last = new Uint32Array(ROWS);
const proofs = new Uint8Array(ROWS);
const provedAt = new Uint32Array(ROWS);
/** The first sighting that the newest proof alone vouches for. */
const unproved = new Uint32Array(ROWS);
const times = new Uint16Array(ROWS * MAX_PROOFS);
const macs = new Uint8Array(ROWS * MAX_PROOFS * MAC);
const counts = new Uint8Array(ROWS * MAX_MINUTES);
const powers = new Float32Array(ROWS * MAX_MINUTES);

/** Whether the time of a new proof can follow that of proof number `index` (over all rows). */
function follows(index: number, time16: number): boolean {
  const gap = (time16 - (times[index] as number)) & 0xffff;
  return gap > 0 && gap <= PROOF_GAP_MAX;
}

/**
 * Gathers one sighting of HELLO `hello` (16 bytes) at `at` (whole NTP seconds) with a calibrated `rssi` (dBm).
 */
export function hear(hello: Uint8Array, time16: number, rssi: number, at: number): void {
  if (rssi > RSSI_ERROR) return;
  let row = -1;
  let vacant = -1;
  for (let i = ROWS - 1; i >= 0; i--) {
    if (state[i] === FREE) vacant = i;
    if (state[i] !== OPEN) continue;
    let k = 0;
    while (k < KEY && keys[i * KEY + k] === hello[k]) k++;
    if (k === KEY) row = i;
  }
  let proof = 0;
  if (row >= 0) {
    if (at - (last[row] as number) < SIGHTING_GAP) return;
    const newest = row * MAX_PROOFS + (proofs[row] as number) - 1;
    let isComplete = at - (first[row] as number) >= 60 * MAX_MINUTES;
    proof = -1;
    if (at <= (unproved[row] as number) + PROOF_REACH) {
      // Later vouches for more: the newest proof moves on, as long as it reaches back to its first sighting.
      if (proofs[row] === 1 || follows(newest - 1, time16)) proof = (proofs[row] as number) - 1;
    } else if (at > (provedAt[row] as number) + PROOF_REACH) {
      proof = proofs[row] as number;
      if (proof === MAX_PROOFS || !follows(newest, time16)) isComplete = true;
      else unproved[row] = at;
    }
    if (isComplete) {
      state[row] = CLOSED;
      row = -1;
    }
  }
  if (row < 0) {
    if (vacant < 0) return;
    row = vacant;
    proof = 0;
    state[row] = OPEN;
    keys.set(hello.subarray(0, KEY), row * KEY);
    first[row] = at;
    unproved[row] = at;
    for (let i = row * MAX_MINUTES; i < (row + 1) * MAX_MINUTES; i++) {
      counts[i] = 0;
      powers[i] = 0;
    }
  }
  if (proof >= 0) {
    const place = row * MAX_PROOFS + proof;
    proofs[row] = proof + 1;
    times[place] = time16;
    macs.set(hello.subarray(11), place * MAC);
    provedAt[row] = at;
  }
  last[row] = at;
  const minute = row * MAX_MINUTES + Math.floor((at - (first[row] as number)) / 60);
  if ((counts[minute] as number) < 255) {
    counts[minute] = (counts[minute] as number) + 1;
    powers[minute] = (powers[minute] as number) + milliwatts(Math.min(rssi, POWER_MAX_DBM));
  }
}

function record(row: number, start: number): Uint8Array {
  const minutes: { count: number; power: number }[] = [];
  for (let i = row * MAX_MINUTES; i < (row + 1) * MAX_MINUTES; i++)
    minutes.push({ count: counts[i] as number, power: powers[i] as number });
  const proved: { time16: number; mac: Uint8Array }[] = [];
  for (let i = row * MAX_PROOFS; i < row * MAX_PROOFS + (proofs[row] as number); i++)
    proved.push({ time16: times[i] as number, mac: copyOf(macs, i * MAC, (i + 1) * MAC) });
  const key = copyOf(keys, row * KEY, (row + 1) * KEY);
  return encodeRecord({ key, first: first[row] as number, proofs: proved, minutes }, start);
}

/**
 * Takes out whoever was first heard before `before`, as the parts of a batch's plaintext (docs/spec/log.md): its head, in which
 * timeline and uncertainty are still missing, and a record each.
 */
export function gather(before: number): Uint8Array[] {
  const head = new Uint8Array(BATCH_HEAD);
  const found: Uint8Array[] = [head];
  let start = before;
  for (let row = 0; row < ROWS; row++)
    if (state[row] !== FREE && (first[row] as number) < start) start = first[row] as number;
  for (let row = 0; row < ROWS; row++) {
    if (state[row] === FREE || (first[row] as number) >= before) continue;
    state[row] = FREE;
    if ((first[row] as number) - start < FIRST_SPAN) found.push(record(row, start));
  }
  putU32(head, 0, start);
  head[6] = found.length - 1;
  return found;
}

/** Whether anybody has been heard who is not sealed yet. */
export function isGathering(): boolean {
  for (let row = 0; row < ROWS; row++) if (state[row] !== FREE) return true;
  return false;
}
