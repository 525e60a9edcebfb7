import { describe, expect, it } from 'vitest';
import { concat, copyOf } from '../../device/bytes.js';
import { decodeRelease, decodeRoot, encodeRoot, ROOT } from '../../device/update/objects.js';
import { factsOf, verifyImage } from '../../host/release/image.js';
import type { SignedObject } from '../../host/release/objects.js';
import { keyName, verifyObject, verifyRelease, verifyRoots, verifySignatures } from '../../host/release/verify.js';
import {
  configuration,
  EXPIRES,
  ISSUED,
  RELEASE_KEYS,
  type ReleaseKey,
  release,
  root,
  sign,
} from '../support/release-keys.js';
import { GATEWAY_KEY, IMAGE, refusal } from './support.js';

const NOW = ISSUED + 1000;
const FIRST = root();
const first = decodeRoot(FIRST.body);
const RELEASED = release({ version: '0.3.0', board: 'bangle2', image: IMAGE }).object;
const nameOf = (index: number): string => keyName((RELEASE_KEYS[index] as ReleaseKey).publicKey);
const keyOfHolder = (index: number): Uint8Array => (RELEASE_KEYS[index] as ReleaseKey).publicKey;

/** The object with one bit of its n-th signature, or of its body, flipped. */
function flipped(object: SignedObject, part: 'body' | number, bit: number): SignedObject {
  const flip = (bytes: Uint8Array): Uint8Array => {
    const other = copyOf(bytes, 0, bytes.length);
    other[bit >> 3] = (other[bit >> 3] as number) ^ (1 << (bit & 7));
    return other;
  };
  if (part === 'body') return { ...object, body: flip(object.body) };
  const signatures = object.signatures.map((each, index) =>
    index === part ? { ...each, signature: flip(each.signature) } : each,
  );
  return { ...object, signatures };
}

describe('a release', () => {
  it('is taken when two of the root’s three keys have signed it', () => {
    expect(verifyRelease(RELEASED, first, NOW)).toMatchObject({ board: 'bangle2', size: IMAGE.length });
    const byOthers = release({ version: '0.3.0', board: 'bangle2', image: IMAGE, signers: [2, 1] }).object;
    expect(verifySignatures(byOthers, [first])).toBe(0);
  });

  it.each([
    ['nobody', [], 2],
    ['one key', [0], 1],
  ])('is not taken when %s has signed it', (_name, signers, count) => {
    const object = { ...RELEASED, signatures: RELEASED.signatures.slice(0, signers.length) };
    expect(refusal(() => verifyRelease(object, first, NOW))).toEqual({
      code: 'signatures-missing',
      what: 'bangle2/release.json',
      count,
    });
  });

  it('is not taken when one key has signed it twice', () => {
    const [one] = RELEASED.signatures as [SignedObject['signatures'][number]];
    expect(refusal(() => verifyRelease({ ...RELEASED, signatures: [one, one] }, first, NOW))).toMatchObject({
      code: 'signer-twice',
      key: nameOf(0),
    });
  });

  it('is not taken with a key that is not in the root, even beside two that are', () => {
    const object = release({ version: '0.3.0', board: 'bangle2', image: IMAGE, signers: [0, 1, 3] }).object;
    expect(refusal(() => verifyRelease(object, first, NOW))).toMatchObject({ code: 'signer-unknown', key: nameOf(3) });
  });

  it('is not taken under the name of a key that did not sign it', () => {
    const signatures = RELEASED.signatures.map(({ signature }, index) => ({ key: keyOfHolder(index + 1), signature }));
    expect(refusal(() => verifyRelease({ ...RELEASED, signatures }, first, NOW)).code).toBe('signature-wrong');
  });

  it.each([0, 7 * 8, 5000 * 8 + 3, 7856 * 8 - 1])('is not taken with bit %i of a signature flipped', (bit) => {
    for (const index of [0, 1]) {
      expect(refusal(() => verifyRelease(flipped(RELEASED, index, bit), first, NOW))).toMatchObject({
        code: 'signature-wrong',
        key: nameOf(index),
      });
    }
  });

  it('is not taken with any bit of its page hashes flipped', () => {
    for (const bit of [RELEASED.body.length * 8 - 1, (RELEASED.body.length - 50) * 8]) {
      expect(refusal(() => verifyRelease(flipped(RELEASED, 'body', bit), first, NOW)).code).toBe('signature-wrong');
    }
  });

  it('is not taken with a signature that is cut short', () => {
    const signatures = RELEASED.signatures.map(({ key, signature }) => ({ key, signature: signature.subarray(1) }));
    expect(refusal(() => verifyRelease({ ...RELEASED, signatures }, first, NOW)).code).toBe('signature-wrong');
  });

  it('is not taken with signatures that were made for another kind of object', () => {
    const signatures = [0, 1].map((index) => ({
      key: keyOfHolder(index),
      signature: sign(ROOT, RELEASED.body, index),
    }));
    expect(refusal(() => verifyRelease({ ...RELEASED, signatures }, first, NOW)).code).toBe('signature-wrong');
  });

  it('is not taken in the place of a configuration, nor the other way round', () => {
    const configured = configuration({ gatewayKey: GATEWAY_KEY });
    expect(refusal(() => verifyRelease(configured, first, NOW)).code).toBe('release-misplaced');
    const disguised: SignedObject = { ...configured, signatures: RELEASED.signatures };
    expect(refusal(() => verifyObject(disguised, [first], NOW)).code).toBe('signature-wrong');
  });

  it('is taken until the second at which it expires, and not a second later', () => {
    expect(verifyRelease(RELEASED, first, EXPIRES).board).toBe('bangle2');
    expect(refusal(() => verifyRelease(RELEASED, first, EXPIRES + 1))).toEqual({
      code: 'signed-expired',
      what: 'bangle2/release.json',
      time: '2033-02-03 02:40 UTC',
    });
  });
});

