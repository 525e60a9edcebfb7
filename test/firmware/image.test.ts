import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { storageImage } from '../../tools/firmware/image.js';

const HEADER = 32;

/** Reads an image back as Espruino does: from header to header, until the first blank one. */
function filesIn(image: Uint8Array): [string, string][] {
  const bytes = Buffer.from(image);
  const files: [string, string][] = [];
  let at = 0;
  while (at + HEADER <= bytes.length && bytes.readUInt32LE(at) !== 0xffff_ffff) {
    const length = bytes.readUInt32LE(at);
    const name = bytes.toString('latin1', at + 4, at + HEADER).replace(/\0+$/, '');
    files.push([name, bytes.toString('latin1', at + HEADER, at + HEADER + length)]);
    at += HEADER + Math.ceil(length / 4) * 4;
  }
  expect(bytes.subarray(at).every((byte) => byte === 0xff)).toBe(true);
  return files;
}

describe('an image of Storage', () => {
  it('is blank without files', () => {
    expect(storageImage(64, {})).toEqual(new Uint8Array(64).fill(0xff));
  });

  it('has the header of each file before its data, in words', () => {
    const expected = Buffer.alloc(76, 0xff);
    expected.fill(0, 0, 32).fill(0, 40, 72);
    expected.writeUInt32LE(5, 0);
    expected.write('.boot0', 4, 'latin1');
    expected.write('hello', 32, 'latin1');
    expected.writeUInt32LE(1, 40);
    expected.write('b', 44, 'latin1');
    expected.write('\xe9', 72, 'latin1');
    expect(Buffer.from(storageImage(76, { '.boot0': 'hello', b: '\xe9' }))).toEqual(expected);
  });

  it('gives back what was put in', () => {
    const letter = fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code));
    const name = fc.string({ minLength: 1, maxLength: 28, unit: fc.constantFrom(...'.abcdefgh') });
    const text = fc.string({ minLength: 1, maxLength: 50, unit: letter });
    fc.assert(
      fc.property(fc.dictionary(name, text, { maxKeys: 8, noNullPrototype: true }), (files) => {
        expect(filesIn(storageImage(1024, files))).toEqual(Object.entries(files));
      }),
    );
  });

  it('refuses what does not fit', () => {
    expect(storageImage(36, { a: 'four' })).toHaveLength(36);
    expect(() => storageImage(36, { a: 'fives' })).toThrow('a does not fit');
    expect(() => storageImage(36, { a: 'four', b: '' })).toThrow('b does not fit');
    expect(() => storageImage(1000, { ['n'.repeat(29)]: '' })).toThrow(RangeError);
  });
});
