import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { unixOfNtp } from '../../../device/robert/time.js';
import type { CodeBook } from '../../../host/backend/codes/book.js';
import { drawShortCode } from '../../../host/backend/codes/short.js';
import { brokenAuditEntry } from '../../../host/backend/store/audit.js';
import { forgetExpired } from '../../../host/backend/store/retention.js';
import { codeHash, normaliseCode } from '../../../host/codes.js';
import { nodeRandom } from '../../../host/crypto.js';
import { describeStores } from '../stores.js';
import { createWorld, START, type World } from '../world.js';

const DAY = 86_400;
const issuer = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const issuerKey = issuer.publicKey.export({ format: 'der', type: 'spki' }).toString('base64');

interface JwtSpec {
  jti?: string;
  iat?: number;
  kid?: string;
  key?: typeof issuer.privateKey;
  claims?: object;
}

let serial = 0;
function jwt({ jti, iat = START, kid = 'lab', key = issuer.privateKey, claims = {} }: JwtSpec = {}): Promise<string> {
  serial += 1;
  const payload = { jti: jti ?? `jti-${serial}`, iat: Math.floor(unixOfNtp(iat)), ...claims };
  return new SignJWT(payload).setProtectedHeader({ alg: 'ES256', kid }).sign(key);
}

describe('short codes', () => {
  it('are eight characters that nobody mistakes for others', () => {
    const seen = new Set<string>();
    for (let i = 0; i < 2000; i++) {
      const code = drawShortCode(nodeRandom);
      expect(code).toMatch(/^[2-9A-HJKMNP-TV-Z]{8}$/);
      for (const character of code) seen.add(character);
    }
    expect(seen.size).toBe(30);
  });

  it('are the same however they are typed', () => {
    for (const typed of ['ABCD2345', 'abcd2345', ' abcd-2345 ', 'AB CD 23 45', 'a-b-c-d-2-3-4-5', '\tabcd2345\n']) {
      expect(normaliseCode(typed)).toBe('ABCD2345');
    }
    fc.assert(fc.property(fc.string(), (text) => normaliseCode(normaliseCode(text)) === normaliseCode(text)));
  });

  it('leave a JWT as it is', async () => {
    const token = await jwt();
    expect(normaliseCode(` ${token}\n`)).toBe(token);
  });

  it('are hashed with their label', () => {
    expect(Buffer.from(codeHash('ABCD2345')).toString('hex')).toBe(
      '35f13359fae2d625080afecf3b39e1510e37517687c41a0644d4a566f8fb3d58',
    );
  });
});

describeStores('code book', (database) => {
  let world: World;
  let codes: CodeBook;
  beforeAll(async () => {
    world = await createWorld(database, { codeKeys: { lab: issuerKey } });
    codes = world.codes;
  });
  afterAll(() => world.close());

  const state = (code: string, at = world.now, tolerance?: number) => codes.check(world.store.db, code, at, tolerance);
  const burn = (code: string, at = world.now) =>
    world.store.transaction('gateway.report', (db) => codes.burn(db, code, at));

  it('issues a short code that lives an hour and burns once (R36)', async () => {
    const { code, validUntil } = await codes.issue('short');
    expect(validUntil).toBe(START + 3600);
    expect(await state(code)).toBe('alive');
    expect(await state(code.toLowerCase().replace(/(....)/, '$1-'))).toBe('alive');
    expect(await state(code, START + 3600)).toBe('alive');
    expect(await state(code, START + 3601)).toBe('expired');
    expect(await state(code, START + 3601, 180)).toBe('alive');
    expect(await state(code, START - 1)).toBe('expired');
    await burn(code);
    expect(await state(code)).toBe('used');
    await expect(burn(code)).rejects.toMatchObject({ code: 'code-used' });
    await expect(burn('22222222')).rejects.toMatchObject({ code: 'code-unknown' });
  });

  it('burns nothing when the transaction fails or the code is checked', async () => {
    const { code } = await codes.issue('short');
    for (let i = 0; i < 5; i++) expect(await state(code)).toBe('alive');
    const failing = world.store.transaction('gateway.report', async (db) => {
      await codes.burn(db, code, world.now);
      throw new Error('disk');
    });
    await expect(failing).rejects.toThrow('disk');
    expect(await state(code)).toBe('alive');
    await expect(burn(code, world.now + 9999)).rejects.toMatchObject({ code: 'code-expired' });
    expect(await state(code)).toBe('alive');
  });

  it('gives a code to one of ten who want it at once (R36)', async () => {
    for (const code of [(await codes.issue('short')).code, (await codes.issue('jwt')).code, await jwt()]) {
      const results = await Promise.allSettled(Array.from({ length: 10 }, () => burn(code)));
      expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1);
      for (const result of results) {
        if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'code-used' });
      }
    }
  });

  it('keeps no code in the database', async () => {
    const { code } = await codes.issue('short');
    const rows = await world.store.db.selectFrom('codes').selectAll().execute();
    for (const row of rows) expect(Buffer.from(row.id).toString('latin1')).not.toContain(code);
    expect(JSON.stringify(await world.store.db.selectFrom('audit').selectAll().execute())).not.toContain(code);
    expect(await brokenAuditEntry(world.store.db, world.vault.secret('audit'))).toBeUndefined();
  });

  it('issues and accepts JWTs, its own and the laboratory’s, for ten days', async () => {
    const own = await codes.issue('jwt');
    expect(own.validUntil).toBe(START + 10 * DAY);
    for (const code of [own.code, await jwt()]) {
      expect(await state(code)).toBe('alive');
      world.now = START + 10 * DAY;
      expect(await state(code)).toBe('alive');
      expect(await state(code, START + 10 * DAY + 1)).toBe('expired');
      await burn(code);
      expect(await state(code)).toBe('used');
      world.now = START;
    }
  });

  it('checks JWTs as the submission-code server does', async () => {
    const good = await jwt();
    const [head, body] = good.split('.');
    const unsigned = Buffer.from('{"alg":"none","kid":"lab"}').toString('base64url');
    for (const bad of [
      'a.b.c',
      `${head}.${body}.AAAA`,
      `${unsigned}.${body}.`,
      `${unsigned}.${body}.AAAA`,
      await jwt({ jti: '  ' }),
      await jwt({ claims: { jti: 7 } }),
      await jwt({ claims: { iat: 'now' } }),
      await jwt({ iat: START + 2 }),
      await jwt({ kid: 'nobody' }),
      await jwt({ key: stranger.privateKey }),
    ]) {
      expect(await state(bad)).toBe('unknown');
    }
    expect(await state(await jwt({ iat: START - 10 * DAY - 1 }))).toBe('expired');
    // Neither exp nor iss is looked at.
    expect(await state(await jwt({ claims: { exp: 1, iss: 'anybody' } }))).toBe('alive');
    const first = await jwt({ jti: 'twice' });
    const second = await jwt({ jti: 'twice', iat: START - 5 });
    await burn(first);
    expect(await state(second)).toBe('used');
  });

  it('does not come alive again when it has been forgotten', async () => {
    const code = await jwt();
    await burn(code);
    world.now = START + 25 * DAY + 1;
    await forgetExpired(world.store.db, 0, world.now - 15 * DAY);
    expect(await state(code, START + 60)).toBe('expired');
    world.now = START;
  });
});
