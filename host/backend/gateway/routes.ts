/** The calls of /galet/v1 (docs/spec/http.md). */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { u32At } from '../../../device/bytes.js';
import type { NtpClock } from '../../clock.js';
import { GaletError } from '../../errors.js';
import { releasesJson } from '../../release/answer.js';
import { assertOperator } from '../admin/operators.js';
import { hasEnded } from '../admin/upkeep.js';
import type { KeyVault } from '../admin/vault.js';
import type { CodeBook } from '../codes/book.js';
import type { Fleet } from '../fleet.js';
import type { Metrics } from '../metrics.js';
import type { Parameters } from '../parameters.js';
import type { Shelf } from '../releases.js';
import type { SealedAnswer, TokenRequest, TokenService } from '../robert/port.js';
import { appendAudit } from '../store/audit.js';
import type { Store } from '../store/store.js';
import { verifyWipe } from '../store/wipes.js';
import type { Gateway } from './gateway.js';
import * as schemas from './schemas.js';
import { rawGatewayKey } from './tickets.js';

/** A 14-day log of a resident is about 130 kB; a kiosk pads to 8 MB at most. */
const REPORT_MAX_BYTES = 8 * 1024 * 1024;

/** Calls a minute from one address. A house with 200 tokens docks them all in one night. */
export interface RateLimits {
  visits: number;
  reports: number;
  /** Asking whether a code is alive: few, because each is a guess. */
  codeChecks: number;
  operator: number;
  /** Lists of what is signed, and images. */
  releases: number;
  /** All calls of /api/v6 together. */
  phones: number;
}

export const DEFAULT_RATE_LIMITS: RateLimits = {
  visits: 600,
  reports: 600,
  codeChecks: 60,
  operator: 600,
  releases: 600,
  phones: 600,
};

export interface RoutesContext {
  store: Store;
  vault: KeyVault;
  codes: CodeBook;
  gateway: Gateway;
  tokens: TokenService;
  shelf: Shelf;
  fleet: Fleet;
  parameters: Parameters;
  clock: NtpClock;
  metrics: Metrics;
  rateLimits: RateLimits;
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}

function bytes(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'base64'));
}

function answerBody(answer: SealedAnswer) {
  return { head: base64(answer.head), days: answer.days.map(base64) };
}

interface RequestBody {
  ebid: string;
  epochId: number;
  time: string;
  mac: string;
  nonce: string;
  share?: string;
  shareMac?: string;
  board?: string;
  firmware?: string;
}

function tokenRequest(body: RequestBody): TokenRequest {
  const { share, shareMac } = body;
  const isRenewal = share !== undefined && shareMac !== undefined;
  return {
    ebid: bytes(body.ebid),
    epochId: body.epochId,
    time: u32At(bytes(body.time), 0),
    mac: bytes(body.mac),
    nonce: bytes(body.nonce),
    ...(isRenewal && { renewal: { share: bytes(share), mac: bytes(shareMac) } }),
  };
}

