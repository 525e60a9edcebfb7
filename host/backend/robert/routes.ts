/**
 * /api/v6 as robert-server answers it: the same status codes and bodies (docs/spec/robert.md, "Calls of phones"). Errors
 * here are `{"message": ...}` or nothing at all, not the problem details of the rest of the backend.
 */
import { type TypeBoxTypeProvider, TypeBoxValidatorCompiler } from '@fastify/type-provider-typebox';
import type { FastifyInstance, FastifyPluginAsync, FastifyReply } from 'fastify';
import { epochAt, unixOfNtp } from '../../../device/robert/time.js';
import { GaletError } from '../../errors.js';
import { hasEnded } from '../admin/upkeep.js';
import { AuthBody, CaptchaBody, decodeBase64, RegisterBody, ReportBody, readAuth, readContacts } from './bodies.js';
import type { Captcha } from './captcha.js';
import type { Core } from './core.js';
import type { CallRefused, PhoneService } from './phones.js';
import type { AuthRequest } from './verify.js';

/** Names the checkpoint around the answer. */
const ACKNOWLEDGE = { acknowledge: 'robert.acknowledge' } as const;
/** A phone's report of 14 crowded days stays well below. */
const REPORT_BYTES_MAX = 16 * 1024 * 1024;
const INVALID = { message: 'Invalid data' };
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;
type Method = (typeof METHODS)[number];

const ALLOWED: Record<string, Method[]> = {
  '/captcha': ['POST'],
  '/captcha/:id/image': ['GET', 'HEAD'],
  '/captcha/:id/audio': ['GET', 'HEAD'],
  '/register': ['POST'],
  '/status': ['POST'],
  '/report': ['POST'],
  '/unregister': ['POST'],
  '/deleteExposureHistory': ['POST'],
  '/clock': ['GET', 'HEAD'],
};

/** An answer that ends a call early, with a body or without. */
class HttpAnswer extends Error {
  constructor(
    readonly status: number,
    readonly body?: { message: string },
  ) {
    super(body?.message ?? String(status));
  }
}

export function robertRoutes(core: Core, phones: PhoneService, captcha: Captcha): FastifyPluginAsync {
  return async (root) => {
    await root.register(async (app) => addRoutes(app, core, phones, captcha), { prefix: '/api/v6' });
  };
}

