/**
 * A token outgrows whoever installed it, over some weeks in virtual time: its own ticket, its own keys, and a log that
 * goes over from one to the other without a seam. The real code of token, kiosk and server.
 */
import './patience.js';
import { generateKeyPairSync } from 'node:crypto';
import { join } from 'node:path';
import Sqlite from 'libsql';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RequestOf } from '../../device/link/messages.js';
import { mountJournal } from '../../device/log/journal.js';
import { type Facts, factsOf } from '../../device/token/facts.js';
import { layout } from '../../device/token/layout.js';
import { PREVIOUS_KEY_DAYS } from '../../host/backend/robert/accounts.js';
import { renewalMac } from '../../host/backend/robert/shares.js';
import { nodeRandom } from '../../host/crypto.js';
import type { Counter, Draft, TokenRequest } from '../../host/link/visit/counter.js';
import { forget } from '../../host/link/visit/forget.js';
import { provisionToken } from '../../host/provision/provision.js';
import { START } from '../support/fleet.js';
import { DAY, HOUR, type Person, World } from './world.js';

const LONG = 45 * 60;
const MORNING = START + 9 * HOUR;
/** As long as a token on the counter is asked something this often, it makes no share. */
const CHAT_SECONDS = 8;

let world: World;

beforeEach(async () => {
  world = await World.open({ start: MORNING });
});
afterEach(async () => {
  expect(world.troubles).toEqual([]);
  await world.close();
});

/** What a token remembers, read from a copy of its flash. */
function factsIn(person: Person): Facts {
  return factsOf(mountJournal(layout(person.board.flash.afterReset()).journal));
}

function isOwn(person: Person): boolean {
  return factsIn(person).tickets()?.own === true;
}

/** Identities of the server with keys that wait for their first use, and with keys that were replaced. */
function keysAtRest(): { pending: number; previous: number } {
  const database = new Sqlite(join(world.dir, 'galet.db'), { timeout: 5000 } as Sqlite.Options);
  try {
    const count = (column: string) =>
      (database.prepare(`select count(${column}) as n from crypto_identities`).get() as { n: number }).n;
    return { pending: count('pending_auth'), previous: count('previous_auth') };
  } finally {
    database.close();
  }
}

/** The token lies on the counter and is talked to all the time. */
async function chat(person: Person, seconds: number): Promise<void> {
  await world.visit(person, async (visit) => {
    for (let passed = 0; passed < seconds; passed += CHAT_SECONDS) {
      await visit.token.ask('hello', {});
      await visit.wait(Math.min(CHAT_SECONDS, seconds - passed));
    }
  });
}

