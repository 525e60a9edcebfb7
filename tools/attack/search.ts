/**
 * Tries every aligned window of 32 bytes as what opens batches: as a batch's key, and as a state of the ratchet, from
 * which all later keys follow (docs/spec/seal.md). Written apart from the token's sealing code, on Node's HMAC.
 */
import { createHmac } from 'node:crypto';
import type { SealedBatch } from './image.js';

const WINDOW = 32;
const ALIGNMENT = 4;

export interface Opening {
  /** Index of the batch that opens. */
  batch: number;
  /** Where in the searched bytes the window begins. */
  at: number;
  as: 'key' | 'state';
}

export interface Search {
  /** Different windows tried. */
  windows: number;
  openings: Opening[];
}

/** Strings instead of buffers: millions of these are made. */
function opens(key: Uint8Array, batch: SealedBatch): boolean {
  return createHmac('sha256', key).update(batch.tagged).digest('binary').startsWith(batch.tag);
}

function derived(state: Uint8Array, label: 'seal' | 'step'): Uint8Array {
  return createHmac('sha256', state).update(label).digest();
}

/** The batches that `state` opens when it is the state of one of them, or of an earlier one that is gone. */
function openedByState(state: Uint8Array, batches: readonly SealedBatch[]): SealedBatch[] {
  const first = batches[0] as SealedBatch;
  // The state of a batch that is still there.
  const keyed = derived(state, 'seal');
  let from = batches.findIndex((batch) => opens(keyed, batch));
  let current = state;
  // The state of an earlier batch: it steps up to the oldest one there.
  for (let steps = 1; from < 0 && steps <= first.index; steps++) {
    current = derived(current, 'step');
    if (opens(derived(current, 'seal'), first)) from = 0;
  }
  if (from < 0) return [];
  const found: SealedBatch[] = [];
  let index = (batches[from] as SealedBatch).index;
  for (const batch of batches.slice(from)) {
    for (; index < batch.index; index++) current = derived(current, 'step');
    if (opens(derived(current, 'seal'), batch)) found.push(batch);
  }
  return found;
}

/** Searches `bytes` (a flash image, a memory dump) for whatever opens one of `batches`; those come by rising index. */
export function search(bytes: Uint8Array, batches: readonly SealedBatch[]): Search {
  const seen = new Set<string>();
  const openings: Opening[] = [];
  for (let at = 0; at + WINDOW <= bytes.length; at += ALIGNMENT) {
    const window = bytes.subarray(at, at + WINDOW);
    const name = Buffer.from(window.buffer, window.byteOffset, WINDOW).toString('latin1');
    if (seen.has(name)) continue;
    seen.add(name);
    if (batches.length === 0) continue;
    for (const batch of batches) if (opens(window, batch)) openings.push({ batch: batch.index, at, as: 'key' });
    for (const batch of openedByState(window, batches)) openings.push({ batch: batch.index, at, as: 'state' });
  }
  return { windows: seen.size, openings };
}

/** The indices that a search opened, each once, rising. */
export function openedBatches(found: Search): number[] {
  return [...new Set(found.openings.map(({ batch }) => batch))].sort((a, b) => a - b);
}
