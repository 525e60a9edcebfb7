/** The server's side of the bench: secrets of its one token, and answers whose identifiers tell which refill they are of. */
import {
  type AnswerHead,
  answerKey,
  DAY_LENGTH,
  EPOCHS_A_DAY,
  IDENTIFIER_LENGTH,
  sealDay,
  sealHead,
} from '../../device/seal/answer.js';
import { nodeDigest } from '../../host/crypto.js';
import { Ratchet } from './seal.js';
import type { Bench } from './token.js';

export const SERVICE_START = 3_799_958_400;
/** 2026-03-02, 00:00 UTC, in NTP seconds. */
export const START = 3_981_398_400;
export const DAY = 86_400;

export const SECRETS = {
  kAuth: new Uint8Array(32).fill(0xa1),
  kEnc: new Uint8Array(32).fill(0xe2),
  /** Of the ticket: the ratchet's states follow from it. */
  secret: new Uint8Array(32).fill(0x44),
};
/** What opens the token's batches. */
export const ratchet = new Ratchet(SECRETS.secret);
const ENC = new Uint8Array(32).fill(0x33);
/** No X25519 key at all: the token makes no tickets and keys of its own, and all batches are of the ticket above. */
export const GATEWAY_KEY = new Uint8Array(32);
export const WIPE_NONCE = new Uint8Array(16).fill(0x66);
const ECC = 0xec;
const NONCE = new Uint8Array(16).fill(9);

/** The EBID of a refill for an epoch of an NTP day. */
export function ebidOf(refill: number, day: number, epochOfDay: number): Uint8Array {
  return new Uint8Array([0xeb, 0x1d, refill, 0, day >> 8, day & 0xff, 0, epochOfDay]);
}

interface Answered {
  head: Uint8Array;
  days: Uint8Array[];
}

export function answerTo(
  request: { nonce: Uint8Array; mac: Uint8Array },
  time: number,
  refill: number,
  dayCount: number,
  fields: Partial<AnswerHead> = {},
): Answered {
  const salt = new Uint8Array(16).fill(refill);
  const key = answerKey(nodeDigest, SECRETS.kEnc, request.nonce, request.mac, salt);
  const firstDay = Math.floor(time / DAY);
  const head: AnswerHead = {
    time: Math.floor(time),
    timeMillis: 0,
    riskLevel: 0,
    contactDay: 0,
    orders: 0,
    endTime: 0,
    serviceStart: SERVICE_START,
    firstDay,
    dayCount,
    visitDays: 7,
    phone: '',
    wipeNonce: new Uint8Array(16),
    release: 0,
    ...fields,
  };
  const days: Uint8Array[] = [];
  for (let day = 0; day < dayCount; day++) {
    const plain = new Uint8Array(DAY_LENGTH);
    for (let epoch = 0; epoch < EPOCHS_A_DAY; epoch++) {
      plain.set(ebidOf(refill, firstDay + day, epoch), epoch * IDENTIFIER_LENGTH);
      plain[epoch * IDENTIFIER_LENGTH + IDENTIFIER_LENGTH - 1] = ECC;
    }
    days.push(sealDay(nodeDigest, key, day, plain));
  }
  return { head: sealHead(nodeDigest, key, salt, head), days };
}

/** Brings an answer. Before one of its blocks a forged one comes, which a token must refuse. */
export async function deliver(bench: Bench, { head, days }: Answered, forgedDay?: number): Promise<void> {
  const { link } = bench;
  let { nextDay } = await bench.settled(link.ask('head', { sealed: head }));
  while (nextDay < days.length) {
    const sealed = days[nextDay]!;
    if (nextDay === forgedDay) {
      const forged = Uint8Array.from(sealed, (byte, i) => (i === 100 ? byte ^ 1 : byte));
      const taken = await bench.settled(link.ask('day', { index: nextDay, sealed: forged })).then(
        () => true,
        () => false,
      );
      if (taken) throw new Error('a forged day block was taken');
    }
    ({ nextDay } = await bench.settled(link.ask('day', { index: nextDay, sealed })));
  }
}

/** The first load, with refill 1. */
export async function provision(bench: Bench, dayCount: number): Promise<void> {
  const { kAuth, kEnc, secret } = SECRETS;
  const fields = { kAuth, kEnc, enc: ENC, secret, nonce: NONCE, gatewayKey: GATEWAY_KEY };
  await bench.settled(bench.link.ask('provision', fields));
  const request = { nonce: NONCE, mac: new Uint8Array(32) };
  await deliver(bench, answerTo(request, bench.timeline.now(), 1, dayCount));
}

/** One request to the server: kind 2 for a status, 3 to unregister. */
export async function ask(bench: Bench, kind: 2 | 3): Promise<{ nonce: Uint8Array; mac: Uint8Array }> {
  const courierTime = Math.floor(bench.timeline.now());
  return bench.settled(bench.link.ask('request', { kind, courierTime }));
}
