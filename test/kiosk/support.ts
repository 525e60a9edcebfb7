/** A backend that does what a test says, over real HTTP, and a kiosk in a temporary folder. */
import { createHash, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { concat, putU16, putU32 } from '../../device/bytes.js';
import { decode } from '../../device/link/cbor.js';
import { nodeRandom } from '../../host/crypto.js';
import { connectKiosk, type KioskClient } from '../../host/kiosk/client.js';
import { type Kiosk, type KioskOptions, startKiosk } from '../../host/kiosk/serve.js';
import type { Draft } from '../../host/link/visit/counter.js';

export interface Arrived {
  method: string;
  path: string;
  headers: IncomingMessage['headers'];
  body: Buffer;
  /** The client's port: two requests with one port shared a connection. */
  port: number;
}

export interface Answer {
  status: number;
  /** Bytes as they are, anything else as JSON. */
  body?: unknown;
  headers?: Record<string, string>;
}

export type Handler = (request: Arrived) => Answer | 'hang' | 'cut' | Promise<Answer | 'hang' | 'cut'>;

/** What the real server's gateway would do with an upload, effects counted by report. */
class FakeGateway {
  readonly effects = new Map<string, number>();
  readonly arrivals: {
    reportId: string;
    code: string;
    encs: Uint8Array;
    batches: number;
    bytes: number;
    port: number;
  }[] = [];
  dummies = 0;

  receiptOf(reportId: string): Buffer {
    return createHash('sha256').update(`receipt ${reportId}`).digest().subarray(0, 16);
  }

  take(request: Arrived): Answer {
    const [, code, encs, header, batches] = decode(new Uint8Array(request.body)) as [
      number,
      string,
      Uint8Array,
      Uint8Array,
      Uint8Array[],
    ];
    if (code === '') {
      this.dummies += 1;
      return { status: 200, body: { receipt: Buffer.alloc(16, 7).toString('base64') } };
    }
    const reportId = Buffer.from(header.subarray(0, 16)).toString('hex');
    const { port, body } = request;
    this.arrivals.push({ reportId, code, encs, batches: batches.length, bytes: body.length, port });
    if (!this.effects.has(reportId)) this.effects.set(reportId, 0);
    this.effects.set(reportId, 1);
    return { status: 200, body: { receipt: this.receiptOf(reportId).toString('base64') } };
  }
}

const x25519 = generateKeyPairSync('x25519').publicKey.export({ format: 'jwk' });
const registration = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });

/** What a token is provisioned with. */
const keys = {
  registrationKey: registration.publicKey.export({ format: 'der', type: 'spki' }).toString('base64'),
  gatewayKey: Buffer.from(String(x25519.x), 'base64url').toString('base64'),
};

class FakeBackend {
  readonly requests: Arrived[] = [];
  readonly gateway = new FakeGateway();
  reportDelaySeconds = 0;
  /** Set by a test to answer differently; undefined falls through to what a healthy server says. */
  override: ((request: Arrived) => ReturnType<Handler> | undefined) | undefined;
  private server = createServer((request, response) => void this.answer(request, response));
  private port = 0;

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    this.server = createServer((request, response) => void this.answer(request, response));
    await new Promise<void>((resolve) => this.server.listen(this.port, '127.0.0.1', resolve));
    this.port = (this.server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  uploads(): Arrived[] {
    return this.requests.filter((request) => request.path === '/galet/v1/reports');
  }

  private healthy(request: Arrived): Answer {
    switch (request.path) {
      case '/galet/v1/reports':
        return this.gateway.take(request);
      case '/galet/v1/parameters':
        return { status: 200, body: { reportDelaySeconds: this.reportDelaySeconds, ...keys } };
      case '/galet/v1/clock':
        return { status: 200, body: { time: 4_000_000_000.5 } };
      case '/galet/v1/codes/check':
        return { status: 200, body: { state: 'alive' } };
      case '/galet/v1/codes':
        return { status: 201, body: { code: 'K7M2QXPD', validUntil: 4_000_003_600 } };
      case '/galet/v1/wipes':
        return { status: 200, body: { verified: true } };
      case '/galet/v1/visits':
      case '/galet/v1/unregister':
        return { status: 200, body: sealedAnswer() };
      case '/galet/v1/tokens':
        return { status: 201, body: sealedAnswer() };
      default:
        return { status: 404, body: {} };
    }
  }

  private async answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const request: Arrived = {
      method: incoming.method ?? '',
      path: incoming.url ?? '',
      headers: incoming.headers,
      body: Buffer.concat(chunks),
      port: incoming.socket.remotePort ?? 0,
    };
    this.requests.push(request);
    const answer = (await this.override?.(request)) ?? this.healthy(request);
    if (answer === 'hang') return;
    if (answer === 'cut') {
      incoming.socket.destroy();
      return;
    }
    response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers });
    response.end(answer.body instanceof Uint8Array ? answer.body : JSON.stringify(answer.body ?? {}));
  }
}

