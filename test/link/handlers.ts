/** Handlers for tests of the link alone: each gives a valid, empty reply. */
import type { Handlers } from '../../device/link/server.js';

const zeros = (length: number): Uint8Array => new Uint8Array(length);

export const quietHandlers: Handlers = {
  hello: () => ({ life: 1, board: 'test', firmware: '1.0', battery: 80, needs: 0, goodForDays: 20, wiped: 0 }),
  provision: () => ({}),
  request: () => ({
    ebid: zeros(8),
    epochId: 1,
    time: 2,
    mac: zeros(32),
    nonce: zeros(16),
    share: zeros(0),
    shareMac: zeros(0),
  }),
  head: () => ({ nextDay: 0, dayCount: 22 }),
  day: ({ index }) => ({ nextDay: index + 1, applied: index === 21 ? 1 : 0 }),
  consent: () => ({ state: 1, secondsLeft: 60 }),
  consentState: () => ({ state: 2, secondsLeft: 0 }),
  report: () => ({
    reportId: zeros(16),
    encs: zeros(32),
    header: zeros(96),
    firstBatch: 1,
    lastBatch: 2,
    batches: 2,
  }),
  fetch: () => () => undefined,
  kept: () => ({}),
  receipt: () => ({}),
  wipeProof: () => ({ proof: zeros(0) }),
  awaiting: () => ({ reportId: zeros(0) }),
  trust: () => ({ root: 1, configuration: 0, running: 1, staged: 0, nextPage: 0, pages: 0, trial: 0 }),
  offer: () => ({ known: 0 }),
  proof: ({ at, piece }) => ({ next: at + piece.length, accepted: 0 }),
  page: ({ index, at }) => ({ nextPage: index, nextAt: at }),
  install: () => ({ seconds: 15 }),
  blink: () => ({}),
};
