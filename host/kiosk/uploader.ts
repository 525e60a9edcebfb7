/**
 * Sends what the outbox holds: each report with exactly one effect (the server knows a repeated one by its number), on
 * its own connection without any credential, after a random delay, with retries that slow down while the server is away.
 */
import type { Logger } from 'pino';
import type { Random } from '../../device/ports.js';
import { checkpoint } from '../checkpoint.js';
import type { NtpClock } from '../clock.js';
import { ERRORS, type ErrorCode, GaletError } from '../errors.js';
import { dummyEnvelope, envelope } from './envelope.js';
import { type Connections, type HttpReply, ownConnection, type Send } from './http.js';
import type { Due, Queue } from './queue.js';
import { jsonOf, type Relay } from './relay.js';

export interface UploadPolicy {
  /** Pause after a first failure; doubles with each further one. */
  firstRetrySeconds: number;
  maxRetrySeconds: number;
  timeoutSeconds: number;
  /** How long the authority's parameters are believed before they are asked for again. */
  parametersSeconds: number;
}

export const defaultUploadPolicy: UploadPolicy = {
  firstRetrySeconds: 2,
  maxRetrySeconds: 300,
  timeoutSeconds: 60,
  parametersSeconds: 600,
};

export interface UploaderParts {
  backendUrl: string;
  queue: Queue;
  relay: Relay;
  clock: NtpClock;
  random: Random;
  logger: Logger;
  policy: UploadPolicy;
  send: Send;
  /** Calls back once, after so many seconds; the result cancels it. */
  after(seconds: number, callback: () => void): () => void;
}

/** Why the first report of the queue has not left. */
export type Hindrance = 'none' | 'delay' | 'unreachable' | 'failing' | 'disk';

interface Retry {
  failures: number;
  /** NTP second of the next try. */
  at: number;
}

const RECEIPT_LENGTH = 16;
const REPLY_MAX = 16_384;
const SWEEP_SECONDS = 3600;
const IDLE_SECONDS = 60;
/** What the server will say again however often it is asked. */
const PERMANENT: ErrorCode[] = [
  'code-unknown',
  'code-used',
  'code-expired',
  'code-mismatch',
  'report-unreadable',
  'service-ended',
];

export class Uploader {
  hindrance: Hindrance = 'none';
  private readonly url: URL;
  /** Of single reports that the server could not take. */
  private readonly retries = new Map<string, Retry>();
  /** Of the server itself: while it is out of reach one try speaks for all. */
  private away: Retry | undefined;
  private connection: Connections | undefined;
  private parameters: { delaySeconds: number; until: number } | undefined;
  private cancel: () => void = () => {};
  private running: Promise<void> | undefined;
  private isWanted = false;
  private isStopped = false;
  private lastSweep = Number.NEGATIVE_INFINITY;

  constructor(private readonly parts: UploaderParts) {
    this.url = new URL('/galet/v1/reports', parts.backendUrl);
  }

  /** Looks at the queue soon: something was added, or the server is back. */
  kick(): void {
    this.away = undefined;
    this.run(false);
  }

  /** Tries everything now, delays and pauses set aside, and comes back when each has been tried once. */
  async flush(): Promise<void> {
    await this.running;
    await this.run(true);
  }

  /** Resolves when the pass under way, if any, is over. */
  async rest(): Promise<void> {
    await this.running;
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    this.cancel();
    this.connection?.destroy();
    await this.running;
  }

  private run(isForced: boolean): Promise<void> {
    if (this.isStopped) return Promise.resolve();
    if (this.running !== undefined) {
      this.isWanted = true;
      return this.running;
    }
    this.cancel();
    this.isWanted = false;
    this.running = this.pass(isForced)
      .catch((error: unknown) => {
        this.parts.logger.error({ code: codeOf(error), cause: causeOf(error) }, 'upload pass failed');
        return IDLE_SECONDS;
      })
      .then((seconds) => {
        this.running = undefined;
        if (this.isStopped) return;
        const pause = this.isWanted ? 0 : Math.min(Math.max(seconds, 0.02), IDLE_SECONDS);
        this.cancel = this.parts.after(pause, () => void this.run(false));
      });
    return this.running;
  }

  /** One look at everything that waits; says after how many seconds to look again. */
  private async pass(isForced: boolean): Promise<number> {
    const { queue, clock } = this.parts;
    let now = clock();
    if (Math.abs(now - this.lastSweep) > SWEEP_SECONDS) {
      this.lastSweep = now;
      await queue.sweep(now);
      const { overdue } = await queue.summary(now);
      if (overdue > 0) this.parts.logger.warn({ reports: overdue }, 'waiting for more than 72 hours');
    }
    if (this.isPausing(this.away, now) && !isForced) return this.away.at - now;
    this.hindrance = 'none';
    let next = now + IDLE_SECONDS;
    for (const due of await queue.due()) {
      if (this.isStopped || this.isAway()) break;
      now = clock();
      next = Math.min(next, await this.tryOne(due, now, isForced));
    }
    return next - clock();
  }

  private isAway(): boolean {
    return this.hindrance === 'unreachable';
  }

  /** Bounded, so that a clock that was set back does not silence the queue. */
  private isPausing(retry: Retry | undefined, now: number): retry is Retry {
    return retry !== undefined && retry.at > now && retry.at - now <= this.parts.policy.maxRetrySeconds;
  }

