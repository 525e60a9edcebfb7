/**
 * The air between the tokens of a simulation: hands out `Radio` ports and carries adverts between them, driven by
 * scans, so that a quiet hour costs nothing. What would have been heard without loss and fading is told apart, for the
 * truth that a run is judged by.
 */
import type { Radio } from '../../device/ports.js';
import { eventsInWindow, fading, type Link, link, type Propagation, type Standing } from './radio.js';
import type { Stream } from './random.js';
import type { Timeline } from './timeline.js';

export interface AirOptions extends Propagation {
  /** Share of adverts inside a scan window that are lost although strong enough and alone on the air. */
  loss: number;
  /** The weakest calibrated power that is still decoded, dBm. */
  sensitivity: number;
  /** Gains of every radio here (dB): a calibrated power p reaches the token as p + txGain + rxGain. */
  txGain: number;
  rxGain: number;
}

export const AIR_DEFAULTS = { exponent: 2.2, bodyDb: 8, loss: 0.3, sensitivity: -76, txGain: -18, rxGain: -4 } as const;

/** Watches the air. Times are NTP seconds. */
export interface AirWatcher {
  /** An advert was in a scan window, as without loss and fading: calibrated mean power. */
  ideal?(receiver: string, sender: string, time: number, dbm: number): void;
  /** An advert was really received, with the raw RSSI handed to the token. */
  heard?(receiver: string, sender: string, time: number, payload: Uint8Array, rssi: number): void;
}

/** Seconds that an advert takes on one channel. */
const AIRTIME = 376e-6;

interface Station {
  name: string;
  advert: { payload: Uint8Array; interval: number } | undefined;
}

export class Air {
  private readonly stations: Station[] = [];
  /** Of people who stay where they are: a stay is one object (people.ts). */
  private readonly links = new WeakMap<Standing, WeakMap<Standing, Link>>();

  /** `where` says where somebody is at a time, undefined for out of everyone's reach. */
  constructor(
    private readonly timeline: Timeline,
    private readonly random: Stream,
    private readonly options: AirOptions,
    private readonly where: (name: string, time: number) => Standing | undefined,
    private readonly watcher: AirWatcher = {},
  ) {}

  /** The radio of the token that `name` wears. One a name. */
  radio(name: string): Radio {
    const station: Station = { name, advert: undefined };
    this.stations.push(station);
    return {
      txGain: this.options.txGain,
      rxGain: this.options.rxGain,
      advertise: (payload, _address, interval) => {
        station.advert = { payload: payload.slice(), interval };
      },
      silence: () => {
        station.advert = undefined;
      },
      scan: (window, heard) => this.scan(station, window, heard),
    };
  }

  private scan(receiver: Station, window: number, heard: (payload: Uint8Array, rssi: number) => void): void {
    const now = this.timeline.now();
    const here = this.where(receiver.name, now);
    if (here === undefined) return;
    const audible: { sender: Station; interval: number; link: Link }[] = [];
    for (const sender of this.stations) {
      const there = sender === receiver || sender.advert === undefined ? undefined : this.where(sender.name, now);
      if (sender.advert === undefined || there === undefined || there.place !== here.place) continue;
      const between = this.linkOf(here, there);
      // A fade to 13 dB above the mean (twice in 10^9 adverts) would still not lift these to what is decoded.
      if (between.dbm < this.options.sensitivity - 13) continue;
      audible.push({ sender, interval: sender.advert.interval, link: between });
    }
    for (const { sender, interval, link: between } of audible) {
      // Each of the others destroys what begins within an airtime of its own.
      const alone = Math.exp((-2 * (audible.length - 1) * AIRTIME) / interval);
      const offsets = eventsInWindow(this.random, interval, window);
      const first = offsets[0];
      if (first !== undefined && between.dbm >= this.options.sensitivity) {
        this.watcher.ideal?.(receiver.name, sender.name, now + first, between.dbm);
      }
      for (const offset of offsets) this.carry(sender, receiver, now + offset, between, alone, heard);
    }
  }

  private linkOf(here: Standing, there: Standing): Link {
    let row = this.links.get(here);
    if (row === undefined) {
      row = new WeakMap();
      this.links.set(here, row);
    }
    let between = row.get(there);
    if (between === undefined) {
      between = link(this.options, here, there);
      row.set(there, between);
    }
    return between;
  }

  private carry(
    sender: Station,
    receiver: Station,
    time: number,
    { dbm, k }: Link,
    alone: number,
    heard: (payload: Uint8Array, rssi: number) => void,
  ): void {
    const received = dbm + 10 * Math.log10(fading(this.random, k));
    const isLost = this.random.unit() >= (1 - this.options.loss) * alone;
    if (isLost || received < this.options.sensitivity) return;
    const rssi = Math.round(received + this.options.txGain + this.options.rxGain);
    this.timeline.at(time, () => {
      // Between the start of the window and now the sender may have fallen silent or rebuilt its advert.
      if (sender.advert === undefined) return;
      this.watcher.heard?.(receiver.name, sender.name, time, sender.advert.payload, rssi);
      heard(sender.advert.payload, rssi);
    });
  }
}
