/**
 * What is timed: the work that a server does per HELLO and a token per batch and per signature, against one bare HMAC of
 * the platform.
 */
import { createHmac } from 'node:crypto';
import { slh_dsa_sha2_128s as noble } from '@noble/post-quantum/slh-dsa.js';
import { twinFlash } from '../../device/boards/twin/flash.js';
import { mountLog } from '../../device/log/log.js';
import { region } from '../../device/log/region.js';
import { buildHello, parseHello } from '../../device/robert/hello.js';
import { DEFAULT_SERVICE_START, epochAt, utcDay } from '../../device/robert/time.js';
import { nextState } from '../../device/seal/ratchet.js';
import { checkSignature } from '../../device/seal/slh-dsa.js';
import { judgeContact, openContact } from '../../host/backend/robert/contacts.js';
import { eccCipher, makeEbid } from '../../host/backend/robert/ebid.js';
import { expandKey } from '../../host/backend/robert/skinny.js';
import { nodeDigest } from '../../host/crypto.js';
import type { Subject } from './measure.js';

const NTP = 3_981_398_400;
const COUNTRY = 0x21;
const K_AUTH = new Uint8Array(32).fill(1);

export const bareHmac: Subject = {
  name: 'HMAC-SHA256 of 12 bytes, node:crypto',
  run(times) {
    const message = new Uint8Array(12);
    for (let i = 0; i < times; i++) createHmac('sha256', K_AUTH).update(message).digest();
  },
};

function helloValidation(): Subject {
  const key = expandKey(new Uint8Array(24).fill(2));
  const ring = {
    serviceStart: DEFAULT_SERVICE_START,
    countryCode: COUNTRY,
    ecc: eccCipher(new Uint8Array(32).fill(3)),
    serverKey: () => key,
  };
  const ebid = makeEbid(key, epochAt(DEFAULT_SERVICE_START, NTP), new Uint8Array(5));
  const ecc = ring.ecc.apply(ebid, COUNTRY);
  const hello = parseHello(buildHello(nodeDigest, K_AUTH, ecc, ebid, NTP));
  if (hello === undefined) throw new Error('no HELLO');
  const contact = { ecc, ebid, hellos: [{ received: NTP, time16: hello.time16, mac: hello.mac, rssi: -50 }] };
  return {
    name: 'HELLO validated: EBID, identity, MAC, clock, epoch',
    run(times) {
      for (let i = 0; i < times; i++) {
        const opened = openContact(ring, contact);
        const judged = opened.ok ? judgeContact(ring, contact, opened, { kAuth: K_AUTH, registered: true }) : opened;
        if (!judged.ok) throw new Error(judged.reason);
      }
    },
  };
}

const ratchetSteps: Subject = {
  name: 'ratchet steps',
  run(times) {
    let state: Uint8Array = K_AUTH;
    for (let i = 0; i < times; i++) state = nextState(nodeDigest, state);
  },
};

const batches: Subject = {
  name: 'batches of 4 contacts sealed and committed (simulated flash)',
  run(times) {
    const flash = twinFlash(34, 4096);
    const log = mountLog(nodeDigest, region(flash, 2, 32), region(flash, 0, 2));
    log.begin(K_AUTH);
    const plain = new Uint8Array(199);
    for (let i = 0; i < times; i++) log.append(plain, 4, utcDay(NTP), 1);
  },
};

/** The token's check of a signature and @noble/post-quantum's, of the same one. */
export function signatureChecks(): { ours: Subject; theirs: Subject } {
  const { publicKey, secretKey } = noble.keygen(new Uint8Array(noble.lengths.seed!).fill(4));
  const message = new Uint8Array(512).fill(5);
  const context = new Uint8Array([6]);
  const signature = noble.sign(message, secretKey, { context, extraEntropy: false });
  const isValid = (): boolean => {
    const check = checkSignature(nodeDigest, publicKey, context, message);
    check.push(signature);
    return check.isValid();
  };
  const isValidByNoble = (): boolean => noble.verify(signature, message, publicKey, { context });
  const subject = (name: string, check: () => boolean): Subject => ({
    name,
    run(times) {
      for (let i = 0; i < times; i++) if (!check()) throw new Error('no valid signature');
    },
  });
  return {
    ours: subject('SLH-DSA-SHA2-128s signatures checked as a token does, SHA-256 by node:crypto', isValid),
    theirs: subject('SLH-DSA-SHA2-128s signatures checked by @noble/post-quantum', isValidByNoble),
  };
}

export function subjects(): Subject[] {
  return [helloValidation(), ratchetSteps, batches];
}
