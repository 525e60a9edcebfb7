/** Starts the kiosk service: an HTTP server for this computer alone, the outbox behind it, and the uploader. */
import { mkdirSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { dirname } from 'node:path';
import helmet from '@fastify/helmet';
import Fastify, { type FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { Random } from '../../device/ports.js';
import { type CheckpointName, checkpoint } from '../checkpoint.js';
import type { NtpClock } from '../clock.js';
import { GaletError } from '../errors.js';
import { namedError, PROBLEM_TYPE, problemOf } from '../problem.js';
import { openDatabase } from './database.js';
import { assertOwn, ownAuthorities } from './guard.js';
import { type Send, send } from './http.js';
import { Outbox } from './outbox.js';
import { Queue } from './queue.js';
import { Relay } from './relay.js';
import { addRoutes } from './routes.js';
import { defaultUploadPolicy, Uploader, type UploaderParts, type UploadPolicy } from './uploader.js';

const DEFAULT_PORT = 8471;
/** Room that is left on the disk for what must still be written after a report was kept. */
const RESERVE_BYTES = 16 * 1024 * 1024;
const JSON_MAX = 65_536;

export interface KioskOptions {
  backendUrl: string;
  databaseFile: string;
  /** Loopback unless said otherwise. */
  host?: string;
  /** 0 lets the system choose. */
  port?: number;
  clock: NtpClock;
  random: Random;
  logger: Logger;
  uploadPolicy?: Partial<UploadPolicy>;
  /** Bytes that stay free on the disk; 0 goes on until the disk itself says no. */
  reserveBytes?: number;
  /** Bounds the outbox file, in pages of 4 kB. */
  maxPages?: number;
  /** Bytes that are free for whoever may not use the reserve of the disk's owner; as the disk says, unless said otherwise. */
  freeBytes?: () => Promise<number>;
  /** How requests travel to the server; over sockets unless said otherwise. */
  send?: Send;
  /** Timers; the system's unless said otherwise. */
  after?: UploaderParts['after'];
  /** false: answers to `inject` alone, at no port. */
  listens?: boolean;
}

export interface Kiosk {
  url: string;
  /** Tries to send everything that waits, at once; comes back when each has been tried. */
  flush(): Promise<void>;
  /** Resolves when the uploader does nothing. */
  rest(): Promise<void>;
  /** Answers a request of this process, without a socket. */
  inject: FastifyInstance['inject'];
  close(): Promise<void>;
}

async function freeBytesAt(file: string): Promise<number> {
  const disk = await statfs(dirname(file));
  return disk.bavail * disk.bsize;
}

function systemTimer(seconds: number, callback: () => void): () => void {
  const timer = setTimeout(callback, seconds * 1000);
  timer.unref();
  return () => clearTimeout(timer);
}

function roomFor(reserve: number, freeBytes: () => Promise<number>): () => Promise<void> {
  return async () => {
    if (reserve > 0 && (await freeBytes()) < reserve) throw new GaletError('kiosk-full');
  };
}

/**
 * Fastify's own logging stays off. These lines name the route and the outcome; never an address with a report's number
 * in it, a code or a body.
 */
function addLogging(server: FastifyInstance, logger: Logger): void {
  server.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'none';
    logger.info(
      { method: request.method, route, status: reply.statusCode, ms: Math.round(reply.elapsedTime) },
      'answered',
    );
  });
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The checkpoint of this route's answer: before it is sent, and after. */
    acknowledge?: CheckpointName;
  }
}

function addCheckpoints(server: FastifyInstance): void {
  server.addHook('preSerialization', async (request, reply, payload) => {
    const name = request.routeOptions.config.acknowledge;
    if (name !== undefined && reply.statusCode === 200) checkpoint(name, 'before');
    return payload;
  });
  server.addHook('onResponse', async (request, reply) => {
    const name = request.routeOptions.config.acknowledge;
    if (name !== undefined && reply.statusCode === 200) checkpoint(name, 'after');
  });
}

function addErrors(server: FastifyInstance, logger: Logger): void {
  server.setErrorHandler((thrown, request, reply) => {
    const error = namedError(thrown);
    if (error.code === 'internal') logger.error({ err: error.cause }, 'internal error');
    const problem = problemOf(error, request.headers['accept-language']);
    return reply.code(problem.status).type(PROBLEM_TYPE).send(problem);
  });
  server.setNotFoundHandler(() => {
    throw new GaletError('not-found');
  });
}

async function listen(server: FastifyInstance, host: string, port: number): Promise<number> {
  try {
    await server.listen({ host, port });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE' || code === 'EACCES')
      throw new GaletError('address-busy', { address: `${host}:${port}` }, error);
    throw error;
  }
  return (server.server.address() as AddressInfo).port;
}

/**
 * Starts the service and resolves once it answers. Throws 'address-busy', 'database-busy', 'database-foreign',
 * 'database-newer', 'kiosk-full'.
 */
export async function startKiosk(options: KioskOptions): Promise<Kiosk> {
  const { backendUrl, databaseFile, clock, random, logger } = options;
  const host = options.host ?? '127.0.0.1';
  mkdirSync(dirname(databaseFile), { recursive: true, mode: 0o700 });
  const database = await openDatabase(databaseFile, options.maxPages);
  const queue = new Queue(database);
  const freeBytes = options.freeBytes ?? (() => freeBytesAt(databaseFile));
  const outbox = new Outbox(database, roomFor(options.reserveBytes ?? RESERVE_BYTES, freeBytes));
  const carry = options.send ?? send;
  const after = options.after ?? systemTimer;
  const relay = new Relay(backendUrl, carry);
  const policy = { ...defaultUploadPolicy, ...options.uploadPolicy };
  const uploader = new Uploader({ backendUrl, queue, relay, clock, random, logger, policy, send: carry, after });
  relay.whenBack(() => uploader.kick());

  const server = Fastify({ bodyLimit: JSON_MAX });
  let own = new Set<string>();
  const close = async (): Promise<void> => {
    const stopped = uploader.stop();
    relay.close();
    await server.close();
    await stopped;
    await database.close();
  };
  try {
    await server.register(helmet, { contentSecurityPolicy: false, strictTransportSecurity: false });
    server.addHook('onRequest', async (request) => assertOwn(request.headers, own));
    server.addContentTypeParser('application/octet-stream', { parseAs: 'buffer' }, (_request, body, done) =>
      done(null, body),
    );
    addLogging(server, logger);
    addErrors(server, logger);
    addCheckpoints(server);
    addRoutes(server, { outbox, queue, uploader, relay, clock, random, logger });
    const wanted = options.port ?? DEFAULT_PORT;
    const port = options.listens === false ? wanted : await listen(server, host, wanted);
    own = ownAuthorities(host, port);
    uploader.kick();
    return {
      url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
      flush: () => uploader.flush(),
      rest: () => uploader.rest(),
      inject: server.inject.bind(server) as FastifyInstance['inject'],
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
