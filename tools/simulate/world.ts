/**
 * A world in virtual time: people with real tokens, the air between them, counters, and the server behind, all in one
 * process and from one seed. Same seed and same commit, same event hash (R6).
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { isPowerCut, type TwinFlash } from '../../device/boards/twin/flash.js';
import type { Radio } from '../../device/ports.js';
import { EPOCH_SECONDS } from '../../device/robert/time.js';
import { GaletError } from '../../host/errors.js';
import { reportContacts } from '../../host/link/visit/report.js';
import { synchronise } from '../../host/link/visit/synchronise.js';
import type { Visit } from '../../host/link/visit/visit.js';
import { provisionToken } from '../../host/provision/provision.js';
import { AIR_DEFAULTS, Air } from './air.js';
import { Chronicle, type Watcher } from './chronicle.js';
import { linkOn, Waits, type Wire, wireOn } from './counter-visit.js';
import type { Ending } from './invariants.js';
import type { Person } from './people.js';
import { Stream } from './random.js';
import type { PersonRecord, RunRecord } from './record.js';
import { openScenario, SCENARIO_DAY, type Scenario, type ScenarioName } from './scenarios.js';
import { type Faults, flawless } from './seams.js';
import { type Counterpart, Services } from './services.js';
import { Timeline } from './timeline.js';
import { HeardTruth } from './truth-heard.js';
import { type PlannedVisit, planVisits } from './visits.js';
import { type Wearer, wearToken } from './wearer.js';

export interface WorldOptions {
  seed: number;
  scenario: ScenarioName;
  tokens: number;
  days: number;
  faults?: Faults;
  watchers?: readonly Watcher[];
  /** The authority's, beside its defaults. */
  parameters?: Record<string, unknown>;
  /** Shown what is left when everything is over, before it is taken away. */
  atEnd?: (ending: Ending) => void;
  /** Told at each hour of virtual time how much of the run is over, 0 to 1. */
  progress?: (share: number) => void;
}

/** NTP seconds of a day's beginning, a whole epoch after the service began: the same for every seed. */
const BEGINS = 4_000_000_000 - (4_000_000_000 % SCENARIO_DAY) + 4 * 3600;
/** The morning on which tokens are given out. */
const BEFOREHAND = 2 * EPOCH_SECONDS;
const KIOSKS = ['kiosk 1', 'kiosk 2'];
const HOUR = 3600;
const JOBS_SECONDS = 300;
/** After the last day: reports are mixed and scored, everybody visits once more, and signals are waited for. */
const SCORED = 2 * HOUR;
const SIGNALLED = 1.5 * HOUR;
const RETRY = HOUR;
const RETRIES_MAX = 400;
const CONSENT_PRESS = 3.2;
const RECEIPT_SECONDS = 20;
/** Events between two looks at what else this process has to do. */
const BREATH = 2000;

interface Tally {
  windows: number;
  hellos: number;
  batches: number;
  /** Whether the token has ever said that its wearer is at risk. */
  told: boolean;
}

export class World {
  readonly timeline: Timeline;
  readonly chronicle: Chronicle;
  readonly begins = BEGINS;
  readonly ends: number;
  readonly wearers = new Map<string, Wearer>();
  readonly services: Services;
  readonly folder: string;
  private readonly scenario: Scenario;
  private readonly faults: Faults;
  private readonly plan: PlannedVisit[];
  private readonly truth: HeardTruth;
  private readonly tallies = new Map<string, Tally>();
  private readonly reportedAt = new Map<string, number>();
  private readonly waits = new Waits();
  private people: ReadonlyMap<string, Person>;
  private today = BEGINS;
  /** What events have asked for and cannot do themselves, because it takes promises. */
  private chores: (() => Promise<void>)[] = [];
  private queue: PlannedVisit[] = [];
  private isUploaderAwake = false;
  private atCounter: { wearer: Wearer; wire: Wire } | undefined;
  private breaths = 0;

