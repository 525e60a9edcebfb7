/** The story of the demo: a house, a day, a positive test, a report, the visits, and who is told. */
import { setImmediate } from 'node:timers/promises';
import { TWIN_PAGE_SIZE } from '../../device/boards/twin/board.js';
import { DEFAULT_SERVICE_START } from '../../device/robert/time.js';
import type { NtpClock } from '../../host/clock.js';
import { nodeRandom } from '../../host/crypto.js';
import { connectKiosk } from '../../host/kiosk/client.js';
import { reportContacts } from '../../host/link/visit/report.js';
import { synchronise } from '../../host/link/visit/synchronise.js';
import { provisionToken } from '../../host/provision/provision.js';
import { attack } from '../attack/attack.js';
import { batchesIn } from '../attack/image.js';
import { AIR_DEFAULTS, Air } from '../simulate/air.js';
import { DAY_LENGTH, type Day, drawDay } from '../simulate/day.js';
import { WALLS } from '../simulate/house.js';
import { Stream } from '../simulate/random.js';
import { Timeline } from '../simulate/timeline.js';
import { Truth } from '../simulate/truth.js';
import { type Wearer, wearToken } from '../simulate/wearer.js';
import type { Evidence } from './checks.js';
import { Desk } from './desk.js';
import type { Narrator } from './narrator.js';
import type { DemoOptions } from './options.js';
import { type Outcome, outcomeOf } from './outcome.js';
import { faultyCounter, interference } from './sabotage.js';
import { type Servers, startServers } from './servers.js';

const EPOCH = 900;
/** From the end of the day to now: the longest delay of a signal (an hour), and time for all the visits before it. */
const AFTERWARDS = 75 * 60;
/** The morning on which the tokens are given out. */
const BEFOREHAND = EPOCH;
const STEP = 1800;
/** How long the counter waits for the server's receipt. */
const RECEIPT_SECONDS = 5;

export interface Told {
  outcome: Outcome;
  evidence: Evidence;
  servers: Servers;
  wearers: Wearer[];
  timeline: Timeline;
}

/** One demo under way. */
export class Story {
  private readonly timeline: Timeline;
  /** NTP seconds of the house's 06:00; a whole epoch, so that a seed gives the same day at any hour. */
  private readonly begins: number;
  private readonly day: Day;
  private readonly wearers: Wearer[];
  private readonly positive: Wearer | undefined;
  private readonly truth: Truth | undefined;
  private packets = 0;
  private trouble: unknown;

  constructor(
    private readonly options: DemoOptions,
    private readonly tell: Narrator,
    private readonly realNow: NtpClock,
  ) {
    const { seed, planted, nobodyPositive } = options;
    const latest = realNow() - AFTERWARDS - DAY_LENGTH;
    this.begins = latest - (latest % EPOCH);
    this.timeline = new Timeline(this.begins - BEFOREHAND, () => performance.now() / 1000);
    this.day = drawDay(new Stream(seed, 'day'));
    const people = new Map(this.day.people.map((person) => [person.name, person]));
    const air = new Air(
      this.timeline,
      new Stream(seed, 'air'),
      { ...AIR_DEFAULTS, walls: WALLS },
      (name, time) => people.get(name)?.standing(time - this.begins),
      {
        ideal: (receiver, sender, time, dbm) => this.truth?.ideal(receiver, sender, time, dbm),
        heard: () => {
          this.packets += 1;
        },
      },
    );
    const between = {
      ...interference(planted),
      onTrouble: (person: Wearer['person'], what: string) => this.fail(new Error(`token of ${person.name}: ${what}`)),
    };
    this.wearers = this.day.people.map((person) => wearToken(person, seed, this.timeline, air, between));
    const residents = this.wearers.filter(({ person }) => person.role === 'resident');
    const drawn = residents[new Stream(seed, 'positive').below(residents.length)] as Wearer;
    this.positive = nobodyPositive ? undefined : drawn;
    this.truth = nobodyPositive ? undefined : new Truth(drawn.person.name, DEFAULT_SERVICE_START);
  }

  /** Tells the whole story. `folder` takes all files; `opened` is handed the servers as soon as there is something to close. */
  async run(folder: string, opened: (servers: Servers) => void): Promise<Told> {
    const { options, tell, timeline, wearers } = this;
    const servers = await startServers(folder, timeline.now);
    opened(servers);
    const kiosk = connectKiosk(servers.kioskUrl);
    try {
      tell.say('servers', { backend: servers.backendUrl, kiosk: servers.kioskUrl, folder });
      const desk = new Desk(faultyCounter(kiosk, options.planted));
      await this.provision(desk, servers);
      const suspect = this.positive ?? (wearers[0] as Wearer);
      const night = await this.live(suspect);
      // Before the report: after its receipt the token goes over to another ticket, which nothing of before opens.
      const morning = new Uint8Array(suspect.board.flash.bytes);
      const kept = await this.report(desk, servers);
      await this.visit(desk);
      tell.say('hour');
      await this.advance(this.realNow());
      const thief = attack(night, new Uint8Array(0), morning, TWIN_PAGE_SIZE);
      tell.say('thief', {
        name: suspect.person.name,
        windows: thief.windows,
        opened: thief.opened.length,
        batches: thief.batches,
      });
      const evidence = await evidenceOf(servers);
      if (this.trouble !== undefined) throw this.trouble;
      const effort = {
        serialBytes: desk.serialBytes,
        httpRequests: servers.requests(),
        flashOps: wearers.reduce((sum, { board }) => sum + board.flash.operations(), 0),
      };
      const outcome = outcomeOf(options.seed, this.day, wearers, this.positive, this.truth, effort);
      return { outcome, evidence: { ...evidence, kept, thief }, servers, wearers, timeline };
    } finally {
      kiosk.close();
      timeline.pause();
    }
  }

