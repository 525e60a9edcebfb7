/** One simulated token with everything it needs for a test: a board, an air without anybody, a cable, and a server's side. */
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { TWIN_PAGE_SIZE, TWIN_PAGES, type TwinBoard, twinBoard } from '../../device/boards/twin/board.js';
import { type TwinFlash, twinFlash } from '../../device/boards/twin/flash.js';
import type { Firmware, Radio } from '../../device/ports.js';
import {
  ANSWER_DAYS,
  type AnswerHead,
  answerKey,
  DAY_LENGTH,
  IDENTIFIER_LENGTH,
  sealDay,
  sealHead,
} from '../../device/seal/answer.js';
import { startToken, type Token } from '../../device/token/token.js';
import { judgeTrial, selectImage } from '../../device/update/select.js';
import { TRIAL_SECONDS } from '../../device/update/slots.js';
import { versionText } from '../../device/update/versions.js';
import { nodeDigest } from '../../host/crypto.js';
import { TokenLink } from '../../host/link/client.js';
import { BoardClock, Timeline } from '../../tools/simulate/timeline.js';
import { cable } from './cable.js';
import { seededRandom } from './chance.js';

export const SERVICE_START = 3_799_958_400;
/** 2026-03-02, 00:00 UTC, in NTP seconds. */
export const START = 3_981_398_400;

export const K_AUTH = new Uint8Array(32).fill(0xa1);
export const K_ENC = new Uint8Array(32).fill(0xe2);
export const ENC = new Uint8Array(32).fill(0x33);
export const SECRET = new Uint8Array(32).fill(0x44);

const PKCS8_X25519 = Buffer.from('302e020100300506032b656e04220420', 'hex');
const gatewayPrivate = createPrivateKey({
  key: Buffer.concat([PKCS8_X25519, Buffer.alloc(32, 0x77)]),
  format: 'der',
  type: 'pkcs8',
});
/** The gateway's, as the backend keeps it. */
export const GATEWAY_PAIR = {
  privateKey: gatewayPrivate,
  publicKey: createPublicKey(gatewayPrivate).export({ format: 'der', type: 'spki' }),
};
export const GATEWAY_KEY = new Uint8Array(GATEWAY_PAIR.publicKey.subarray(-32));

/** A radio that keeps what was advertised, and hears what `say` gives it in its next window. */
export interface TestRadio extends Radio {
  adverts: { at: number; payload: Uint8Array; address: Uint8Array }[];
  /** Delivered in every scan window until it is replaced. */
  around: { payload: Uint8Array; rssi: number }[];
  windows: number;
  onAir: boolean;
}

function testRadio(timeline: Timeline): TestRadio {
  const radio: TestRadio = {
    txGain: 0,
    rxGain: 0,
    adverts: [],
    around: [],
    windows: 0,
    onAir: false,
    advertise(payload, address) {
      radio.onAir = true;
      radio.adverts.push({ at: timeline.now(), payload, address });
    },
    silence() {
      radio.onAir = false;
    },
    scan(_window, heard) {
      radio.windows += 1;
      for (const advert of radio.around) heard(advert.payload, advert.rssi);
    },
  };
  return radio;
}

/** The identifier that this file's server gives for an epoch: recognisable, unique. */
export function identifierOf(day: number, epochOfDay: number): Uint8Array {
  return new Uint8Array([0xeb, 0x1d, 0, 0, day >> 8, day & 0xff, 0, epochOfDay, 0xec]);
}

export interface Answered {
  head: Uint8Array;
  days: Uint8Array[];
}

/** The server's answer, under K_ENC unless another key is given. */
export function answer(
  request: { nonce: Uint8Array; mac: Uint8Array },
  time: number,
  fields: Partial<AnswerHead> = {},
  salt = new Uint8Array(16).fill(time & 0xff),
  kEnc: Uint8Array = K_ENC,
): Answered {
  const key = answerKey(nodeDigest, kEnc, request.nonce, request.mac, salt);
  const firstDay = fields.firstDay ?? Math.floor(time / 86400);
  const head: AnswerHead = {
    time: Math.floor(time),
    timeMillis: Math.floor((time % 1) * 1000),
    riskLevel: 0,
    contactDay: 0,
    orders: 0,
    endTime: 0,
    serviceStart: SERVICE_START,
    firstDay,
    dayCount: ANSWER_DAYS,
    visitDays: 7,
    phone: '0800 130 000',
    wipeNonce: new Uint8Array(16),
    release: 0,
    ...fields,
  };
  const days: Uint8Array[] = [];
  for (let day = 0; day < ANSWER_DAYS; day++) {
    const plain = new Uint8Array(DAY_LENGTH);
    for (let epoch = 0; epoch < 96; epoch++) plain.set(identifierOf(firstDay + day, epoch), epoch * IDENTIFIER_LENGTH);
    days.push(sealDay(nodeDigest, key, day, plain));
  }
  return { head: sealHead(nodeDigest, key, salt, head), days };
}

