/**
 * The firmware as it is installed, under Node: it boots, is provisioned by the counter's code, hears a neighbour, and
 * gives a report that the gateway opens. What it sends and writes is compared with bundle.golden.json; `UPDATE=1`
 * rewrites that.
 */
import { createHash, generateKeyPairSync } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { copyOf, u16At } from '../../device/bytes.js';
import { decode } from '../../device/link/cbor.js';
import { CONSENT_GIVEN, CONSENT_REPORT, LIFE_BLANK, LIFE_TRACING } from '../../device/link/messages.js';
import { buildAdvert, parseAdvert } from '../../device/robert/advert.js';
import { buildHello, isHelloAuthentic, parseHello } from '../../device/robert/hello.js';
import { shortHmac } from '../../device/seal/hmac.js';
import { type TicketKeys, ticketKeys } from '../../device/seal/ratchet.js';
import { open } from '../../device/seal/seal.js';
import { openBatches } from '../../host/backend/gateway/batches.js';
import { createTicketOpener } from '../../host/backend/gateway/tickets.js';
import { nodeDigest } from '../../host/crypto.js';
import type { TokenLink } from '../../host/link/client.js';
import type { Counter } from '../../host/link/visit/counter.js';
import { provisionToken } from '../../host/provision/provision.js';
import { BOARDS } from '../../tools/firmware/boards.js';
import { buildFirmware, withTokens } from '../../tools/firmware/build.js';
import { seededRandom } from '../support/chance.js';
import { answer, ENC, GATEWAY_KEY, GATEWAY_PAIR, identifierOf, K_AUTH, SECRET, START } from '../support/fleet.js';
import { startVmBoard, type VmBoard } from './board.js';
import { ROOT } from './support.js';

// Keys and ticket are drawn at random and would make every run another one; provision.test.ts is about those.
vi.mock('../../host/provision/keys.js', async () => {
  const { K_AUTH, K_ENC } = await import('../support/fleet.js');
  return { agreeKeys: () => ({ publicKey: new Uint8Array(91), kAuth: K_AUTH, kEnc: K_ENC }) };
});
vi.mock('../../host/provision/ticket.js', async () => {
  const fleet = await import('../support/fleet.js');
  return { makeTicket: async () => ({ enc: fleet.ENC, secret: fleet.SECRET }) };
});

const SEED = 7;
/** The same for all boards; what is asked here does not depend on its size. */
const STORAGE = 2 << 20;
const PAGE = 4096;
const GOLDEN = join(import.meta.dirname, 'bundle.golden.json');
const CODE = 'ABC234';
const NEIGHBOUR = new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8]);

const hex = (bytes: ArrayLike<number>): string => Buffer.from(Uint8Array.from(bytes)).toString('hex');
const digestOf = (data: Uint8Array | string): string => createHash('sha256').update(data).digest('hex');

/** A server that registers every token at `START`. */
function registrar(): Counter {
  const registrationKey = generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).publicKey;
  const counter: Partial<Counter> = {
    parameters: async () => ({
      registrationKey: new Uint8Array(registrationKey.export({ format: 'der', type: 'spki' })),
      gatewayKey: GATEWAY_KEY,
    }),
    register: async (_key, nonce) => answer({ nonce, mac: new Uint8Array(32) }, START),
  };
  return counter as Counter;
}

function provision(token: TokenLink): ReturnType<typeof provisionToken> {
  return provisionToken(
    { token, counter: registrar(), progress: () => {}, wait: async () => {} },
    { credential: 'operator', random: seededRandom(SEED) },
  );
}

/** Goes on for `seconds` beside a token whose HELLOs are right; `ntp`: the time now. */
function company(board: VmBoard, seconds: number, ntp: number): void {
  const start = board.now();
  for (let passed = 0; passed < seconds; passed = board.now() - start) {
    const hello = buildHello(nodeDigest, new Uint8Array(32), 0x21, NEIGHBOUR, ntp + passed);
    board.around = [{ payload: buildAdvert(hello, 0), rssi: -50 }];
    board.advance(12);
  }
  board.around = [];
}

/** The batches of a chunk: slot u32, header of 8 with the body's length at 2, body, tag of 8. */
function batchesIn(chunk: Uint8Array): Uint8Array[] {
  const batches: Uint8Array[] = [];
  for (let at = 0; at < chunk.length; ) {
    const length = 4 + 8 + u16At(chunk, at + 6) + 8;
    batches.push(copyOf(chunk, at, at + length));
    at += length;
  }
  return batches;
}

async function keysOf(enc: Uint8Array): Promise<TicketKeys> {
  if (hex(enc) === hex(ENC)) return ticketKeys(nodeDigest, SECRET);
  const keys = await (await createTicketOpener(GATEWAY_PAIR))(enc);
  return keys!;
}