function addRoutes(instance: FastifyInstance, core: Core, phones: PhoneService, captcha: Captcha): void {
  const app = instance.withTypeProvider<TypeBoxTypeProvider>().setValidatorCompiler(TypeBoxValidatorCompiler);

  app.setErrorHandler((error, _request, reply) => answerError(core, error, reply));
  app.setNotFoundHandler((_request, reply) => reply.code(404).send({ message: 'Not found' }));

  app.addHook('onRequest', async () => {
    if (hasEnded(core.parameters, core.clock())) throw new GaletError('service-ended');
  });

  app.post('/captcha', { schema: { body: CaptchaBody } }, async (_request, reply) => {
    const id = captcha.create();
    return reply.code(201).send({ id, captchaId: id });
  });
  app.get<{ Params: { id: string } }>('/captcha/:id/image', async ({ params }, reply) =>
    sendMedia(reply, 'image/png', captcha.image(params.id)),
  );
  app.get<{ Params: { id: string } }>('/captcha/:id/audio', async ({ params }, reply) =>
    sendMedia(reply, 'audio/wav', captcha.audio(params.id)),
  );

  app.post('/register', { schema: { body: RegisterBody }, config: ACKNOWLEDGE }, async ({ body }, reply) => {
    if (!captcha.solve(body.captchaId, body.captcha)) throw new HttpAnswer(401);
    const key = decodeBase64(body.clientPublicECDHKey);
    // As for every other failure to make an account of the key.
    if (key === undefined) throw new HttpAnswer(500, { message: 'Illegal base64 in clientPublicECDHKey' });
    const tuples = await phones.register(key);
    return reply.code(201).send({ tuples, config: [], timeStart: core.ring.serviceStart, message: null });
  });

  app.post('/status', { schema: { body: AuthBody }, config: ACKNOWLEDGE }, async ({ body }) => {
    const answer = await phones.status(authOf(body));
    if (answer.status !== 200) throw refused(answer);
    const { status, lastContactDate, lastRiskScoringDate, ...rest } = answer;
    return {
      ...rest,
      config: [],
      ...(lastContactDate !== undefined && { lastContactDate: String(lastContactDate) }),
      ...(lastRiskScoringDate !== undefined && { lastRiskScoringDate: String(lastRiskScoringDate) }),
    };
  });

  app.post('/unregister', { schema: { body: AuthBody }, config: ACKNOWLEDGE }, async ({ body }) =>
    succeeded(await phones.unregister(authOf(body))),
  );
  app.post('/deleteExposureHistory', { schema: { body: AuthBody }, config: ACKNOWLEDGE }, async ({ body }) =>
    succeeded(await phones.deleteExposureHistory(authOf(body))),
  );

  app.post(
    '/report',
    { schema: { body: ReportBody }, bodyLimit: REPORT_BYTES_MAX, config: ACKNOWLEDGE },
    async ({ body }) => {
      const unrecognised = new HttpAnswer(401, { message: `Unrecognized token of length: ${body.token.length}` });
      if (body.token === '' || !(await phones.isCodeAlive(body.token))) throw unrecognised;
      const contacts = readContacts(body.contacts);
      if (contacts === undefined) throw new HttpAnswer(400, INVALID);
      try {
        const reportValidationToken = await phones.report(body.token, contacts);
        return { success: true, message: 'Successful operation', reportValidationToken };
      } catch (error) {
        if (error instanceof GaletError && error.code.startsWith('code-')) throw unrecognised;
        throw error;
      }
    },
  );

  app.get('/clock', async () => {
    const now = core.clock();
    const iso = (ntp: number): string => new Date(unixOfNtp(ntp) * 1000).toISOString();
    const { serviceStart } = core.ring;
    return { serviceStartDate: iso(serviceStart).slice(0, 10), time: iso(now), epoch: epochAt(serviceStart, now) };
  });

  refuseOtherMethods(app);
}

function refuseOtherMethods(app: Pick<FastifyInstance, 'route'>): void {
  for (const [url, allowed] of Object.entries(ALLOWED)) {
    app.route({
      method: METHODS.filter((method) => !allowed.includes(method)),
      url,
      schema: { hide: true },
      handler: (request, reply) =>
        reply
          .code(405)
          .header('allow', allowed.join(', '))
          .send({ message: `Request method '${request.method}' not supported` }),
    });
  }
}

function answerError(core: Core, error: unknown, reply: FastifyReply): FastifyReply {
  if (error instanceof HttpAnswer) return reply.code(error.status).send(error.body);
  const { statusCode, validation } = error as { statusCode?: number; validation?: unknown };
  if (validation !== undefined) return reply.code(400).send(INVALID);
  // What the framework refuses: unreadable JSON, another content type, too large a body, too many requests.
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    return reply.code(statusCode).send({ message: (error as Error).message });
  }
  const named = error instanceof GaletError ? error : new GaletError('internal', {}, error);
  // The reference lets every failure to make an account of a key be its own.
  if (named.code === 'public-key-invalid') return reply.code(500).send({ message: named.code });
  if (named.kind.status >= 500) core.logger.error({ err: error }, 'call of a phone failed');
  return reply.code(named.kind.status).send({ message: named.code });
}

function authOf(body: Parameters<typeof readAuth>[0]): AuthRequest {
  const request = readAuth(body);
  if (request === 'wrong-length') throw new HttpAnswer(400);
  // The reference decodes outside of its error handling.
  if (request === 'not-base64') throw new HttpAnswer(500, { message: 'Illegal base64' });
  return request;
}

function refused({ status }: CallRefused): HttpAnswer {
  return new HttpAnswer(status);
}

function succeeded(answer: { status: 200 } | CallRefused): { success: true; message: null } {
  if (answer.status !== 200) throw refused(answer);
  return { success: true, message: null };
}

function sendMedia(reply: FastifyReply, type: string, media: Buffer | undefined): FastifyReply {
  return media === undefined
    ? reply.code(404).send({ message: 'Not found' })
    : reply.header('cache-control', 'no-store').type(type).send(media);
}
