/** A backend's parts on a fresh database, with a clock that the test turns. */
import { rmSync } from 'node:fs';
import { initBackend, openBackendStore, readKek } from '../../host/backend/admin/initialise.js';
import { type KeyVault, openVault } from '../../host/backend/admin/vault.js';
import { type CodeBook, createCodeBook } from '../../host/backend/codes/book.js';
import type { BatchCounts } from '../../host/backend/gateway/batches.js';
import type { Expansion } from '../../host/backend/gateway/expand.js';
import { createGateway, type Gateway } from '../../host/backend/gateway/gateway.js';
import { createTicketOpener, rawGatewayKey } from '../../host/backend/gateway/tickets.js';
import { type Parameters, parametersFrom } from '../../host/backend/parameters.js';
import type { Store } from '../../host/backend/store/store.js';
import { nodeRandom } from '../../host/crypto.js';
import type { TestDatabase } from './stores.js';

/** 2024-02-26 00:00 UTC. */
export const START = 3_917_894_400;

export interface World {
  store: Store;
  vault: KeyVault;
  codes: CodeBook;
  gateway: Gateway;
  parameters: Parameters;
  gatewayKey: Uint8Array;
  /** NTP seconds; the test moves it. */
  now: number;
  /** What the gateway said of the reports it opened. */
  opened: { counts: BatchCounts; dropped: Expansion['dropped'] }[];
  close(): Promise<void>;
}

export async function createWorld(database: TestDatabase, given: object = {}): Promise<World> {
  const place = { dir: database.dir, ...(database.databaseUrl && { databaseUrl: database.databaseUrl }) };
  await (await database.open()).close();
  await initBackend(place, () => START);
  const store = await openBackendStore(place);
  const vault = await openVault(store.db, readKek(place.dir), nodeRandom);
  const parameters = parametersFrom(given);
  const pair = vault.pair('gateway');
  const world: Partial<World> = { store, vault, parameters, now: START, opened: [], gatewayKey: rawGatewayKey(pair) };
  const clock = (): number => world.now!;
  world.codes = createCodeBook(store, vault, parameters, clock, nodeRandom);
  world.gateway = createGateway({
    store,
    openTicket: await createTicketOpener(pair),
    codes: world.codes,
    clock,
    random: nodeRandom,
    parameters,
    opened: (counts, dropped) => world.opened!.push({ counts, dropped }),
  });
  world.close = async () => {
    await store.close();
    rmSync(database.dir, { recursive: true, force: true });
  };
  return world as World;
}
