/**
 * A house of real processes: a server, a counter and tokens, their files in one temporary folder, on loopback ports that
 * were free. Each of them can be killed and started again at any moment.
 */
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Ended, Galet, type StartOptions } from './process.js';

export interface Ran extends Ended {
  /** The one JSON object that a command with --json prints. */
  json: Record<string, unknown> & { error?: { code: string; message: string; exit: number } };
}

export function ranOf(ended: Ended): Ran {
  const line = ended.stdout.trim().split('\n').pop() ?? '';
  return { ...ended, json: line.startsWith('{') ? JSON.parse(line) : {} };
}

/** A free loopback port, so that a service can come back under the same address. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

export interface HouseOptions {
  /** A folder prepared by template.ts, copied for this house. */
  from?: string;
  /** Where the kiosk finds its server, instead of the server's own address: a proxy's. */
  proxy?: (backendUrl: string) => Promise<string>;
}

/** A token's process. */
export interface TokenProcess {
  galet: Galet;
  /** The path of its serial port. */
  port: string;
}

export class House {
  readonly folder = mkdtempSync(join(tmpdir(), 'galet-house-'));
  backend: Galet | undefined;
  kiosk: Galet | undefined;
  backendUrl = '';
  kioskUrl = '';
  /** What the kiosk is told to be the server's address. */
  serverUrl = '';
  private readonly all: Galet[] = [];
  private isClosed = false;

  private constructor() {
    mkdirSync(join(this.folder, 'kiosk'));
  }

  static async open(options: HouseOptions = {}): Promise<House> {
    const house = new House();
    if (options.from !== undefined) cpSync(options.from, house.folder, { recursive: true });
    house.backendUrl = `http://127.0.0.1:${await freePort()}`;
    house.kioskUrl = `http://127.0.0.1:${await freePort()}`;
    house.serverUrl = (await options.proxy?.(house.backendUrl)) ?? house.backendUrl;
    return house;
  }

  /** With a server and a kiosk that run. */
  static async running(options: HouseOptions = {}): Promise<House> {
    const house = await House.open(options);
    try {
      await house.startBackend();
      await house.startKiosk();
    } catch (error) {
      await house.close();
      throw error;
    }
    return house;
  }

  private spawn(args: string[], options: StartOptions): Galet {
    if (this.isClosed) throw new Error('the house is closed');
    const galet = new Galet(args, options);
    this.all.push(galet);
    return galet;
  }

  get backendDir(): string {
    return join(this.folder, 'backend');
  }

  get credential(): string {
    return join(this.backendDir, 'operator');
  }

  file(name: string): string {
    return join(this.folder, name);
  }

  /** Starts the server; returns once it answers or was killed. */
  async startBackend(options: StartOptions = {}): Promise<Galet> {
    const { port } = new URL(this.backendUrl);
    const args = ['backend', 'serve', '--data', this.folder, '--port', port, '--captcha', 'off', '--json'];
    this.backend = this.spawn(args, options);
    await this.backend.ready();
    return this.backend;
  }

  /** Has the server do now what its jobs would do within 20 s. */
  async restartBackend(): Promise<void> {
    await this.backend?.kill('SIGTERM');
    await this.startBackend();
  }

  async startKiosk(options: StartOptions = {}, data = this.folder): Promise<Galet> {
    const { port } = new URL(this.kioskUrl);
    const args = ['kiosk', 'serve', '--data', data, '--backend', this.serverUrl, '--port', port, '--json'];
    this.kiosk = this.spawn(args, options);
    await this.kiosk.ready();
    return this.kiosk;
  }

  /** A second counter for the same server; returns its address. */
  async startAnotherKiosk(): Promise<string> {
    const data = join(this.folder, 'elsewhere');
    const args = ['kiosk', 'serve', '--data', data, '--backend', this.serverUrl, '--port', '0', '--json'];
    return (await this.spawn(args, {}).ready())?.url ?? '';
  }

  /** Starts a token whose wearer agrees to whatever it asks. `port` is empty when it was killed before. */
  async startToken(
    flash: string,
    options: StartOptions & { clock?: string; air?: number; ble?: string; consents?: boolean } = {},
  ): Promise<TokenProcess> {
    const args = ['token', 'run', '--flash', flash, '--json', '--lang', 'en'];
    if (options.clock !== undefined) args.push('--clock', options.clock);
    if (options.air !== undefined) args.push('--air', String(options.air));
    if (options.ble !== undefined) args.push('--ble', '--adapter', options.ble);
    const galet = this.spawn(args, {
      ...options,
      onLine: (line) => {
        if (options.consents !== false && line.includes('The token asks: press it')) galet.type('press');
        options.onLine?.(line);
      },
    });
    const { port = '' } = (await galet.ready()) ?? {};
    return { galet, port };
  }

  /** Runs a command to its end. */
  async run(args: string[], options: StartOptions = {}): Promise<Ran> {
    return ranOf(await this.start(args, options).ended);
  }

  /** Starts a command with --json at this house's services. */
  start(args: string[], options: StartOptions = {}): Galet {
    return this.spawn([...args, '--json', ...(args.includes('--lang') ? [] : ['--lang', 'en'])], options);
  }

  sync(port: string, options?: StartOptions): Promise<Ran> {
    return this.run(['sync', port, '--kiosk', this.kioskUrl], options);
  }

  report(port: string, code: string, options?: StartOptions, wait = 20): Promise<Ran> {
    return this.run(['report', port, '--code', code, '--kiosk', this.kioskUrl, '--wait', String(wait)], options);
  }

  provision(port: string, options?: StartOptions): Promise<Ran> {
    return this.run(['provision', port, '--kiosk', this.kioskUrl, '--credential', this.credential], options);
  }

  forget(port: string, options?: StartOptions): Promise<Ran> {
    return this.run(['token', 'forget', port, '--kiosk', this.kioskUrl], options);
  }

  show(port: string): Promise<Ran> {
    return this.run(['token', 'show', port]);
  }

  async issueCode(options?: StartOptions): Promise<string> {
    const ran = await this.run(
      ['codes', 'issue', '--backend', this.backendUrl, '--credential', this.credential],
      options,
    );
    return String(ran.json.code ?? '');
  }

  /** What waits at the counter; undefined while nobody answers there. */
  async kioskQueue(): Promise<{ waiting: number; refused: Record<string, number> } | undefined> {
    try {
      return (await (await fetch(`${this.kioskUrl}/api/v1/queue`)).json()) as Awaited<ReturnType<House['kioskQueue']>>;
    } catch {
      return undefined;
    }
  }

  /** Ends everything and leaves no file. */
  async close(): Promise<void> {
    this.isClosed = true;
    await Promise.all(this.all.map((galet) => galet.kill()));
    rmSync(this.folder, { recursive: true, force: true });
  }
}
