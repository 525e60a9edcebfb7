import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { CipherSuite, DhkemX25519HkdfSha256, ExportOnly, HkdfSha256 } from '@hpke/core';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ascii, u32 } from '../../../device/bytes.js';
import { ORDER_RENEWED } from '../../../device/seal/answer.js';
import { initBackend } from '../../../host/backend/admin/initialise.js';
import { type BackendClient, connectBackend } from '../../../host/backend/client.js';
import { parametersFrom } from '../../../host/backend/parameters.js';
import { renewalMac } from '../../../host/backend/robert/shares.js';
import { type Backend, type BackendOptions, startBackend } from '../../../host/backend/serve.js';
import { countIdentities } from '../../../host/backend/store/identities.js';
import { nodeRandom } from '../../../host/crypto.js';
import { ERRORS, GaletError } from '../../../host/errors.js';
import { buildReport, makeTicket, type RecordSpec, uploadBody } from '../gateway/builder.js';
import { describeStores, sqliteDatabase, type TestDatabase } from '../stores.js';
import { START } from '../world.js';
import { TestToken } from './token.js';

const HOUR = 3600;
const DAY = 86_400;

interface Running {
  backend: Backend;
  client: BackendClient;
  credential: string;
  now: number;
  log: string[];
}

async function start(database: TestDatabase, given: object = {}, more: Partial<BackendOptions> = {}): Promise<Running> {
  const place = { dir: database.dir, ...(database.databaseUrl && { databaseUrl: database.databaseUrl }) };
  await (await database.open()).close();
  const running: Partial<Running> = { now: START + 12 * HOUR, log: [] };
  const clock = (): number => running.now!;
  const { credentialFile } = await initBackend(place, clock);
  running.credential = readFileSync(credentialFile, 'utf8').trim();
  const sink = new Writable({
    write(chunk, _encoding, done) {
      running.log!.push(String(chunk));
      done();
    },
  });
  running.backend = await startBackend({
    ...place,
    port: 0,
    captcha: 'off',
    clock,
    random: nodeRandom,
    logger: pino({ level: 'trace' }, sink),
    parameters: parametersFrom(given),
    schedule: false,
    ...more,
  });
  running.client = connectBackend(running.backend.url);
  return running as Running;
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof GaletError) return error.code;
    throw error;
  }
  return 'none';
}

/** A record that somebody near `other` for `minutes` from `from` on would have written. */
function recordOf(other: TestToken, from: number, minutes: number): RecordSpec {
  const { ebid, ecc } = other.identifier(from)!;
  const heard = [150, 450, 750].filter((seconds, i) => i === 0 || seconds < minutes * 60);
  const proofs = heard.map((seconds) => other.helloMac(from + Math.min(seconds, minutes * 60 - 5)));
  return { ecc, ebid, first: 0, proofs, minutes: Array(minutes).fill({ countClass: 7, powerCode: 115 }) };
}

