/** The HTTP server around the routes: errors, headers, limits, logs without a word about persons, and its own description. */
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import swagger from '@fastify/swagger';
import Fastify, { type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { type CheckpointName, checkpoint } from '../checkpoint.js';
import { GaletError } from '../errors.js';
import { namedError, PROBLEM_TYPE, problemOf } from '../problem.js';
import type { Metrics } from './metrics.js';

/** Routes that take reports say so themselves. */
const BODY_MAX_BYTES = 65_536;
const DRAIN_SECONDS = 10;

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The checkpoint of this route's answer: before it is sent, and after. */
    acknowledge?: CheckpointName;
  }
}

/** Log lines name the route, never the address of the client, the path as it was sent, or a body. */
function addLogging(app: FastifyInstance, logger: Logger, metrics: Metrics): void {
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'none';
    const ms = Math.round(reply.elapsedTime);
    logger.info({ method: request.method, route, status: reply.statusCode, ms }, 'answered');
    metrics.request(route, reply.statusCode, reply.elapsedTime / 1000);
  });
}

function addCheckpoints(app: FastifyInstance): void {
  const passes = (status: number): boolean => status >= 200 && status < 300;
  app.addHook('preSerialization', async (request, reply, payload) => {
    const name = request.routeOptions.config.acknowledge;
    if (name !== undefined && passes(reply.statusCode)) checkpoint(name, 'before');
    return payload;
  });
  app.addHook('onResponse', async (request, reply) => {
    const name = request.routeOptions.config.acknowledge;
    if (name !== undefined && passes(reply.statusCode)) checkpoint(name, 'after');
  });
}

function addErrors(app: FastifyInstance, logger: Logger): void {
  app.setErrorHandler((thrown, request, reply) => {
    const error = namedError(thrown);
    if (error.code === 'internal') logger.error({ err: error.cause }, 'internal error');
    const problem = problemOf(error, request.headers['accept-language']);
    return reply.code(problem.status).type(PROBLEM_TYPE).send(problem);
  });
  app.setNotFoundHandler(() => {
    throw new GaletError('not-found');
  });
}

/** A server without routes yet. `/openapi.json` describes those that are registered afterwards. */
export async function createServer(
  logger: Logger,
  metrics: Metrics,
  trustedProxies: string[],
): Promise<FastifyInstance> {
  const app = Fastify({
    loggerInstance: logger as FastifyBaseLogger,
    disableRequestLogging: true,
    bodyLimit: BODY_MAX_BYTES,
    // Whose word about the client's address is taken, for the limits alone: nothing else ever uses it.
    trustProxy: ['loopback', ...trustedProxies],
    // Longer than the slowest report takes to arrive over a poor line, shorter than for ever.
    requestTimeout: 120_000,
    forceCloseConnections: 'idle',
    ajv: { customOptions: { removeAdditional: false, coerceTypes: false } },
  });
  await app.register(helmet);
  await app.register(rateLimit, {
    global: false,
    errorResponseBuilder: () => new GaletError('too-many-requests'),
  });
  await app.register(swagger, {
    openapi: {
      info: { title: 'Galet backend', version: '1', description: 'See docs/spec/http.md.' },
      components: { securitySchemes: { operator: { type: 'http', scheme: 'bearer' } } },
    },
  });
  addLogging(app, logger, metrics);
  addCheckpoints(app);
  addErrors(app, logger);
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger());
  return app;
}

/** Listens, or throws 'address-busy'; returns the URL. */
export async function listen(app: FastifyInstance, host: string, port: number): Promise<string> {
  try {
    return await app.listen({ host, port });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EADDRINUSE' && code !== 'EACCES') throw error;
    throw new GaletError('address-busy', { address: `${host}:${port}` }, error);
  }
}

/** Lets the requests under way finish, for some seconds. */
export async function closeServer(app: FastifyInstance): Promise<void> {
  const timer = setTimeout(() => app.server.closeAllConnections(), DRAIN_SECONDS * 1000);
  await app.close();
  clearTimeout(timer);
}
