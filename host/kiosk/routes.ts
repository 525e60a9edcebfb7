/** The kiosk's HTTP API (docs/operations/counter.md): what the commands ask of it, and the page for a person. */
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { Type } from '@sinclair/typebox';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Logger } from 'pino';
import type { Random } from '../../device/ports.js';
import type { NtpClock } from '../clock.js';
import { GaletError } from '../errors.js';
import { preferredLanguage } from '../problem.js';
import { splitBatches } from './batches.js';
import type { HttpReply } from './http.js';
import type { Outbox } from './outbox.js';
import { contentPolicy, type PageStatus, renderPage } from './page.js';
import type { Queue } from './queue.js';
import { jsonOf, type Relay, type RelayRequest } from './relay.js';
import * as shapes from './schemas.js';
import type { Uploader } from './uploader.js';

/** Batches arrive in pieces of at most this. */
const PIECE_MAX = 131_072;

export interface RouteParts {
  outbox: Outbox;
  queue: Queue;
  uploader: Uploader;
  relay: Relay;
  clock: NtpClock;
  random: Random;
  logger: Logger;
}

type Server = FastifyInstance;

function relayed(reply: FastifyReply, answer: HttpReply): FastifyReply {
  return reply
    .code(answer.status)
    .header('content-type', answer.contentType || 'application/json')
    .send(Buffer.from(answer.body));
}

/** Visits and what belongs to a token's life: carried, not read. */
function addRelay(server: Server, parts: RouteParts): void {
  const { relay } = parts;
  const typed = server.withTypeProvider<TypeBoxTypeProvider>();
  const pass = async (reply: FastifyReply, request: RelayRequest) => relayed(reply, await relay.pass(request));

  typed.get('/api/v1/clock', (_request, reply) => pass(reply, { method: 'GET', path: '/galet/v1/clock' }));
  typed.get('/api/v1/parameters', (_request, reply) => pass(reply, { method: 'GET', path: '/galet/v1/parameters' }));

  typed.post('/api/v1/visits', { schema: { body: shapes.VisitRequest } }, async (request, reply) => {
    const answer = await relay.pass({ method: 'POST', path: '/galet/v1/visits', body: request.body });
    if (answer.status === 200) await queueDummy(parts);
    return relayed(reply, answer);
  });
  typed.get('/api/v1/releases/:board', { schema: { params: shapes.BoardParameters } }, async (request, reply) =>
    relayed(reply, await relay.releases(request.params.board)),
  );
  typed.get('/api/v1/releases/:board/image', { schema: { params: shapes.BoardParameters } }, async (request, reply) =>
    relayed(reply, await relay.image(request.params.board)),
  );
  typed.post('/api/v1/unregister', { schema: { body: shapes.UnregisterRequest } }, (request, reply) =>
    pass(reply, { method: 'POST', path: '/galet/v1/unregister', body: request.body }),
  );
  typed.post('/api/v1/wipes', { schema: { body: shapes.WipeProof } }, (request, reply) =>
    pass(reply, { method: 'POST', path: '/galet/v1/wipes', body: request.body }),
  );
  typed.post('/api/v1/tokens', { schema: { body: shapes.NewToken } }, (request, reply) => {
    const authorization = request.headers.authorization;
    const passed: RelayRequest = { method: 'POST', path: '/galet/v1/tokens', body: request.body };
    if (authorization !== undefined) passed.authorization = authorization;
    return pass(reply, passed);
  });
}

/** Every visit sends one upload, so that a report among them cannot be told; a full disk must not stop the visit. */
async function queueDummy(parts: RouteParts): Promise<void> {
  try {
    await parts.queue.addDummy(parts.random, parts.clock());
    parts.uploader.kick();
  } catch (error) {
    if (!(error instanceof GaletError) || error.code !== 'kiosk-full') throw error;
    parts.logger.warn({ code: error.code }, 'dummy not queued');
  }
}

function addCodes(server: Server, parts: RouteParts): void {
  const typed = server.withTypeProvider<TypeBoxTypeProvider>();
  const schema = { body: shapes.CodeQuestion, response: { 200: shapes.State } };
  typed.post('/api/v1/codes/check', { schema }, async (request) => ({
    state: await codeState(parts.relay, request.body.code),
  }));
}