/** The wearer agrees; all batches of the report, opened as the gateway does, which gives its receipt. */
async function report(board: VmBoard, link: TokenLink) {
  await board.settled(link.ask('consent', { kind: CONSENT_REPORT, code: CODE }));
  board.press(3.2);
  expect((await board.settled(link.ask('consentState', {}))).state).toBe(CONSENT_GIVEN);
  const { encs, header, reportId, firstBatch, lastBatch } = await board.settled(link.ask('report', { code: CODE }));
  const travelling: Uint8Array[] = [];
  const fetched = (async () => {
    for await (const chunk of link.fetch(0)) travelling.push(...batchesIn(chunk));
  })();
  await board.settled(fetched);

  const keys: TicketKeys[] = [];
  for (let at = 0; at < encs.length; at += 32) keys.push(await keysOf(copyOf(encs, at, at + 32)));
  const fields = decode(
    open(nodeDigest, keys[keys.length - 1]!.header, reportId, header.subarray(16), 16)!,
  ) as unknown[];
  const starts = fields[9] as number[];
  const tickets = keys.map(({ state }, i) => ({ state, start: starts[i]!, mark: -1 }));
  const range = { first: firstBatch, last: lastBatch, recordCount: fields[7] as number };
  const opened = await openBatches(tickets, travelling, range);

  await board.settled(link.ask('kept', { reportId }));
  const receipt = [new TextEncoder().encode('receipt'), reportId];
  const forged = link.ask('receipt', { reportId, mac: new Uint8Array(16) });
  await expect(board.settled(forged)).rejects.toThrow();
  const mac = shortHmac(nodeDigest, keys[keys.length - 1]!.receipt, receipt, 16);
  await board.settled(link.ask('receipt', { reportId, mac }));
  return { batches: lastBatch - firstBatch + 1, opened };
}

/** The token's pages in its file of Storage: the whole ones behind a first word. Where they begin depends on the script. */
function pagesOf(image: Buffer): Buffer {
  const header = image.indexOf('galet.log\0', 'latin1') - 4;
  const first = Math.ceil((header + 32 + 4) / PAGE) * PAGE;
  const count = Math.floor((header + 32 + image.readUInt32LE(header) - first) / PAGE);
  return image.subarray(first, first + count * PAGE);
}

interface Golden {
  /** The first adverts: seconds since power-up, address, payload. */
  adverts: string[];
  /** Number and SHA-256 of all of them, as above. */
  allAdverts: string;
  /** SHA-256 of the token's pages: blank, provisioned, and at the end. */
  flash: [string, string, string];
}

const isUpdate = process.env.UPDATE === '1';
const golden: Record<string, Golden> = existsSync(GOLDEN) ? JSON.parse(readFileSync(GOLDEN, 'utf8')) : {};
const found: Record<string, Golden> = {};
const names = Object.keys(BOARDS).filter((name) => existsSync(join(ROOT, 'device/boards', name, 'main.ts')));

afterAll(() => {
  if (isUpdate) writeFileSync(GOLDEN, `${JSON.stringify({ ...golden, ...found }, null, 2)}\n`);
});

describe.each(names)('the firmware of %s', (name) => {
  /** Puck.js has a token of its own, with fewer days, no report, and Bluetooth alone. */
  const isSmall = BOARDS[name]!.storage < 1 << 20;

  it('boots, is provisioned, hears, seals and reports; all as before', async () => {
    const firmware = await buildFirmware(ROOT, name);
    const { code, manifest } = firmware;
    // The tokens' bytes are those that take the room; Node runs the text.
    const installed = BOARDS[name]!.tokens ? Buffer.from(withTokens(firmware).tokens).toString('latin1') : code;
    const board = startVmBoard(code, SEED, STORAGE, installed, isSmall);
    const written = (): string => digestOf(pagesOf(board.image()));
    let link = board.connect();
    expect(await board.settled(link.ask('hello', {}))).toMatchObject({
      life: LIFE_BLANK,
      board: name,
      firmware: manifest.version,
    });
    expect(board.reports.filter(({ t }) => t === 'advert')).toEqual([]);
    const blank = written();

    expect(await board.settled(provision(link))).toMatchObject({
      life: LIFE_TRACING,
      goodForDays: isSmall ? expect.any(Number) : 14,
    });
    const provisionedAt = board.now();
    const provisioned = written();

    company(board, 3 * 3600, START);
    const said = board.reports.filter(({ t }) => t === 'advert');
    expect(said.length).toBeGreaterThan(12);
    for (const { data, at } of said) {
      const { hello } = parseAdvert(Uint8Array.from(data as number[]))!;
      const { ebid, time16 } = parseHello(hello)!;
      const ntp = START + at - provisionedAt;
      expect(isHelloAuthentic(nodeDigest, K_AUTH, hello)).toBe(true);
      expect(Math.abs(((ntp - time16 + 0x8000) & 0xffff) - 0x8000)).toBeLessThan(3);
      // At the end of a quarter of an hour the old one may still be on air.
      const epochs = [ntp - 20, ntp].map((time) =>
        identifierOf(Math.floor(time / 86400), Math.floor((time % 86400) / 900)),
      );
      expect(epochs.map((identifier) => hex(identifier.subarray(0, 8)))).toContain(hex(ebid));
    }

    if (!isSmall) {
      link = board.connect();
      const { batches, opened } = await report(board, link);
      expect(batches).toBeGreaterThan(3);
      expect(opened.counts).toEqual({
        opened: batches,
        missing: 0,
        bad: 0,
        repeated: 0,
        outside: 0,
        surplusRecords: 0,
      });
      const heard = opened.batches.flatMap((batch) => batch.records);
      expect(heard.length).toBeGreaterThan(3);
    }

    const lines = said.map(({ at, address, data }) => `${at.toFixed(1)} ${String(address)} ${hex(data as number[])}`);
    found[name] = {
      adverts: lines.slice(0, 4),
      allAdverts: `${lines.length} ${digestOf(lines.join('\n'))}`,
      flash: [blank, provisioned, written()],
    };
    if (!isUpdate) expect(found[name]).toEqual(golden[name]);
  });
});
