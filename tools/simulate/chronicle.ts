/**
 * The chronicle of a run: everything noteworthy, in order. It feeds one SHA-256, the *event hash* by which two runs of one
 * seed are compared (R6), and whoever watches: the invariants, the report.
 */
import { createHash } from 'node:crypto';

/** What may happen. `who` is a token by its wearer's name; ids of reports are numbered in order of appearance. */
export type Happening =
  | { what: 'advert'; who: string; address: Uint8Array; payload: Uint8Array }
  | { what: 'silent'; who: string }
  | { what: 'heard'; who: string; from: string; payload: Uint8Array; rssi: number }
  | { what: 'batch'; who: string; index: number }
  | { what: 'reset'; who: string; lostPower: boolean }
  | { what: 'visit'; who: string; kiosk: string; outcome: string }
  | { what: 'provisioned'; who: string }
  | { what: 'positive'; who: string }
  | { what: 'asked'; who: string }
  | { what: 'consented'; who: string }
  | { what: 'report-kept'; who: string; kiosk: string; report: string }
  | { what: 'report-accepted'; report: string }
  | { what: 'report-receipt'; who: string; report: string }
  | { what: 'signal'; who: string; signal: string }
  | { what: 'trouble'; who: string; fault: string }
  | { what: 'fault'; kind: string; detail: string }
  | { what: 'network'; kiosk: string; isUp: boolean }
  | { what: 'kiosk-crash'; kiosk: string }
  | { what: 'backend-crash' }
  | { what: 'jobs' };

/** A happening and its moment: NTP seconds, to the microsecond. */
export type WorldEvent = Happening & { at: number };
export type EventOf<W extends Happening['what']> = Extract<WorldEvent, { what: W }>;

/** Is shown every event as it happens. What it throws ends the run. */
export interface Watcher {
  see(event: WorldEvent): void;
}

/** Bytes that are gathered before they are hashed. */
const GATHER = 1 << 16;

export class Chronicle {
  private readonly hash = createHash('sha256');
  private gathered = '';
  private readonly counted = new Map<string, number>();

  constructor(
    private readonly now: () => number,
    private readonly watchers: readonly Watcher[],
  ) {}

  /** Events so far, by name. */
  get counts(): ReadonlyMap<string, number> {
    return this.counted;
  }

  note(happening: Happening): void {
    const at = Math.round(this.now() * 1e6) / 1e6;
    const event: WorldEvent = { at, ...happening };
    this.counted.set(event.what, (this.counted.get(event.what) ?? 0) + 1);
    this.gathered += `${lineOf(event)}\n`;
    if (this.gathered.length > GATHER) this.feed();
    for (const watcher of this.watchers) watcher.see(event);
  }

  /** The hash over everything noted, hexadecimal. Ends the chronicle. */
  digest(): string {
    this.feed();
    return this.hash.digest('hex');
  }

  private feed(): void {
    this.hash.update(this.gathered);
    this.gathered = '';
  }
}

/** One line an event: its fields in the order in which they were given, bytes as latin1, which is cheap. */
function lineOf(event: WorldEvent): string {
  let line = '';
  for (const value of Object.values(event)) {
    line +=
      value instanceof Uint8Array
        ? Buffer.from(value.buffer, value.byteOffset, value.length).toString('latin1')
        : value;
    line += '|';
  }
  return line;
}