export function sealedAnswer(): { head: string; days: string[] } {
  const day = Buffer.alloc(880, 2).toString('base64');
  return { head: Buffer.alloc(144, 1).toString('base64'), days: Array.from({ length: 22 }, () => day) };
}

export function problem(status: number, code: string): Answer {
  return { status, body: { type: `urn:galet:${code}`, title: code, status, detail: code, code } };
}

/** A travelling batch: its header in clear, the rest noise. */
export function batch(index: number, bodyLength = 100, fill = 0xaa): Uint8Array {
  const head = new Uint8Array(12);
  putU32(head, 0, index + 7);
  head[4] = 0xb1;
  head[5] = 3;
  putU16(head, 6, bodyLength);
  putU32(head, 8, index);
  return concat([head, new Uint8Array(bodyLength).fill(fill), new Uint8Array(8).fill(0x77)]);
}

export function batches(from: number, to: number, bodyLength = 100): Uint8Array {
  const all: Uint8Array[] = [];
  for (let index = from; index <= to; index++) all.push(batch(index, bodyLength));
  return concat(all);
}

export function reportIdOf(seed: number): string {
  return createHash('sha256').update(`report ${seed}`).digest('hex').slice(0, 32);
}

export function draftOf(reportId: string, code: string, firstBatch: number, lastBatch: number): Draft {
  const header = concat([new Uint8Array(Buffer.from(reportId, 'hex')), new Uint8Array(80).fill(9)]);
  return { code, encs: new Uint8Array(32).fill(5), header, firstBatch, lastBatch };
}

/** Drafts, fills and keeps a report. */
export async function keepReport(client: KioskClient, seed: number, code: string, count = 5): Promise<string> {
  const reportId = reportIdOf(seed);
  await client.draft(reportId, draftOf(reportId, code, 10, 9 + count));
  await client.append(reportId, batches(10, 9 + count));
  await client.keep(reportId);
  return reportId;
}

export class Bench {
  readonly folder = mkdtempSync(join(tmpdir(), 'galet-kiosk-'));
  readonly backend = new FakeBackend();
  readonly logLines: string[] = [];
  /** NTP seconds: what tests set it to, and the time that has really passed since. */
  private offset = 4_000_000_000 - performance.now() / 1000;
  kiosk!: Kiosk;
  client!: KioskClient;

  get now(): number {
    return this.offset + performance.now() / 1000;
  }

  set now(ntp: number) {
    this.offset = ntp - performance.now() / 1000;
  }

  async start(options: Partial<KioskOptions> = {}): Promise<void> {
    if (this.backend.url.endsWith(':0')) await this.backend.start();
    const lines = this.logLines;
    this.kiosk = await startKiosk({
      backendUrl: this.backend.url,
      databaseFile: join(this.folder, 'kiosk.db'),
      port: 0,
      clock: () => this.now,
      random: nodeRandom,
      logger: pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) }),
      uploadPolicy: { firstRetrySeconds: 0.05, maxRetrySeconds: 0.4, timeoutSeconds: 2 },
      reserveBytes: 0,
      ...options,
    });
    this.client = connectKiosk(this.kiosk.url);
  }

  async restart(options: Partial<KioskOptions> = {}): Promise<void> {
    await this.stopKiosk();
    await this.start(options);
  }

  async stopKiosk(): Promise<void> {
    this.client.close();
    await this.kiosk.close();
  }

  async stop(): Promise<void> {
    await this.stopKiosk();
    await this.backend.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Polls until `done` says so; fails after `seconds`. */
export async function until(done: () => boolean | Promise<boolean>, seconds = 40): Promise<void> {
  const end = performance.now() + seconds * 1000;
  while (!(await done())) {
    if (performance.now() > end) throw new Error('waited too long');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