  constructor(private readonly options: WorldOptions) {
    const { seed, scenario, tokens, days, faults = flawless, watchers = [] } = options;
    this.ends = BEGINS + days * SCENARIO_DAY;
    this.timeline = new Timeline(BEGINS - BEFOREHAND, () => 0);
    this.chronicle = new Chronicle(this.timeline.now, watchers);
    this.faults = faults;
    this.scenario = openScenario(scenario, seed, tokens);
    this.people = this.scenario.day(0);
    this.plan = planVisits(new Stream(seed, 'visits'), this.scenario.members, days, KIOSKS);
    const reporters = this.plan.filter(({ isReport }) => isReport).map(({ who }) => who);
    this.truth = new HeardTruth(reporters, AIR_DEFAULTS.txGain + AIR_DEFAULTS.rxGain);
    this.folder = mkdtempSync(join(tmpdir(), 'galet-simulate-'));
    this.services = new Services({
      folder: this.folder,
      now: this.timeline.now,
      random: (name) => new Stream(seed, name),
      kiosks: KIOSKS,
      parameters: options.parameters ?? {},
      after: (seconds, callback) =>
        this.timeline.at(this.timeline.now() + seconds, () => {
          this.isUploaderAwake = true;
          callback();
        }),
      dress: (send, kiosk) => this.faults.dress('network', send, kiosk),
    });
    this.wear();
  }

  /** Lives all days and what follows them. Rejects with what a watcher or the code under test throws. Once. */
  async run(): Promise<RunRecord> {
    const began = performance.now();
    try {
      await this.services.open();
      await this.provision();
      this.schedule();
      await this.pass(this.ends);
      await this.pass(this.ends + SCORED);
      for (const { name } of this.scenario.members) {
        this.queue.push({ who: name, at: 0, kiosk: KIOSKS[0] as string, isReport: false });
      }
      await this.settle();
      await this.pass(this.timeline.now() + SIGNALLED);
      this.options.atEnd?.(await this.ending());
      return this.record((performance.now() - began) / 1000);
    } finally {
      await this.close();
    }
  }

  private wear(): void {
    const { seed } = this.options;
    const air = new Air(
      this.timeline,
      new Stream(seed, 'air'),
      { ...AIR_DEFAULTS, walls: this.scenario.walls },
      (name, time) => this.people.get(name)?.standing(time - this.today),
      {
        heard: (who, from, time, payload, rssi) => {
          this.chronicle.note({ what: 'heard', who, from, payload, rssi });
          this.truth.heard(who, from, time, rssi);
        },
      },
    );
    for (const { name } of this.scenario.members) {
      const tally = { windows: 0, hellos: 0, batches: 0, told: false };
      this.tallies.set(name, tally);
      const person = this.people.get(name) as Person;
      const wearer = wearToken(person, seed, this.timeline, air, {
        radio: (radio) => this.faults.dress('radio', this.told(name, tally, radio), name),
        flash: (flash) => this.faults.dress('flash', this.written(name, tally, flash), name),
        drift: (ppm) => this.faults.dress('drift', ppm, name),
        onSignal: (_person, signal) => {
          if (signal === 'at-risk') tally.told = true;
          this.chronicle.note({ what: 'signal', who: name, signal });
        },
        onTrouble: (_person, fault) => this.chronicle.note({ what: 'trouble', who: name, fault }),
      });
      this.wearers.set(name, wearer);
    }
  }

  private told(who: string, tally: Tally, radio: Radio): Radio {
    return {
      ...radio,
      advertise: (payload, address, interval) => {
        tally.hellos += 1;
        this.chronicle.note({ what: 'advert', who, address, payload });
        radio.advertise(payload, address, interval);
      },
      silence: () => {
        this.chronicle.note({ what: 'silent', who });
        radio.silence();
      },
      scan: (window, heard) => {
        tally.windows += 1;
        radio.scan(window, heard);
      },
    };
  }

  private written(who: string, tally: Tally, flash: TwinFlash): TwinFlash {
    return {
      ...flash,
      sync: (commit) => {
        flash.sync(commit);
        if (commit !== 'log.batch') return;
        tally.batches += 1;
        this.truth.committed(who, this.timeline.now());
        this.chronicle.note({ what: 'batch', who, index: tally.batches });
      },
    };
  }