/** A courier that notes what passes through it. */
function noting(): { counter: Counter; drafts: Draft[]; visits: TokenRequest[] } {
  const drafts: Draft[] = [];
  const visits: TokenRequest[] = [];
  const counter = Object.assign(Object.create(world.counter), {
    draft(id: string, draft: Draft) {
      drafts.push(draft);
      return world.counter.draft(id, draft);
    },
    visit(request: TokenRequest) {
      visits.push(request);
      return world.counter.visit(request);
    },
  });
  return { counter, drafts, visits };
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

describe('a token’s own ticket and keys', () => {
  it('replace those of whoever installed it, and no contact is lost on the way', async () => {
    const w = world;
    const [jeanne, early, pending, late, nobody] = [
      await w.wearer('Jeanne'),
      await w.wearer('Marcel'),
      await w.wearer('Paul'),
      await w.wearer('Odette'),
      await w.wearer('Nina'),
    ] as [Person, Person, Person, Person, Person];

    // Day 1: under the ticket that the host made. The others, left alone, have made their own by now.
    for (const person of [jeanne, early]) person.place = 'counter';
    await chat(jeanne, LONG);
    for (const person of [jeanne, early]) person.place = '';
    await chat(jeanne, HOUR / 4);
    expect(isOwn(jeanne)).toBe(false);
    expect(isOwn(nobody)).toBe(true);
    await w.advance(HOUR);
    const tickets = factsIn(jeanne).tickets();
    expect(tickets).toMatchObject({ own: true, previous: { start: 0 }, pending: undefined });
    expect(tickets?.current.start).toBeGreaterThanOrEqual(3);

    // Day 2: Marcel, whose HELLOs Jeanne has, renews his keys; day 3: he is the first to use them.
    await w.advance(DAY);
    const courier = noting();
    await w.sync(early, courier.counter);
    expect(keysAtRest()).toEqual({ pending: 1, previous: 0 });
    await w.advance(DAY);
    await w.sync(early, courier.counter);
    expect(keysAtRest()).toEqual({ pending: 0, previous: 1 });
    expect(courier.visits.map(({ renewal }) => renewal !== undefined)).toEqual([true, false]);

    // Day 4: Odette renews and confirms, Paul only renews; then both meet Jeanne under their new keys.
    for (const person of [late, pending]) await w.sync(person);
    await w.advance(DAY);
    await w.sync(late);
    expect(keysAtRest()).toEqual({ pending: 1, previous: 2 });
    await w.together([jeanne, late, pending], LONG);
    await w.advance(HOUR);

    // Day 5: one report, under two tickets.
    const report = noting();
    expect(await w.report(jeanne, await w.issueCode(), report.counter)).toMatchObject({ outcome: 'delivered' });
    const [first] = report.drafts;
    expect(first?.encs).toHaveLength(64);
    expect(first?.firstBatch).toBe(0);
    // Everybody whom she met, in each of the three quarters of an hour.
    expect(w.ledger()).toMatchObject({ exposures: 9, doubleEpochs: 0, receipts: 1, waiting: 0, atRisk: 3 });
    for (const person of [early, pending, late]) expect(await w.isWarnedAtVisit(person)).toBe(true);
    expect(await w.isWarnedAtVisit(nobody)).toBe(false);

    // A week later: a third ticket has begun, indexes go on, and nothing counts twice.
    await w.advance(7 * DAY);
    expect(hex(factsIn(jeanne).tickets()?.current.enc as Uint8Array)).not.toBe(hex(first!.encs.subarray(32)));
    await w.together([jeanne, nobody], LONG);
    await w.advance(HOUR);
    await w.report(jeanne, await w.issueCode(), report.counter);
    const second = report.drafts[1];
    expect(second?.firstBatch).toBe((first?.lastBatch ?? 0) + 1);
    expect(hex(first!.encs)).not.toContain(hex(second!.encs.subarray(-32)));
    expect(w.ledger()).toMatchObject({ doubleEpochs: 0, receipts: 2 });
    expect(await w.isWarnedAtVisit(nobody)).toBe(true);

    // Some weeks later nothing of the installer's is left at the server.
    for (const person of [jeanne, nobody])
      for (let visit = 0; visit < 2; visit++) await w.sync(person).then(() => w.advance(60));
    expect(keysAtRest().pending).toBe(0);
    await w.advance((PREVIOUS_KEY_DAYS + 1) * DAY);
    expect(keysAtRest()).toEqual({ pending: 0, previous: 0 });
    for (const person of [jeanne, early, pending, late, nobody]) expect((await w.sync(person)).hello.life).toBe(1);
  });

  it('wait for a courier who does not drop the share', async () => {
    const person = await world.wearer('Jeanne');
    await world.advance(HOUR);
    const dropping = Object.assign(Object.create(world.counter), {
      visit: ({ renewal: _, ...request }: TokenRequest) => world.counter.visit(request),
    });
    for (let visit = 0; visit < 3; visit++) {
      expect((await world.sync(person, dropping)).hello.life).toBe(1);
      await world.advance(DAY);
    }
    expect(keysAtRest()).toEqual({ pending: 0, previous: 0 });
    await world.sync(person);
    await world.advance(DAY);
    await world.sync(person);
    expect(keysAtRest()).toEqual({ pending: 0, previous: 1 });
  });

  it('survive an answer that got lost after the server had the share', async () => {
    const person = await world.wearer('Jeanne');
    await world.advance(HOUR);
    const losing = Object.assign(Object.create(world.counter), {
      async visit(request: TokenRequest) {
        await world.counter.visit(request);
        throw new Error('the cable is pulled');
      },
    });
    for (let visit = 0; visit < 3; visit++) {
      await expect(world.sync(person, losing)).rejects.toThrow('the cable is pulled');
      expect(keysAtRest()).toEqual({ pending: 1, previous: 0 });
      await world.advance(HOUR);
    }
    await world.sync(person);
    await world.advance(60);
    await world.sync(person);
    expect(keysAtRest()).toEqual({ pending: 0, previous: 1 });
  });

  it('do not come from a courier: a share of its own is refused, and the token keeps the keys it has', async () => {
    const person = await world.wearer('Jeanne');
    await world.advance(HOUR);
    const forging = Object.assign(Object.create(world.counter), {
      visit: (request: TokenRequest) =>
        world.counter.visit({
          ...request,
          renewal: { share: new Uint8Array(32).fill(9), mac: request.renewal?.mac ?? new Uint8Array(32) },
        }),
    });
    await expect(world.sync(person, forging)).rejects.toMatchObject({ code: 'request-refused' });
    expect(keysAtRest()).toEqual({ pending: 0, previous: 0 });
    await world.advance(60);
    expect((await world.sync(person)).hello.life).toBe(1);
  });

  it('are those that the token is forgotten with, and its wipe proven with', async () => {
    const person = await world.wearer('Jeanne');
    await world.advance(HOUR);
    await world.sync(person);
    await world.advance(60);
    await world.visit(person, forget);
    expect(world.ledger()).toMatchObject({ registrations: 0, identities: 0, wipesProven: 1, wipesAwaited: 0 });
  });
});

describe('a host that is not honest (docs/privacy, "Who installs a token")', () => {
  const x25519 = (): Uint8Array => {
    const { x } = generateKeyPairSync('x25519').publicKey.export({ format: 'jwk' });
    return new Uint8Array(Buffer.from(String(x), 'base64url'));
  };

  /** A token that is set up through `counter`; returns the K_auth that its host could keep. */
  async function installed(person: Person, counter: Counter): Promise<Uint8Array> {
    let kept = new Uint8Array(0);
    await world.visit(
      person,
      (visit) => {
        const { token } = visit;
        const ask: typeof token.ask = (name, fields) => {
          if (name === 'provision') kept = new Uint8Array((fields as RequestOf<'provision'>).kAuth);
          return token.ask(name, fields);
        };
        const watched = { ask, fetch: (from: number) => token.fetch(from) };
        return provisionToken({ ...visit, token: watched }, { credential: world.credential, random: nodeRandom });
      },
      counter,
    );
    return kept;
  }

  it('and lied about the gateway’s key shows at the second visit to an honest counter', async () => {
    const person = world.person('Jeanne');
    const lying = Object.assign(Object.create(world.counter), {
      parameters: async () => ({ ...(await world.counter.parameters()), gatewayKey: x25519() }),
    });
    await installed(person, lying);
    await world.advance(HOUR);
    expect((await world.sync(person)).hello.life).toBe(1);
    await world.advance(DAY);
    await expect(world.sync(person)).rejects.toMatchObject({ code: 'request-refused' });
  });

  it('and puts a share of its own in the place of the token’s shows at the next visit, wherever that is', async () => {
    const person = world.person('Jeanne');
    const kAuth = await installed(person, world.counter);
    await world.advance(HOUR);
    const share = x25519();
    const watching = Object.assign(Object.create(world.counter), {
      visit: (request: TokenRequest) =>
        world.counter.visit({ ...request, renewal: { share, mac: renewalMac(kAuth, share, request.mac) } }),
    });
    expect((await world.sync(person, watching)).hello.life).toBe(1);
    await world.advance(DAY);
    await expect(world.sync(person)).rejects.toMatchObject({ code: 'request-refused' });
  });

  it('cannot do so once the token has renewed its keys elsewhere', async () => {
    const person = world.person('Jeanne');
    const kAuth = await installed(person, world.counter);
    await world.advance(HOUR);
    for (let visit = 0; visit < 2; visit++) {
      await world.sync(person);
      await world.advance(DAY);
    }
    const share = x25519();
    const returning = Object.assign(Object.create(world.counter), {
      visit: (request: TokenRequest) =>
        world.counter.visit({ ...request, renewal: { share, mac: renewalMac(kAuth, share, request.mac) } }),
    });
    await expect(world.sync(person, returning)).rejects.toMatchObject({ code: 'request-refused' });
    await world.advance(60);
    expect((await world.sync(person)).hello.life).toBe(1);
  });
});
