import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Answer, Bench, keepReport, problem, until } from './support.js';

describe('the uploader', () => {
  let bench: Bench;

  beforeEach(async () => {
    bench = new Bench();
    await bench.start();
  });
  afterEach(() => bench.stop());

  const isSent = async (id: string): Promise<boolean> => (await bench.client.status(id)).state === 'sent';
  const onUpload = (answer: () => Answer | 'hang' | 'cut' | undefined): void => {
    bench.backend.override = (request) => (request.path === '/galet/v1/reports' ? answer() : undefined);
  };

  it('delivers by itself, once, when the network returns', async () => {
    await bench.backend.stop();
    const id = await keepReport(bench.client, 1, 'ABCD2345');
    await until(async () => (await bench.client.queue()).backend === 'unreachable');
    expect((await bench.client.status(id)).state).toBe('kept');
    await bench.backend.start();
    await until(() => isSent(id));
    expect(bench.backend.gateway.effects.get(id)).toBe(1);
    expect(bench.backend.gateway.arrivals).toHaveLength(1);
  });

  it('delivers after a restart what was kept before it', async () => {
    await bench.backend.stop();
    const id = await keepReport(bench.client, 2, 'ABCD2345');
    await bench.stopKiosk();
    await bench.backend.start();
    await bench.start();
    await until(() => isSent(id));
    expect(bench.backend.gateway.arrivals).toHaveLength(1);
  });

  it('sends again after an answer that was lost, with the same number', async () => {
    let lost = 0;
    bench.backend.override = (request) => {
      if (request.path !== '/galet/v1/reports' || lost === 3) return undefined;
      lost += 1;
      bench.backend.gateway.take(request);
      return 'cut';
    };
    const id = await keepReport(bench.client, 3, 'ABCD2345');
    await until(() => isSent(id));
    expect(bench.backend.gateway.arrivals).toHaveLength(4);
    expect([...bench.backend.gateway.effects.values()]).toEqual([1]);
  });

  it('slows down while the server has trouble, within bounds, and goes on with the other reports', async () => {
    const times: number[] = [];
    let isHealed = false;
    bench.backend.override = (request) => {
      if (request.path !== '/galet/v1/reports' || !request.body.includes('FAILING1') || isHealed) return undefined;
      times.push(performance.now());
      return { status: times.length % 2 === 0 ? 500 : 503 };
    };
    const failing = await keepReport(bench.client, 4, 'FAILING1');
    const other = await keepReport(bench.client, 5, 'FINE2345');
    await until(() => isSent(other));
    await until(() => times.length >= 5);
    isHealed = true;
    await until(() => isSent(failing));
  });

  it('treats an answer without a receipt, or not in JSON, as no answer', async () => {
    const answers: Answer[] = [
      { status: 200, body: {} },
      { status: 200, body: { receipt: 'c2hvcnQ=' } },
      { status: 404, body: {} },
      { status: 403, body: { code: 'something-new' } },
      { status: 429, body: {}, headers: { 'retry-after': '1' } },
    ];
    let count = 0;
    onUpload(() => answers[count++]);
    const id = await keepReport(bench.client, 6, 'ABCD2345');
    for (let i = 0; i < answers.length; i++) {
      await until(() => count > i);
      await until(async () => (await bench.client.status(id)).state === 'kept');
      await bench.kiosk.flush();
    }
    await until(() => isSent(id));
  });

  it('gives up a server that hangs after its time, and tries again', async () => {
    await bench.restart({ uploadPolicy: { firstRetrySeconds: 0.05, maxRetrySeconds: 0.1, timeoutSeconds: 0.2 } });
    let hung = 0;
    onUpload(() => (hung++ < 1 ? 'hang' : undefined));
    const id = await keepReport(bench.client, 7, 'ABCD2345');
    await until(() => hung > 0);
    await bench.kiosk.flush();
    await until(() => isSent(id));
  });

  it.each(['code-unknown', 'code-used', 'code-expired', 'code-mismatch'])('records %s as final', async (code) => {
    onUpload(() => problem(403, code));
    const id = await keepReport(bench.client, 8, 'ABCD2345');
    await until(async () => (await bench.client.status(id)).state === 'refused');
    await bench.kiosk.flush();
    expect(bench.backend.uploads()).toHaveLength(1);
    expect(await bench.client.status(id)).toEqual({ state: 'refused', refusal: code });
    expect(await bench.client.keep(id)).toBe('refused');
  });

  it('stops at once although the server hangs', async () => {
    onUpload(() => 'hang');
    await keepReport(bench.client, 9, 'ABCD2345');
    await until(() => bench.backend.uploads().length > 0);
    const start = performance.now();
    await bench.restart();
    expect(performance.now() - start).toBeLessThan(1000);
  });
});

