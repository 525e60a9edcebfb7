import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LIFE_BLANK } from '../../device/link/messages.js';
import { openPty } from '../../host/link/pty.js';
import { Bench, problem, until } from '../kiosk/support.js';
import { galet, PtyToken, type Ran } from './support.js';

const TAKEN = 'http://127.0.0.1:1';

describe('commands at the counter', () => {
  let bench: Bench;
  let pty: PtyToken;
  let credential: string;

  beforeEach(async () => {
    bench = new Bench();
    await bench.start();
    pty = new PtyToken();
    credential = join(bench.folder, 'operator');
    writeFileSync(credential, 'operator-secret\n');
  });
  afterEach(async () => {
    pty.close();
    await bench.stop();
  });

  const at = (...args: string[]): Promise<Ran> => galet([...args, '--kiosk', bench.kiosk.url]);
  const errorOf = (ran: Ran) => (ran.json().error ?? {}) as { code: string; message: string; exit: number };

  it('show a token', async () => {
    const ran = await at('token', 'show', pty.path);
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    expect(ran.stdout).toBe('At work.\nBoard scripted, firmware 0.2.0.\nBattery 80 %.\nGood for more than 14 days.\n');
    expect((await at('token', 'show', pty.path, '--json')).json()).toMatchObject({ life: 'tracing', battery: 80 });
  });

  it('provision a token, and keep the operator’s credential out of everything that is said', async () => {
    pty.token.life = LIFE_BLANK;
    const ran = await at('provision', pty.path, '--credential', credential);
    expect(ran).toMatchObject({ code: 0, stdout: 'Done. The token is set up and good for more than 14 days.\n' });
    expect(ran.stdout + ran.stderr).not.toContain('operator-secret');
    expect(bench.backend.requests.find(({ path }) => path === '/galet/v1/tokens')?.headers.authorization).toBe(
      'Bearer operator-secret',
    );
    const again = await at('provision', pty.path, '--credential', credential, '--json');
    expect(errorOf(again)).toMatchObject({ code: 'token-provisioned', exit: 33 });
  });

  it('synchronise a token, with progress that suits where it is shown', async () => {
    const ran = await at('sync', pty.path);
    expect(ran.code).toBe(0);
    expect(ran.stdout).toBe('Done. The token is good for more than 14 days.\n');
    expect(ran.stderr).toBe('Greeting the token…\nAsking the server…\nLoading identifiers: day 0 of 22\n');
    expect((await at('sync', pty.path, '--quiet')).stderr).toBe('');
    const onTerminal = await galet(['sync', pty.path, '--kiosk', bench.kiosk.url], { isTTY: true });
    expect(onTerminal.stderr).toContain('\r\u001b[KLoading identifiers: day 22 of 22');
    expect(onTerminal.stderr.endsWith('\r\u001b[K')).toBe(true);
    expect((await at('sync', pty.path, '--json')).json()).toMatchObject({ goodForDays: 14, report: 'none' });
    expect(pty.token.applied).toBe(4);
  });

  it('report, in both languages, and say so again when asked again', async () => {
    const ran = await at('report', pty.path, '--code', ' k7m2-qxpd ');
    expect(ran.stdout).toBe('Done. The report has been delivered, and the token has its receipt.\n');
    expect(ran.stderr).toContain('Press the token for three seconds: 59 s left');
    expect(ran.stderr).not.toContain('K7M2QXPD');
    expect(bench.backend.gateway.arrivals.map(({ code }) => code)).toEqual(['K7M2QXPD']);
    const again = await at('report', pty.path, '--code', 'K7M2QXPD', '--lang', 'fr');
    expect(again.stdout).toBe('C’est fait. Le signalement est remis, et le galet a son reçu.\n');
    expect(bench.backend.gateway.arrivals).toHaveLength(1);
  });

  it('report without a network: kept, told so, delivered once by itself, receipt at the next visit', async () => {
    await bench.backend.stop();
    const ran = await at('report', pty.path, '--code', 'K7M2QXPD', '--wait', '0', '--json');
    expect(ran.code).toBe(0);
    expect(ran.json()).toEqual({ outcome: 'kept', batches: 40 });
    const offline = await at('sync', pty.path, '--json');
    expect(errorOf(offline)).toMatchObject({ code: 'backend-unreachable', exit: 52 });
    await bench.backend.start();
    await until(() => bench.backend.gateway.arrivals.length === 1);
    await until(async () => (await at('sync', pty.path, '--json')).json().report === 'delivered');
    expect(pty.token.report?.stage).toBe('receipted');
    expect([...bench.backend.gateway.effects.values()]).toEqual([1]);
  });

  it('forget a token, and prove it', async () => {
    expect(await at('token', 'forget', pty.path)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('it has erased itself and proved it'),
    });
    expect((await at('token', 'forget', pty.path, '--json')).json()).toEqual({ forgotten: true, proven: true });
    expect((await at('token', 'show', pty.path, '--json')).json()).toMatchObject({ life: 'blank', wiped: true });
  });

  it('issue codes', async () => {
    const args = ['codes', 'issue', '--backend', bench.backend.url, '--credential', credential];
    const ran = await galet(args);
    expect(ran.stdout).toMatch(/^K7M2QXPD {3}\(good until .*2026.*\)\n$/);
    expect((await galet([...args, '--json'])).json()).toMatchObject({ code: 'K7M2QXPD' });
  });

  it.each([
    ['unknown', 'code-unknown', 41],
    ['used', 'code-used', 42],
    ['expired', 'code-expired', 43],
  ])('refuse a code that is %s before anybody presses, and lose nothing', async (state, code, exit) => {
    bench.backend.override = ({ path }) =>
      path === '/galet/v1/codes/check' ? { status: 200, body: { state } } : undefined;
    const ran = await at('report', pty.path, '--code', 'K7M2QXPD', '--json');
    expect(ran.code).toBe(exit);
    expect(errorOf(ran)).toMatchObject({ code, exit, message: expect.stringContaining('Nothing was lost') });
    expect(pty.token.report).toBeUndefined();
    bench.backend.override = undefined;
    expect((await at('report', pty.path, '--code', 'OTHER234')).code).toBe(0);
  });

  it('tell a code that does not match the consent, found out by the server', async () => {
    bench.backend.override = ({ path }) => (path === '/galet/v1/reports' ? problem(403, 'code-mismatch') : undefined);
    const ran = await at('report', pty.path, '--code', 'K7M2QXPD', '--json');
    expect(errorOf(ran)).toMatchObject({ code: 'code-mismatch', exit: 44 });
    expect(pty.token.report?.stage).not.toBe('receipted');
    bench.backend.override = undefined;
    expect((await at('report', pty.path, '--code', 'OTHER234')).code).toBe(0);
  });

  it('say that the counter’s disk is full and that the token keeps everything', async () => {
    await bench.restart({ reserveBytes: Number.MAX_SAFE_INTEGER });
    const ran = await at('report', pty.path, '--code', 'K7M2QXPD', '--json');
    expect(errorOf(ran)).toMatchObject({
      code: 'kiosk-full',
      exit: 71,
      message: expect.stringContaining('still holds'),
    });
    expect(pty.token.report?.stage).toBe('consented');
    expect((await at('sync', pty.path)).code).toBe(0);
    await bench.restart();
    expect((await at('report', pty.path, '--code', 'K7M2QXPD')).code).toBe(0);
    expect(pty.token.reportsMade).toBe(1);
  });

  it.each([
    ['430: exchange the token', 430, 'token-unknown', 45],
    ['400', 400, 'server-refused', 40],
    ['500', 500, 'backend-failing', 53],
  ])('name what the server says: %s', async (_name, status, code, exit) => {
    bench.backend.override = ({ path }) => (path === '/galet/v1/visits' ? { status } : undefined);
    const ran = await at('sync', pty.path, '--json');
    expect(errorOf(ran)).toMatchObject({ code, exit });
    expect(pty.token.applied).toBe(0);
  });

  it('refuse a wrong operator credential, and a missing one', async () => {
    pty.token.life = LIFE_BLANK;
    bench.backend.override = ({ path }) => (path === '/galet/v1/tokens' ? problem(401, 'operator-refused') : undefined);
    const wrong = await at('provision', pty.path, '--credential', credential, '--json');
    expect(errorOf(wrong)).toMatchObject({ code: 'operator-refused', exit: 48 });
    expect(pty.token.life).toBe(LIFE_BLANK);
    const missing = await at('provision', pty.path, '--data', join(bench.folder, 'none'), '--json');
    expect(errorOf(missing)).toMatchObject({ code: 'credential-missing', exit: 70 });
  });

  it('tell what is wrong with a port', async () => {
    const missing = await at('sync', '/dev/galet-none', '--json');
    expect(errorOf(missing)).toMatchObject({ code: 'port-missing', exit: 54 });
    const mute = openPty();
    const silent = await at('token', 'show', mute.path, '--json');
    expect(errorOf(silent)).toMatchObject({ code: 'link-silent', exit: 57 });
    mute.close();
    pty.token.pressAfterLooks = undefined;
    let stop: (signal: 'SIGINT') => void = () => undefined;
    const first = galet(['token', 'forget', pty.path, '--kiosk', bench.kiosk.url], {
      onStart: (handle) => {
        stop = handle;
      },
    });
    await until(() => pty.token.asked.includes('consent'));
    expect(errorOf(await at('sync', pty.path, '--json'))).toMatchObject({ code: 'port-busy', exit: 67 });
    stop('SIGINT');
    expect((await first).code).toBe(130);
  });

  it('tell that no kiosk runs, or that something else does', async () => {
    for (const url of [TAKEN, bench.backend.url]) {
      const ran = await galet(['sync', pty.path, '--kiosk', url, '--json']);
      expect(errorOf(ran)).toMatchObject({
        code: 'kiosk-unreachable',
        exit: 51,
        message: expect.stringContaining(url),
      });
    }
    const codes = await galet(['codes', 'issue', '--backend', TAKEN, '--credential', credential, '--json']);
    expect(errorOf(codes)).toMatchObject({ code: 'backend-unreachable', exit: 52 });
  });

  it('stop at Ctrl-C, say that nothing is lost, and let the port go', async () => {
    pty.token.pressAfterLooks = undefined;
    const ran = await galet(['report', pty.path, '--code', 'K7M2QXPD', '--kiosk', bench.kiosk.url], {
      onStart: (stop) => void until(() => pty.token.asked.includes('consent')).then(() => stop('SIGINT')),
    });
    expect(ran.code).toBe(130);
    expect(ran.stderr).toContain('Stopped. Nothing is lost');
    pty.token.pressAfterLooks = 0;
    expect((await at('report', pty.path, '--code', 'K7M2QXPD')).code).toBe(0);
  });

  it('show no stack but to a developer', async () => {
    const args = ['sync', '/dev/galet-none', '--kiosk', TAKEN];
    expect((await galet(args)).stderr).not.toMatch(/\bat .*\.(ts|js)/);
    expect((await galet(args, { env: { GALET_DEBUG: '1' } })).stderr).toMatch(/\bat .*\.(ts|js)/);
  });
});

