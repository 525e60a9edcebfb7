/**
 * A house in virtual time: the real server and the real kiosk in this process, the real token code on simulated boards,
 * one clock for all, so that weeks pass in seconds. Who is in the same place hears each other clearly.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { pino } from 'pino';
import { TWIN_PAGE_SIZE, TWIN_PAGES, type TwinBoard, twinBoard } from '../../device/boards/twin/board.js';
import { twinFlash } from '../../device/boards/twin/flash.js';
import type { Ports, Radio } from '../../device/ports.js';
import { startToken, type Token, type TokenOptions } from '../../device/token/token.js';
import { initBackend } from '../../host/backend/admin/initialise.js';
import { type BackendClient, connectBackend } from '../../host/backend/client.js';
import { parametersFrom } from '../../host/backend/parameters.js';
import { type Backend, startBackend } from '../../host/backend/serve.js';
import { nodeDigest, nodeRandom } from '../../host/crypto.js';
import { connectKiosk, type KioskClient } from '../../host/kiosk/client.js';
import { type Kiosk, startKiosk } from '../../host/kiosk/serve.js';
import { TokenLink } from '../../host/link/client.js';
import type { Counter } from '../../host/link/visit/counter.js';
import { type Reported, reportContacts } from '../../host/link/visit/report.js';
import { type Synchronised, synchronise } from '../../host/link/visit/synchronise.js';
import type { Visit } from '../../host/link/visit/visit.js';
import { provisionToken } from '../../host/provision/provision.js';
import { BoardClock, Timeline } from '../../tools/simulate/timeline.js';
import { cable } from '../support/cable.js';
import { seededRandom } from '../support/chance.js';
import { type Ledger, readLedger } from './ledger.js';

export const HOUR = 3600;
export const DAY = 86_400;

const RSSI = -42;
const STEP = 6 * HOUR;
const CONSENT_PRESS = 3.2;
const RECEIPT_SECONDS = 20;

/** Whoever can be heard in a place. */
export interface Station {
  place: string;
  /** The advert on air now. */
  readonly onAir: Uint8Array | undefined;
}

/** Boots a token, the full one unless somebody wears another. */
export type Start = (ports: Ports, options: TokenOptions) => Pick<Token, 'signal' | 'stop'>;

/** Somebody with a token. */
export class Person implements Station {
  board: TwinBoard;
  token: Token;
  readonly clock: BoardClock;
  /** Where she is; alone when empty. */
  place = '';
  /** What went wrong inside the token: nothing ever should. */
  readonly troubles: string[] = [];
  onAir: Uint8Array | undefined;
  private readonly radio: Radio;

  constructor(
    readonly name: string,
    timeline: Timeline,
    private readonly random: ReturnType<typeof seededRandom>,
    others: () => Station[],
    private readonly start: Start = startToken,
    flash = twinFlash(TWIN_PAGES, TWIN_PAGE_SIZE),
  ) {
    this.clock = new BoardClock(timeline, 0);
    this.radio = {
      txGain: 0,
      rxGain: 0,
      advertise: (payload) => {
        this.onAir = payload;
      },
      silence: () => {
        this.onAir = undefined;
      },
      scan: (_window, heard) => {
        if (this.place === '') return;
        for (const other of others()) {
          if (other === this || other.place !== this.place || other.onAir === undefined) continue;
          heard(other.onAir, RSSI);
          heard(other.onAir, RSSI);
        }
      },
    };
    this.board = this.boardOf(flash);
    this.token = this.boot();
  }

  private boardOf(flash: TwinBoard['flash']): TwinBoard {
    const { random, clock, radio } = this;
    return twinBoard({ digest: nodeDigest, random, clock, radio, flash });
  }

  private boot(): Token {
    // Who wears another token asks it for no more than that.
    return this.start(this.board.ports, { onTrouble: (what) => this.troubles.push(what) }) as Token;
  }

  /** The token is switched off, or its battery is empty. */
  off(): void {
    this.token.stop();
    this.onAir = undefined;
  }

  /** Switched on again, from its flash; `lostPower` when even its clock had stopped. */
  on(lostPower = false): void {
    if (lostPower) this.clock.losePower();
    this.board = this.boardOf(this.board.flash.afterReset());
    this.token = this.boot();
  }
}

export interface WorldOptions {
  /** NTP seconds at which the story begins. */
  start: number;
  seed?: number;
  /** The authority's parameters beside those that keep a test short. */
  parameters?: Record<string, unknown>;
  /** Instead of a temporary folder, which `close` removes. */
  folder?: string;
}

export class World {
  private readonly people: Person[] = [];
  private readonly stations: Station[] = [];
  private born = 0;

  private constructor(
    readonly timeline: Timeline,
    readonly folder: string,
    private readonly isTemporary: boolean,
    private readonly seed: number,
    public backend: Backend,
    readonly kiosk: Kiosk,
    readonly counter: KioskClient,
    readonly server: BackendClient,
    readonly credential: string,
    private parameters: Record<string, unknown>,
  ) {}