describe('what who watches the network sees', () => {
  let bench: Bench;

  beforeEach(async () => {
    bench = new Bench();
    await bench.start();
  });
  afterEach(() => bench.stop());

  const visit = () =>
    bench.client.visit({
      ebid: new Uint8Array(randomBytes(8)),
      epochId: 7,
      time: 4_000_000_000,
      mac: new Uint8Array(32),
      nonce: new Uint8Array(16),
    });

  it('is one upload a visit, reports and dummies of one size (R40)', async () => {
    await visit();
    await visit();
    await keepReport(bench.client, 1, 'ABCD2345', 300);
    await bench.kiosk.flush();
    await until(() => bench.backend.uploads().length === 3);
    expect(bench.backend.gateway.dummies).toBe(2);
    expect(new Set(bench.backend.uploads().map((upload) => upload.body.length))).toEqual(new Set([262_144]));
    const headers = bench.backend.uploads().map((upload) => Object.keys(upload.headers).sort().join());
    expect(new Set(headers).size).toBe(1);
  });

  it('is a connection for every upload, shared with nothing and without a credential', async () => {
    await visit();
    await keepReport(bench.client, 2, 'ABCD2345');
    await bench.kiosk.flush();
    await until(() => bench.backend.uploads().length === 2);
    const uploadPorts = bench.backend.uploads().map((upload) => upload.port);
    const otherPorts = bench.backend.requests.filter((r) => r.path !== '/galet/v1/reports').map((r) => r.port);
    expect(new Set(uploadPorts).size).toBe(2);
    expect(uploadPorts.filter((port) => otherPorts.includes(port))).toEqual([]);
    for (const upload of bench.backend.uploads()) {
      expect(upload.headers).not.toHaveProperty('authorization');
      expect(upload.headers).not.toHaveProperty('cookie');
      expect(upload.headers).not.toHaveProperty('user-agent');
    }
  });

  it('comes after a random delay within the authority’s parameter, which survives a restart', async () => {
    bench.backend.reportDelaySeconds = 3600;
    const ids: string[] = [];
    for (let seed = 10; seed < 30; seed++) ids.push(await keepReport(bench.client, seed, `CODE00${seed}`, 1));
    await visit();
    await until(async () => bench.backend.requests.some((request) => request.path === '/galet/v1/parameters'));
    const effects = bench.backend.gateway.effects;
    const sentAt: number[] = [];
    const start = bench.now;
    for (let elapsed = 0; elapsed <= 3900; elapsed += 300) {
      bench.now = start + elapsed;
      await bench.restart();
      // Settled when what is left is delayed, not about to leave.
      await until(async () => (await bench.client.queue()).waiting + effects.size === ids.length);
      await new Promise((resolve) => setTimeout(resolve, 100));
      while (sentAt.length < effects.size) sentAt.push(elapsed);
    }
    expect(sentAt).toHaveLength(20);
    // Uniform over the hour: twenty draws fall on one half with a chance of one in 500,000.
    expect(sentAt.some((elapsed) => elapsed < 1800)).toBe(true);
    expect(sentAt.some((elapsed) => elapsed > 1800)).toBe(true);
  });

  it('grows in four steps only', async () => {
    await keepReport(bench.client, 3, 'ABCD2345', 5);
    const { client } = bench;
    for (const [seed, count] of [
      [4, 20],
      [5, 40],
      [6, 70],
    ] as const) {
      const { reportIdOf, draftOf, batch } = await import('./support.js');
      const id = reportIdOf(seed);
      await client.draft(id, draftOf(id, `CODE000${seed}`, 0, count));
      for (let index = 0; index <= count; index++) await client.append(id, batch(index, 20_000));
      await client.keep(id);
    }
    await bench.kiosk.flush();
    await until(() => bench.backend.uploads().length === 4);
    const sizes = bench.backend.uploads().map((upload) => upload.body.length);
    expect(sizes.sort((a, b) => a - b)).toEqual([262_144, 524_288, 1_048_576, 2_097_152]);
  });
});
