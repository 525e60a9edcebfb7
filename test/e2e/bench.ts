/**
 * A visit during which one process dies: it is started again at once, the command is repeated until it succeeds, and
 * what is left in the server and on the token can be compared with a visit that nobody disturbed.
 */
import { expect } from 'vitest';
import { readFlashFile, type TokenState } from './flash-file.js';
import { House, type HouseOptions, type Ran, type TokenProcess } from './house.js';
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
  token: TokenState;
}

interface TokenPlace {
  flash: string;
  clock?: string;
  air?: number;
}

const ATTEMPTS = 8;
const HIT_MS = 30_000;

export class Bench {
  /** How often the kill was met: a test is only worth something if it is 1. */
  hits = 0;
  /** The command under way. */
  command: Galet | undefined;
  token: TokenProcess | undefined;
  private readonly revivals: Partial<Record<Part, Promise<unknown>>> = {};
  private isClosing = false;

  private constructor(
    readonly house: House,
    private kill: Kill | undefined,
    private place: TokenPlace | undefined,
  ) {}

  /** Nothing runs yet; see `up`. */
  static async open(kill: Kill | undefined, from: string | undefined, options: HouseOptions = {}): Promise<Bench> {
    const house = await House.open({ ...options, ...(from !== undefined && { from }) });
    return new Bench(house, kill, undefined);
  }

  /** Says which token is at the counter. */
  put(place: TokenPlace): void {
    this.place = { ...place, flash: this.house.file(place.flash) };
  }

  /** From now on something else is killed, once. */
  arm(kill: Kill): void {
    this.kill = kill;
  }

  private killAt(part: Part): { killAt?: KillPoint } {
    return this.kill?.part === part ? { killAt: this.kill.at } : {};
  }

  private met(part: Part): void {
    if (this.kill?.part !== part) return;
    this.kill = undefined;
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
      await new Promise((resolve) => setImmediate(resolve));
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
    await this.revive('backend');
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

  /** Runs a command as often as it takes, as a person would who is told to repeat it. */
  async until(args: (port: string) => string[], isDone: (ran: Ran) => boolean = (ran) => ran.code === 0): Promise<Ran> {
    const said: string[] = [];
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      await this.up();
      const command = this.house.start(args(this.token?.port ?? ''), this.killAt('cli'));
      this.command = command;
      const ended = await command.ended;
      const line = ended.stdout.trim().split('\n').pop() ?? '';
      const ran: Ran = { ...ended, json: line.startsWith('{') ? JSON.parse(line) : {} };
      if (ran.signal === 'SIGKILL') this.met('cli');
      // A token that dies shows to the command first.
      await new Promise((resolve) => setTimeout(resolve, 20));
      this.assertWhole();
      if (isDone(ran)) return ran;
      said.push(`${ran.signal ?? ran.code} ${ran.stdout}`);
    }
    throw new Error(`did not succeed in ${ATTEMPTS} attempts: ${said.join(' | ')}`);
  }

  sync(): Promise<Ran> {
    return this.until((port) => ['sync', port, '--kiosk', this.house.kioskUrl]);
  }

  report(code: string): Promise<Ran> {
    return this.until(
      (port) => ['report', port, '--code', code, '--kiosk', this.house.kioskUrl],
      ({ json }) => json.outcome === 'delivered',
    );
  }

  provision(): Promise<Ran> {
    const { kioskUrl, credential } = this.house;
    return this.until(
      (port) => ['provision', port, '--kiosk', kioskUrl, '--credential', credential],
      // Killed after its last step it has nothing left to do when it is repeated.
      ({ code, json }) => code === 0 || json.error?.code === 'token-provisioned',
    );
  }

  forget(): Promise<Ran> {
    const { kioskUrl } = this.house;
    return this.until(
      (port) => ['token', 'forget', port, '--kiosk', kioskUrl],
      // After an erasure whose proof has been carried the token is an ordinary blank one.
      ({ code }) => code === 0,
    );
  }

  async issueCode(): Promise<string> {
    const { backendUrl, credential } = this.house;
    const { json } = await this.until(() => ['codes', 'issue', '--backend', backendUrl, '--credential', credential]);
    return String(json.code);
  }

  state(): TokenState {
    return readFlashFile(this.place?.flash ?? '');
  }

  /** Never half a refill, whenever one looks. */
  private assertWhole(): void {
    if (this.place === undefined || this.token === undefined) return;
    const { wholeDays, days, isWiping } = this.state();
    if (!isWiping) expect(wholeDays).toBe(days);
  }

  /** Waits until the kill was met and the counter has nothing left to send, then ends all and reads what is left. */
  async finish(): Promise<Outcome> {
    await until(`a kill at ${this.kill?.at}`, () => this.kill === undefined, HIT_MS);
    await this.up();
    await until('the queue to be empty', async () => (await this.house.kioskQueue()).waiting === 0);
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
