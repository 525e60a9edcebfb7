import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concat } from '../../device/bytes.js';
import {
  CONFIGURATION,
  encodeConfiguration,
  encodeRelease,
  encodeRoot,
  OBJECT_MAX,
  RELEASE,
  ROOT,
} from '../../device/update/objects.js';
import { versionNumber } from '../../device/update/versions.js';
import { FILE_MAX, parseSigned, renderSigned, type SignedObject } from '../../host/release/objects.js';
import { refusal } from './support.js';

const bytes = (length: number, first = 0): Uint8Array => Uint8Array.from({ length }, (_, i) => (first + i) & 0xff);
const hex = (body: Uint8Array): string => Buffer.from(body).toString('hex');
const KEYS = concat([bytes(32, 0x00), bytes(32, 0x40), bytes(32, 0x80)]);

const ROOT_BODY = encodeRoot({ version: 1, issued: 0xed000000, keys: KEYS });
const CONFIGURATION_BODY = encodeConfiguration({
  version: 7,
  issued: 0xed000000,
  expires: 0xed278d00,
  endTime: 0,
  gatewayKey: bytes(32, 0xa0),
});
const RELEASE_BODY = encodeRelease({
  version: versionNumber('0.3.0'),
  issued: 0xed000000,
  expires: 0xed278d00,
  board: 'bangle2',
  interpreter: '2v29',
  size: 4097,
  sha256: bytes(32, 0x10),
  pages: bytes(64, 0x30),
});

describe('the encodings that are signed, byte by byte', () => {
  it('of a root: [1, "galet root", 1, issued, 96 bytes of keys]', () => {
    expect(hex(ROOT_BODY)).toBe(`85${'01'}6a67616c657420726f6f74${'01'}1aed000000${'5860'}${hex(KEYS)}`);
  });

  it('of a configuration: [1, "galet configuration", 7, issued, expires, no end, gateway key]', () => {
    expect(hex(CONFIGURATION_BODY)).toBe(
      `87${'01'}7367616c657420636f6e66696775726174696f6e${'07'}1aed0000001aed278d00${'00'}5820${hex(bytes(32, 0xa0))}`,
    );
  });

  it('of a release: [1, "galet release", 0.3.0, issued, expires, board, interpreter, size, SHA-256, page hashes]', () => {
    expect(hex(RELEASE_BODY)).toBe(
      `8a${'01'}6d67616c65742072656c65617365${'1a00030000'}1aed0000001aed278d00${'6762616e676c6532'}${'6432763239'}` +
        `191001${'5820'}${hex(bytes(32, 0x10))}${'5840'}${hex(bytes(64, 0x30))}`,
    );
  });
});

const BODIES = [
  [ROOT, ROOT_BODY],
  [CONFIGURATION, CONFIGURATION_BODY],
  [RELEASE, RELEASE_BODY],
] as const;

const signature = fc.record({
  key: fc.uint8Array({ minLength: 32, maxLength: 32 }),
  // What is in a signature is for others to judge; two bytes of it vary.
  signature: fc.tuple(fc.nat(255), fc.nat(255)).map(([first, last]) => {
    const made = new Uint8Array(7856).fill(last);
    made[0] = first;
    return made;
  }),
});

const signedObject: fc.Arbitrary<SignedObject> = fc
  .tuple(fc.constantFrom(...BODIES), fc.array(signature, { maxLength: 6 }))
  .map(([[kind, body], signatures]) => ({ kind, body, signatures }));

