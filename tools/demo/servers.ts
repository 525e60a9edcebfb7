/** The backend and the kiosk of a demo: real services on loopback ports, their files in one folder, on one clock. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { destination, type Logger, pino } from 'pino';
import { initBackend, parametersFile } from '../../host/backend/admin/initialise.js';
import { startBackend } from '../../host/backend/serve.js';
import type { NtpClock } from '../../host/clock.js';
import { nodeRandom } from '../../host/crypto.js';
import { startKiosk } from '../../host/kiosk/serve.js';

/** One report must not wait for others here. The number to ring is from a range that France keeps for fiction. */
const PARAMETERS = { mixReports: 1, phone: '01 99 00 12 34' };
const REQUEST_STARTS = 'http.server.request.start';

export interface Servers {
  backendUrl: string;
  kioskUrl: string;
  backendFolder: string;
  credentialFile: string;
  /** The operator credential. */
  credential: string;
  /** Requests that the two have received. */
  requests(): number;
  issueCode(): Promise<string>;
  /** Has the kiosk send what it holds, and the backend do what is due. */
  settle(): Promise<void>;
  /** The backend's counters by name and labels, as Prometheus writes them. */
  counters(): Promise<Map<string, number>>;
  /** What became of reported contacts, by outcome, as the backend's log says it. */
  contacts(): Map<string, number>;
  close(): Promise<void>;
}

function logInto(file: string): Logger {
  return pino({ level: 'info' }, destination({ dest: file, sync: true }));
}

async function checked(reply: Response): Promise<Response> {
  if (!reply.ok) throw new Error(`${reply.url}: status ${reply.status}`);
  return reply;
}

/** Lines such as `galet_uploads_total{outcome="accepted"} 1`. */
function parseCounters(text: string): Map<string, number> {
  const counters = new Map<string, number>();
  for (const line of text.split('\n')) {
    const gap = line.lastIndexOf(' ');
    if (gap > 0 && !line.startsWith('#')) counters.set(line.slice(0, gap), Number(line.slice(gap + 1)));
  }
  return counters;
}

/** Sums the figures in the log lines of the ROBERT server's jobs. */
function contactOutcomes(log: string): Map<string, number> {
  const outcomes = new Map<string, number>();
  for (const line of log.split('\n')) {
    if (line === '') continue;
    const { contacts } = JSON.parse(line) as { contacts?: Record<string, number> };
    for (const [outcome, count] of Object.entries(contacts ?? {})) {
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + count);
    }
  }
  return outcomes;
}

/** `parameters`: what the authority sets beside the demo's own. */
export async function startServers(
  folder: string,
  clock: NtpClock,
  parameters: Record<string, unknown> = {},
): Promise<Servers> {
  const dir = join(folder, 'backend');
  const { credentialFile } = await initBackend({ dir }, clock);
  writeFileSync(parametersFile(dir), `${JSON.stringify({ ...PARAMETERS, ...parameters }, null, 2)}\n`);
  const credential = readFileSync(credentialFile, 'utf8').trim();
  const headers = { authorization: `Bearer ${credential}`, 'content-type': 'application/json' };

  const backendLog = join(folder, 'backend.log');
  let requests = 0;
  const count = (): void => {
    requests += 1;
  };
  subscribe(REQUEST_STARTS, count);
  const random = nodeRandom;
  const backend = await startBackend({
    dir,
    port: 0,
    captcha: 'off',
    clock,
    random,
    logger: logInto(backendLog),
  });
  const kiosk = await startKiosk({
    backendUrl: backend.url,
    databaseFile: join(folder, 'kiosk', 'outbox.db'),
    port: 0,
    clock,
    random,
    logger: logInto(join(folder, 'kiosk.log')),
  });

  return {
    backendUrl: backend.url,
    kioskUrl: kiosk.url,
    backendFolder: dir,
    credentialFile,
    credential,
    requests: () => requests,
    async issueCode() {
      const body = JSON.stringify({ kind: 'short' });
      const reply = await checked(await fetch(`${backend.url}/galet/v1/codes`, { method: 'POST', headers, body }));
      return ((await reply.json()) as { code: string }).code;
    },
    async settle() {
      await kiosk.flush();
      await backend.runJobs();
    },
    async counters() {
      const reply = await checked(await fetch(`${backend.url}/metrics`, { headers }));
      return parseCounters(await reply.text());
    },
    contacts: () => contactOutcomes(readFileSync(backendLog, 'utf8')),
    async close() {
      unsubscribe(REQUEST_STARTS, count);
      await kiosk.close();
      await backend.close();
    },
  };
}
