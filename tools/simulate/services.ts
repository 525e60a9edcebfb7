/** The services of a simulated town, all in this process: one backend, some kiosks, and the lines between them. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import type { Random } from '../../device/ports.js';
import { initBackend, parametersFile } from '../../host/backend/admin/initialise.js';
import { DEFAULT_RATE_LIMITS } from '../../host/backend/gateway/routes.js';
import { parametersFrom } from '../../host/backend/parameters.js';
import { type Backend, startBackend } from '../../host/backend/serve.js';
import { connectKiosk, type KioskClient } from '../../host/kiosk/client.js';
import type { Send } from '../../host/kiosk/http.js';
import { type Kiosk, startKiosk } from '../../host/kiosk/serve.js';
import { carriedTo, Line } from './network.js';

const BACKEND_PORT = 8470;
const KIOSK_PORT = 8471;
/** Real seconds say nothing here about how often somebody asks. */
const UNLIMITED = 1e9;
const DISK_BYTES = 1e9;
const LIMITS = Object.fromEntries(Object.keys(DEFAULT_RATE_LIMITS).map((kind) => [kind, UNLIMITED]));
const silent = pino({ level: 'silent' });

export interface ServicesOptions {
  folder: string;
  now: () => number;
  random: (name: string) => Random;
  kiosks: readonly string[];
  /** The authority's parameters. */
  parameters: Record<string, unknown>;
  /** Timers in virtual time. */
  after: (seconds: number, callback: () => void) => () => void;
  /** What lies between a kiosk and the server. */
  dress: (send: Send, kiosk: string) => Send;
}

/** A kiosk, its line to the server, and its disk. */
export class Counterpart {
  isDiskFull = false;
  readonly line: Line;
  readonly client: KioskClient;
  private kiosk: Kiosk | undefined;

  constructor(
    readonly name: string,
    private readonly options: ServicesOptions,
    toBackend: Send,
  ) {
    this.line = new Line(toBackend);
    const carry = carriedTo(() => this.running.inject);
    this.client = connectKiosk(`http://127.0.0.1:${KIOSK_PORT}`, carry);
  }

  get databaseFile(): string {
    return join(this.options.folder, this.name, 'outbox.db');
  }

  async start(): Promise<void> {
    const { options, name } = this;
    this.kiosk = await startKiosk({
      backendUrl: `http://127.0.0.1:${BACKEND_PORT}`,
      databaseFile: this.databaseFile,
      port: KIOSK_PORT,
      listens: false,
      clock: options.now,
      random: options.random(name),
      logger: silent,
      freeBytes: async () => (this.isDiskFull ? 0 : DISK_BYTES),
      send: options.dress(this.line.send, name),
      after: options.after,
    });
    await this.kiosk.rest();
  }

  /** Resolves when its uploader has come to rest. */
  rest(): Promise<void> {
    return this.running.rest();
  }

  /** Ends, and starts again from its disk. */
  async restart(): Promise<void> {
    await this.close();
    await this.start();
  }

  async close(): Promise<void> {
    await this.kiosk?.close();
    this.kiosk = undefined;
  }

  private get running(): Kiosk {
    if (this.kiosk === undefined) throw new Error(`${this.name} does not run`);
    return this.kiosk;
  }
}

export class Services {
  readonly kiosks: ReadonlyMap<string, Counterpart>;
  credential = '';
  private backend: Backend | undefined;

  constructor(private readonly options: ServicesOptions) {
    const toBackend = carriedTo(() => this.server.inject);
    this.kiosks = new Map(options.kiosks.map((name) => [name, new Counterpart(name, options, toBackend)]));
  }

  get backendFolder(): string {
    return join(this.options.folder, 'backend');
  }

  async open(): Promise<void> {
    const { now, parameters, random } = this.options;
    const { credentialFile } = await initBackend({ dir: this.backendFolder }, now, random('first keys'));
    writeFileSync(parametersFile(this.backendFolder), JSON.stringify(parameters));
    this.credential = readFileSync(credentialFile, 'utf8').trim();
    await this.startBackend();
    for (const kiosk of this.kiosks.values()) await kiosk.start();
  }

  runJobs(): Promise<void> {
    return this.server.runJobs();
  }

  async restartBackend(): Promise<void> {
    await this.backend?.close();
    await this.startBackend();
  }

  /** A one-time code for somebody who tested positive. */
  async issueCode(): Promise<string> {
    const reply = await this.server.inject({
      method: 'POST',
      url: '/galet/v1/codes',
      headers: { authorization: `Bearer ${this.credential}` },
      payload: { kind: 'short' },
    });
    if (reply.statusCode !== 200 && reply.statusCode !== 201) throw new Error(`no code: status ${reply.statusCode}`);
    return (reply.json() as { code: string }).code;
  }

  async close(): Promise<void> {
    for (const kiosk of this.kiosks.values()) await kiosk.close();
    await this.backend?.close();
    this.backend = undefined;
  }

  private get server(): Backend {
    if (this.backend === undefined) throw new Error('the backend does not run');
    return this.backend;
  }

  private async startBackend(): Promise<void> {
    const { now, random, parameters } = this.options;
    this.backend = await startBackend({
      dir: this.backendFolder,
      port: BACKEND_PORT,
      listens: false,
      captcha: 'off',
      clock: now,
      random: random('backend'),
      logger: silent,
      parameters: parametersFrom(parameters),
      rateLimits: LIMITS,
      schedule: false,
    });
  }
}