describeStores('backend', (database) => {
  let running: Running;
  let client: BackendClient;
  beforeAll(async () => {
    running = await start(database, { mixReports: 2, mixDelaySeconds: 1800, phone: '0800 130 000' });
    client = running.client;
  });
  afterAll(() => running.backend.close());

  it('publishes its parameters and its clock', async () => {
    const parameters = await client.parameters();
    expect(parameters).toMatchObject({ serviceStart: 3_799_958_400, countryCode: 33, visitDays: 7, endTime: 0 });
    expect(parameters.registrationKey).toHaveLength(91);
    expect(parameters.gatewayKey).toHaveLength(32);
    expect(await client.clock()).toBe(running.now);
  });

  it('registers tokens for operators only, and answers their visits', async () => {
    expect(await codeOf(TestToken.register(client, 'nobody'))).toBe('operator-refused');
    const token = await TestToken.register(client, running.credential);
    expect(token.identifier(running.now)).toBeDefined();
    expect(token.identifier(running.now + 21 * DAY)).toBeDefined();
    running.now += DAY;
    const head = await token.visit(client, running.now);
    expect(head).toMatchObject({ riskLevel: 0, orders: 0, time: running.now, visitDays: 7, phone: '0800 130 000' });
    const late = token.request(2, running.now - 61, running.now);
    expect(await codeOf(client.visit(late))).toBe('request-refused');
    const forged = token.request(2, running.now);
    forged.mac[0]! ^= 1;
    expect(await codeOf(client.visit(forged))).toBe('request-refused');
  });

  it('takes a share of new keys with a visit, whole and nowhere else', async () => {
    const { client, credential } = running;
    const token = await TestToken.register(client, credential);
    const suite = new CipherSuite({ kem: new DhkemX25519HkdfSha256(), kdf: new HkdfSha256(), aead: new ExportOnly() });
    const { gatewayKey } = await client.parameters();
    const recipientPublicKey = await suite.kem.importKey('raw', new Uint8Array(gatewayKey).buffer, true);
    const info = new Uint8Array(ascii('galet keys v1')).buffer;
    const share = new Uint8Array((await suite.createSenderContext({ recipientPublicKey, info })).enc);
    const request = token.request(2, running.now);
    const renewal = { share, mac: renewalMac(token.keys.kAuth, share, request.mac) };
    expect(await codeOf(client.unregister({ ...request, renewal }))).toBe('request-malformed');
    const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
    const { epochId, ebid, mac, nonce } = request;
    const time = base64(u32(request.time));
    const half = { ebid: base64(ebid), epochId, time, mac: base64(mac), nonce: base64(nonce), share: base64(share) };
    const reply = await fetch(`${running.backend.url}/galet/v1/visits`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(half),
    });
    expect([reply.status, ((await reply.json()) as { code: string }).code]).toEqual([400, 'request-malformed']);
    const forged = { share, mac: new Uint8Array(32) };
    expect(await codeOf(client.visit({ ...request, renewal: forged }))).toBe('request-refused');
    const head = token.apply(await client.visit({ ...request, renewal }), nonce, mac);
    expect(head.orders).toBe(ORDER_RENEWED);
  });

  it('warns those who were close for long, and nobody else, after one report (R71)', async () => {
    const [near, far, reporterOfNobody] = [
      await TestToken.register(client, running.credential),
      await TestToken.register(client, running.credential),
      await makeTicket((await client.parameters()).gatewayKey),
    ];
    const from = Math.floor(running.now / 900) * 900 + 900;
    running.now = from + HOUR;
    const batches = [0, 1, 2].map((i) => ({
      start: from + 900 * i,
      records: [recordOf(near, from + 900 * i, 14), ...(i === 0 ? [recordOf(far, from, 2)] : [])],
    }));
    const { code } = await client.issueCode(running.credential, 'short');
    expect(await client.checkCode(code)).toBe('alive');
    const report = buildReport(reporterOfNobody, { code, consentTime: Math.floor(running.now), batches });
    const receipts = await Promise.all(Array.from({ length: 20 }, () => client.report(report.upload)));
    for (const receipt of receipts) expect(receipt).toEqual(report.receipt);
    expect(await client.checkCode(code)).toBe('used');

    await running.backend.runJobs();
    expect((await near.visit(client, running.now)).riskLevel).toBe(0);
    running.now += 1800;
    await running.backend.runJobs();
    // Still inside the status gap the earlier answer is repeated.
    expect((await near.visit(client, running.now)).riskLevel).toBe(4);
    expect((await far.visit(client, running.now)).riskLevel).toBe(0);
    const head = await near.visit(client, running.now);
    expect(head.riskLevel).toBe(4);
    expect(head.contactDay % DAY).toBe(0);
  });

  it('unregisters with a proof of the wipe, and then knows nobody (R50)', async () => {
    const token = await TestToken.register(client, running.credential);
    const request = token.request(3, running.now);
    const head = token.apply(await client.unregister(request), request.nonce, request.mac);
    expect(head.orders).toBe(1);
    expect(await client.verifyWipe(new Uint8Array(32))).toBe(false);
    expect(await client.verifyWipe(token.wipeProof(head))).toBe(true);
    expect(await client.verifyWipe(token.wipeProof(head))).toBe(true);
    expect(await codeOf(client.unregister(request))).toBe('token-unknown');
  });

  it('names every refusal in problem details, in the reader’s language', async () => {
    const post = (path: string, body: string, headers: Record<string, string> = {}) =>
      fetch(`${running.backend.url}${path}`, {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/json', ...headers },
      });
    const unknown = await fetch(`${running.backend.url}/nothing`);
    expect(unknown.status).toBe(404);
    expect(unknown.headers.get('content-type')).toContain('application/problem+json');
    for (const [path, body, status, code] of [
      ['/galet/v1/visits', '{}', 400, 'request-malformed'],
      ['/galet/v1/visits', '{', 400, 'request-malformed'],
      ['/galet/v1/visits', '{"ebid": "AAAA"}', 400, 'request-malformed'],
      ['/galet/v1/codes', '{"kind": "short"}', 401, 'operator-refused'],
      ['/galet/v1/codes/check', '{"code": ""}', 400, 'request-malformed'],
      ['/galet/v1/reports', '{}', 422, 'report-unreadable'],
      ['/galet/v1/wipes', '{"proof": "AA==", "more": 1}', 400, 'request-malformed'],
    ] as const) {
      const response = await post(path, body);
      expect([path, body, response.status]).toEqual([path, body, status]);
      const problem = (await response.json()) as Record<string, unknown>;
      expect(problem).toMatchObject({ type: `urn:galet:${code}`, title: code, status, code });
      expect(problem.status).toBe(ERRORS[code].status);
    }
    const french = await post('/galet/v1/codes', '{"kind": "short"}', { 'accept-language': 'fr-FR,en;q=0.5' });
    expect(((await french.json()) as { detail: string }).detail).toMatch(/justificatif/);
    const big = await fetch(`${running.backend.url}/galet/v1/reports`, {
      method: 'POST',
      body: new Uint8Array(8 * 1024 * 1024 + 1),
      headers: { 'content-type': 'application/octet-stream' },
    });
    expect(big.status).toBe(413);
  });

  it('refuses codes by name and keeps them whole', async () => {
    const ticket = await makeTicket((await client.parameters()).gatewayKey);
    const body = (code: string, consented = code) => {
      const batches = [{ start: START, records: [] }];
      const report = buildReport(ticket, { code: consented, consentTime: Math.floor(running.now), batches });
      return uploadBody(code, ticket.enc, report.header, report.batches);
    };
    const { code } = await client.issueCode(running.credential, 'jwt');
    expect(await codeOf(client.report(body('ZZZZ2222')))).toBe('code-unknown');
    expect(await codeOf(client.report(body(code, 'ZZZZ2222')))).toBe('code-mismatch');
    expect(await client.checkCode(code)).toBe('alive');
    expect(await client.checkCode('zzzz-2222')).toBe('unknown');
  });

  it('answers a dummy like a report', async () => {
    const [a, b] = [
      await client.report(uploadBody('', new Uint8Array(32), new Uint8Array(96), [])),
      await client.report(uploadBody('', new Uint8Array(32), new Uint8Array(96), [])),
    ];
    expect(a).toHaveLength(16);
    expect(a).not.toEqual(b);
  });

  it('describes itself, is healthy, and shows figures to operators', async () => {
    const openapi = (await (await fetch(`${running.backend.url}/openapi.json`)).json()) as { paths: object };
    expect(Object.keys(openapi.paths)).toEqual(
      expect.arrayContaining(['/galet/v1/visits', '/galet/v1/reports', '/galet/v1/codes/check', '/api/v6/status']),
    );
    expect(await (await fetch(`${running.backend.url}/health`)).json()).toEqual({
      service: 'galet-backend',
      state: 'up',
    });
    expect((await fetch(`${running.backend.url}/metrics`)).status).toBe(401);
    const metrics = await fetch(`${running.backend.url}/metrics`, {
      headers: { authorization: `Bearer ${running.credential}` },
    });
    const text = await metrics.text();
    expect(text).toMatch(/galet_uploads_total\{outcome="accepted"\} 1/);
    expect(text).toMatch(/galet_uploads_total\{outcome="dummy"\} 2/);
    expect(text).toMatch(/galet_job_runs_total\{ended="well"\} 2/);
  });
});

