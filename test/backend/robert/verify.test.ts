import { describe, expect, test } from 'vitest';
import { requestMac, SALT_STATUS, SALT_UNREGISTER } from '../../../device/robert/requests.js';
import { DEFAULT_SERVICE_START } from '../../../device/robert/time.js';
import { eccCipher, type KeyRing, makeEbid } from '../../../host/backend/robert/ebid.js';
import { keyDayOf } from '../../../host/backend/robert/keydays.js';
import { expandKey } from '../../../host/backend/robert/skinny.js';
import { judgeRequest, openRequest } from '../../../host/backend/robert/verify.js';
import { nodeDigest } from '../../../host/crypto.js';

const ID = Uint8Array.from([5, 4, 3, 2, 1]);
const K_AUTH = new Uint8Array(32).fill(7);
const KEY = expandKey(new Uint8Array(24).fill(2));
const EPOCH = 5000;
const DAY = keyDayOf(DEFAULT_SERVICE_START, EPOCH);

const ring: KeyRing = {
  serviceStart: DEFAULT_SERVICE_START,
  countryCode: 33,
  ecc: eccCipher(new Uint8Array(32)),
  serverKey: (day) => (day === DAY ? KEY : undefined),
};

function request(epochId: number, epoch = epochId) {
  const ebid = makeEbid(KEY, epoch, ID);
  const time = 3900000000;
  return { ebid, epochId, time, mac: requestMac(nodeDigest, K_AUTH, SALT_STATUS, ebid, epochId, time) };
}

describe('an authenticated request', () => {
  test('names its sender and convinces', () => {
    expect(openRequest(ring, request(EPOCH))).toEqual({ ok: true, content: { epoch: EPOCH, id: ID } });
    expect(judgeRequest(request(EPOCH), SALT_STATUS, K_AUTH)).toBeUndefined();
  });

  test('is refused for its key, its epoch, its sender, its MAC', () => {
    expect(openRequest(ring, request(EPOCH + 96))).toEqual({ ok: false, reason: 'no-server-key' });
    expect(openRequest(ring, request(EPOCH, EPOCH + 1))).toEqual({ ok: false, reason: 'ebid-undecryptable' });
    expect(judgeRequest(request(EPOCH), SALT_STATUS, undefined)).toBe('identity-unknown');
    expect(judgeRequest(request(EPOCH), SALT_UNREGISTER, K_AUTH)).toBe('mac-invalid');
    const cut = { ...request(EPOCH), mac: request(EPOCH).mac.subarray(0, 16) };
    expect(judgeRequest(cut, SALT_STATUS, K_AUTH)).toBe('mac-invalid');
  });
});
