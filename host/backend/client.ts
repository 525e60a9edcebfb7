/** The backend's own API, /galet/v1, for those who call it from elsewhere: bounded in time, and every refusal by its name. */
import { u32 } from '../../device/bytes.js';
import { ERRORS, type ErrorCode, GaletError } from '../errors.js';
import { releasesFrom } from '../release/answer.js';
import { IMAGE_MAX } from '../release/image.js';
import type { Releases } from '../release/objects.js';
import type { CodeKind, CodeState, IssuedCode } from './codes/book.js';
import type { FleetAnswer, Running } from './fleet.js';
import type { SealedAnswer, TokenRequest } from './robert/port.js';

export type { CodeKind } from './codes/book.js';

const TIMEOUT_SECONDS = 20;
/** A report of 8 MB over a poor line. */
const REPORT_TIMEOUT_SECONDS = 120;

export interface PublicParameters {
  /** NTP seconds of epoch 0. */
  serviceStart: number;
  countryCode: number;
  /** SubjectPublicKeyInfo of P-256, 91 bytes. */
  registrationKey: Uint8Array;
  /** X25519, 32 bytes. */
  gatewayKey: Uint8Array;
  visitDays: number;
  reportDelaySeconds: number;
  /** NTP seconds, 0 for none. */
  endTime: number;
}

/** Each call throws 'backend-unreachable' when nobody answers in time, 'backend-failing' for 5xx, or the server's own refusal. */
export interface BackendClient {
  parameters(): Promise<PublicParameters>;
  /** The server's NTP seconds, fractional. */
  clock(): Promise<number>;
  registerToken(credential: string, clientPublicKey: Uint8Array, nonce: Uint8Array): Promise<SealedAnswer>;
  /** `running`: what the token says it runs. */
  visit(request: TokenRequest, running?: Running): Promise<SealedAnswer>;
  unregister(request: TokenRequest): Promise<SealedAnswer>;
  verifyWipe(proof: Uint8Array): Promise<boolean>;
  issueCode(credential: string, kind: CodeKind): Promise<IssuedCode>;
  checkCode(code: string): Promise<CodeState>;
  /** Hands in the body of an upload; the receipt is 16 bytes. */
  report(body: Uint8Array): Promise<Uint8Array>;
  /** What is signed for tokens of this board; nothing of it has been verified. */
  releases(board: string): Promise<Releases>;
  /** The image of the board's release. Throws 'not-found'. */
  image(board: string): Promise<Uint8Array>;
  fleet(credential: string): Promise<FleetAnswer>;
}

type Json = Record<string, unknown>;

interface Call {
  path: string;
  json?: unknown;
  body?: Uint8Array;
  credential?: string;
}

function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && Object.hasOwn(ERRORS, code);
}

function refusalOf(status: number, body: Json): GaletError {
  const parameters = { status, reason: typeof body.detail === 'string' ? body.detail : '' };
  if (status >= 500) return new GaletError('backend-failing', parameters);
  return new GaletError(isErrorCode(body.code) ? body.code : 'server-refused', parameters);
}

async function ask<T>(
  base: string,
  { path, json, body, credential }: Call,
  read: (response: Response) => Promise<T>,
): Promise<T> {
  const headers: Record<string, string> = {};
  if (json !== undefined) headers['content-type'] = 'application/json';
  if (body !== undefined) headers['content-type'] = 'application/octet-stream';
  if (credential !== undefined) headers.authorization = `Bearer ${credential}`;
  const payload = body ?? (json === undefined ? undefined : JSON.stringify(json));
  let status: number;
  let problem: Json;
  try {
    const response = await fetch(new URL(`/galet/v1${path}`, base), {
      method: payload === undefined ? 'GET' : 'POST',
      headers,
      ...(payload !== undefined && { body: payload }),
      signal: AbortSignal.timeout((body === undefined ? TIMEOUT_SECONDS : REPORT_TIMEOUT_SECONDS) * 1000),
    });
    status = response.status;
    if (response.ok) return await read(response);
    problem = (await response.json()) as Json;
  } catch (cause) {
    throw new GaletError('backend-unreachable', {}, cause);
  }
  throw refusalOf(status, problem);
}

function call(base: string, request: Call): Promise<Json> {
  return ask(base, request, async (response) => (await response.json()) as Json);
}

async function download(base: string, path: string, maxBytes: number): Promise<Uint8Array> {
  const bytes = await ask(base, { path }, async (response) => new Uint8Array(await response.arrayBuffer()));
  if (bytes.length > maxBytes) throw new GaletError('backend-failing', {}, 'answer too long');
  return bytes;
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}

function bytes(value: unknown): Uint8Array {
  if (typeof value !== 'string') throw new GaletError('backend-failing', {}, 'answer without its bytes');
  return new Uint8Array(Buffer.from(value, 'base64'));
}

function answerIn(json: Json): SealedAnswer {
  return { head: bytes(json.head), days: Array.isArray(json.days) ? json.days.map(bytes) : [] };
}

function requestJson({ ebid, epochId, time, mac, nonce, renewal }: TokenRequest): Json {
  return {
    ebid: base64(ebid),
    epochId,
    time: base64(u32(time)),
    mac: base64(mac),
    nonce: base64(nonce),
    ...(renewal && { share: base64(renewal.share), shareMac: base64(renewal.mac) }),
  };
}

/** Talks to the backend at `url`, for instance http://127.0.0.1:8470. */
export function connectBackend(url: string): BackendClient {
  const post = (path: string, json: Json, credential?: string): Promise<Json> =>
    call(url, { path, json, ...(credential !== undefined && { credential }) });
  return {
    async parameters() {
      const json = await call(url, { path: '/parameters' });
      return {
        ...(json as unknown as PublicParameters),
        registrationKey: bytes(json.registrationKey),
        gatewayKey: bytes(json.gatewayKey),
      };
    },
    clock: async () => Number((await call(url, { path: '/clock' })).time),
    registerToken: async (credential, key, nonce) =>
      answerIn(await post('/tokens', { clientPublicECDHKey: base64(key), nonce: base64(nonce) }, credential)),
    visit: async (request, running) => {
      const names = running && { board: running.board, firmware: running.firmware };
      return answerIn(await post('/visits', { ...requestJson(request), ...names }));
    },
    unregister: async (request) => answerIn(await post('/unregister', requestJson(request))),
    verifyWipe: async (proof) => (await post('/wipes', { proof: base64(proof) })).verified === true,
    issueCode: async (credential, kind) => (await post('/codes', { kind }, credential)) as unknown as IssuedCode,
    checkCode: async (code) => (await post('/codes/check', { code })).state as CodeState,
    releases: async (board) => releasesFrom(await call(url, { path: `/releases/${encodeURIComponent(board)}` })),
    image: (board) => download(url, `/releases/${encodeURIComponent(board)}/image`, IMAGE_MAX),
    fleet: async (credential) => (await call(url, { path: '/fleet', credential })) as unknown as FleetAnswer,
    report: async (body) => bytes((await call(url, { path: '/reports', body })).receipt),
  };
}