  private fail(error: unknown): void {
    this.trouble ??= error;
  }

  /** Runs `work` while virtual time passes with real time, as in a visit it does. */
  private async inRealTime<T>(work: () => Promise<T>): Promise<T> {
    this.timeline.live((error) => this.fail(error));
    try {
      return await work();
    } finally {
      this.timeline.pause();
    }
  }

  /** Lets virtual time run to `until`, in steps between which the servers get their turn. */
  private async advance(until: number): Promise<void> {
    for (let at = this.timeline.now() + STEP; at < until; at += STEP) {
      this.timeline.advance(at);
      await setImmediate();
    }
    this.timeline.advance(until);
  }

  /** Time stands still meanwhile, so that the tokens' day does not depend on how fast this computer is. */
  private async provision(desk: Desk, servers: Servers): Promise<void> {
    this.tell.say('provisioning');
    const { credential } = servers;
    await this.each(this.wearers, (wearer) =>
      desk.visit(wearer, (visit) => provisionToken(visit, { credential, random: nodeRandom })),
    );
    await this.advance(this.begins);
  }

  /** The day; returns what a thief reads in the night from the token of `suspect`. */
  private async live(suspect: Wearer): Promise<Uint8Array> {
    let stolen = new Uint8Array(0);
    for (const { at, what } of this.day.moments) {
      await this.advance(this.begins + at);
      if (what === 'night') stolen = new Uint8Array(suspect.board.flash.bytes);
      const batches = what === 'morning' ? this.batches() : 0;
      this.tell.say(what, { packets: this.packets, batches }, houseTime(at));
    }
    return stolen;
  }

  private batches(): number {
    return this.wearers.reduce((sum, { board }) => sum + batchesIn(board.flash.bytes, TWIN_PAGE_SIZE).length, 0);
  }

  /** The positive resident's report; how many reports the counter acknowledged. */
  private async report(desk: Desk, servers: Servers): Promise<number> {
    const { tell, positive } = this;
    if (positive === undefined) {
      tell.say('nobody');
      return 0;
    }
    return await this.inRealTime(async () => {
      const code = await servers.issueCode();
      tell.say('positive', { name: positive.person.name, code });
      const reported = await desk.visit(
        positive,
        (visit) => reportContacts(visit, { code, receiptSeconds: RECEIPT_SECONDS }),
        ({ step }) => {
          if (step !== 'consent' || positive.token.signal() !== 'consent') return;
          tell.say('consent');
          positive.board.press(3.2);
        },
      );
      tell.say('kept', { batches: reported.batches });
      tell.say(reported.outcome === 'delivered' ? 'receipted' : 'unreceipted');
      await servers.settle();
      tell.say('scored');
      return 1;
    });
  }

  private async visit(desk: Desk): Promise<void> {
    this.tell.say('others');
    const others = this.wearers.filter((wearer) => wearer !== this.positive);
    await this.inRealTime(() => this.each(others, (wearer) => desk.visit(wearer, synchronise)));
  }

  private async each(wearers: Wearer[], work: (wearer: Wearer) => Promise<unknown>): Promise<void> {
    for (const [done, wearer] of wearers.entries()) {
      this.tell.progress(done, wearers.length);
      await work(wearer);
    }
    this.tell.progress(wearers.length, wearers.length);
  }
}

/** 06:00 is where the house's day begins. */
function houseTime(seconds: number): string {
  const minutes = Math.round(seconds / 60) + 6 * 60;
  const two = (value: number) => String(value).padStart(2, '0');
  return `${two(Math.floor(minutes / 60) % 24)}:${two(minutes % 60)}`;
}

async function evidenceOf(servers: Servers): Promise<Omit<Evidence, 'kept' | 'thief'>> {
  const counters = await servers.counters();
  return {
    received: counters.get('galet_uploads_total{outcome="accepted"}') ?? 0,
    // Those that did not open are among the missing.
    batchesLost: counters.get('galet_batches_total{outcome="missing"}') ?? 0,
    macsRefused: servers.contacts().get('all-macs-invalid') ?? 0,
  };
}
