/** Composes the backend: store, keys, codes, gateway, ROBERT server and jobs, behind one HTTP server. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { Random } from '../../device/ports.js';
import type { NtpClock } from '../clock.js';
import { GaletError } from '../errors.js';
import { type BackendPlace, openBackendStore, parametersFile, readKek } from './admin/initialise.js';
import { assertOperator } from './admin/operators.js';
import { hasEnded, keepKeys, type Upkeep } from './admin/upkeep.js';
import { openVault } from './admin/vault.js';
import { createCodeBook } from './codes/book.js';
import { createFleet } from './fleet.js';
import { createGateway } from './gateway/gateway.js';
import { DEFAULT_RATE_LIMITS, galetRoutes, type RateLimits } from './gateway/routes.js';
import { createTicketOpener } from './gateway/tickets.js';
import { createJobs } from './jobs.js';
import { createMetrics, type Metrics } from './metrics.js';
import { type Parameters, readParameters } from './parameters.js';
import { openShelf } from './releases.js';
import type { CaptchaMode } from './robert/captcha.js';
import type { RobertServer } from './robert/port.js';
import { createRobertServer } from './robert/server.js';
import { createShareOpener } from './robert/shares.js';
import { closeServer, createServer, listen } from './server.js';
import { appendAudit, brokenAuditEntry } from './store/audit.js';
import type { Store } from './store/store.js';

const DEFAULT_BACKEND_PORT = 8470;

export type { CaptchaMode } from './robert/captcha.js';

export interface BackendOptions extends BackendPlace {
  /** Loopback unless said otherwise. */
  host?: string;
  /** 0 lets the system choose. */
  port?: number;
  /** Whether phones that register must solve a captcha, and whose. */
  captcha: CaptchaMode;
  clock: NtpClock;
  random: Random;
  logger: Logger;
  /** Instead of `parameters.json` in the directory. */
  parameters?: Parameters;
  /** Folder of what the release keys have signed (releases.ts); `releases` in the directory unless said otherwise. */
  releases?: string;
  rateLimits?: Partial<RateLimits>;
  /** Addresses or networks of reverse proxies, besides loopback, that tell the client's address by X-Forwarded-For. */
  trustedProxies?: string[];
  /** false: jobs run only when `runJobs` is called. */
  schedule?: boolean;
  /** false: answers to `inject` alone, at no port. */
  listens?: boolean;
}

export interface Backend {
  url: string;
  /** Does whatever is due by the clock and resolves when it is done. */
  runJobs(): Promise<void>;
  /** Answers a request of this process, without a socket. */
  inject: FastifyInstance['inject'];
  /** Ends the requests and the job under way, then closes the database. */
  close(): Promise<void>;
}

async function addService(app: FastifyInstance, store: Store, metrics: Metrics): Promise<void> {
  app.get('/health', { schema: { hide: true } }, async () => {
    await store.db.selectFrom('cryptoSystemKeys').select('name').limit(1).execute();
    return { service: 'galet-backend', state: 'up' };
  });
  // Not for everybody: who reads the counters often enough learns when a true report came.
  app.get('/metrics', { schema: { hide: true } }, async (request, reply) => {
    await assertOperator(store.db, request.headers.authorization);
    return reply.type(metrics.registry.contentType).send(await metrics.registry.metrics());
  });
}

/** Looks whether the audit log is whole, and notes in it that the server starts, and with which parameters. */
async function noteStart({ store, vault, clock, parameters }: Upkeep, logger: Logger): Promise<void> {
  const key = vault.secret('audit');
  const broken = await brokenAuditEntry(store.db, key);
  if (broken !== undefined) logger.error({ entry: broken }, 'the audit log was tampered with');
  const fingerprint = createHash('sha256').update(JSON.stringify(parameters)).digest('hex').slice(0, 16);
  await store.transaction('backend.audit', (db) =>
    appendAudit(db, key, clock(), 'started', { parameters: fingerprint }),
  );
}

/** /api/v6, refused altogether after the end; what it answers then is its own error handler's. */
async function addRobert(app: FastifyInstance, robert: RobertServer, { parameters, clock }: Upkeep, max: number) {
  await app.register(async (scope) => {
    scope.addHook('onRequest', async () => {
      if (hasEnded(parameters, clock())) throw new GaletError('service-ended');
    });
    scope.addHook('onRequest', scope.rateLimit({ max, timeWindow: '1 minute' }));
    await scope.register(robert.routes);
  });
}

/**
 * Starts the backend of an initialised directory and resolves once it answers. Throws 'not-initialised', 'key-missing',
 * 'parameters-invalid', 'database-newer', 'address-busy'.
 */
export async function startBackend(options: BackendOptions): Promise<Backend> {
  const { dir, clock, random, logger, captcha } = options;
  const kek = readKek(dir);
  const parameters = options.parameters ?? readParameters(parametersFile(dir));
  const store = await openBackendStore(options);
  const metrics = createMetrics();
  const app = await createServer(logger, metrics, options.trustedProxies ?? []);
  try {
    const vault = await openVault(store.db, kek, random);
    const codes = createCodeBook(store, vault, parameters, clock, random);
    const openShare = await createShareOpener(vault.pair('gateway'));
    const robert = createRobertServer({ store, vault, openShare, codes, clock, random, parameters, captcha, logger });
    const openTicket = await createTicketOpener(vault.pair('gateway'));
    const gateway = createGateway({ store, openTicket, codes, clock, random, parameters, opened: metrics.report });
    const upkeep = { store, vault, clock, random, parameters };
    // Before the first visit: the server may have been off for longer than its keys reach ahead.
    await keepKeys(upkeep);
    await noteStart(upkeep, logger);
    const fleet = createFleet(store, clock, metrics.fleet);
    const shelf = openShelf(options.releases ?? join(dir, 'releases'), parameters.endTime, logger);
    const jobs = createJobs(upkeep, robert, fleet, metrics, logger);
    const rateLimits = { ...DEFAULT_RATE_LIMITS, ...options.rateLimits };
    await addService(app, store, metrics);
    await app.register(
      galetRoutes({
        store,
        vault,
        codes,
        gateway,
        tokens: robert,
        shelf,
        fleet,
        parameters,
        clock,
        metrics,
        rateLimits,
      }),
      { prefix: '/galet/v1' },
    );
    await addRobert(app, robert, upkeep, rateLimits.phones);
    const [host, port] = [options.host ?? '127.0.0.1', options.port ?? DEFAULT_BACKEND_PORT];
    const url = options.listens === false ? `http://${host}:${port}` : await listen(app, host, port);
    if (options.schedule !== false) jobs.start();
    return {
      url,
      runJobs: jobs.run,
      inject: app.inject.bind(app) as FastifyInstance['inject'],
      async close() {
        await closeServer(app);
        await jobs.stop();
        await fleet.close().finally(() => store.close());
      },
    };
  } catch (error) {
    await app.close();
    await store.close();
    throw error;
  }
}
