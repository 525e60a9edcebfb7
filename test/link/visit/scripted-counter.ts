/** A kiosk and the server behind it, in memory. */
import { createHash } from 'node:crypto';
import { type ErrorCode, GaletError } from '../../../host/errors.js';
import type {
  CodeState,
  Counter,
  Draft,
  DraftProgress,
  ReportState,
  ReportStatus,
  Running,
  SealedAnswer,
  ServerParameters,
  TokenRequest,
} from '../../../host/link/visit/counter.js';
import type { Releases } from '../../../host/release/objects.js';
import { batch } from '../../kiosk/support.js';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const bytesOf = (text: string): Uint8Array => new Uint8Array(createHash('sha256').update(text).digest());

interface Held {
  draft: Draft;
  nextBatch: number;
  batches: number;
  state: ReportState;
  refusal?: ErrorCode;
}

export class ScriptedCounter implements Counter {
  isOnline = true;
  isFull = false;
  /** What is published for every board, and its image. */
  published: Releases = { roots: [] };
  releaseImage: Uint8Array = new Uint8Array(0);
  codes = new Map<string, CodeState>([['GOODCODE', 'alive']]);
  held = new Map<string, Held>();
  effects = new Map<string, number>();
  /** Status requests that arrived. */
  visits: TokenRequest[] = [];
  /** What the tokens ran that made them. */
  running: (Running | undefined)[] = [];
  visitRefusal: ErrorCode | undefined;
  isUnregistered = false;
  proofs = 0;
  /** Looks at the status before the server has answered. */
  slowness = 1;

  async clock(): Promise<number> {
    this.assertOnline();
    return 4_000_000_000.7;
  }

  async parameters(): Promise<ServerParameters> {
    this.assertOnline();
    throw new GaletError('internal');
  }

  async visit(request: TokenRequest, running?: Running): Promise<SealedAnswer> {
    this.assertOnline();
    this.visits.push(request);
    this.running.push(running);
    if (this.visitRefusal !== undefined) throw new GaletError(this.visitRefusal);
    return answer();
  }

  async unregister(_request: TokenRequest): Promise<SealedAnswer> {
    this.assertOnline();
    this.isUnregistered = true;
    return answer();
  }

  async proveWipe(proof: Uint8Array): Promise<boolean> {
    this.assertOnline();
    this.proofs += 1;
    return hex(proof) === hex(bytesOf('proof'));
  }

  async register(): Promise<SealedAnswer> {
    this.assertOnline();
    return answer();
  }

  async checkCode(code: string): Promise<CodeState> {
    return this.isOnline ? (this.codes.get(code) ?? 'unknown') : 'unchecked';
  }

  async draft(reportId: string, draft: Draft): Promise<DraftProgress> {
    this.assertRoom();
    const held = this.held.get(reportId) ?? { draft, nextBatch: draft.firstBatch, batches: 0, state: 'draft' as const };
    this.held.set(reportId, held);
    return { state: held.state, nextBatch: held.nextBatch, batches: held.batches };
  }

  async append(reportId: string, batches: Uint8Array): Promise<DraftProgress> {
    const held = this.get(reportId);
    try {
      this.assertRoom();
    } catch (error) {
      this.held.delete(reportId);
      throw error;
    }
    const count = batches.length / batch(0, 900).length;
    held.nextBatch += count;
    held.batches += count;
    return { state: held.state, nextBatch: held.nextBatch, batches: held.batches };
  }

  async keep(reportId: string): Promise<ReportState> {
    this.assertRoom();
    const held = this.get(reportId);
    if (held.state === 'draft') {
      if (held.nextBatch <= held.draft.lastBatch) throw new GaletError('report-incomplete');
      held.state = 'kept';
    }
    return held.state;
  }

  async status(reportId: string): Promise<ReportStatus> {
    const held = this.get(reportId);
    if (held.state === 'kept' && this.isOnline && this.slowness-- <= 0) this.upload(held);
    const status: ReportStatus = { state: held.state };
    if (held.state === 'sent') status.receipt = bytesOf(`receipt ${reportId}`).subarray(0, 16);
    if (held.refusal !== undefined) status.refusal = held.refusal;
    return status;
  }

  async done(reportId: string): Promise<void> {
    this.get(reportId).state = 'done';
  }

  async releases(_board: string): Promise<Releases> {
    this.assertOnline();
    return this.published;
  }

  async image(_board: string): Promise<Uint8Array> {
    this.assertOnline();
    return this.releaseImage;
  }

  private upload(held: Held): void {
    const { code } = held.draft;
    const state = this.codes.get(code) ?? 'unknown';
    if (state !== 'alive') {
      held.state = 'refused';
      held.refusal = `code-${state}` as ErrorCode;
      return;
    }
    this.codes.set(code, 'used');
    this.effects.set(code, (this.effects.get(code) ?? 0) + 1);
    held.state = 'sent';
  }

  private get(reportId: string): Held {
    const held = this.held.get(reportId);
    if (held === undefined) throw new GaletError('report-unknown');
    return held;
  }

  private assertOnline(): void {
    if (!this.isOnline) throw new GaletError('backend-unreachable');
  }

  private assertRoom(): void {
    if (this.isFull) throw new GaletError('kiosk-full');
  }
}

function answer(): SealedAnswer {
  return { head: new Uint8Array(144), days: Array.from({ length: 22 }, () => new Uint8Array(880)) };
}
