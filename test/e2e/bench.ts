/**
 * A visit during which one process dies: it is started again at once, the command is repeated until it succeeds, and
 * what is left in the server and on the token can be compared with a visit that nobody disturbed.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { readFlashFile, type TokenState } from './flash-file.js';
import { House, type Ran, ranOf, type TokenProcess } from './house.js';
import { type Ledger, settledLedger } from './ledger.js';
import { type Galet, type KillPoint, until } from './process.js';

export const PARTS = ['backend', 'kiosk', 'cli', 'token'] as const;
export type Part = (typeof PARTS)[number];

export interface Kill {
  part: Part;
  at: KillPoint;
}

export interface Outcome {
  ledger: Ledger;
  /** Undefined where the story has none. */
  token: TokenState | undefined;
}

interface TokenPlace {
  flash: string;
  clock?: string;
  air?: number;
}

const ATTEMPTS = 8;
const BUSY_WAITS = 45;
const BUSY_MS = 2000;
const HIT_MS = 30_000;

export class Bench {
  /** How often the kill was met: a test is only worth something if it is 1. */
  hits = 0;
  /** The command under way. */
  command: Galet | undefined;
  token: TokenProcess | undefined;
  private readonly revivals: Partial<Record<Part, Promise<unknown>>> = {};
  private place: TokenPlace | undefined;
  private isOffline = false;
  private isClosing = false;

  private constructor(
    readonly house: House,
    /** Those still to come, the next one first. */
    private kills: Kill[],
  ) {}

  /** Nothing runs yet; see `up`. `from`: a template's folder. */
  static async open(kills: Kill[], from?: string): Promise<Bench> {
    return new Bench(await House.open(from === undefined ? {} : { from }), [...kills]);
  }

  /** Says which token is at the counter. */
  put(place: TokenPlace): void {
    this.place = { ...place, flash: this.house.file(place.flash) };
  }

  /** Nobody is killed until `arm` is handed what this returns. */
  disarm(): Kill[] {
    return this.kills.splice(0);
  }

  arm(kills: Kill[]): void {
    this.kills.push(...kills);
  }

  private killAt(part: Part): { killAt?: KillPoint } {
    const next = this.kills[0];
    return next?.part === part ? { killAt: next.at } : {};
  }

  private met(part: Part): void {
    if (this.kills[0]?.part !== part) return;
    this.kills.shift();
    this.hits += 1;
  }

  /** Starts a service and keeps it alive. */
  private async keep(part: 'backend' | 'kiosk'): Promise<void> {
    const start = part === 'backend' ? 'startBackend' : 'startKiosk';
    const galet = await this.house[start](this.killAt(part));
    void galet.ended.then(({ signal }) => {
      if (this.isClosing || signal !== 'SIGKILL') return;
      this.met(part);
      this.revivals[part] = this.keep(part);
    });
  }

