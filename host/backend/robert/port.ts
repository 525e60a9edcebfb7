/**
 * What the ROBERT server module gives to the rest of the backend, and what it gets: the one place where the two meet.
 * The gateway module knows nothing else of it, so that the two could be two processes, or the sink another server.
 */
import type { FastifyPluginAsync } from 'fastify';
import type { Logger } from 'pino';
import type { Random } from '../../../device/ports.js';
import type { NtpClock } from '../../clock.js';
import type { KeyVault } from '../admin/vault.js';
import type { CodeBook } from '../codes/book.js';
import type { Parameters } from '../parameters.js';
import type { Contact } from '../store/contacts.js';
import type { Db, Store } from '../store/store.js';
import type { CaptchaMode } from './captcha.js';
import type { Renewal, ShareOpener } from './shares.js';

/** An authenticated request of a token, as its courier carries it (docs/spec/visit.md). Lengths have been checked. */
export interface TokenRequest {
  /** 8 bytes. */
  ebid: Uint8Array;
  epochId: number;
  /** The courier's NTP seconds. */
  time: number;
  /** 32 bytes. */
  mac: Uint8Array;
  /** 16 bytes. */
  nonce: Uint8Array;
  /** Only with a status: the token's share of new keys. */
  renewal?: Renewal;
}

/** What only the token can read: a head of 144 bytes and 22 days of 880. */
export interface SealedAnswer {
  head: Uint8Array;
  days: Uint8Array[];
}

/** The token's calls. */
export interface TokenService {
  /**
   * Registers a token: its public key (SubjectPublicKeyInfo of P-256, 91 bytes) and the nonce (16) that the first load
   * is bound to. Throws 'public-key-invalid'. The caller has checked the operator credential.
   */
  registerToken(clientPublicKey: Uint8Array, nonce: Uint8Array): Promise<SealedAnswer>;
  /**
   * Status and refill (salt 02), and renewal of keys. After the end of the service the answer holds the order to end.
   * `release` is the number of the firmware version that the answer lets the token go over to, 0 for none. Throws 'request-refused' (400), 'registration-unknown' (404), 'token-unknown' (430).
   */
  visit(request: TokenRequest, release?: number): Promise<SealedAnswer>;
  /** Unregisters (salt 03); the answer orders to erase, and the proof of it is expected (store/wipes.ts). Throws as `visit`. */
  unregisterToken(request: TokenRequest): Promise<SealedAnswer>;
}

/** Where the gateway delivers mixed contacts. */
export interface ContactSink {
  /**
   * Takes contacts over inside the caller's transaction: they are the sink's when it commits, and still in the mixing
   * pool when it does not.
   */
  deliver(db: Db, contacts: Contact[]): Promise<void>;
}

export interface RobertServer extends TokenService {
  sink: ContactSink;
  /** All of /api/v6, registered without a prefix. */
  routes: FastifyPluginAsync;
  /** Purge, reset, contacts and risk, whatever of it is due at the clock's time. Calls never overlap. */
  runJobs(): Promise<void>;
}

/** What `createRobertServer` (server.ts) is given. */
export interface RobertContext {
  store: Store;
  vault: KeyVault;
  openShare: ShareOpener;
  codes: CodeBook;
  clock: NtpClock;
  random: Random;
  parameters: Parameters;
  /** Whether phones have to solve a captcha (captcha.ts). */
  captcha: CaptchaMode;
  logger: Logger;
}
