/**
 * Real token processes in an emulated air, beside a real server and counter: everything but the antennas. Each token has an adapter
 * of its own, and its serial port for the commands that set it up.
 */
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../../host/clock.js';
import { type Adapter, type AdapterOptions, plugAdapter } from '../../tools/air/adapter.js';
import { type EmulatedAir, startAir } from '../../tools/air/btvirt.js';
import { type Servers, startServers } from '../../tools/demo/servers.js';
import { type Ran, ranOf } from '../e2e/house.js';
import { Galet, until } from '../e2e/process.js';

const RECEIPT_SECONDS = '20';
const MAKING_SECONDS = 90;
/** It works on them between two windows of listening. */
const QUIET_SECONDS = 20;
const ADAPTERS_TRIED = 3;

export interface AirToken {
  galet: Galet;
  /** The path of its serial port. */
  port: string;
  flashFile: string;
  adapter: Adapter;
}

/** A hash of all that survives a restart of a token. */
export function stateOf({ flashFile }: AirToken): string {
  const hash = createHash('sha256');
  for (const file of [flashFile, `${flashFile}.firmware`]) hash.update(readFileSync(file));
  return hash.digest('hex');
}

export class AirHouse {
  readonly folder = mkdtempSync(join(tmpdir(), 'galet-air-house-'));
  private readonly adapters: Adapter[] = [];
  private readonly processes: Galet[] = [];

  private constructor(
    readonly air: EmulatedAir,
    public servers: Servers | undefined,
  ) {}

  static async open(): Promise<AirHouse> {
    const house = new AirHouse(await startAir(), undefined);
    try {
      house.servers = await startServers(house.folder, systemClock, { statusGapEpochs: 0 });
    } catch (error) {
      await house.close();
      throw error;
    }
    return house;
  }

  /** The server and the counter. */
  get town(): Servers {
    if (this.servers === undefined) throw new Error('the house is not open');
    return this.servers;
  }

  async plug(options?: AdapterOptions): Promise<Adapter> {
    const adapter = await plugAdapter(this.air, options);
    this.adapters.push(adapter);
    return adapter;
  }

  private spawn(args: string[], onLine?: (line: string) => void): Galet {
    const galet = new Galet([...args, '--json', '--lang', 'en'], onLine && { onLine });
    this.processes.push(galet);
    return galet;
  }

  /** A token whose wearer agrees to what it asks; `more` are further options of `galet token run`. */
  async token(name: string, options?: AdapterOptions, more: string[] = []): Promise<AirToken> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.start(name, options, more);
      } catch (error) {
        // A number of a terminal is used again at once: a command of another test, about to open its own that is gone, then has this.
        if (tries === ADAPTERS_TRIED || !String(error).includes('"port-busy"')) throw error;
        console.log(`another adapter for ${name}: ${String(error)}`);
      }
    }
  }

  private async start(name: string, options?: AdapterOptions, more: string[] = []): Promise<AirToken> {
    const adapter = await this.plug(options);
    const flashFile = join(this.folder, `${name}.flash`);
    const args = ['token', 'run', '--flash', flashFile, '--ble', '--adapter', adapter.path, ...more];
    const galet = this.spawn(args, (line) => {
      if (line.includes('The token asks: press it')) galet.type('press');
    });
    const { port = '' } = (await galet.ready()) ?? {};
    return { galet, port, flashFile, adapter };
  }

  /** Runs a command to its end. */
  async run(args: string[]): Promise<Ran> {
    return ranOf(await this.spawn(args).ended);
  }

  async provision({ port }: AirToken): Promise<void> {
    const { kioskUrl, credentialFile } = this.town;
    await this.succeed(['provision', port, '--kiosk', kioskUrl, '--credential', credentialFile]);
  }

  /** A report with the wearer's consent, and what the server makes of it. */
  async report({ port }: AirToken): Promise<Ran> {
    const code = await this.town.issueCode();
    const ran = await this.run([
      ...['report', port, '--code', code],
      ...['--kiosk', this.town.kioskUrl, '--wait', RECEIPT_SECONDS],
    ]);
    await this.town.settle();
    return ran;
  }

  /** What a token holds, as a hash, once it has made its keys, which begins a minute after its start. Lasts for minutes to come. */
  async settledState(token: AirToken): Promise<string> {
    const set = stateOf(token);
    await until('keys of its own', () => stateOf(token) !== set, MAKING_SECONDS * 1000, 500);
    for (let state = stateOf(token); ; ) {
      await sleep(QUIET_SECONDS * 1000);
      const now = stateOf(token);
      if (now === state) return state;
      state = now;
    }
  }

  private async succeed(args: string[]): Promise<void> {
    const ran = await this.run(args);
    if (ran.code !== 0) throw new Error(`${args.join(' ')}: ${ran.stdout}${ran.stderr}`);
  }

  /** Records that the gateway could make nothing of. */
  async recordsDropped(): Promise<number> {
    let sum = 0;
    for (const [name, count] of await this.town.counters()) {
      if (name.startsWith('galet_records_dropped_total')) sum += count;
    }
    return sum;
  }

  /** What became of each reported HELLO, by verdict, as the server's log says it. */
  hellos(): Map<string, number> {
    const verdicts = new Map<string, number>();
    for (const line of readFileSync(join(this.folder, 'backend.log'), 'utf8').split('\n')) {
      if (line === '') continue;
      const { hellos } = JSON.parse(line) as { hellos?: Record<string, number> };
      for (const [verdict, count] of Object.entries(hellos ?? {})) {
        verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + count);
      }
    }
    return verdicts;
  }

  /** Ends everything and leaves no file. */
  async close(): Promise<void> {
    await Promise.all(this.processes.map((galet) => galet.kill()));
    for (const adapter of this.adapters) adapter.close();
    await this.servers?.close();
    await this.air.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