  /** Sends one if its time has come; returns when to look at it again (NTP seconds). */
  private async tryOne(due: Due, now: number, isForced: boolean): Promise<number> {
    const retry = this.retries.get(due.id);
    if (this.isPausing(retry, now) && !isForced) return retry.at;
    try {
      const delay = await this.delaySeconds(now);
      const notBefore = due.notBefore ?? (await this.drawDelay(due.id, now, delay));
      if (notBefore > now && notBefore - now <= delay && !isForced) {
        if (this.hindrance === 'none') this.hindrance = 'delay';
        return notBefore;
      }
      await this.upload(due);
      this.retries.delete(due.id);
      this.away = undefined;
      return Number.POSITIVE_INFINITY;
    } catch (error) {
      this.hindrance = hindranceOf(error);
      const isAway = this.hindrance === 'unreachable';
      const failures = ((isAway ? this.away : retry)?.failures ?? 0) + 1;
      const at = now + this.pause(failures, retryAfterOf(error));
      if (isAway) this.away = { failures, at };
      else this.retries.set(due.id, { failures, at });
      this.parts.logger.warn({ code: codeOf(error), cause: causeOf(error), failures }, 'upload failed; will retry');
      return at;
    }
  }

  private async delaySeconds(now: number): Promise<number> {
    if (this.parameters === undefined || this.parameters.until < now) {
      const delaySeconds = await this.parts.relay.reportDelaySeconds();
      this.parameters = { delaySeconds, until: now + this.parts.policy.parametersSeconds };
    }
    return this.parameters.delaySeconds;
  }

  private async drawDelay(id: string, now: number, delaySeconds: number): Promise<number> {
    if (delaySeconds === 0) return now;
    const notBefore = Math.ceil(now + fraction(this.parts.random) * delaySeconds);
    await this.parts.queue.delayUntil(id, notBefore);
    return notBefore;
  }

  /** Exponential, at most the bound, with jitter over its upper half, so that many kiosks do not return at once. */
  private pause(failures: number, retryAfter: number): number {
    const { firstRetrySeconds, maxRetrySeconds } = this.parts.policy;
    const whole = Math.min(firstRetrySeconds * 2 ** (failures - 1), maxRetrySeconds);
    const jittered = whole * (0.5 + fraction(this.parts.random) / 2);
    return Math.min(Math.max(jittered, retryAfter), maxRetrySeconds);
  }

  private async upload(due: Due): Promise<void> {
    const { queue, clock, random, logger } = this.parts;
    const body = due.kind === 'dummy' ? dummyEnvelope(random) : envelope(await queue.load(due.id));
    checkpoint('kiosk.upload', 'before');
    const reply = await this.post(body);
    checkpoint('kiosk.upload', 'after');
    if (due.kind === 'dummy') {
      if (reply.status >= 500 || reply.status === 429) throw new Refused(reply);
      await queue.dummySent(due.id);
      return;
    }
    const receipt = receiptOf(reply);
    const refusal = refusalOf(reply);
    if (receipt !== undefined) {
      await queue.sent(due.id, receipt, clock());
      logger.info('report delivered');
    } else if (refusal !== undefined) {
      await queue.refused(due.id, refusal, clock());
      logger.warn({ code: refusal }, 'report refused for good');
    } else {
      throw new Refused(reply);
    }
  }

  private async post(body: Uint8Array): Promise<HttpReply> {
    const connection = ownConnection(this.url);
    this.connection = connection;
    try {
      return await this.parts.send(this.url, connection, {
        method: 'POST',
        headers: { 'content-type': 'application/octet-stream' },
        body,
        timeoutSeconds: this.parts.policy.timeoutSeconds,
        maxBytes: REPLY_MAX,
      });
    } catch (error) {
      this.parts.relay.reachable = false;
      throw new GaletError('backend-unreachable', {}, error);
    } finally {
      connection.destroy();
    }
  }
}

/** A reply that is neither a receipt nor a refusal for good. */
class Refused extends GaletError {
  readonly retryAfter: number;

  constructor(reply: HttpReply) {
    super('backend-failing', {}, `status ${reply.status}`);
    this.retryAfter = reply.retryAfter;
  }
}

/** Uniform in [0, 1). */
function fraction(random: Random): number {
  const bytes = new Uint8Array(4);
  random.fill(bytes);
  return Buffer.from(bytes).readUInt32BE(0) / 2 ** 32;
}

function receiptOf(reply: HttpReply): Uint8Array | undefined {
  if (reply.status !== 200) return undefined;
  const receipt = (jsonOf(reply) as { receipt?: unknown } | undefined)?.receipt;
  if (typeof receipt !== 'string') return undefined;
  const bytes = new Uint8Array(Buffer.from(receipt, 'base64'));
  return bytes.length === RECEIPT_LENGTH ? bytes : undefined;
}

function refusalOf(reply: HttpReply): ErrorCode | undefined {
  if (reply.status < 400 || reply.status >= 500) return undefined;
  const code = (jsonOf(reply) as { code?: unknown } | undefined)?.code;
  return PERMANENT.find((permanent) => permanent === code && ERRORS[permanent].status === reply.status);
}

function retryAfterOf(error: unknown): number {
  return error instanceof Refused ? error.retryAfter : 0;
}

function codeOf(error: unknown): ErrorCode {
  return error instanceof GaletError ? error.code : 'internal';
}

/** What the log may say of a failure: the system's word for it, never a body. */
function causeOf(error: unknown): string {
  const cause = error instanceof GaletError ? error.cause : error;
  if (typeof cause === 'string') return cause;
  return cause instanceof Error ? ((cause as NodeJS.ErrnoException).code ?? cause.name) : '';
}

function hindranceOf(error: unknown): Hindrance {
  if (codeOf(error) === 'backend-unreachable') return 'unreachable';
  return codeOf(error) === 'kiosk-full' ? 'disk' : 'failing';
}