  private schedule(): void {
    const { timeline } = this;
    for (let day = 0; day < this.options.days; day++) {
      const at = BEGINS + day * SCENARIO_DAY;
      timeline.at(at, () => {
        this.today = at;
        this.people = this.scenario.day(day);
      });
    }
    for (const visit of this.plan) timeline.at(BEGINS + visit.at, () => this.queue.push(visit));
    const work = (): void => {
      this.chores.push(() => this.services.runJobs());
      timeline.at(timeline.now() + JOBS_SECONDS, work);
    };
    timeline.at(BEGINS, work);
    const tick = (): void => {
      this.options.progress?.(Math.min(1, (timeline.now() - BEGINS) / (this.ends - BEGINS)));
      timeline.at(timeline.now() + HOUR, tick);
    };
    timeline.at(BEGINS, tick);
    this.faults.begin({
      timeline,
      chronicle: this.chronicle,
      tokens: [...this.wearers.keys()],
      kiosks: KIOSKS,
      begins: BEGINS,
      ends: this.ends,
      reset: (who, lostPower) => this.reset(who, lostPower),
      network: (kiosk, isUp) => {
        this.kiosk(kiosk).line.isUp = isUp;
        this.chronicle.note({ what: 'network', kiosk, isUp });
      },
      crashKiosk: (kiosk) => {
        this.chronicle.note({ what: 'kiosk-crash', kiosk });
        this.chores.push(() => this.kiosk(kiosk).restart());
      },
      crashBackend: () => {
        this.chronicle.note({ what: 'backend-crash' });
        this.chores.push(() => this.services.restartBackend());
      },
      fillDisk: (kiosk, isFull) => {
        this.kiosk(kiosk).isDiskFull = isFull;
      },
    });
  }

  private kiosk(name: string): Counterpart {
    return this.services.kiosks.get(name) as Counterpart;
  }

  private reset(who: string, lostPower: boolean): void {
    const wearer = this.wearers.get(who) as Wearer;
    wearer.board.unplug();
    this.chronicle.note({ what: 'reset', who, lostPower });
    this.truth.forget(who);
    wearer.restart(lostPower);
    if (this.atCounter?.wearer === wearer) wearer.board.plug(this.atCounter.wire.tokenEnd);
  }

  /** Lets time pass, and does on the way what is due. */
  private async pass(until: number): Promise<void> {
    while (this.step(until)) {
      if (this.chores.length > 0 || this.queue.length > 0 || this.isUploaderAwake) await this.settle();
      if (this.breaths++ % BREATH === 0) await setImmediate();
    }
  }

  /** One event; what a torn write throws has ended the token that wrote, and nothing else. */
  private step(until: number): boolean {
    try {
      return this.timeline.step(until);
    } catch (error) {
      if (!isPowerCut(error)) throw error;
      return true;
    }
  }

  private async settle(): Promise<void> {
    await this.work();
    for (let next = this.queue.shift(); next !== undefined; next = this.queue.shift()) {
      await this.attend(next, 0);
      await this.work();
    }
  }

  /** What is due apart from visits. */
  private async work(): Promise<void> {
    for (let chore = this.chores.shift(); chore !== undefined; chore = this.chores.shift()) await chore();
    this.isUploaderAwake = false;
    for (const kiosk of this.services.kiosks.values()) await kiosk.rest();
  }

  private async provision(): Promise<void> {
    const { credential } = this.services;
    for (const [name, wearer] of this.wearers) {
      const random = new Stream(this.options.seed, `keys of ${name}`);
      await this.meet(wearer, KIOSKS[0] as string, (visit) => provisionToken(visit, { credential, random }));
      this.chronicle.note({ what: 'provisioned', who: name });
    }
    await this.pass(BEGINS);
  }

  /** A visit, and when it fails another one later, as people do. */
  private async attend(planned: PlannedVisit, tries: number): Promise<void> {
    const { who, kiosk, isReport } = planned;
    const wearer = this.wearers.get(who) as Wearer;
    let outcome: string;
    try {
      outcome = await this.meet(wearer, kiosk, async (visit) => {
        // A report first: it needs nobody but the counter. Once kept it is the kiosk's to deliver.
        const reported = isReport && !this.reportedAt.has(who) ? await this.report(visit, planned) : undefined;
        await synchronise(visit);
        return reported ?? 'synchronised';
      });
    } catch (error) {
      if (!(error instanceof GaletError)) throw error;
      outcome = error.code;
      if (tries < RETRIES_MAX) {
        this.timeline.at(this.timeline.now() + RETRY, () => {
          this.chores.push(() => this.again(planned, tries + 1));
        });
      }
    }
    this.chronicle.note({ what: 'visit', who, kiosk, outcome });
  }

