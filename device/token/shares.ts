/**
 * The token's own HPKE shares (docs/spec/seal.md): its tickets, and once the share by which it renews its keys. Each is
 * two X25519 ladders, minutes of an interpreter's time, done in slices while nothing else is due, and now and then
 * written down, so that a reset loses a tenth of one. What it was made from is erased in the commit that puts it to use.
 */
import { ascii } from '../bytes.js';
import { faultOf } from '../faults.js';
import type { ContactLog } from '../log/log.js';
import type { Ports } from '../ports.js';
import { hmac } from '../seal/hmac.js';
import { exportSecret } from '../seal/hpke.js';
import { ticketKeys } from '../seal/ratchet.js';
import { createLadder, type Ladder, X25519_BASE } from '../seal/x25519.js';
import type { Facts, Keys, Making, Tickets } from './facts.js';
import { FOR_KEYS, FOR_TICKET, REPORT_RECEIPTED } from './facts.js';

const INFO_TICKET = 'galet log v1';
const INFO_KEYS = 'galet keys v1';
const CONTEXT = 'root';
const AUTH = ascii('galet auth');
const ENC = ascii('galet enc');

/** Bits of a ladder between two checkpoints. */
const CHECKPOINT_BITS = 51;
const SLICE_SECONDS = 0.05;
const SLICE_STEPS = 64;
/** Between two slices, for whatever else the board has to do. */
const PAUSE_SECONDS = 0.01;
/** After something that was due: a HELLO, a window. */
const AFTER_SECONDS = 0.5;
/** After a boot, and then as long as there is no share to make. */
const BOOT_SECONDS = 60;
const POLL_SECONDS = 300;
/** Kinds of slices: multiplications; a checkpoint; the commit, which rewrites the journal twice and begins a ratchet. */
const MULTIPLY = 0;
const CHECKPOINT = 1;
const COMMIT = 2;
/** The longest slice of each kind, before any was measured. */
const ASSUMED = [0.2, 1.5, 3];
/** Twice the longest is asked for, but no more than windows and HELLOs can ever leave free. */
const IDLE_ENOUGH = 8;

export interface Shares {
  /** Drops what is in the making, without a trace in memory: the flash has been erased by others. */
  forget(): void;
  stop(): void;
}

/** Puts the state of a new ticket in force. At boot too: a cut may have come between the commit and the state. */
export function finishTicket(facts: Facts, log: ContactLog): void {
  const tickets = facts.tickets();
  if (!tickets?.pending) return;
  log.renew(tickets.pending);
  facts.setTickets({ ...tickets, pending: undefined }, 'ticket.use');
}

