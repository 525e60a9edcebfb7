import { request as httpRequest } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Bench, batches, draftOf, keepReport, problem, reportIdOf, sealedAnswer, until } from './support.js';

interface Raw {
  status: number;
  headers: Record<string, unknown>;
  body: string;
}

/** A request as it is, headers included: fetch would not let a test lie about Host and Origin. */
function raw(url: string, method: string, headers: Record<string, string>, body?: string): Promise<Raw> {
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest(url, { method, headers }, (reply) => {
      const chunks: Buffer[] = [];
      reply.on('data', (chunk: Buffer) => chunks.push(chunk));
      reply.on('end', () =>
        resolve({
          status: reply.statusCode ?? 0,
          headers: reply.headers,
          body: Buffer.concat(chunks).toString('utf8'),
        }),
      );
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

const tokenRequest = {
  ebid: new Uint8Array(8).fill(1),
  epochId: 123_456,
  time: 4_000_000_000,
  mac: new Uint8Array(32).fill(2),
  nonce: new Uint8Array(16).fill(3),
};

describe('the kiosk’s API', () => {
  let bench: Bench;

  beforeEach(async () => {
    bench = new Bench();
    await bench.start();
  });
  afterEach(() => bench.stop());

  it('carries visits, unregistrations and proofs to the server as they are', async () => {
    const answer = await bench.client.visit(tokenRequest);
    expect(Buffer.from(answer.head).toString('base64')).toBe(sealedAnswer().head);
    expect(answer.days).toHaveLength(22);
    await bench.client.unregister(tokenRequest);
    expect(await bench.client.proveWipe(new Uint8Array(32))).toBe(true);
    expect(await bench.client.clock()).toBe(4_000_000_000.5);
    const carried = bench.backend.requests.find(({ path }) => path === '/galet/v1/visits');
    expect(JSON.parse(carried?.body.toString() ?? '')).toEqual({
      ebid: 'AQEBAQEBAQE=',
      epochId: 123_456,
      time: '7msoAA==',
      mac: Buffer.alloc(32, 2).toString('base64'),
      nonce: Buffer.alloc(16, 3).toString('base64'),
    });
  });

  it('carries a share of new keys with a status, and with nothing else', async () => {
    const renewal = { share: new Uint8Array(32).fill(4), mac: new Uint8Array(32).fill(5) };
    await bench.client.visit({ ...tokenRequest, renewal });
    await bench.client.unregister({ ...tokenRequest, renewal });
    const [visit, unregister] = ['visits', 'unregister'].map((name) => {
      const carried = bench.backend.requests.find(({ path }) => path === `/galet/v1/${name}`);
      return JSON.parse(carried?.body.toString() ?? '');
    });
    expect(visit).toMatchObject({
      mac: Buffer.alloc(32, 2).toString('base64'),
      share: Buffer.alloc(32, 4).toString('base64'),
      shareMac: Buffer.alloc(32, 5).toString('base64'),
    });
    expect(Object.keys(unregister).sort()).toEqual(['ebid', 'epochId', 'mac', 'nonce', 'time']);
  });

  it('passes the operator’s credential on for registrations, and on nothing else', async () => {
    await bench.client.register(new Uint8Array(91), new Uint8Array(16), 'operator-secret');
    await bench.client.visit(tokenRequest);
    const withCredential = bench.backend.requests.filter(({ headers }) => headers.authorization !== undefined);
    expect(withCredential.map(({ path }) => path)).toEqual(['/galet/v1/tokens']);
    expect(withCredential[0]?.headers.authorization).toBe('Bearer operator-secret');
  });

  it('passes the server’s refusals on by name', async () => {
    bench.backend.override = ({ path }) => {
      if (path === '/galet/v1/visits') return problem(430, 'registration-unknown');
      if (path === '/galet/v1/tokens') return problem(401, 'operator-refused');
      if (path === '/galet/v1/unregister') return { status: 400 };
      if (path === '/galet/v1/wipes') return { status: 500 };
      return undefined;
    };
    await expect(bench.client.visit(tokenRequest)).rejects.toMatchObject({ code: 'token-unknown' });
    const register = bench.client.register(new Uint8Array(91), new Uint8Array(16), 'x');
    await expect(register).rejects.toMatchObject({ code: 'operator-refused' });
    await expect(bench.client.unregister(tokenRequest)).rejects.toMatchObject({ code: 'server-refused' });
    await expect(bench.client.proveWipe(new Uint8Array(32))).rejects.toMatchObject({ code: 'backend-failing' });
    expect(bench.backend.uploads()).toHaveLength(0);
  });

  it('says when the server is out of reach, and that a code is unchecked', async () => {
    await bench.backend.stop();
    await expect(bench.client.visit(tokenRequest)).rejects.toMatchObject({ code: 'backend-unreachable' });
    await expect(bench.client.clock()).rejects.toMatchObject({ code: 'backend-unreachable' });
    expect(await bench.client.checkCode('ABCD2345')).toBe('unchecked');
    await bench.backend.start();
    expect(await bench.client.checkCode('ABCD2345')).toBe('alive');
  });

  it('is a kiosk to its commands, and nothing else is', async () => {
    await bench.client.assertThere();
    const { connectKiosk } = await import('../../host/kiosk/client.js');
    for (const url of [bench.backend.url, 'http://127.0.0.1:1']) {
      const stranger = connectKiosk(url);
      await expect(stranger.assertThere()).rejects.toMatchObject({ parameters: { url } });
      stranger.close();
    }
  });

  it('answers errors as problem details in the reader’s language', async () => {
    const url = `${bench.kiosk.url}/api/v1/reports/${reportIdOf(1)}`;
    const french = await raw(url, 'GET', { 'accept-language': 'en;q=0.5, fr-CA' });
    expect(french.headers['content-type']).toBe('application/problem+json; charset=utf-8');
    expect(JSON.parse(french.body)).toEqual({
      type: 'urn:galet:report-unknown',
      title: 'report-unknown',
      status: 404,
      detail: 'Ce comptoir n’a pas ce signalement.',
      code: 'report-unknown',
    });
    const english = await raw(`${bench.kiosk.url}/nowhere`, 'GET', { 'accept-language': 'de' });
    expect(JSON.parse(english.body)).toMatchObject({ code: 'not-found', detail: 'There is nothing at this address.' });
  });

  it.each([
    ['a number that is none', 'PUT', '/api/v1/reports/xyz', '{}', 400, 'request-malformed'],
    ['a draft without fields', 'PUT', `/api/v1/reports/${reportIdOf(1)}`, '{}', 400, 'request-malformed'],
    ['JSON that is none', 'POST', '/api/v1/codes/check', '{', 400, 'request-malformed'],
    ['a code with a space', 'POST', '/api/v1/codes/check', '{"code":"A B"}', 400, 'request-malformed'],
    [
      'a visit with a field too many',
      'POST',
      '/api/v1/visits',
      '{"ebid":"AQEBAQEBAQE=","name":"x"}',
      400,
      'request-malformed',
    ],
    ['batches in JSON', 'PUT', `/api/v1/reports/${reportIdOf(1)}/batches`, '{}', 400, 'request-malformed'],
    ['a body too large', 'POST', '/api/v1/codes/check', `{"code":"${'A'.repeat(70_000)}"}`, 413, 'request-too-large'],
  ])('refuses %s', async (_name, method, path, body, status, code) => {
    const reply = await raw(`${bench.kiosk.url}${path}`, method, { 'content-type': 'application/json' }, body);
    expect({ status: reply.status, code: JSON.parse(reply.body).code }).toEqual({ status, code });
    expect(bench.backend.requests).toHaveLength(0);
  });

  it('refuses pieces of batches that are too large', async () => {
    const id = reportIdOf(2);
    await bench.client.draft(id, draftOf(id, 'ABCD2345', 0, 1000));
    await expect(bench.client.append(id, batches(0, 200, 800))).rejects.toMatchObject({ code: 'request-too-large' });
  });
});

describe('who may talk to the kiosk', () => {
  let bench: Bench;

  beforeEach(async () => {
    bench = new Bench();
    await bench.start();
  });
  afterEach(() => bench.stop());

  const port = (): string => new URL(bench.kiosk.url).port;

  it.each([
    ['another name that points here (DNS rebinding)', (p: string) => ({ host: `attacker.example:${p}` })],
    ['another port', () => ({ host: '127.0.0.1:80' })],
    ['a page elsewhere (CSRF)', (p: string) => ({ host: `127.0.0.1:${p}`, origin: 'https://attacker.example' })],
    ['a page of another local service', (p: string) => ({ host: `127.0.0.1:${p}`, origin: 'http://127.0.0.1:3000' })],
    ['a page that hides its origin', (p: string) => ({ host: `127.0.0.1:${p}`, origin: 'null' })],
    ['a link on a foreign page', (p: string) => ({ host: `127.0.0.1:${p}`, 'sec-fetch-site': 'cross-site' })],
  ])('not %s', async (_name, headers) => {
    for (const [method, path] of [
      ['GET', '/'],
      ['GET', '/api/v1/queue'],
      ['GET', '/nowhere'],
      ['POST', `/api/v1/reports/${reportIdOf(1)}/keep`],
    ] as const) {
      const reply = await raw(`${bench.kiosk.url}${path}`, method, headers(port()));
      expect(reply.status).toBe(403);
      expect(JSON.parse(reply.body).code).toBe('foreign-request');
    }
  });

  it('its own page and commands, by any of its names', async () => {
    for (const host of ['127.0.0.1', 'localhost', 'LOCALHOST', '[::1]']) {
      const headers = { host: `${host}:${port()}`, origin: `http://localhost:${port()}` };
      expect((await raw(`${bench.kiosk.url}/api/v1/queue`, 'GET', headers)).status).toBe(200);
    }
  });

  it('offers nothing to other origins (R54)', async () => {
    const reply = await raw(`${bench.kiosk.url}/api/v1/queue`, 'GET', {});
    expect(reply.headers).not.toHaveProperty('access-control-allow-origin');
    expect(reply.headers['x-content-type-options']).toBe('nosniff');
    expect(reply.headers['x-frame-options']).toBe('SAMEORIGIN');
  });
});

describe('the status page', () => {
  let bench: Bench;

  beforeEach(async () => {
    bench = new Bench();
    await bench.start();
  });
  afterEach(() => bench.stop());

  const page = async (language: string): Promise<Raw> =>
    await raw(`${bench.kiosk.url}/`, 'GET', { 'accept-language': language });

  it('is plain HTML in French and English, without script, under a strict content policy', async () => {
    for (const [language, title] of [
      ['fr', 'Comptoir Galet'],
      ['en', 'Galet counter'],
    ] as const) {
      const { body, headers } = await page(language);
      expect(body).toContain(`<html lang="${language}">`);
      expect(body).toContain(`<h1>${title}</h1>`);
      expect(body).not.toMatch(/<script|javascript:|https?:|\son\w+=/i);
      expect(headers['content-language']).toBe(language);
      const policy = String(headers['content-security-policy']);
      expect(policy).toContain("default-src 'none'");
      expect(policy).not.toMatch(/unsafe|http/);
    }
  });

  it('names its own style sheet in the policy', async () => {
    const { createHash } = await import('node:crypto');
    const { body, headers } = await page('en');
    const style = /<style>([\s\S]*)<\/style>/.exec(body)?.[1] ?? '';
    const hash = createHash('sha256').update(style).digest('base64');
    expect(String(headers['content-security-policy'])).toContain(`'sha256-${hash}'`);
  });

  it('says what waits and why, and warns at 72 hours', async () => {
    expect((await page('en')).body).toContain('Nothing is waiting.');
    await bench.backend.stop();
    await keepReport(bench.client, 1, 'ABCD2345');
    await until(async () => (await bench.client.queue()).backend === 'unreachable');
    const waiting = (await page('en')).body;
    expect(waiting).toContain('not yet checked by the server: 1.');
    expect(waiting).toContain('the server cannot be reached; they leave by themselves');
    expect(waiting).not.toContain('role="alert">');
    bench.now += 73 * 3600;
    expect((await page('fr')).body).toContain('<p role="alert">Attention : 1 en attente depuis plus de 72 heures.');
    expect(await bench.client.queue()).toMatchObject({ waiting: 1, overdue: 1 });
  });

  it('says what the server refused', async () => {
    bench.backend.override = ({ path }) => (path === '/galet/v1/reports' ? problem(403, 'code-expired') : undefined);
    const id = await keepReport(bench.client, 2, 'ABCD2345');
    await until(async () => (await bench.client.status(id)).state === 'refused');
    expect((await page('en')).body).toContain('1 × This code has expired.');
  });

  it('says that reports wait for their random delay', async () => {
    bench.backend.reportDelaySeconds = 3600;
    await keepReport(bench.client, 3, 'ABCD2345');
    await until(async () => (await page('en')).body.includes('they leave after a random delay'));
  });
});

describe('the kiosk’s logs', () => {
  it('never hold a report’s number, a code, a credential or a body', async () => {
    const bench = new Bench();
    await bench.start();
    let failures = 0;
    bench.backend.override = ({ path }) =>
      path === '/galet/v1/reports' && failures++ < 2 ? { status: 500, body: { secret: 'ANSWER99' } } : undefined;
    await bench.client.register(new Uint8Array(91), new Uint8Array(16), 'operator-secret');
    await bench.client.visit(tokenRequest);
    await bench.client.checkCode('SECRET23');
    const id = await keepReport(bench.client, 1, 'SECRET23');
    await until(async () => (await bench.client.status(id)).state === 'sent');
    await raw(`${bench.kiosk.url}/api/v1/reports/${id}?code=SECRET23`, 'DELETE', {});
    await raw(
      `${bench.kiosk.url}/api/v1/codes/check`,
      'POST',
      { 'content-type': 'application/json' },
      '{"code":"SECRET23 x"}',
    );
    await bench.stop();
    const log = bench.logLines.join('');
    expect(log).toContain('report delivered');
    expect(log).toContain('"route":"/api/v1/reports/:id/keep"');
    for (const secret of [
      id,
      'SECRET23',
      'operator-secret',
      'ANSWER99',
      'AQEBAQEBAQE',
      sealedAnswer().head.slice(0, 24),
    ]) {
      expect(log).not.toContain(secret);
    }
  });
});
