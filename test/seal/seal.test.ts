import { createHmac, getRandomValues } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hmac } from '../../device/seal/hmac.js';
import { batchKey, nextState, ticketKeys } from '../../device/seal/ratchet.js';
import { applyStream, open, seal } from '../../device/seal/seal.js';
import { nodeDigest } from '../../host/crypto.js';

const bytes = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'));
const hex = (data: Uint8Array): string => Buffer.from(data).toString('hex');
const ascii = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'ascii'));

describe('HMAC-SHA256', () => {
  // RFC 4231, test cases 1, 2 and 6 (a key longer than a block).
  it.each([
    ['0b'.repeat(20), hex(ascii('Hi There')), 'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7'],
    [
      hex(ascii('Jefe')),
      hex(ascii('what do ya want for nothing?')),
      '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
    ],
    [
      'aa'.repeat(131),
      hex(ascii('Test Using Larger Than Block-Size Key - Hash Key First')),
      '60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54',
    ],
  ])('gives the published answers', (key, message, expected) => {
    expect(hex(hmac(nodeDigest, bytes(key), [bytes(message)]))).toBe(expected);
  });

  it('agrees with another implementation, however the message is cut into parts', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.array(fc.uint8Array({ maxLength: 80 })), (key, parts) => {
        const expected = createHmac('sha256', key).update(Buffer.concat(parts)).digest('hex');
        expect(hex(hmac(nodeDigest, key, parts))).toBe(expected);
      }),
    );
  });
});

describe('a seal', () => {
  const key = new Uint8Array(32).fill(1);
  const context = new Uint8Array(12).fill(2);

  it('opens to what was sealed, whatever its length', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.constantFrom(8, 16), (plain, tag) => {
        const sealed = seal(nodeDigest, key, context, plain, tag);
        expect(sealed.length).toBe(plain.length + tag);
        expect(open(nodeDigest, key, context, sealed, tag)).toEqual(plain);
      }),
    );
  });

  it('does not open when any bit, the key or the context differs, or when it is cut (R35)', () => {
    const plain = new Uint8Array(70).fill(9);
    const sealed = seal(nodeDigest, key, context, plain, 16);
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      const other = new Uint8Array(sealed);
      other[bit >> 3] = (other[bit >> 3] as number) ^ (1 << (bit & 7));
      expect(open(nodeDigest, key, context, other, 16)).toBeUndefined();
    }
    expect(open(nodeDigest, new Uint8Array(32), context, sealed, 16)).toBeUndefined();
    expect(open(nodeDigest, key, new Uint8Array(12), sealed, 16)).toBeUndefined();
    for (let length = 0; length < sealed.length; length++) {
      expect(open(nodeDigest, key, context, sealed.subarray(0, length), 16)).toBeUndefined();
    }
  });

  it('opens anywhere in the middle, once its tag has been checked', () => {
    const plain = getRandomValues(new Uint8Array(864));
    const sealed = seal(nodeDigest, key, context, plain, 16);
    for (const offset of [0, 9, 27, 31, 32, 63, 64, 450, 855]) {
      const part = sealed.subarray(offset, offset + 9);
      expect(applyStream(nodeDigest, key, context, part, offset)).toEqual(plain.subarray(offset, offset + 9));
    }
  });

  it('is the construction that the specification writes down', () => {
    const mac = (...parts: (Uint8Array | number[])[]): Buffer =>
      createHmac('sha256', key)
        .update(Buffer.concat(parts.map((part) => Buffer.from(part))))
        .digest();
    const plain = new Uint8Array(40).fill(0x55);
    const stream = Buffer.concat([mac([1], context, [0, 0, 0, 0]), mac([1], context, [0, 0, 0, 1])]);
    const ciphertext = plain.map((byte, i) => byte ^ (stream[i] as number));
    const expected = Buffer.concat([ciphertext, mac([2], context, ciphertext).subarray(0, 8)]);
    expect(hex(seal(nodeDigest, key, context, plain, 8))).toBe(expected.toString('hex'));
  });
});

describe('the ratchet', () => {
  it('is the construction that the specification writes down', () => {
    const of = (key: Uint8Array, text: string): string => createHmac('sha256', key).update(text).digest('hex');
    const secret = new Uint8Array(32).fill(3);
    const keys = ticketKeys(nodeDigest, secret);
    expect(hex(keys.state)).toBe(of(secret, 'galet ratchet'));
    expect(hex(keys.header)).toBe(of(secret, 'galet header'));
    expect(hex(keys.receipt)).toBe(of(secret, 'galet receipt'));
    expect(hex(batchKey(nodeDigest, keys.state))).toBe(of(keys.state, 'seal'));
    expect(hex(nextState(nodeDigest, keys.state))).toBe(of(keys.state, 'step'));
  });
});
