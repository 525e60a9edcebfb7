/** One-time codes: issued, checked without effect, and burnt once inside the transaction of what they allow. */
import { createHmac } from 'node:crypto';
import type { Random } from '../../../device/ports.js';
import { DAY_SECONDS } from '../../../device/robert/time.js';
import type { NtpClock } from '../../clock.js';
import { normaliseCode } from '../../codes.js';
import { GaletError } from '../../errors.js';
import type { KeyVault } from '../admin/vault.js';
import type { Parameters } from '../parameters.js';
import { appendAudit } from '../store/audit.js';
import { findCode, insertCode, useCode } from '../store/codes.js';
import type { Db, Store } from '../store/store.js';
import { jwtIssuers, signJwtCode, verifyJwtCode } from './jwt.js';
import { drawShortCode } from './short.js';

export type CodeKind = 'short' | 'jwt';

export type CodeState = 'alive' | 'unknown' | 'used' | 'expired';

export interface IssuedCode {
  code: string;
  /** NTP seconds. */
  validUntil: number;
}

export interface CodeBook {
  issue(kind: CodeKind): Promise<IssuedCode>;
  /**
   * What a code is worth at `at` (NTP seconds), a time that a clock said which may be wrong by `tolerance` seconds. Has
   * no effect.
   */
  check(db: Db, code: string, at: number, tolerance?: number): Promise<CodeState>;
  /**
   * Burns a code that was alive at `at`, in the caller's transaction. Throws 'code-unknown', 'code-used' or
   * 'code-expired', and then has no effect.
   */
  burn(db: Db, code: string, at: number, tolerance?: number): Promise<void>;
}

const DRAWS_MAX = 10;
/** Days for which an expired code is remembered: a report can be that late. Afterwards none is accepted for it. */
export const CODE_MEMORY_DAYS = 15;

/** A code, found out to be authentic: its row's id and its validity. */
interface Known {
  id: Uint8Array;
  kind: CodeKind;
  validFrom: number;
  validUntil: number;
  used: boolean;
}

export function createCodeBook(
  store: Store,
  vault: KeyVault,
  parameters: Parameters,
  clock: NtpClock,
  random: Random,
): CodeBook {
  const issuers = jwtIssuers(vault.pair('codeSigning'), parameters.codeKeys);

  /** Codes are short enough to be tried out: their hash at rest takes a key. */
  function idOf(kind: CodeKind, text: string): Uint8Array {
    return new Uint8Array(createHmac('sha256', vault.secret('codeHash')).update(`${kind}\0${text}`).digest());
  }

  async function find(db: Db, typed: string, earliest: number): Promise<Known | 'unknown' | 'expired'> {
    const code = normaliseCode(typed);
    if (!code.includes('.')) {
      const id = idOf('short', code);
      const row = await findCode(db, id);
      return row === undefined ? 'unknown' : { ...row, used: row.used === 1 };
    }
    const jwt = await verifyJwtCode(issuers, code, clock(), earliest);
    if (typeof jwt === 'string') return jwt;
    const id = idOf('jwt', jwt.jti);
    const used = (await findCode(db, id)) !== undefined;
    return { id, kind: 'jwt', validFrom: jwt.issuedAt, validUntil: jwt.validUntil, used };
  }

  function stateOf(known: Known, at: number, tolerance: number): CodeState {
    if (known.used) return 'used';
    const wasAlive = at >= known.validFrom - tolerance && at <= known.validUntil + tolerance;
    const isRemembered = clock() <= known.validUntil + CODE_MEMORY_DAYS * DAY_SECONDS;
    return wasAlive && isRemembered ? 'alive' : 'expired';
  }

  async function issueShort(now: number): Promise<IssuedCode> {
    const validFrom = Math.floor(now);
    const validUntil = validFrom + parameters.shortCodeMinutes * 60;
    return store.transaction('codes.issue', async (db) => {
      for (let draw = 0; draw < DRAWS_MAX; draw++) {
        const code = drawShortCode(random);
        const row = { id: idOf('short', code), kind: 'short', validFrom, validUntil, used: 0 } as const;
        if (!(await insertCode(db, row))) continue;
        await appendAudit(db, vault.secret('audit'), now, 'code issued', { kind: 'short' });
        return { code, validUntil };
      }
      throw new GaletError('internal', {}, 'no free short code');
    });
  }

  async function issueJwt(now: number): Promise<IssuedCode> {
    const code = await signJwtCode(vault.pair('codeSigning'), random, now);
    const jwt = await verifyJwtCode(issuers, code, now, now);
    if (typeof jwt === 'string') throw new GaletError('internal', {}, 'own JWT not valid');
    await store.transaction('codes.issue', (db) =>
      appendAudit(db, vault.secret('audit'), now, 'code issued', { kind: 'jwt' }),
    );
    return { code, validUntil: jwt.validUntil };
  }

  return {
    issue: (kind) => (kind === 'short' ? issueShort(clock()) : issueJwt(clock())),
    async check(db, code, at, tolerance = 0) {
      const known = await find(db, code, at - tolerance);
      return typeof known === 'string' ? known : stateOf(known, at, tolerance);
    },
    async burn(db, code, at, tolerance = 0) {
      const known = await find(db, code, at - tolerance);
      const state = typeof known === 'string' ? known : stateOf(known, at, tolerance);
      if (typeof known === 'string' || state !== 'alive') {
        throw new GaletError(state === 'used' ? 'code-used' : state === 'expired' ? 'code-expired' : 'code-unknown');
      }
      // Two transactions may both have found it alive: the row decides which of them has it.
      const { id, kind, validFrom, validUntil } = known;
      const isOurs =
        kind === 'short' ? await useCode(db, id) : await insertCode(db, { id, kind, validFrom, validUntil, used: 1 });
      if (!isOurs) throw new GaletError('code-used');
    },
  };
}