  private async revive(part: 'backend' | 'kiosk'): Promise<void> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      if (this.house[part] === undefined) this.revivals[part] = this.keep(part);
      await this.revivals[part];
      if (this.house[part]?.isRunning) return;
      await this.house[part]?.ended;
      await sleep(1);
    }
    throw new Error(`${part} does not stay alive`);
  }

  private async reviveToken(): Promise<void> {
    for (let attempt = 0; this.place !== undefined && !this.token?.galet.isRunning; attempt++) {
      if (attempt === ATTEMPTS) throw new Error('the token does not stay alive');
      // The board's clock was lost or moved once: a restart finds it as it was left.
      const { clock, ...place } = this.place;
      const isFirst = this.token === undefined;
      const options = { ...place, ...(isFirst && clock !== undefined && { clock }), ...this.killAt('token') };
      this.token = await this.house.startToken(place.flash, options);
      void this.token.galet.ended.then(({ signal }) => {
        if (!this.isClosing && signal === 'SIGKILL') this.met('token');
      });
      if (this.token.port === '') await this.token.galet.ended;
    }
  }

  /** Has everything run: what was killed is started again. */
  async up(): Promise<void> {
    if (!this.isOffline) await this.revive('backend');
    await this.revive('kiosk');
    await this.reviveToken();
  }

  /** Kills a part now, whatever it is doing; false when it is not there. */
  async killNow(part: Part): Promise<boolean> {
    const victim = part === 'cli' ? this.command : part === 'token' ? this.token?.galet : this.house[part];
    if (!victim?.isRunning) return false;
    await victim.kill();
    return true;
  }

  /** Runs a command once, with everything else running when it begins. */
  private async attempt(args: (port: string) => string[], part: Part = 'cli'): Promise<Ran> {
    if (part === 'cli') await this.up();
    this.command = this.house.start(args(this.token?.port ?? ''), this.killAt(part));
    const ran = ranOf(await this.command.ended);
    if (ran.signal === 'SIGKILL') this.met(part);
    // The death of a service or a token shows to the command first.
    await sleep(20);
    this.assertWhole();
    return ran;
  }

  /** Runs a command as often as it takes, as a person would who is told to repeat it. */
  private async repeat(
    args: (port: string) => string[],
    isDone: (ran: Ran) => boolean = ({ code }) => code === 0,
    part?: Part,
  ): Promise<Ran> {
    const said: string[] = [];
    for (let attempt = 0, waits = 0; attempt < ATTEMPTS; attempt++) {
      const ran = await this.attempt(args, part);
      if (isDone(ran)) return ran;
      // The number of this terminal was that of a token who died in another telling, and its counter still waits for it.
      if (ran.json.error?.code === 'port-busy' && waits++ < BUSY_WAITS) {
        attempt -= 1;
        await sleep(BUSY_MS);
      }
      said.push(`${ran.signal ?? ran.code} ${ran.stdout}`);
    }
    throw new Error(`did not succeed in ${ATTEMPTS} attempts: ${said.join(' | ')}`);
  }

  async initialise(): Promise<void> {
    await this.repeat(() => ['backend', 'init', '--data', this.house.folder], undefined, 'backend');
  }

  sync(): Promise<Ran> {
    return this.repeat((port) => ['sync', port, '--kiosk', this.house.kioskUrl]);
  }

  /** Repeats the visit until it ends as wanted. */
  syncUntil(isDone: (ran: Ran) => boolean): Promise<Ran> {
    return this.repeat((port) => ['sync', port, '--kiosk', this.house.kioskUrl], isDone);
  }

  private readonly reportArgs =
    (code: string, wait = 20) =>
    (port: string): string[] => ['report', port, '--code', code, '--kiosk', this.house.kioskUrl, '--wait', `${wait}`];

  report(code: string): Promise<Ran> {
    return this.repeat(this.reportArgs(code), ({ json }) => json.outcome === 'delivered');
  }

  /** Hands the report to the kiosk alone. */
  keepReport(code: string): Promise<Ran> {
    return this.repeat(this.reportArgs(code, 0), ({ json }) => json.outcome === 'kept');
  }

  tryReport(code: string): Promise<Ran> {
    return this.attempt(this.reportArgs(code));
  }

  provision(): Promise<Ran> {
    const { kioskUrl, credential } = this.house;
    return this.repeat(
      (port) => ['provision', port, '--kiosk', kioskUrl, '--credential', credential],
      // Killed after its last step it has nothing left to do when it is repeated.
      ({ code, json }) => code === 0 || json.error?.code === 'token-provisioned',
    );
  }

  forget(): Promise<Ran> {
    return this.repeat((port) => ['token', 'forget', port, '--kiosk', this.house.kioskUrl]);
  }

  async issueCode(): Promise<string> {
    const { backendUrl, credential } = this.house;
    const { json } = await this.repeat(() => ['codes', 'issue', '--backend', backendUrl, '--credential', credential]);
    return String(json.code);
  }

  /** The network is gone: nothing answers at the server's address until `goOnline`. */
  async goOffline(): Promise<void> {
    await this.up();
    this.isOffline = true;
    await this.house.backend?.kill('SIGTERM');
    this.house.backend = undefined;
  }

  goOnline(): void {
    this.isOffline = false;
  }

  async restartBackend(): Promise<void> {
    await this.goOffline();
    this.goOnline();
    await this.up();
  }

  /** Of the token at the counter, if there is one. */
  private state(): TokenState | undefined {
    return this.place && readFlashFile(this.place.flash);
  }

  /** Never half a refill, whenever one looks. */
  private assertWhole(): void {
    const state = this.token && this.state();
    if (state && !state.isWiping) expect(state.wholeDays).toBe(state.days);
  }

  /** Waits until the kills were met and the counter has nothing left to send, then ends all and reads what is left. */
  async finish(): Promise<Outcome> {
    await until(`a kill at ${this.kills[0]?.at}`, () => this.kills.length === 0, HIT_MS);
    await this.up();
    await until('the queue to be empty', async () => (await this.house.kioskQueue())?.waiting === 0);
    this.isClosing = true;
    await Promise.all([this.token?.galet.kill(), this.house.kiosk?.kill(), this.house.backend?.kill()]);
    this.assertWhole();
    return { ledger: await settledLedger(this.house.backendDir), token: this.state() };
  }

  async close(): Promise<void> {
    this.isClosing = true;
    await this.house.close();
  }
}