describe('a signed object in a file', () => {
  it('is read as it was written, from text and from JSON', () => {
    fc.assert(
      fc.property(signedObject, (object) => {
        const text = renderSigned(object);
        expect(text.length).toBeLessThan(FILE_MAX);
        for (const read of [parseSigned(text, 'file'), parseSigned(JSON.parse(text), 'file')]) {
          expect(hex(read.body)).toBe(hex(object.body));
          expect(read.signatures.map(({ key }) => hex(key))).toEqual(object.signatures.map(({ key }) => hex(key)));
          expect(renderSigned(read)).toBe(text);
        }
      }),
      { numRuns: 40 },
    );
  });

  const whole = (): Record<string, unknown> =>
    JSON.parse(
      renderSigned({ kind: ROOT, body: ROOT_BODY, signatures: [{ key: bytes(32), signature: new Uint8Array(7856) }] }),
    ) as Record<string, unknown>;
  const first = (json: Record<string, unknown>): Record<string, unknown> =>
    (json.signatures as Record<string, unknown>[])[0] as Record<string, unknown>;
  const body = (value: Uint8Array) => (json: Record<string, unknown>) => {
    json.body = Buffer.from(value).toString('base64');
  };

  it.each<[string, (json: Record<string, unknown>) => unknown, string]>([
    ['a field more', (json) => (json.comment = 'x'), 'object'],
    ['a field less', (json) => delete json.signatures, 'object.signatures'],
    ['another format', (json) => (json.galet = 2), 'galet'],
    ['a format as text', (json) => (json.galet = '1'), 'galet'],
    ['an unknown kind', (json) => (json.kind = 'toString'), 'kind'],
    ['a kind that the body is not', (json) => (json.kind = 'release'), 'body'],
    ['a body that is none', body(bytes(20)), 'body'],
    ['a body cut short', body(ROOT_BODY.subarray(0, -1)), 'body'],
    ['a body with a byte more', body(concat([ROOT_BODY, bytes(1)])), 'body'],
    [
      'a body of one key under two names',
      body(encodeRoot({ version: 1, issued: 1, keys: new Uint8Array(96) })),
      'body',
    ],
    ['a body of version 0', body(encodeRoot({ version: 0, issued: 1, keys: KEYS })), 'body'],
    ['a body that is too long', body(new Uint8Array(OBJECT_MAX + 1)), 'body'],
    ['a body in another alphabet', (json) => (json.body = `${json.body}`.replace(/[+/]|\w/, '-')), 'body'],
    ['a body with spaces', (json) => (json.body = ` ${json.body}`), 'body'],
    ['a body without padding', (json) => (json.body = `${json.body}=`), 'body'],
    ['signatures that are no list', (json) => (json.signatures = {}), 'signatures'],
    ['seven signatures', (json) => (json.signatures = Array(7).fill(first(json))), 'signatures'],
    ['a signature that is none', (json) => (json.signatures = [null]), 'signatures.0'],
    ['a signature with a field more', (json) => (first(json).name = 'Alice'), 'signatures.0'],
    ['a key in capitals', (json) => (first(json).key = hex(bytes(32, 0xa0)).toUpperCase()), 'signatures.0.key'],
    ['a key that is too short', (json) => (first(json).key = hex(bytes(31))), 'signatures.0.key'],
    ['a signature cut short', (json) => (first(json).signature = 'AAAA'), 'signatures.0.signature'],
    [
      'a signature with a byte more',
      (json) => (first(json).signature = Buffer.alloc(7857).toString('base64')),
      'signatures.0.signature',
    ],
  ])('is refused with %s', (_name, spoil, field) => {
    const json = whole();
    expect(parseSigned(json, 'here.json').signatures).toHaveLength(1);
    spoil(json);
    for (const source of [json, JSON.stringify(json)]) {
      expect(refusal(() => parseSigned(source, 'here.json'))).toEqual({
        code: 'signed-malformed',
        what: 'here.json',
        field,
      });
    }
  });

  it.each([
    ['nothing', ''],
    ['no JSON', '{"galet": 1,'],
    ['null', 'null'],
    ['a list', '[]'],
    ['a number', '1'],
    ['more than any object can be', `${' '.repeat(FILE_MAX)}{}`],
    ['arrays without an end', '['.repeat(FILE_MAX - 1)],
  ])('is refused when it is %s', (_name, text) => {
    expect(refusal(() => parseSigned(text, 'file')).code).toBe('signed-malformed');
  });

  it('never throws anything but its own refusal, whatever the text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json(), fc.jsonValue()), (source) => {
        expect(refusal(() => parseSigned(source, 'file')).code).toBe('signed-malformed');
      }),
    );
  });
});