/** The server's word on a code, or 'unchecked' while it cannot give one. */
async function codeState(relay: Relay, code: string): Promise<string> {
  try {
    const answer = await relay.pass({ method: 'POST', path: '/galet/v1/codes/check', body: { code } });
    const state = (jsonOf(answer) as { state?: unknown } | undefined)?.state;
    return answer.status === 200 && typeof state === 'string' ? state : 'unchecked';
  } catch (error) {
    if (error instanceof GaletError) return 'unchecked';
    throw error;
  }
}

function addReports(server: Server, parts: RouteParts): void {
  const { outbox, uploader, clock } = parts;
  const typed = server.withTypeProvider<TypeBoxTypeProvider>();
  const params = shapes.IdParameters;

  typed.put(
    '/api/v1/reports/:id',
    {
      schema: { params, body: shapes.DraftBody, response: { 200: shapes.Progress } },
      config: { acknowledge: 'kiosk.acknowledge-draft' },
    },
    async (request) => {
      const { code, encs, header, firstBatch, lastBatch } = request.body;
      const draft = { code, encs: fromBase64(encs), header: fromBase64(header), firstBatch, lastBatch };
      return await outbox.draft(request.params.id, draft, clock());
    },
  );

  typed.put(
    '/api/v1/reports/:id/batches',
    {
      bodyLimit: PIECE_MAX,
      schema: { params, body: Type.Unknown(), response: { 200: shapes.Progress } },
      config: { acknowledge: 'kiosk.acknowledge-append' },
    },
    async (request) => {
      if (!Buffer.isBuffer(request.body)) throw new GaletError('request-malformed', { reason: 'octet-stream' });
      const batches = splitBatches(new Uint8Array(request.body));
      return await orDiscard(parts, request.params.id, () => outbox.append(request.params.id, batches));
    },
  );

  typed.post(
    '/api/v1/reports/:id/keep',
    { schema: { params, response: { 200: shapes.State } }, config: { acknowledge: 'kiosk.acknowledge-keep' } },
    async (request) => {
      const { id } = request.params;
      const state = await orDiscard(parts, id, () => outbox.keep(id, clock()));
      uploader.kick();
      return { state };
    },
  );

  typed.get('/api/v1/reports/:id', { schema: { params, response: { 200: shapes.ReportAnswer } } }, async (request) => {
    const { state, receipt, refusal } = await outbox.status(request.params.id);
    return {
      state,
      ...(receipt && { receipt: Buffer.from(receipt).toString('base64') }),
      ...(refusal && { refusal }),
    };
  });

  typed.post(
    '/api/v1/reports/:id/done',
    { schema: { params, response: { 200: shapes.State } }, config: { acknowledge: 'kiosk.acknowledge-done' } },
    async (request) => ({ state: await outbox.done(request.params.id, clock()) }),
  );
}

/** A draft that the disk has no room for is given up at once, so that it does not stand in the way of the next. */
async function orDiscard<T>(parts: RouteParts, id: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof GaletError && error.code === 'kiosk-full') {
      await parts.outbox
        .discardDraft(id)
        .catch(() => parts.logger.warn({ code: error.code }, 'draft not given up yet'));
    }
    throw error;
  }
}

function addStatus(server: Server, parts: RouteParts): void {
  const typed = server.withTypeProvider<TypeBoxTypeProvider>();
  const status = async (): Promise<PageStatus> => {
    const { reachable } = parts.relay;
    const summary = await parts.queue.summary(parts.clock());
    const backend = reachable === undefined ? 'unknown' : reachable ? 'reachable' : 'unreachable';
    return { ...summary, hindrance: parts.uploader.hindrance, backend };
  };
  typed.get('/api/v1/queue', { schema: { response: { 200: shapes.QueueAnswer } } }, status);
  typed.get('/health', async () => ({ status: 'ok', service: 'galet-kiosk', version: 1 }));
  typed.get('/', async (request, reply) => {
    const language = preferredLanguage(request.headers['accept-language']);
    reply.header('content-security-policy', contentPolicy);
    reply.header('content-language', language).header('vary', 'accept-language');
    return reply.type('text/html; charset=utf-8').send(renderPage(await status(), language));
  });
}

export function addRoutes(server: Server, parts: RouteParts): void {
  addRelay(server, parts);
  addCodes(server, parts);
  addReports(server, parts);
  addStatus(server, parts);
}

function fromBase64(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'base64'));
}