/** `idleSeconds` tells how long nothing is due; `onTrouble` hears of a key that no share can be made for. */
export function createShares(
  ports: Ports,
  facts: Facts,
  log: ContactLog,
  idleSeconds: () => number,
  onTrouble: (thrown: unknown) => void,
): Shares {
  const { clock, digest } = ports;
  let making: Making | undefined;
  let ladder: Ladder | undefined;
  /** What comes next: a checkpoint or a commit rather than a multiplication. */
  let isWrite = false;
  let isFinished = false;
  let steps = 1;
  const longest = new Float64Array(ASSUMED);
  let cancel: () => void = () => {};

  /** Whether the current ticket has served, and the place of the one before is free. */
  function needsTicket(tickets: Tickets): boolean {
    const report = facts.report();
    const done = report ? report.doneBatches : 0;
    if (tickets.own && done <= tickets.current.start) return false;
    if (!tickets.previous) return true;
    const isAwaited = !!report && report.stage !== REPORT_RECEIPTED && report.firstBatch < tickets.current.start;
    return !isAwaited && Math.max(log.oldest().index, done) >= tickets.current.start;
  }

  /** What is to be made, 0 for nothing. The ticket is first: it ends what the host who installed could read. */
  function wanted(): number {
    const tickets = facts.tickets();
    if (!tickets || !facts.answer()) return 0;
    if (needsTicket(tickets)) return FOR_TICKET;
    return facts.hasShared() ? 0 : FOR_KEYS;
  }

  function climb(next: Making, gatewayKey: Uint8Array): void {
    making = next;
    ladder = createLadder(next.secret, next.enc.length > 0 ? gatewayKey : X25519_BASE, next.ladder);
    isWrite = false;
    isFinished = false;
  }

  /** Takes up what was begun before a reset, or begins what is wanted. */
  function begin(keys: Keys): void {
    const begun = facts.making();
    if (begun) {
      climb(begun, keys.gatewayKey);
      return;
    }
    const purpose = wanted();
    if (purpose === 0) return;
    const secret = new Uint8Array(32);
    ports.random.fill(secret);
    climb({ purpose, secret, enc: new Uint8Array(0), ladder: new Uint8Array(0) }, keys.gatewayKey);
  }

  function forget(): void {
    if (making) for (let i = 0; i < 32; i++) making.secret[i] = 0;
    if (ladder) ladder.erase();
    making = undefined;
    ladder = undefined;
    isWrite = false;
  }

  function commit(made: Making, dh: Uint8Array, keys: Keys): void {
    const info = made.purpose === FOR_TICKET ? INFO_TICKET : INFO_KEYS;
    const secret = exportSecret(digest, dh, made.enc, keys.gatewayKey, info, CONTEXT);
    if (made.purpose === FOR_KEYS) {
      facts.setShare({ enc: made.enc, kAuth: hmac(digest, secret, [AUTH]), kEnc: hmac(digest, secret, [ENC]) });
      return;
    }
    const derived = ticketKeys(digest, secret);
    const tickets = facts.tickets() as Tickets;
    const index = log.nextIndex();
    facts.setTickets(
      {
        own: true,
        previous: tickets.current,
        current: { enc: made.enc, header: derived.header, receipt: derived.receipt, start: index },
        pending: { state: derived.state, index, records: log.records() },
      },
      'ticket.renew',
    );
    finishTicket(facts, log);
  }

  /** A checkpoint; or the second ladder in place of the finished first; or the share put to use. */
  function write(made: Making, climbed: Ladder, keys: Keys): void {
    if (!isFinished) {
      isWrite = false;
      facts.setMaking({ ...made, ladder: climbed.save() });
      return;
    }
    const result = climbed.result();
    if (made.enc.length === 0) {
      climbed.erase();
      const next = { ...made, enc: result, ladder: new Uint8Array(0) };
      facts.setMaking(next);
      climb(next, keys.gatewayKey);
      return;
    }
    commit(made, result, keys);
    forget();
  }

  function multiply(climbed: Ladder): void {
    for (let i = 0; i < steps && !isWrite; i++) {
      isFinished = climbed.step();
      const bits = climbed.bitsDone();
      isWrite = isFinished || (bits > 0 && bits % CHECKPOINT_BITS === 0);
    }
  }

  /** One slice, and when to go on after it. */
  function work(keys: Keys): number {
    const idle = idleSeconds();
    const kind = !isWrite ? MULTIPLY : isFinished && making && making.enc.length > 0 ? COMMIT : CHECKPOINT;
    if (idle <= Math.min(2 * (longest[kind] as number), IDLE_ENOUGH)) return idle + AFTER_SECONDS;
    const began = clock.monotonic();
    if (!making || !ladder) begin(keys);
    else if (isWrite) write(making, ladder, keys);
    else multiply(ladder);
    const took = clock.monotonic() - began;
    longest[kind] = Math.max(longest[kind] as number, took);
    if (kind === MULTIPLY) {
      if (2 * took <= SLICE_SECONDS) steps = Math.min(SLICE_STEPS, 2 * steps);
      else if (took > SLICE_SECONDS) steps = Math.max(1, Math.floor(steps / 2));
    }
    return ladder || kind === COMMIT ? PAUSE_SECONDS : POLL_SECONDS;
  }

  function slice(): void {
    const keys = facts.keys();
    let wait = POLL_SECONDS;
    try {
      if (keys) wait = work(keys);
    } catch (thrown) {
      const known = faultOf(thrown);
      if (!known || known.fault !== 'key-refused') throw thrown;
      // No later try could do better: the token goes on with what the host gave it.
      forget();
      onTrouble(thrown);
      return;
    }
    cancel = clock.after(wait, slice);
  }

  cancel = clock.after(BOOT_SECONDS, slice);

  return {
    forget,
    stop() {
      cancel();
      forget();
    },
  };
}
