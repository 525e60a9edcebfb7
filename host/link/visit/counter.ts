/** The counter as a visit sees it: what the kiosk service carries to the server and keeps for it. Times: NTP seconds. */
import type { ErrorCode } from '../../errors.js';
import type { Releases } from '../../release/objects.js';

/** A request that a token made and authenticated; the courier cannot change it. */
export interface TokenRequest {
  ebid: Uint8Array;
  epochId: number;
  time: number;
  mac: Uint8Array;
  nonce: Uint8Array;
  /** The token's share of new keys (32 bytes) and its MAC (32), when a status brings one. */
  renewal?: { share: Uint8Array; mac: Uint8Array };
}

/** What a token says in its hello that it runs: at most 32 characters each, on the word of the courier. */
export interface Running {
  board: string;
  firmware: string;
}

/** The server's sealed answer: a head of 144 bytes and 22 days of 880. */
export interface SealedAnswer {
  head: Uint8Array;
  days: Uint8Array[];
}

export type ReportState = 'draft' | 'kept' | 'sent' | 'refused' | 'done';

export interface ReportStatus {
  state: ReportState;
  receipt?: Uint8Array;
  refusal?: ErrorCode;
}

/** 'unchecked' while the server is out of reach. */
export type CodeState = 'alive' | 'unknown' | 'used' | 'expired' | 'unchecked';

export interface Draft {
  code: string;
  /** The public halves of one or two tickets, 32 or 64 bytes. */
  encs: Uint8Array;
  header: Uint8Array;
  firstBatch: number;
  lastBatch: number;
}

export interface DraftProgress {
  state: ReportState;
  nextBatch: number;
  batches: number;
}

export interface ServerParameters {
  /** SubjectPublicKeyInfo of the P-256 registration key. */
  registrationKey: Uint8Array;
  /** X25519, 32 bytes. */
  gatewayKey: Uint8Array;
}

/**
 * Every call may be repeated. All throw 'kiosk-unreachable'; those that need the server 'backend-unreachable' and
 * 'backend-failing'; report numbers are 32 hexadecimal digits.
 */
export interface Counter {
  clock(): Promise<number>;
  parameters(): Promise<ServerParameters>;
  /**
   * `running` lets the server count it, and say in its sealed answer which release the token may go over to. Throws
   * 'token-unknown' where the server says 430.
   */
  visit(request: TokenRequest, running?: Running): Promise<SealedAnswer>;
  unregister(request: TokenRequest): Promise<SealedAnswer>;
  /** Whether the server recognises the proof. */
  proveWipe(proof: Uint8Array): Promise<boolean>;
  /** `clientKey`: SubjectPublicKeyInfo. Throws 'operator-refused'. */
  register(clientKey: Uint8Array, nonce: Uint8Array, credential: string): Promise<SealedAnswer>;
  checkCode(code: string): Promise<CodeState>;
  draft(reportId: string, draft: Draft): Promise<DraftProgress>;
  /** `batches`: whole travelling batches, concatenated. */
  append(reportId: string, batches: Uint8Array): Promise<DraftProgress>;
  keep(reportId: string): Promise<ReportState>;
  /** Throws 'report-unknown'. */
  status(reportId: string): Promise<ReportStatus>;
  done(reportId: string): Promise<void>;
  /** Everything signed that a token of this board may want; nobody on the way has verified it. */
  releases(board: string): Promise<Releases>;
  /** The image of the board's release. Throws 'not-found' when there is none. */
  image(board: string): Promise<Uint8Array>;
}