  static async open(options: WorldOptions): Promise<World> {
    const { start, seed = 1 } = options;
    const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'galet-world-'));
    const timeline = new Timeline(start, () => performance.now() / 1000);
    const dir = join(folder, 'backend');
    const { credentialFile } = await initBackend({ dir }, timeline.now);
    const parameters = { mixReports: 1, statusGapEpochs: 0, ...options.parameters };
    writeFileSync(join(dir, 'parameters.json'), JSON.stringify(parameters));
    const backend = await World.startBackend(dir, timeline, parameters, 0);
    const kiosk = await startKiosk({
      backendUrl: backend.url,
      databaseFile: join(folder, 'kiosk', 'outbox.db'),
      port: 0,
      clock: timeline.now,
      random: nodeRandom,
      logger: pino({ level: 'silent' }),
      reserveBytes: 0,
    });
    return new World(
      timeline,
      folder,
      options.folder === undefined,
      seed,
      backend,
      kiosk,
      connectKiosk(kiosk.url),
      connectBackend(backend.url),
      readFileSync(credentialFile, 'utf8').trim(),
      parameters,
    );
  }

  private static startBackend(dir: string, timeline: Timeline, parameters: unknown, port: number): Promise<Backend> {
    return startBackend({
      dir,
      port,
      captcha: 'off',
      clock: timeline.now,
      random: nodeRandom,
      logger: pino({ level: 'silent' }),
      parameters: parametersFrom(parameters),
      schedule: false,
    });
  }

  get now(): number {
    return this.timeline.now();
  }

  get dir(): string {
    return join(this.folder, 'backend');
  }

  /** The server starts again, at the same address, as the authority's new parameters say. */
  async newParameters(parameters: Record<string, unknown>): Promise<void> {
    this.parameters = { ...this.parameters, ...parameters };
    const { port } = new URL(this.backend.url);
    await this.backend.close();
    this.backend = await World.startBackend(this.dir, this.timeline, this.parameters, Number(port));
  }

  /** A blank token and its wearer. */
  person(name: string, start?: Start): Person {
    this.born += 1;
    const person = new Person(
      name,
      this.timeline,
      seededRandom(this.seed * 1000 + this.born),
      () => this.stations,
      start,
    );
    this.people.push(person);
    this.stations.push(person);
    return person;
  }

  /** Something else that can be heard: a phone. */
  add(station: Station): void {
    this.stations.push(station);
  }

  /** A token that is set up. */
  async wearer(name: string, start?: Start): Promise<Person> {
    const person = this.person(name, start);
    await this.provision(person);
    return person;
  }

  /** Puts a token on the counter for as long as `work` takes. While bytes travel, no time passes. */
  async visit<T>(person: Person, work: (visit: Visit) => Promise<T>, counter: Counter = this.counter): Promise<T> {
    const wire = cable();
    person.board.plug(wire.tokenEnd);
    const link = new TokenLink(wire.counterEnd);
    try {
      return await work({
        token: link,
        counter,
        progress: ({ step }) => {
          if (step === 'consent' && person.token.signal() === 'consent') person.board.press(CONSENT_PRESS);
        },
        wait: async (seconds) => {
          await this.kiosk.flush();
          this.timeline.advance(this.now + seconds);
        },
      });
    } finally {
      await link.close();
      person.board.unplug();
    }
  }

  async provision(person: Person): Promise<void> {
    const { credential } = this;
    await this.visit(person, (visit) => provisionToken(visit, { credential, random: nodeRandom }));
  }

  /** A visit: time, identifiers, risk. */
  sync(person: Person, counter?: Counter): Promise<Synchronised> {
    return this.visit(person, synchronise, counter);
  }

  /** A report with the wearer's consent, and the server's work on it. */
  async report(person: Person, code: string, counter?: Counter): Promise<Reported> {
    const reported = await this.visit(
      person,
      (visit) => reportContacts(visit, { code, receiptSeconds: RECEIPT_SECONDS }),
      counter,
    );
    await this.backend.runJobs();
    return reported;
  }

  async issueCode(): Promise<string> {
    return (await this.server.issueCode(this.credential, 'short')).code;
  }

  /** These people are together in `place` for so many seconds, then part. */
  async together(people: Person[], seconds: number, place = 'table'): Promise<void> {
    for (const person of people) person.place = place;
    await this.advance(seconds);
    for (const person of people) person.place = '';
  }

  /** Lets time pass; the server does what is due on the way. */
  async advance(seconds: number): Promise<void> {
    const until = this.now + seconds;
    while (this.now < until) {
      this.timeline.advance(Math.min(until, this.now + STEP));
      await this.kiosk.flush();
      await this.backend.runJobs();
      await setImmediate();
    }
  }

  /** Visits, waits the hour within which a token tells a risk, and says whether it did. */
  async isWarnedAtVisit(person: Person): Promise<boolean> {
    await this.sync(person);
    await this.advance(HOUR + 60);
    return person.token.signal() === 'at-risk';
  }

  ledger(): Ledger {
    return readLedger(this.dir);
  }

  /** Writes the token as the files that `galet token run` takes: its flash, and its clock as an offset to `realNow`. */
  save(person: Person, file: string, realNow: number): void {
    person.off();
    writeFileSync(file, person.board.flash.bytes);
    writeFileSync(`${file}.clock`, String(person.clock.rtc() - realNow));
  }

  get troubles(): string[] {
    return this.people.flatMap(({ name, troubles }) => troubles.map((what) => `${name}: ${what}`));
  }

  async close(): Promise<void> {
    for (const person of this.people) person.token.stop();
    this.counter.close();
    await this.kiosk.close();
    await this.backend.close();
    if (this.isTemporary) rmSync(this.folder, { recursive: true, force: true });
  }
}
