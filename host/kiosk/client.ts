/** The kiosk's API as its own commands use it: a visit's `Counter` over HTTP. */
import { Buffer } from 'node:buffer';
import { putU32 } from '../../device/bytes.js';
import { ERRORS, type ErrorCode, GaletError } from '../errors.js';
import type {
  CodeState,
  Counter,
  DraftProgress,
  ReportState,
  ReportStatus,
  Running,
  SealedAnswer,
  ServerParameters,
  TokenRequest,
} from '../link/visit/counter.js';
import { RELEASES_BYTES_MAX, releasesFrom } from '../release/answer.js';
import { IMAGE_MAX } from '../release/image.js';
import type { Releases } from '../release/objects.js';
import { type Connections, type HttpReply, type HttpRequest, type Send, send, sharedConnections } from './http.js';

/** Longer than the kiosk's own patience with the server. */
const TIMEOUT_SECONDS = 30;
const REPLY_MAX = 131_072;

const TOKEN_UNKNOWN_STATUS = 430;

export interface KioskQueue {
  waiting: number;
  overdue: number;
  backend: 'unknown' | 'reachable' | 'unreachable';
}

export interface KioskClient extends Counter {
  /** Throws 'kiosk-unreachable' when no kiosk answers at the address. */
  assertThere(): Promise<void>;
  queue(): Promise<KioskQueue>;
  close(): void;
}

type Json = Record<string, unknown>;
type Call = Pick<HttpRequest, 'method' | 'headers' | 'body'>;

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

function bytesIn(json: Json, name: string): Uint8Array {
  const text = json[name];
  if (typeof text !== 'string') throw new GaletError('backend-failing', {}, `no ${name}`);
  return new Uint8Array(Buffer.from(text, 'base64'));
}

function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && Object.hasOwn(ERRORS, code);
}

/** The named error in a problem details body, or the nearest one to its status. */
function errorIn(reply: HttpReply, json: Json): GaletError {
  const parameters = { status: reply.status, reason: String(json.detail ?? '') };
  if (reply.status === TOKEN_UNKNOWN_STATUS) return new GaletError('token-unknown', parameters);
  if (isErrorCode(json.code)) return new GaletError(json.code, parameters);
  if (reply.status === ERRORS['operator-refused'].status) return new GaletError('operator-refused', parameters);
  return new GaletError(reply.status >= 500 ? 'backend-failing' : 'server-refused', parameters);
}

class Client implements KioskClient {
  private readonly base: URL;
  private readonly connections: Connections;

  constructor(
    private readonly url: string,
    private readonly carry: Send,
  ) {
    this.base = new URL(url);
    this.connections = sharedConnections(this.base);
  }

  /** The kiosk's reply when it did what was asked. */
  private async ask(path: string, request: Call, maxBytes: number): Promise<HttpReply> {
    let reply: HttpReply;
    try {
      const bounds = { timeoutSeconds: TIMEOUT_SECONDS, maxBytes };
      reply = await this.carry(new URL(path, this.base), this.connections, { ...request, ...bounds });
    } catch (error) {
      throw new GaletError('kiosk-unreachable', { url: this.url }, error);
    }
    if (reply.status < 200 || reply.status >= 300) throw errorIn(reply, this.jsonOf(reply));
    return reply;
  }

  /** Throws 'kiosk-unreachable' for what no kiosk would say. */
  private jsonOf(reply: HttpReply): Json {
    let json: unknown;
    try {
      json = JSON.parse(Buffer.from(reply.body).toString('utf8') || '{}');
    } catch (error) {
      throw new GaletError('kiosk-unreachable', { url: this.url }, error);
    }
    return typeof json === 'object' && json !== null ? (json as Json) : {};
  }

  private async send(path: string, request: Call, maxBytes = REPLY_MAX): Promise<Json> {
    return this.jsonOf(await this.ask(path, request, maxBytes));
  }

  private get(path: string): Promise<Json> {
    return this.send(path, { method: 'GET' });
  }

