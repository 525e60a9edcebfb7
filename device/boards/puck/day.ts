/**
 * The small token's day, as device/token/tracing.ts has it: a HELLO under an identifier that changes each epoch together
 * with its address, over a silence; short windows to listen; a sealed batch when an epoch is over. Two timers do all of it.
 */

import { concat, u16At } from '../../bytes.js';
import { buildAdvert, parseAdvert } from '../../robert/advert.js';
import { buildHello } from '../../robert/hello.js';
import { distance16, epochAt, epochStart, HELLO_TOLERANCE_SECONDS, time16 } from '../../robert/time.js';
import { SCHEDULE } from '../../token/tracing.js';
import { uniform } from '../../token/uniform.js';
import { advertise, after, digest, erasePage, RX_GAIN, random, scan, silence, TX_GAIN } from './board.js';
import { append, expire, forgetLog } from './log.js';
import { gather, hear } from './neighbours.js';
import { endPassing, show } from './signals.js';
import {
  bytesOf,
  END_TIME,
  fact,
  facts,
  IDENTIFIER_PAGE,
  IMAGE_HEAD,
  K_AUTH,
  LIFE,
  LIVE,
  LOG_PAGE,
  OVER,
  PROOF,
  SERVICE_START,
  save,
  TIMELINE,
} from './store.js';
import { identifierAt, isLost, now, uncertainty } from './time.js';

/** Beyond every NTP time of era 0. */
export const NTP_END = 1e10;
const RSSI_UNAVAILABLE = 127;

let cancelAir: () => void = () => {};
/** NTP seconds until which the identifier on air may be said, 0 in silence; and when its epoch ends. */
let until = 0;
let epochEnd = 0;
let identifier: Uint8Array;
let address: Uint8Array;
let interval = 0;
/** The epoch that is being gathered. */
let gathering = 0;

/** Says HELLO, ends an identifier, or begins the next one, whichever is due, and waits for what comes then. */
function air(): void {
  const time = now();
  let wait = 0;
  if (until === 0) {
    const epoch = epochAt(fact(SERVICE_START), time);
    epochEnd = epochStart(fact(SERVICE_START), epoch + 1);
    const next = isLost() ? undefined : identifierAt(time);
    if (next) {
      identifier = next;
      address = new Uint8Array(6);
      random.fill(address);
      address[0] = (address[0] as number) & 0x3f; // non-resolvable private: the two top bits are zero
      interval = SCHEDULE.advertising * (0.95 + 0.1 * uniform(random));
      until = Math.min(epochEnd, time + SCHEDULE.onAir);
    }
  }
  if (time < until) {
    const hello = buildHello(
      digest,
      bytesOf(K_AUTH, 32),
      identifier[8] as number,
      identifier.subarray(0, 8),
      Math.floor(time),
    );
    advertise(buildAdvert(hello, TX_GAIN), address, interval);
    wait = Math.min(SCHEDULE.hello, until - time);
  } else {
    until = 0;
    silence();
    wait = Math.max(0, epochEnd - time) + gap();
  }
  cancelAir = after(wait, air);
}

function gap(): number {
  return SCHEDULE.silence.min + (SCHEDULE.silence.max - SCHEDULE.silence.min) * uniform(random);
}

/** Goes silent, and on air again after a while with what the image then says. */
export function restart(): void {
  cancelAir();
  until = 0;
  silence();
  cancelAir = () => {};
  if (facts[LIFE] === LIVE) cancelAir = after(gap(), air);
}

function heard(payload: Uint8Array, rssi: number): void {
  const advert = parseAdvert(payload);
  if (!advert || rssi === RSSI_UNAVAILABLE) return;
  const at = Math.floor(now());
  const time = u16At(advert.hello, 9);
  if (distance16(time, time16(at)) > HELLO_TOLERANCE_SECONDS) return;
  hear(advert.hello, time, rssi - advert.txGain - RX_GAIN, at);
}

/** Seals what was first heard before `before` as a batch. */
export function flush(before: number): void {
  const parts = gather(before);
  if (parts.length < 2 || facts[LIFE] !== LIVE) return;
  const head = parts[0] as Uint8Array;
  head[4] = facts[TIMELINE] as number;
  head[5] = uncertainty();
  const plain = concat(parts);
  append(concat([plain, new Uint8Array(-plain.length & 3)]), head[6] as number, now());
}

/** Erases everything but that it was erased, and the proof. */
export function wipe(life: number, proof: Uint8Array): void {
  for (let i = IMAGE_HEAD; i < facts.length; i++) facts[i] = 0;
  facts[LIFE] = life;
  facts.set(proof, PROOF);
  save();
  for (let page = IDENTIFIER_PAGE; page < LOG_PAGE; page++) erasePage(page);
  forgetLog();
  gather(NTP_END);
  restart();
  endPassing();
}

/** Once an epoch, a little after its start. */
function epochWork(time: number, epoch: number): void {
  gathering = epoch;
  if (fact(END_TIME) > 0 && time >= fact(END_TIME)) {
    wipe(OVER, new Uint8Array(32));
    return;
  }
  flush(epochStart(fact(SERVICE_START), epoch) - SCHEDULE.settle / 2);
  expire(time);
}

function listen(): void {
  after(SCHEDULE.scan * (0.75 + 0.5 * uniform(random)), () => {
    listen();
    if (facts[LIFE] === LIVE && !isLost()) {
      const time = now();
      const epoch = epochAt(fact(SERVICE_START), time - SCHEDULE.settle);
      if (epoch !== gathering) epochWork(time, epoch);
      scan(SCHEDULE.window, heard);
    }
    show();
  });
}

/** Begins the day. */
export function start(): void {
  restart();
  listen();
  show();
}
