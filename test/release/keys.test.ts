import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeRoot } from '../../device/update/objects.js';
import {
  addSignature,
  makeKey,
  type ReleaseKey,
  readLockedKey,
  readPublicKey,
  unlock,
  writeKey,
} from '../../host/release/keys.js';
import { verifySignatures } from '../../host/release/verify.js';
import { seededRandom } from '../support/chance.js';
import { RELEASE_KEYS, root } from '../support/release-keys.js';
import { keyFile, PASSPHRASE, refusal } from './support.js';

const alice = RELEASE_KEYS[0] as ReleaseKey;
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

describe('a release key', () => {
  let folder: string;
  let file: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'galet-keys-'));
    file = keyFile(folder, 0);
    writeKey(file, alice, PASSPHRASE, seededRandom(1));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const spoilt = (change: (json: Record<string, unknown>) => void): string => {
    const json = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
    change(json);
    const other = join(folder, 'spoilt.key');
    writeFileSync(other, JSON.stringify(json));
    return other;
  };
  const turned = (text: unknown): string => {
    const bytes = Buffer.from(`${text}`, 'base64');
    bytes[0] = (bytes[0] as number) ^ 1;
    return bytes.toString('base64');
  };

  it('comes from the random numbers that it is given', () => {
    const made = makeKey(seededRandom(7));
    expect(made.secretKey).toHaveLength(64);
    expect(made.publicKey).toHaveLength(32);
    expect(hex(made.secretKey.subarray(32))).toBe(hex(made.publicKey));
    expect(hex(makeKey(seededRandom(7)).publicKey)).toBe(hex(made.publicKey));
  });

  it('lies encrypted in a file for its owner alone, and its public half in another for everybody', () => {
    const drawn = makeKey(seededRandom(8));
    const dan = keyFile(folder, 3);
    writeKey(dan, drawn, PASSPHRASE, seededRandom(9));
    const text = readFileSync(dan, 'utf8');
    for (const secret of [drawn.secretKey.subarray(0, 16), drawn.secretKey.subarray(16, 32)]) {
      expect(text).not.toContain(hex(secret));
      expect(text).not.toContain(Buffer.from(secret).toString('base64').slice(0, 20));
    }
    expect(statSync(dan).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(folder, 'alice.pub'), 'utf8')).toBe(`${hex(alice.publicKey)}\n`);
    expect(readPublicKey(join(folder, 'alice.pub'))).toEqual(alice.publicKey);
  });

  it('opens with its passphrase, however its letters are composed', () => {
    expect(hex(unlock(readLockedKey(file), PASSPHRASE).secretKey)).toBe(hex(alice.secretKey));
    const accented = keyFile(folder, 1);
    writeKey(accented, alice, 'une cl\u00e9 bien gard\u00e9e', seededRandom(2));
    expect(unlock(readLockedKey(accented), 'une cle\u0301 bien garde\u0301e').publicKey).toEqual(alice.publicKey);
  });

  it.each<[string, (json: Record<string, unknown>) => void]>([
    ['its salt changed', (json) => (json.salt = turned(json.salt))],
    ['its iv changed', (json) => (json.iv = turned(json.iv))],
    ['its secret changed', (json) => (json.secret = turned(json.secret))],
    ['another public key', (json) => (json.public = hex((RELEASE_KEYS[1] as ReleaseKey).publicKey))],
  ])('does not open with %s', (_name, change) => {
    expect(refusal(() => unlock(readLockedKey(spoilt(change)), PASSPHRASE)).code).toBe('passphrase-wrong');
  });

  it('does not open with another passphrase, and the refusal does not repeat it', () => {
    const told = refusal(() => unlock(readLockedKey(file), 'wrong horse battery'));
    expect(told).toEqual({ code: 'passphrase-wrong', file });
  });

  it.each<[string, (json: Record<string, unknown>) => void]>([
    ['another format', (json) => (json.galet = 2)],
    ['another kind', (json) => (json.kind = 'root')],
    ['a public key cut short', (json) => (json.public = 'abcd')],
    ['no secret', (json) => delete json.secret],
    ['a secret of another length', (json) => (json.secret = 'AAAA')],
  ])('is no key file with %s', (_name, change) => {
    const other = spoilt(change);
    expect(refusal(() => readLockedKey(other))).toEqual({ code: 'key-file-unusable', file: other });
  });

  it('is never replaced by another, whether the secret or the public file is there', () => {
    const write = (place: string) => refusal(() => writeKey(place, alice, PASSPHRASE, seededRandom(3))).code;
    expect(write(file)).toBe('file-there');
    writeFileSync(join(folder, 'carol.pub'), 'x');
    expect(write(join(folder, 'carol.key'))).toBe('file-there');
  });

  it('is not read from what is no key', () => {
    for (const text of ['', 'x'.repeat(64), hex(alice.publicKey).slice(1), 'null', '{']) {
      const other = join(folder, 'other.pub');
      writeFileSync(other, text);
      expect(refusal(() => readPublicKey(other)).code).toBe('key-file-unusable');
      expect(refusal(() => readLockedKey(other)).code).toBe('key-file-unusable');
    }
    expect(refusal(() => readLockedKey(join(folder, 'nowhere'))).code).toBe('file-unusable');
    expect(refusal(() => readPublicKey(folder)).code).toBe('file-unusable');
    writeFileSync(join(folder, 'huge.pub'), 'a'.repeat(5000));
    expect(refusal(() => readPublicKey(join(folder, 'huge.pub'))).code).toBe('file-unusable');
  });

  it('signs once, and what it signs verifies', () => {
    const unsigned = root({ signers: [] });
    const signed = addSignature(unsigned, alice, seededRandom(4));
    expect(verifySignatures(signed, [decodeRoot(unsigned.body)])).toBe(1);
    expect(unsigned.signatures).toHaveLength(0);
    expect(refusal(() => addSignature(signed, alice, seededRandom(4))).code).toBe('signer-twice');
  });
});
