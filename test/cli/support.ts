/** The command line in this process, and a scripted token at the other end of a real pseudo-terminal. */
import { PassThrough } from 'node:stream';
import type { FaultName } from '../../device/faults.js';
import { fault, faultOf } from '../../device/faults.js';
import type { MessageName, ReplyOf, RequestOf } from '../../device/link/messages.js';
import { type Handlers, serveLink } from '../../device/link/server.js';
import { run } from '../../host/cli/program.js';
import { GaletError } from '../../host/errors.js';
import { systemTimers } from '../../host/link/client.js';
import { openPty, type Pty } from '../../host/link/pty.js';
import { ScriptedToken } from '../link/visit/scripted.js';

export interface Ran {
  code: number;
  stdout: string;
  stderr: string;
  /** The one JSON object of --json. */
  json(): Record<string, unknown>;
}

export interface RunOptions {
  env?: Record<string, string>;
  isTTY?: boolean;
  /** Handed a function that presses Ctrl-C. */
  onStart?: (stop: (signal: 'SIGINT' | 'SIGTERM') => void, stdin: PassThrough) => void;
  /** Told what is written, as it comes. */
  onOutput?: (text: string) => void;
}

export async function galet(args: string[], options: RunOptions = {}): Promise<Ran> {
  let stdout = '';
  let stderr = '';
  let stop: (signal: 'SIGINT' | 'SIGTERM') => void = () => undefined;
  const stdin = new PassThrough();
  options.onStart?.((signal) => stop(signal), stdin);
  const code = await run(args, {
    stdout: {
      write: (text) => {
        stdout += text;
        options.onOutput?.(text);
      },
      columns: 100,
    },
    stderr: {
      write: (text) => {
        stderr += text;
        options.onOutput?.(text);
      },
      isTTY: options.isTTY,
      columns: 100,
    },
    stdin,
    env: { LANG: 'en_GB.UTF-8', ...options.env },
    onStop: (listener) => {
      stop = listener;
      return () => {
        stop = () => undefined;
      };
    },
  });
  return { code, stdout, stderr, json: () => JSON.parse(stdout) as Record<string, unknown> };
}

/** What the link makes of a fault, the other way round. */
const FAULT_OF: Record<string, FaultName> = {
  'consent-missing': 'consent-missing',
  'report-done': 'already-reported',
  'token-provisioned': 'already-provisioned',
  'token-too-soon': 'too-soon',
  'token-too-many-requests': 'too-many-requests',
  'token-report-unknown': 'report-unknown',
  'nothing-to-report': 'nothing-to-report',
  'receipt-refused': 'receipt-forged',
  'answer-refused': 'answer-forged',
};

export class PtyToken {
  private readonly pty: Pty = openPty();

  constructor(readonly token = new ScriptedToken()) {
    const answer =
      <N extends Exclude<MessageName, 'fetch'>>(name: N) =>
      (fields: RequestOf<N>): ReplyOf<N> => {
        try {
          return this.token.answer(name, fields);
        } catch (error) {
          if (!(error instanceof GaletError)) throw error;
          const refusal = fault(FAULT_OF[error.code] ?? 'internal', undefined, Number(error.parameters.seconds ?? 0));
          throw faultOf(error.cause) ?? refusal;
        }
      };
    const handlers: Handlers = {
      hello: answer('hello'),
      provision: answer('provision'),
      request: answer('request'),
      head: answer('head'),
      day: answer('day'),
      consent: answer('consent'),
      consentState: answer('consentState'),
      report: answer('report'),
      fetch: ({ from }) => {
        const log = this.token.log(from);
        return () => log.next().value as Uint8Array | undefined;
      },
      kept: answer('kept'),
      receipt: answer('receipt'),
      wipeProof: answer('wipeProof'),
      awaiting: answer('awaiting'),
      trust: answer('trust'),
      offer: answer('offer'),
      proof: answer('proof'),
      page: answer('page'),
      install: answer('install'),
      blink: answer('blink'),
    };
    serveLink(this.pty.port, { clock: systemTimers }, handlers);
  }

  get path(): string {
    return this.pty.path;
  }

  close(): void {
    this.pty.close();
  }
}
