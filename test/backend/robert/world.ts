/** A ROBERT server on a loopback port, with a database of its own and a clock that the test moves. */
import Fastify from 'fastify';
import pino from 'pino';
import { initBackend, readKek } from '../../../host/backend/admin/initialise.js';
import { type KeyVault, openVault } from '../../../host/backend/admin/vault.js';
import { type CodeBook, createCodeBook } from '../../../host/backend/codes/book.js';
import { type Parameters, parametersFrom } from '../../../host/backend/parameters.js';
import type { CaptchaMode } from '../../../host/backend/robert/captcha.js';
import type { RobertServer } from '../../../host/backend/robert/port.js';
import { createRobertServer } from '../../../host/backend/robert/server.js';
import { createShareOpener } from '../../../host/backend/robert/shares.js';
import type { Store } from '../../../host/backend/store/store.js';
import { nodeRandom } from '../../../host/crypto.js';
import type { TestDatabase } from '../stores.js';
import { Phone } from './phone.js';

/** Noon of a day that lies far from all history. */
export const NOON = 3799958400 + 1500 * 86400 + 43200;

export interface World {
  url: string;
  store: Store;
  vault: KeyVault;
  codes: CodeBook;
  parameters: Parameters;
  robert: RobertServer;
  /** Everything that was logged, a line each. */
  log: string[];
  now(): number;
  epoch(): number;
  /** Sets the clock (NTP seconds). */
  set(now: number): void;
  pass(seconds: number): void;
  phone(): Phone;
  close(): Promise<void>;
}

export interface WorldOptions {
  parameters?: Record<string, unknown>;
  captcha?: CaptchaMode;
}

export async function openWorld(database: TestDatabase, options: WorldOptions = {}): Promise<World> {
  let now = NOON;
  const clock = () => now;
  const place = { dir: database.dir, ...(database.databaseUrl && { databaseUrl: database.databaseUrl }) };
  const store = await database.open();
  await initBackend(place, clock);
  const vault = await openVault(store.db, readKek(database.dir), nodeRandom);
  const parameters = parametersFrom(options.parameters ?? {});
  const codes = createCodeBook(store, vault, parameters, clock, nodeRandom);
  const log: string[] = [];
  const logger = pino({ level: 'trace' }, { write: (line: string) => void log.push(line) });
  const captcha = options.captcha ?? 'off';
  const openShare = await createShareOpener(vault.pair('gateway'));
  const context = { store, vault, openShare, codes, clock, random: nodeRandom, parameters, captcha, logger };
  const robert = createRobertServer(context);
  const server = Fastify();
  await server.register(robert.routes);
  const url = await server.listen({ host: '127.0.0.1', port: 0 });
  return {
    url,
    store,
    vault,
    codes,
    parameters,
    robert,
    log,
    now: clock,
    epoch: () => Math.floor((now - parameters.serviceStart) / 900),
    set: (to) => {
      now = to;
    },
    pass: (seconds) => {
      now += seconds;
    },
    phone: () => new Phone(url, vault.pair('registration').publicKey),
    async close() {
      await server.close();
      await store.close();
    },
  };
}
