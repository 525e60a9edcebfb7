/**
 * One simulated air for boards on the real interpreter and for tokens in this process, on one timeline. Boards are moved
 * from timer to timer; each advertising event that falls into somebody's scan window is heard there once, at its time.
 */
import type { Radio } from '../../../device/ports.js';
import { unixOfNtp } from '../../../device/robert/time.js';
import type { Timeline } from '../../../tools/simulate/timeline.js';
import type { AdvertReport, Interpreter, Report, Step, Stepped } from './interpreter.js';

/** What is received of `from` at `to`, dBm; undefined out of earshot. */
export type Loudness = (from: string, to: string) => number | undefined;

/** The same payload under the same address, said again and again. Times are NTP seconds. */
interface Saying {
  from: number;
  until: number;
  payload: Uint8Array;
  /** Seconds. */
  interval: number;
}

interface Event {
  at: number;
  rssi: number;
  payload: Uint8Array;
}

/** Somebody on the air. */
interface Station {
  name: string;
  sayings: Saying[];
}

/** A board on the interpreter. */
interface Seat extends Station {
  board: Interpreter;
  /** NTP seconds at which its milliseconds begin. */
  zero: number;
  /** When its next timer is due, NTP seconds. */
  next: number;
  /** Where its clock is, NTP seconds. */
  now: number;
  /** Up to when it has heard what came into its open window; undefined without one. */
  heardUntil: number | undefined;
  /** Its clock runs with real time. */
  live: boolean;
}

/** Sayings are kept this long after their end, seconds, for windows that are behind. */
const KEPT = 5;
const NEVER = Number.POSITIVE_INFINITY;

/** Unix seconds, whole, at which a board that joins now has to be started. */
export function bootUnix(timeline: Timeline): number {
  return Math.floor(unixOfNtp(timeline.now()));
}

export class Air {
  private readonly seats: Seat[] = [];
  private readonly stations: Station[] = [];

  constructor(
    private readonly timeline: Timeline,
    private readonly loudness: Loudness,
  ) {}

  /** A board that was just started at `bootUnix` with speed 0. Resolves when it has booted. */
  async join(name: string, board: Interpreter): Promise<void> {
    const zero = Math.floor(this.timeline.now());
    const seat: Seat = { name, sayings: [], board, zero, next: NEVER, now: zero, heardUntil: undefined, live: false };
    board.onReport((report) => this.take(seat, report));
    this.stations.push(seat);
    this.seats.push(seat);
    await this.step(seat, this.timeline.now());
  }

  /** The radio of a token in this process. */
  radio(name: string, txGain: number, rxGain: number): Radio {
    const station: Station = { name, sayings: [] };
    const { timeline } = this;
    this.stations.push(station);
    return {
      txGain,
      rxGain,
      advertise: (payload, _address, interval) => say(station, timeline.now(), payload, interval),
      silence: () => hush(station, timeline.now()),
      scan: (seconds, heard) => {
        const from = timeline.now();
        // When the window ends, everybody has said what falls into it.
        timeline.at(from + seconds, () => {
          for (const { payload, rssi } of this.audible(station, from, from + seconds)) heard(payload, rssi);
        });
      },
    };
  }

  /** Lets so many seconds pass for everybody, as fast as the interpreters can. */
  async advance(seconds: number): Promise<void> {
    const until = this.timeline.now() + seconds;
    for (;;) {
      const due = this.seats.filter((seat) => seat.next < until);
      const first = Math.min(until, ...due.map((seat) => seat.next));
      this.timeline.advance(Math.max(first, this.timeline.now()));
      this.forget(first - KEPT);
      if (due.length === 0) break;
      // Who has no window open hears nobody, and may run ahead while others are listening.
      const free = due.filter((seat) => seat.next === first || seat.heardUntil === undefined);
      await Promise.all(free.map((seat) => this.runAhead(seat, until)));
    }
    await Promise.all(this.seats.map((seat) => this.step(seat, until)));
  }

  /** Lets time pass with real time, for everybody in this process and for the board of `name`, while `work` lasts. */
  async live<T>(name: string, work: () => Promise<T>): Promise<T> {
    const seat = this.seats.find((other) => other.name === name);
    const failures: unknown[] = [];
    if (seat) await this.order(seat, { t: 'live', on: true, to: 0 });
    this.timeline.live((error) => failures.push(error));
    try {
      const done = await work();
      if (failures.length > 0) throw failures[0];
      return done;
    } finally {
      this.timeline.pause();
      const to = this.timeline.now();
      if (seat) await this.order(seat, { t: 'live', on: false, to: this.milliseconds(seat, to) });
      await this.advance(0);
    }
  }

  /** Goes from timer to timer until a window is open. */
  private async runAhead(seat: Seat, until: number): Promise<void> {
    do await this.step(seat, Math.max(seat.next, seat.now));
    while (seat.heardUntil === undefined && seat.next < until);
  }

  private milliseconds(seat: Seat, ntp: number): number {
    return Math.round((ntp - seat.zero) * 1000);
  }

  private async order(seat: Seat, command: Step): Promise<void> {
    seat.live = command.t === 'live' && command.on;
    const stepped: Stepped = await seat.board.step(command);
    seat.now = seat.zero + stepped.now / 1000;
    seat.next = stepped.next < 0 ? NEVER : seat.zero + stepped.next / 1000;
  }

  /** Moves a board to `ntp`, with what it hears on the way. */
  private async step(seat: Seat, ntp: number): Promise<void> {
    if (ntp < seat.now) return;
    const events = seat.heardUntil === undefined ? [] : this.audible(seat, seat.heardUntil, ntp);
    if (seat.heardUntil !== undefined) seat.heardUntil = ntp;
    seat.now = ntp;
    const heard = events.map(({ at, rssi, payload }): [number, number, string] => [
      this.milliseconds(seat, at),
      rssi,
      Buffer.from(payload).toString('base64'),
    ]);
    await this.order(seat, { t: 'step', to: this.milliseconds(seat, ntp), heard });
  }

  private take(seat: Seat, report: Report): void {
    const now = seat.live ? this.timeline.now() : seat.now;
    if (report.t === 'advert') {
      const { data, interval } = report as AdvertReport;
      say(seat, now, new Uint8Array(data), interval / 1000);
    } else if (report.t === 'silent') hush(seat, now);
    // Who is at the counter is not at a table.
    else if (report.t === 'scan') seat.heardUntil = seat.live ? undefined : now;
    else if (report.t === 'unscan') seat.heardUntil = undefined;
  }

  /** What reaches `listener` in [from, to), in order. */
  private audible(listener: Station, from: number, to: number): Event[] {
    const events: Event[] = [];
    for (const station of this.stations) {
      const rssi = station === listener ? undefined : this.loudness(station.name, listener.name);
      if (rssi === undefined) continue;
      for (const saying of station.sayings) {
        const first = Math.max(0, Math.ceil((from - saying.from) / saying.interval));
        const end = Math.min(to, saying.until);
        for (let at = saying.from + first * saying.interval; at < end; at += saying.interval) {
          events.push({ at, rssi, payload: saying.payload });
        }
      }
    }
    return events.sort((a, b) => a.at - b.at);
  }

  private forget(before: number): void {
    for (const station of this.stations) station.sayings = station.sayings.filter(({ until }) => until >= before);
  }
}

function hush(station: Station, now: number): void {
  for (const saying of station.sayings) saying.until = Math.min(saying.until, now);
}

function say(station: Station, now: number, payload: Uint8Array, interval: number): void {
  hush(station, now);
  station.sayings.push({ from: now, until: NEVER, payload: Uint8Array.from(payload), interval });
}
