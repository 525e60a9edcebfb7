import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isInterpreterAtLeast, versionNumber, versionText } from '../../device/update/versions.js';

describe('a version', () => {
  it('is a number that grows with it, and back', () => {
    const parts = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(65_535));
    fc.assert(
      fc.property(parts, parts, (a, b) => {
        expect(versionText(versionNumber(a.join('.')))).toBe(a.join('.'));
        const order = a.find((part, i) => part !== b[i]) ?? 0;
        const other = b.find((part, i) => part !== a[i]) ?? 0;
        expect(Math.sign(versionNumber(a.join('.')) - versionNumber(b.join('.')))).toBe(Math.sign(order - other));
      }),
    );
  });

  it.each([
    '',
    '1',
    '1.2',
    '1.2.3.4',
    '1.2.',
    '.1.2',
    '1.2.3-rc',
    'v1.2.3',
    '256.0.0',
    '0.256.0',
    '0.0.65536',
    '1.-2.3',
  ])('is not %j', (text) => expect(versionNumber(text)).toBe(0));
});

describe("Espruino's versions", () => {
  it.each([
    ['2v29', '2v29', true],
    ['2v29.277', '2v29', true],
    ['2v30', '2v29.277', true],
    ['3v00', '2v29', true],
    ['2v28.900', '2v29', false],
    ['2v29', '2v29.1', false],
    ['1v99', '2v29', false],
    ['2v100', '2v29', true],
    ['', '2v29', false],
    ['unknown', '2v29', false],
    ['2v29', 'unknown', false],
    ['2v29x', '2v29', false],
    ['', '', true],
    ['2v29', '', true],
  ])('%s against %s: %s', (version, minimum, expected) => {
    expect(isInterpreterAtLeast(version, minimum)).toBe(expected);
  });
});