export interface Rig {
  timeline: Timeline;
  clock: BoardClock;
  flash: TwinFlash;
  radio: TestRadio;
  board: TwinBoard;
  token: Token;
  link: TokenLink;
  /** What went wrong inside the token; empty unless a test cuts its power. */
  troubles: string[];
  slots: TwinFlash | undefined;
  /** Of the firmware that runs. */
  version: string;
  /** How often the token has started by itself. */
  restarts: number;
  /** Jumps to an NTP time, running all that is due until then. */
  advanceTo(ntp: number): void;
  /** Boots again from the same flash; `lostPower` clears the clock. */
  reboot(lostPower?: boolean): void;
  provision(): Promise<void>;
  /** Carries an answer to the token, all of it. */
  deliver(answered: Answered): Promise<boolean>;
  /** A whole status exchange with an answer made by `fields`. */
  visit(fields?: Partial<AnswerHead>): Promise<void>;
}

/** `firmware`: flash with an image in it (updates.ts); without it the token takes nothing signed. */
export function rig(
  seed = 1,
  chip: TwinFlash = twinFlash(TWIN_PAGES, TWIN_PAGE_SIZE),
  start = START,
  firmware?: TwinFlash,
): Rig {
  // The link waits for acknowledgements in real time; between its exchanges tests jump.
  const timeline = new Timeline(start, () => performance.now() / 1000);
  const clock = new BoardClock(timeline, 0);
  const radio = testRadio(timeline);
  const random = seededRandom(seed);
  const troubles: string[] = [];
  let cancelTrial = (): void => {};

  /** What a board's selector does: the image that it picks is this same code under the image's version. */
  function select(flash: TwinFlash): { version: string; firmware: Firmware } {
    const { slot, image, isTrial } = selectImage(flash);
    const restart = (): void => {
      self.restarts += 1;
      self.reboot();
    };
    if (isTrial) {
      cancelTrial = clock.after(TRIAL_SECONDS, () => {
        if (judgeTrial(flash, slot)) restart();
      });
    }
    return { version: versionText(image?.version ?? 0), firmware: { flash, interpreter: '2v29', restart } };
  }

  function boot(
    flash: TwinFlash,
    slots?: TwinFlash,
  ): Pick<Rig, 'flash' | 'slots' | 'version' | 'board' | 'token' | 'link'> {
    cancelTrial();
    const image = slots && select(slots);
    const board = twinBoard({ digest: nodeDigest, random, clock, radio, flash, ...image });
    const token = startToken(board.ports, { onTrouble: (what) => troubles.push(what) });
    return { flash, slots, version: board.ports.version, board, token, link: plug(board) };
  }

  /** A new cable for each stay at the counter: a session does not outlive hours. */
  function plug(board: TwinBoard): TokenLink {
    const wire = cable();
    board.plug(wire.tokenEnd);
    return new TokenLink(wire.counterEnd, { random });
  }

  function fail(error: unknown): never {
    throw error;
  }

  const self: Rig = {
    ...boot(chip, firmware),
    restarts: 0,
    timeline,
    clock,
    troubles,
    radio,
    advanceTo(ntp) {
      timeline.pause();
      timeline.advance(ntp);
      timeline.live(fail);
      self.link = plug(self.board);
    },
    reboot(lostPower = false) {
      self.token.stop();
      if (lostPower) clock.losePower();
      Object.assign(self, boot(self.flash.afterReset(), self.slots?.afterReset()));
    },
    async provision() {
      const nonce = new Uint8Array(16).fill(9);
      await self.link.ask('provision', {
        kAuth: K_AUTH,
        kEnc: K_ENC,
        enc: ENC,
        secret: SECRET,
        nonce,
        gatewayKey: GATEWAY_KEY,
      });
      await self.deliver(answer({ nonce, mac: new Uint8Array(32) }, timeline.now()));
    },
    async deliver(answered) {
      const { nextDay } = await self.link.ask('head', { sealed: answered.head });
      let applied = 0;
      for (let index = nextDay; index < answered.days.length; index++) {
        ({ applied } = await self.link.ask('day', { index, sealed: answered.days[index] as Uint8Array }));
      }
      return applied === 1;
    },
    async visit(fields = {}) {
      const request = await self.link.ask('request', { kind: 2, courierTime: Math.floor(timeline.now()) });
      await self.deliver(answer(request, timeline.now(), fields));
    },
  };
  timeline.live(fail);
  return self;
}