  /** Waits in line when somebody else is at a counter. */
  private async again(planned: PlannedVisit, tries: number): Promise<void> {
    if (this.atCounter === undefined) await this.attend(planned, tries);
    else this.timeline.at(this.timeline.now() + RETRY / 60, () => this.chores.push(() => this.again(planned, tries)));
  }

  private async report(visit: Visit, { who, kiosk }: PlannedVisit): Promise<string> {
    this.chronicle.note({ what: 'positive', who });
    const code = await this.services.issueCode();
    const { outcome } = await reportContacts(visit, { code, receiptSeconds: RECEIPT_SECONDS });
    this.reportedAt.set(who, this.timeline.now());
    this.chronicle.note({ what: 'report-kept', who, kiosk, report: `report of ${who}` });
    if (outcome === 'delivered') this.chronicle.note({ what: 'report-receipt', who, report: `report of ${who}` });
    return outcome;
  }

  /** Puts a token on a counter for as long as `work` takes; time passes whenever somebody waits for it. */
  private async meet<T>(wearer: Wearer, kiosk: string, work: (visit: Visit) => Promise<T>): Promise<T> {
    const { timeline, waits } = this;
    const who = wearer.person.name;
    const wire = wireOn(timeline);
    this.atCounter = { wearer, wire };
    wearer.board.plug(wire.tokenEnd);
    const carrier = this.faults.dress('link', wire.counterEnd, who);
    const link = linkOn(timeline, new Stream(this.options.seed, `link to ${who} at ${timeline.now()}`), carrier, waits);
    const visit: Visit = {
      token: link.token,
      counter: this.kiosk(kiosk).client,
      progress: ({ step }) => {
        if (step === 'consent') this.consent(wearer);
      },
      wait: (seconds) => waits.during(new Promise((resolve) => timeline.at(timeline.now() + seconds, () => resolve()))),
    };
    try {
      return await this.during(work(visit));
    } finally {
      await link.close();
      wearer.board.unplug();
      this.atCounter = undefined;
    }
  }

  private consent(wearer: Wearer): void {
    if (wearer.token.signal() !== 'consent') return;
    this.chronicle.note({ what: 'asked', who: wearer.person.name });
    this.chronicle.note({ what: 'consented', who: wearer.person.name });
    wearer.board.press(CONSENT_PRESS);
  }

  /** Moves time, event by event, whenever `work` waits for nothing else. */
  private async during<T>(work: Promise<T>): Promise<T> {
    let isOver = false;
    const end = (): void => {
      isOver = true;
    };
    work.then(end, end);
    while (!isOver) {
      await setImmediate();
      if (isOver || !this.waits.areThere) continue;
      await this.work();
      this.step(Number.POSITIVE_INFINITY);
    }
    return await work;
  }

  private async ending(): Promise<Ending> {
    const kiosks = [...this.services.kiosks.values()];
    let waiting = 0;
    for (const { client } of kiosks) waiting += (await client.queue()).waiting;
    return {
      people: this.scenario.members.map(({ name, role }) => this.personRecord(name, role)),
      courierFolders: kiosks.map(({ databaseFile }) => dirname(databaseFile)),
      waiting,
      now: this.timeline.now(),
    };
  }

  private record(realSeconds: number): RunRecord {
    const { seed, scenario, tokens, days } = this.options;
    return {
      seed,
      scenario,
      tokens,
      days,
      eventHash: this.chronicle.digest(),
      virtualSeconds: this.timeline.now() - (BEGINS - BEFOREHAND),
      realSeconds,
      counts: Object.fromEntries(this.chronicle.counts),
      people: this.scenario.members.map(({ name, role }) => this.personRecord(name, role)),
    };
  }

  private personRecord(name: string, role: string): PersonRecord {
    const wearer = this.wearers.get(name) as Wearer;
    const { told, ...tally } = this.tallies.get(name) as Tally;
    return {
      name,
      role,
      isPositive: this.reportedAt.has(name),
      ...this.truth.judge(name, this.reportedAt),
      isWarned: told,
      flashOperations: wearer.board.flash.operations(),
      ...tally,
    };
  }

  private async close(): Promise<void> {
    for (const wearer of this.wearers.values()) wearer.token.stop();
    await this.services.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
