import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  requestMac,
  requestMacInput,
  SALT_DELETE_HISTORY,
  SALT_STATUS,
  SALT_UNREGISTER,
} from '../../device/robert/requests.js';
import { nodeDigest } from '../../host/crypto.js';

const EBID = Uint8Array.from([0x8a, 0xd2, 0x5b, 0x03, 0xa8, 0x40, 0x41, 0x62]);

describe('authenticated requests', () => {
  test('the MAC is over 17 bytes, the epoch four of them', () => {
    const input = Buffer.from(requestMacInput(SALT_STATUS, EBID, 26251, 3823585024)).toString('hex');
    expect(input).toBe('028ad25b03a84041620000668be3e74700');
  });

  test('the three requests have different salts', () => {
    expect([SALT_STATUS, SALT_UNREGISTER, SALT_DELETE_HISTORY]).toEqual([2, 3, 4]);
  });

  test('the MAC is HMAC-SHA256 of the platform', () => {
    const key = fc.uint8Array({ minLength: 32, maxLength: 32 });
    const u32 = fc.integer({ min: 0, max: 0xffffffff });
    fc.assert(
      fc.property(key, u32, u32, (kAuth, epoch, time) => {
        const input = requestMacInput(SALT_UNREGISTER, EBID, epoch, time);
        const expected = createHmac('sha256', kAuth).update(input).digest();
        expect(requestMac(nodeDigest, kAuth, SALT_UNREGISTER, EBID, epoch, time)).toEqual(new Uint8Array(expected));
      }),
    );
  });
});
