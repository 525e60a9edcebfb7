import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { utcDay } from '../../../device/robert/time.js';
import { initBackend, KEY_DAYS_AHEAD, openBackendStore, readKek } from '../../../host/backend/admin/initialise.js';
import { keepKeys } from '../../../host/backend/admin/upkeep.js';
import { openVault, SYSTEM_KEYS } from '../../../host/backend/admin/vault.js';
import { unwrapKey, wrapKey } from '../../../host/backend/admin/wrap.js';
import { describeParameters, parametersFrom, readParameters } from '../../../host/backend/parameters.js';
import { brokenAuditEntry } from '../../../host/backend/store/audit.js';
import { operators } from '../../../host/backend/store/operators.js';
import { nodeRandom } from '../../../host/crypto.js';
import { START } from '../world.js';

let dir: string;
let now = START;
const clock = (): number => now;
beforeEach(() => {
  dir = join(mkdtempSync(join(tmpdir(), 'galet-')), 'backend');
  now = START;
});
afterEach(() => rmSync(join(dir, '..'), { recursive: true }));

async function withVault<T>(work: (vault: Awaited<ReturnType<typeof openVault>>) => Promise<T> | T): Promise<T> {
  const store = await openBackendStore({ dir });
  try {
    return await work(await openVault(store.db, readKek(dir), nodeRandom));
  } finally {
    await store.close();
  }
}

describe('initBackend', () => {
  it('makes all keys, readable by their owner alone', async () => {
    const { made, credentialFile } = await initBackend({ dir }, clock);
    expect(made).toEqual(['kek', 'operator', ...Object.values(SYSTEM_KEYS), 'operator credential', '29 server keys']);
    for (const file of [credentialFile, join(dir, 'kek')]) expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(dir).mode & 0o077).toBe(0);
    await withVault((vault) => {
      const today = utcDay(START);
      expect(vault.serverKey(today - 1)).toBeUndefined();
      for (let day = today; day <= today + KEY_DAYS_AHEAD; day++) expect(vault.serverKey(day)).toHaveLength(24);
      expect(vault.serverKey(today + KEY_DAYS_AHEAD + 1)).toBeUndefined();
      expect(vault.secret('federation')).toHaveLength(32);
      expect(vault.pair('registration').publicKey).toHaveLength(91);
      expect(vault.pair('gateway').privateKey.asymmetricKeyType).toBe('x25519');
    });
  });

  it('replaces nothing when it is run again, and makes what is missing', async () => {
    const { credentialFile } = await initBackend({ dir }, clock);
    const before = [readFileSync(join(dir, 'kek'), 'utf8'), readFileSync(credentialFile, 'utf8')];
    const keys = await withVault((vault) => [vault.secret('federation'), vault.serverKey(utcDay(START))]);
    now += 3 * 86_400;
    expect((await initBackend({ dir }, clock)).made).toEqual(['3 server keys']);
    expect((await initBackend({ dir }, clock)).made).toEqual([]);
    expect([readFileSync(join(dir, 'kek'), 'utf8'), readFileSync(credentialFile, 'utf8')]).toEqual(before);
    expect(await withVault((vault) => [vault.secret('federation'), vault.serverKey(utcDay(START))])).toEqual(keys);
  });

  it('keeps a hash of the credential only, and does not replace one that was taken away', async () => {
    const { credentialFile } = await initBackend({ dir }, clock);
    const credential = readFileSync(credentialFile, 'utf8').trim();
    expect(credential).toMatch(/^[\w-]{43}$/);
    rmSync(credentialFile);
    expect((await initBackend({ dir }, clock)).made).toEqual([]);
    const store = await openBackendStore({ dir });
    expect(await operators(store.db)).toHaveLength(1);
    await store.settle();
    await store.close();
    expect(readFileSync(join(dir, 'galet.db')).includes(Buffer.from(credential))).toBe(false);
  });

  it('says so when the key-encryption key is lost or another one', async () => {
    await initBackend({ dir }, clock);
    renameSync(join(dir, 'kek'), join(dir, 'kek.away'));
    await expect(initBackend({ dir }, clock)).rejects.toMatchObject({
      code: 'key-missing',
      parameters: { key: 'kek' },
    });
    expect(() => readKek(dir)).toThrow('not-initialised');
    writeFileSync(join(dir, 'kek'), `${Buffer.alloc(32).toString('base64')}\n`);
    await expect(initBackend({ dir }, clock)).rejects.toMatchObject({ code: 'key-missing' });
    writeFileSync(join(dir, 'kek'), 'short');
    expect(() => readKek(dir)).toThrow('key-missing');
    renameSync(join(dir, 'kek.away'), join(dir, 'kek'));
    expect((await initBackend({ dir }, clock)).made).toEqual([]);
  });

  it('leaves no key in clear in the database', async () => {
    await initBackend({ dir }, clock);
    const secrets = await withVault((vault) => [
      vault.secret('federation'),
      vault.secret('codeHash'),
      vault.serverKey(utcDay(START))!,
      new Uint8Array(vault.pair('registration').privateKey.export({ format: 'der', type: 'pkcs8' }).subarray(36, 68)),
    ]);
    const file = readFileSync(join(dir, 'galet.db'));
    for (const secret of secrets) expect(file.includes(Buffer.from(secret))).toBe(false);
  });
});