describe('an image', () => {
  const named = decodeRelease(RELEASED.body);
  const wrong = (image: Uint8Array, facts = named) => refusal(() => verifyImage(facts, image, 'galet.js'));

  it('is right to the last byte', () => {
    expect(refusal(() => verifyImage(named, IMAGE, 'galet.js')).code).toBe('nothing was thrown');
    expect(factsOf(IMAGE).pages).toHaveLength(3 * 32);
  });

  it.each([0, 4095, 4096, 9999])('is wrong with byte %i changed', (at) => {
    const image = copyOf(IMAGE, 0, IMAGE.length);
    image[at] = (image[at] as number) ^ 1;
    expect(wrong(image)).toEqual({ code: 'image-wrong', file: 'galet.js', field: 'SHA-256' });
  });

  it('is wrong when it is shorter, longer or empty', () => {
    for (const image of [IMAGE.subarray(1), concat([IMAGE, new Uint8Array(1)]), new Uint8Array(0)]) {
      expect(wrong(image)).toMatchObject({ code: 'image-wrong', field: 'size' });
    }
  });

  it('is wrong when people would compare the right hash and tokens others', () => {
    const pages = concat([new Uint8Array(32), named.pages.subarray(32)]);
    expect(wrong(IMAGE, { ...named, pages })).toMatchObject({ code: 'image-wrong', field: 'pages' });
  });
});

describe('a chain of roots', () => {
  // Carol's key (2) is replaced by Dan's (3).
  const second = (signers: number[], version = 2): SignedObject => root({ version, keys: [0, 1, 3], signers });

  it('ends with a root that two keys of the one before it and two of its own have signed', () => {
    expect(verifyRoots([FIRST]).version).toBe(1);
    expect(verifyRoots([FIRST, second([0, 1])]).version).toBe(2);
    expect(verifyRoots([FIRST, second([0, 2, 3])]).version).toBe(2);
  });

  it.each([
    ['only the new one’s', [0, 3], 1],
    ['only the old one’s', [0, 2], 1],
    ['one key of both', [0], 1],
    ['one of each', [2, 3], 1],
    ['nobody', [], 2],
  ])('is broken off where %s keys have signed', (_name, signers, count) => {
    expect(refusal(() => verifyRoots([FIRST, second(signers)]))).toEqual({
      code: 'signatures-missing',
      what: 'roots/2.json',
      count,
    });
  });

  it.each([
    [3, [0, 1, 2], 2],
    [2, [0, 1], 2],
    [1, [0], 3],
    [0, [], 4],
  ])('that share %i keys needs signatures of as few people as that allows', (_shared, kept, count) => {
    const strangers = [0x10, 0x20, 0x30].slice(kept.length).map((byte) => new Uint8Array(32).fill(byte));
    const keys = concat([...kept.map(keyOfHolder), ...strangers]);
    const body = encodeRoot({ version: 2, issued: ISSUED, keys });
    expect(verifySignatures({ kind: ROOT, body, signatures: [] }, [first, decodeRoot(body)])).toBe(count);
  });

  it('does not leave out a version, repeat one, or go back', () => {
    for (const roots of [
      [FIRST, second([0, 1], 3)],
      [FIRST, FIRST],
      [second([0, 1]), FIRST],
    ]) {
      expect(refusal(() => verifyRoots(roots)).code).toBe('roots-broken');
    }
  });

  it('has to go through the root that a person trusts', () => {
    const other = root({ keys: [1, 2, 3], signers: [1, 2] });
    expect(verifyRoots([FIRST, second([0, 1])], FIRST).version).toBe(2);
    expect(refusal(() => verifyRoots([other], FIRST))).toEqual({ code: 'roots-broken', what: 'roots/1.json' });
    expect(refusal(() => verifyRoots([], FIRST)).code).toBe('root-missing');
  });

  it('makes worthless what replaced keys have signed', () => {
    const newest = verifyRoots([FIRST, second([0, 1])]);
    const byOld = release({ version: '0.3.0', board: 'bangle2', image: IMAGE, signers: [1, 2] }).object;
    expect(verifySignatures(byOld, [first])).toBe(0);
    expect(refusal(() => verifyRelease(byOld, newest, NOW)).code).toBe('signer-unknown');
  });
});
