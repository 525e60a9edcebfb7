import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

const MAIN = 'dist/host/cli/main.js';
const folder = mkdtempSync(join(tmpdir(), 'galet-cli-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function galet(...args: string[]) {
  return spawnSync(process.execPath, [MAIN, ...args], { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C.UTF-8' } });
}

/** Starts a service, waits until it has said where it is, sends the signal; says how it ended. */
async function serveAndStop(args: string[], signal: NodeJS.Signals): Promise<{ code: number | null; url: string }> {
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const line = await new Promise<string>((resolve) =>
    child.stdout.once('data', (chunk: Buffer) => resolve(String(chunk))),
  );
  const { url } = JSON.parse(line) as { url: string };
  expect((await fetch(`${url}/health`)).status).toBe(200);
  child.kill(signal);
  return { code: await ended, url };
}

describe.skipIf(!existsSync(MAIN))('galet, built, as a process', () => {
  it('prints its version and its help', () => {
    expect(galet('--version')).toMatchObject({ status: 0, stderr: '' });
    expect(galet('help', 'what-it-holds').stdout).toContain('What does it hold about me?');
  });

  it('ends with the named exit code, and says why on one stream only', () => {
    const ran = galet('sync', join(folder, 'nothing'), '--json');
    expect(ran).toMatchObject({ status: 54, stderr: '' });
    expect(JSON.parse(ran.stdout).error.code).toBe('port-missing');
  });

  it('stops at Ctrl-C and at SIGTERM, and starts again on the same files', async () => {
    const args = ['kiosk', 'serve', '--data', folder, '--port', '0', '--json'];
    expect(await serveAndStop(args, 'SIGINT')).toMatchObject({ code: 130 });
    expect(await serveAndStop(args, 'SIGTERM')).toMatchObject({ code: 0 });
    await expect(serveAndStop(args, 'SIGKILL')).resolves.toMatchObject({ code: null });
    expect(await serveAndStop(args, 'SIGTERM')).toMatchObject({ code: 0 });
  });

  it('is not upset by a reader that has had enough', () => {
    const piped = spawnSync('sh', ['-c', `"${process.execPath}" ${MAIN} help what-it-holds | head -n 1`], {
      encoding: 'utf8',
    });
    expect(piped).toMatchObject({ status: 0, stderr: '' });
  });
});