describe('backend on SQLite', () => {
  const database = sqliteDatabase();

  it('leaves no identifier, key or code in its logs, and none of a forgotten token in its files (R59)', async () => {
    const running = await start(database, { mixReports: 1 });
    const { client, backend } = running;
    const token = await TestToken.register(client, running.credential);
    const { ebid } = token.identifier(running.now)!;
    const { code } = await client.issueCode(running.credential, 'short');
    const ticket = await makeTicket((await client.parameters()).gatewayKey);
    const from = Math.floor(running.now / 900) * 900 + 900;
    running.now = from + 1800;
    const batches = [{ start: from, records: [recordOf(token, from, 10)] }];
    await client.report(buildReport(ticket, { code, consentTime: Math.floor(running.now), batches }).upload);
    await backend.runJobs();
    const heard = token.identifier(from)!.ebid;
    await token.visit(client, running.now);
    const request = token.request(3, running.now);
    const head = token.apply(await client.unregister(request), request.nonce, request.mac);
    await client.verifyWipe(token.wipeProof(head));
    await backend.runJobs();

    for (const file of readdirSync(database.dir)) {
      const content = readFileSync(join(database.dir, file));
      for (const bytes of [ebid, heard, token.keys.kAuth, token.keys.kEnc])
        expect(content.includes(Buffer.from(bytes))).toBe(false);
      expect(content.includes(code)).toBe(false);
    }
    // But for the line that says where it listens.
    const log = running.log.slice(1).join('');
    expect(log).toContain('/galet/v1/visits');
    for (const bytes of [ebid, heard, token.keys.kAuth, token.keys.kEnc]) {
      for (const encoding of ['base64', 'hex', 'base64url'] as const) {
        expect(log).not.toContain(Buffer.from(bytes).toString(encoding));
      }
    }
    for (const text of [code, running.credential, '127.0.0.1', 'remoteAddress']) expect(log).not.toContain(text);
    await backend.close();
  });

  it('refuses everything after its end but tells tokens of it, then forgets everybody (R70)', async () => {
    const running = await start(database, { endTime: START + 20 * DAY });
    const { client } = running;
    const token = await TestToken.register(client, running.credential);
    running.now = START + 20 * DAY + 10;
    await running.backend.runJobs();
    expect(await codeOf(client.issueCode(running.credential, 'short'))).toBe('service-ended');
    expect(await codeOf(client.checkCode('ABCD2345'))).toBe('service-ended');
    expect(await codeOf(client.report(new Uint8Array(10)))).toBe('service-ended');
    expect(await codeOf(TestToken.register(client, running.credential))).toBe('service-ended');
    expect((await client.parameters()).endTime).toBe(START + 20 * DAY);
    const status = await fetch(`${running.backend.url}/api/v6/status`, { method: 'POST' });
    expect(status.status).toBe(410);
    const request = token.request(2, running.now, START + 20 * DAY - 1);
    expect(token.apply(await client.visit(request), request.nonce, request.mac).orders & 2).toBe(2);
    running.now = START + 80 * DAY + 10;
    await running.backend.runJobs();
    running.now = START + 20 * DAY + 10;
    expect(await codeOf(client.visit(request))).toBe('token-unknown');
    await running.backend.close();
  });

  it('limits guesses', async () => {
    const running = await start(database, {}, { rateLimits: { codeChecks: 3 } });
    const results: string[] = [];
    for (let i = 0; i < 4; i++) results.push(await codeOf(running.client.checkCode('ABCD2345')));
    expect(results).toEqual(['none', 'none', 'none', 'too-many-requests']);
    await running.backend.close();
  });

  it('runs its jobs by itself and closes while they run', async () => {
    const running = await start(database, {}, { schedule: true });
    await running.backend.runJobs();
    await running.backend.close();
    expect(await codeOf(running.client.clock())).toBe('backend-unreachable');
  });

  it('says what keeps it from starting', async () => {
    const running = await start(database);
    const port = Number(new URL(running.backend.url).port);
    expect(await codeOf(start(database, {}, { port }))).toBe('address-busy');
    expect(await codeOf(start(database, {}, { dir: join(database.dir, 'elsewhere') }))).toBe('not-initialised');
    await running.backend.close();
  });

  it('answers 430 to a token that was silent for 60 days', async () => {
    const running = await start(database);
    const token = await TestToken.register(running.client, running.credential);
    const last = running.now + 21 * DAY;
    running.now += 55 * DAY;
    await running.backend.runJobs();
    const known = token.request(2, running.now, last);
    expect(await codeOf(running.client.visit(known))).toBe('none');
    running.now += 5 * DAY;
    await running.backend.runJobs();
    expect(await codeOf(running.client.visit(token.request(2, running.now, last)))).toBe('token-unknown');
    await running.backend.close();
  });

  it('forgets whoever has been silent for more than 60 days, asked or not', async () => {
    const running = await start(database);
    const { client, backend } = running;
    const store = await database.open();
    await store.db.deleteFrom('registrations').execute();
    await store.db.deleteFrom('cryptoIdentities').execute();
    const count = async () => [
      (await store.db.selectFrom('registrations').select('idA').execute()).length,
      await countIdentities(store.db),
    ];
    await TestToken.register(client, running.credential);
    const asking = await TestToken.register(client, running.credential);
    await backend.runJobs();
    running.now += 20 * DAY;
    await asking.visit(client, running.now);
    running.now += 40 * DAY;
    await backend.runJobs();
    expect(await count()).toEqual([2, 2]);
    running.now += DAY;
    await backend.runJobs();
    expect(await count()).toEqual([1, 1]);
    running.now += 20 * DAY;
    await backend.runJobs();
    expect(await count()).toEqual([0, 0]);
    await store.close();
    await backend.close();
  });
});