describe('services', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'galet-services-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('serve until Ctrl-C, and say where', async () => {
    const data = folder;
    const env = { GALET_LOG: 'silent' };
    let stop: (signal: 'SIGINT' | 'SIGTERM') => void = () => undefined;
    const onStart = (handle: typeof stop): void => {
      stop = handle;
    };
    expect(await galet(['backend', 'serve', '--data', data, '--port', '0', '--json'])).toMatchObject({ code: 77 });
    expect((await galet(['backend', 'init', '--data', data, '--json'])).json()).toMatchObject({
      credentialFile: join(data, 'backend', 'operator'),
    });
    expect((await galet(['backend', 'init', '--data', data])).stdout).toContain('Nothing was missing in');

    for (const [service, signal, code] of [
      ['backend', 'SIGINT', 130],
      ['backend', 'SIGTERM', 0],
      ['kiosk', 'SIGINT', 130],
      ['kiosk', 'SIGTERM', 0],
    ] as const) {
      let url = '';
      const ran = await galet([service, 'serve', '--data', data, '--port', '0', '--json'], {
        env,
        onStart,
        onOutput: (text) => {
          if (!text.startsWith('{')) return;
          url = (JSON.parse(text) as { url: string }).url;
          void fetch(`${url}/health`).then(() => stop(signal));
        },
      });
      expect(ran.code).toBe(code);
      expect(ran.stderr).toBe('Stopping…\n');
      await expect(fetch(`${url}/health`)).rejects.toThrow();
    }
  });

  it('run a token that is pressed from the keyboard', async () => {
    const flash = join(folder, 'deep', 'one.flash');
    let stop: (signal: 'SIGINT' | 'SIGTERM') => void = () => undefined;
    const ran = await galet(['token', 'run', '--flash', flash, '--clock', '-3600', '--json'], {
      onStart: (handle, stdin) => {
        stop = handle;
        stdin.write('press\nwhat\n');
      },
      onOutput: (text) => {
        if (!text.startsWith('{')) return;
        const { port } = JSON.parse(text) as { port: string };
        void galet(['token', 'show', port, '--json']).then((shown) => {
          expect(shown.json()).toMatchObject({ life: 'blank', board: 'linux' });
          stop('SIGTERM');
        });
      },
    });
    expect(ran.code).toBe(0);
    expect(ran.stderr).toContain('Type “press”, or “press 1” for one second.');
  });
});