describe('keys by the day', () => {
  it('are kept 28 days ahead and deleted after 35', async () => {
    await initBackend({ dir }, clock);
    const store = await openBackendStore({ dir });
    const vault = await openVault(store.db, readKek(dir), nodeRandom);
    const upkeep = { store, vault, clock, random: nodeRandom, parameters: parametersFrom({}) };
    const first = vault.serverKey(utcDay(START));
    for (let day = 1; day <= 40; day++) {
      now = START + day * 86_400 + 5;
      await keepKeys(upkeep);
      expect(vault.serverKey(utcDay(now) + 28)).toBeDefined();
      expect(vault.serverKey(utcDay(now) + 29)).toBeUndefined();
      if (day <= 35) expect(vault.serverKey(utcDay(START))).toBe(first);
      else expect(vault.serverKey(utcDay(now) - 36)).toBeUndefined();
    }
    // The one of START and the five after it are gone; today's is the fortieth.
    expect(vault.serverKey(utcDay(START) + 4)).toBeUndefined();
    expect(vault.serverKey(utcDay(START) + 5)).toBeDefined();
    expect(await brokenAuditEntry(store.db, vault.secret('audit'))).toBeUndefined();
    await store.close();
  });

  it('are not made any more after the end of the service', async () => {
    await initBackend({ dir }, clock);
    const store = await openBackendStore({ dir });
    const vault = await openVault(store.db, readKek(dir), nodeRandom);
    now = START + 10 * 86_400;
    const parameters = parametersFrom({ endTime: START + 9 * 86_400 });
    await keepKeys({ store, vault, clock, random: nodeRandom, parameters });
    expect(vault.serverKey(utcDay(START) + 29)).toBeUndefined();
    await store.close();
  });
});

describe('wrapped keys', () => {
  const kek = new Uint8Array(32).fill(1);
  const key = new Uint8Array(24).fill(2);

  it('are iv, ciphertext and tag, and open for their purpose only', () => {
    const wrapped = wrapKey(kek, nodeRandom, 'a', key);
    expect(wrapped).toHaveLength(12 + 24 + 16);
    expect(unwrapKey(kek, 'a', wrapped)).toEqual(key);
    expect(wrapKey(kek, nodeRandom, 'a', key)).not.toEqual(wrapped);
    expect(() => unwrapKey(kek, 'b', wrapped)).toThrow('key-missing');
    expect(() => unwrapKey(new Uint8Array(32), 'a', wrapped)).toThrow('key-missing');
    expect(() => unwrapKey(kek, 'a', wrapped.subarray(0, 20))).toThrow('key-missing');
    for (let bit = 0; bit < wrapped.length * 8; bit++) {
      const changed = new Uint8Array(wrapped);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      expect(() => unwrapKey(kek, 'a', changed)).toThrow('key-missing');
    }
  });
});

describe('parameters', () => {
  it('have the defaults of the reference', () => {
    const parameters = parametersFrom({});
    expect(parameters).toMatchObject({
      serviceStart: 3_799_958_400,
      countryCode: 33,
      endTime: 0,
      visitDays: 7,
      bundleDays: 4,
      reportDelaySeconds: 0,
      requestToleranceSeconds: 60,
      statusGapEpochs: 2,
    });
    expect(parameters.risk).toEqual({
      r0: 0.0071,
      threshold: 0.1,
      lastContactDays: 7,
      riskRetentionDays: 7,
      contagiousDays: 14,
      tokenRiskDays: 21,
    });
    expect(parameters.scoring.deltas).toEqual([39, 27, 23, 21, 20, 15]);
  });

  it('are read from a file, completed, and refused with the field that is wrong', () => {
    mkdirSync(dir);
    const file = join(dir, 'parameters.json');
    expect(readParameters(file)).toEqual(parametersFrom({}));
    writeFileSync(file, '{"mixReports": 12, "risk": {"threshold": 0.2}, "phone": "0800 130 000"}');
    expect(readParameters(file)).toEqual(
      parametersFrom({ mixReports: 12, risk: { threshold: 0.2 }, phone: '0800 130 000' }),
    );
    expect(readParameters(file).risk.r0).toBe(0.0071);
    for (const [text, field] of [
      ['{"mixReport": 12}', '/mixReport'],
      ['{"mixReports": 0}', '/mixReports'],
      ['{"visitDays": "7"}', '/visitDays'],
      ['{"risk": {"threshold": 1}}', '/risk/threshold'],
      ['{"phone": "call me"}', '/phone'],
      ['{', 'JSON'],
      ['[]', '/'],
    ] as const) {
      writeFileSync(file, text);
      expect(() => readParameters(file)).toThrow(
        expect.objectContaining({ code: 'parameters-invalid', parameters: { field } }),
      );
    }
  });

  it('are each described', () => {
    for (const { name, description } of describeParameters()) {
      if (name !== 'risk' && name !== 'scoring') expect(description).not.toBe('');
    }
  });
});