export function galetRoutes(context: RoutesContext): FastifyPluginAsyncTypebox {
  const { store, vault, codes, gateway, tokens, shelf, fleet, parameters, clock, metrics } = context;
  const limit = (kind: keyof RateLimits) => ({ rateLimit: { max: context.rateLimits[kind], timeWindow: '1 minute' } });

  async function beforeEnd(): Promise<void> {
    if (hasEnded(parameters, clock())) throw new GaletError('service-ended');
  }

  async function onlyOperators(request: { headers: { authorization?: string | undefined } }): Promise<void> {
    await assertOperator(store.db, request.headers.authorization);
  }

  return async (app) => {
    app.addContentTypeParser('application/octet-stream', { parseAs: 'buffer' }, (_request, body, done) =>
      done(null, body),
    );

    app.get('/parameters', { schema: { response: { 200: schemas.ParametersAnswer } } }, async () => ({
      serviceStart: parameters.serviceStart,
      countryCode: parameters.countryCode,
      registrationKey: base64(vault.pair('registration').publicKey),
      gatewayKey: base64(rawGatewayKey(vault.pair('gateway'))),
      visitDays: parameters.visitDays,
      reportDelaySeconds: parameters.reportDelaySeconds,
      endTime: parameters.endTime,
    }));

    app.get('/clock', { schema: { response: { 200: schemas.ClockAnswer } } }, async () => ({ time: clock() }));

    // Answered after the end too: only so do tokens learn that they have to erase themselves.
    app.post(
      '/visits',
      {
        schema: { body: schemas.VisitBody, response: { 200: schemas.Answer } },
        config: { ...limit('visits'), acknowledge: 'robert.acknowledge' },
      },
      async ({ body }) => {
        const answer = await tokens.visit(tokenRequest(body), shelf.orderFor(body));
        // Only now is the request known to be a token's own.
        if (!hasEnded(parameters, clock())) fleet.count(body);
        return answerBody(answer);
      },
    );

    app.post(
      '/unregister',
      {
        onRequest: beforeEnd,
        schema: { body: schemas.UnregisterBody, response: { 200: schemas.Answer } },
        config: { ...limit('visits'), acknowledge: 'robert.acknowledge' },
      },
      async (request) => answerBody(await tokens.unregisterToken(tokenRequest(request.body))),
    );

    app.post(
      '/tokens',
      {
        onRequest: [beforeEnd, onlyOperators],
        schema: { body: schemas.NewToken, response: { 201: schemas.Answer } },
        config: { ...limit('operator'), acknowledge: 'robert.acknowledge' },
      },
      async (request, reply) => {
        // Noted first: a registration that nobody could account for must not exist.
        await store.transaction('backend.audit', (db) =>
          appendAudit(db, vault.secret('audit'), clock(), 'token registered'),
        );
        const { clientPublicECDHKey, nonce } = request.body;
        const answer = await tokens.registerToken(bytes(clientPublicECDHKey), bytes(nonce));
        return reply.code(201).send(answerBody(answer));
      },
    );

    app.post(
      '/wipes',
      {
        onRequest: beforeEnd,
        schema: { body: schemas.WipeProof, response: { 200: schemas.WipeAnswer } },
        config: { ...limit('visits'), acknowledge: 'robert.acknowledge' },
      },
      async (request) => {
        const proof = bytes(request.body.proof);
        return { verified: await store.transaction('robert.wipe', (db) => verifyWipe(db, proof)) };
      },
    );

    app.post(
      '/codes',
      {
        onRequest: [beforeEnd, onlyOperators],
        schema: { body: schemas.NewCode, response: { 201: schemas.CodeAnswer } },
        config: { ...limit('operator'), acknowledge: 'codes.acknowledge' },
      },
      async (request, reply) => reply.code(201).send(await codes.issue(request.body.kind)),
    );

    app.post(
      '/codes/check',
      {
        onRequest: beforeEnd,
        schema: { body: schemas.CodeQuestion, response: { 200: schemas.CodeStateAnswer } },
        config: limit('codeChecks'),
      },
      async (request) => ({ state: await codes.check(store.db, request.body.code, clock()) }),
    );

    app.post(
      '/reports',
      {
        onRequest: beforeEnd,
        bodyLimit: REPORT_MAX_BYTES,
        schema: { response: { 200: schemas.ReceiptAnswer } },
        config: { ...limit('reports'), acknowledge: 'gateway.acknowledge' },
      },
      async (request) => {
        // Any other content type has been parsed as JSON, and is no upload.
        const body = request.body instanceof Uint8Array ? request.body : new Uint8Array(0);
        try {
          const { outcome, receipt } = await gateway.submit(body);
          metrics.upload(outcome);
          return { receipt: base64(receipt) };
        } catch (error) {
          metrics.upload(error instanceof GaletError ? error.code : 'internal');
          throw error;
        }
      },
    );

    // Answered after the end too: the signed configuration says when it is.
    app.get(
      '/releases/:board',
      {
        schema: { params: schemas.BoardParameters, response: { 200: schemas.ReleasesAnswer } },
        config: limit('releases'),
      },
      async (request) => releasesJson(shelf.releases(request.params.board)),
    );

    app.get(
      '/releases/:board/image',
      { schema: { params: schemas.BoardParameters }, config: limit('releases') },
      async (request, reply) => {
        const image = shelf.image(request.params.board);
        if (image === undefined) throw new GaletError('not-found');
        const tag = `"${image.sha256}"`;
        reply.header('etag', tag);
        if (request.headers['if-none-match'] === tag) return reply.code(304).send();
        return reply.type('application/octet-stream').send(Buffer.from(image.bytes));
      },
    );

    app.get(
      '/fleet',
      {
        onRequest: [beforeEnd, onlyOperators],
        schema: { response: { 200: schemas.FleetAnswer } },
        config: limit('operator'),
      },
      async () => {
        await store.transaction('backend.audit', (db) => appendAudit(db, vault.secret('audit'), clock(), 'fleet read'));
        return await fleet.answer();
      },
    );
  };
}