  private post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Json> {
    return this.send(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: Buffer.from(JSON.stringify(body)),
    });
  }

  async assertThere(): Promise<void> {
    let service: unknown;
    try {
      ({ service } = await this.get('/health'));
    } catch (error) {
      throw new GaletError('kiosk-unreachable', { url: this.url }, error);
    }
    if (service !== 'galet-kiosk') throw new GaletError('kiosk-unreachable', { url: this.url });
  }

  async queue(): Promise<KioskQueue> {
    return (await this.get('/api/v1/queue')) as unknown as KioskQueue;
  }

  async clock(): Promise<number> {
    const { time } = await this.get('/api/v1/clock');
    if (typeof time !== 'number') throw new GaletError('backend-failing', {}, 'no time');
    return time;
  }

  async parameters(): Promise<ServerParameters> {
    const json = await this.get('/api/v1/parameters');
    return { registrationKey: bytesIn(json, 'registrationKey'), gatewayKey: bytesIn(json, 'gatewayKey') };
  }

  visit(request: TokenRequest, running?: Running): Promise<SealedAnswer> {
    // Field by field: a whole hello would fit the type, and is nobody's business.
    const names = running && { board: running.board, firmware: running.firmware };
    return this.answer('/api/v1/visits', { ...requestBody(request), ...names });
  }

  unregister(request: TokenRequest): Promise<SealedAnswer> {
    return this.answer('/api/v1/unregister', requestBody(request));
  }

  register(clientKey: Uint8Array, nonce: Uint8Array, credential: string): Promise<SealedAnswer> {
    const body = { clientPublicECDHKey: base64(clientKey), nonce: base64(nonce) };
    return this.answer('/api/v1/tokens', body, { authorization: `Bearer ${credential}` });
  }

  private async answer(path: string, body: unknown, headers: Record<string, string> = {}): Promise<SealedAnswer> {
    const json = await this.post(path, body, headers);
    const days = Array.isArray(json.days) ? (json.days as unknown[]) : [];
    return { head: bytesIn(json, 'head'), days: days.map((day) => bytesIn({ day }, 'day')) };
  }

  async proveWipe(proof: Uint8Array): Promise<boolean> {
    return (await this.post('/api/v1/wipes', { proof: base64(proof) })).verified === true;
  }

  async checkCode(code: string): Promise<CodeState> {
    return (await this.post('/api/v1/codes/check', { code })).state as CodeState;
  }

  async draft(reportId: string, draft: Parameters<Counter['draft']>[1]): Promise<DraftProgress> {
    const body = { ...draft, encs: base64(draft.encs), header: base64(draft.header) };
    return progressIn(
      await this.send(`/api/v1/reports/${reportId}`, {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: Buffer.from(JSON.stringify(body)),
      }),
    );
  }

  async append(reportId: string, batches: Uint8Array): Promise<DraftProgress> {
    return progressIn(
      await this.send(`/api/v1/reports/${reportId}/batches`, {
        method: 'PUT',
        headers: { 'content-type': 'application/octet-stream' },
        body: batches,
      }),
    );
  }

  async keep(reportId: string): Promise<ReportState> {
    return (await this.post(`/api/v1/reports/${reportId}/keep`, {})).state as ReportState;
  }

  async status(reportId: string): Promise<ReportStatus> {
    const json = await this.get(`/api/v1/reports/${reportId}`);
    const status: ReportStatus = { state: json.state as ReportState };
    if (typeof json.receipt === 'string') status.receipt = bytesIn(json, 'receipt');
    if (isErrorCode(json.refusal)) status.refusal = json.refusal;
    return status;
  }

  async done(reportId: string): Promise<void> {
    await this.post(`/api/v1/reports/${reportId}/done`, {});
  }

  async releases(board: string): Promise<Releases> {
    const path = `/api/v1/releases/${encodeURIComponent(board)}`;
    return releasesFrom(await this.send(path, { method: 'GET' }, RELEASES_BYTES_MAX));
  }

  async image(board: string): Promise<Uint8Array> {
    const path = `/api/v1/releases/${encodeURIComponent(board)}/image`;
    return (await this.ask(path, { method: 'GET' }, IMAGE_MAX)).body;
  }

  close(): void {
    this.connections.destroy();
  }
}

function requestBody(request: TokenRequest): Json {
  const { renewal } = request;
  const time = new Uint8Array(4);
  putU32(time, 0, request.time);
  return {
    ebid: base64(request.ebid),
    epochId: request.epochId,
    time: base64(time),
    mac: base64(request.mac),
    nonce: base64(request.nonce),
    ...(renewal && { share: base64(renewal.share), shareMac: base64(renewal.mac) }),
  };
}

function progressIn(json: Json): DraftProgress {
  return { state: json.state as ReportState, nextBatch: Number(json.nextBatch), batches: Number(json.batches) };
}

/** Talks to the kiosk service at `url`, for instance http://127.0.0.1:8471; `carry` is how requests travel. */
export function connectKiosk(url: string, carry: Send = send): KioskClient {
  return new Client(url, carry);
}
