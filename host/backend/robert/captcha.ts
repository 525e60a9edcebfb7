/**
 * The captcha that phones solve to register: made here, without a third party, and without a memory shared between
 * processes. What was asked is sealed into the captcha's id:
 *
 *   id = base64url(iv 12 | AES-256-GCM(key, digits 5 | valid until u32) | tag 16)
 */
import { createCipheriv, createDecipheriv, createHmac } from 'node:crypto';
import { ascii, concat, copyOf, equal, u32, u32At } from '../../../device/bytes.js';
import type { Random } from '../../../device/ports.js';
import type { NtpClock } from '../../clock.js';
import { drawPicture } from './captcha-image.js';
import { playSound } from './captcha-sound.js';

/** `off`: every answer is right; for tests, and where something else keeps robots out. */
export type CaptchaMode = 'off' | 'local';

export interface Captcha {
  /** The id of a new captcha. */
  create(): string;
  /** PNG; undefined for an id that is not alive. */
  image(id: string): Buffer | undefined;
  /** WAV; undefined for an id that is not alive. */
  audio(id: string): Buffer | undefined;
  /** Whether `answer` solves the captcha `id`. Each is good for one solution. */
  solve(id: string, answer: string): boolean;
}

const DIGITS = 5;
const VALID_SECONDS = 300;
const IV = 12;
const TAG = 16;
const SEALED_LENGTH = IV + DIGITS + 4 + TAG;
/** Solved ids that are remembered; each for five minutes at most. */
const SOLVED_MAX = 100_000;

/** Accepts everything and shows nothing. */
export function noCaptcha(random: Random): Captcha {
  const create = (): string => {
    const id = new Uint8Array(IV);
    random.fill(id);
    return Buffer.from(id).toString('base64url');
  };
  return { create, image: () => undefined, audio: () => undefined, solve: () => true };
}

/** `secret`: any secret of the server that its processes share. */
export function localCaptcha(secret: Uint8Array, clock: NtpClock, random: Random): Captcha {
  const key = createHmac('sha256', secret).update('galet captcha').digest();
  /** Until when each must be remembered, by rising time. */
  const solved = new Map<string, number>();

  function open(id: string): { digits: Uint8Array; until: number } | undefined {
    const sealed = new Uint8Array(Buffer.from(id, 'base64url'));
    if (sealed.length !== SEALED_LENGTH) return undefined;
    const decipher = createDecipheriv('aes-256-gcm', key, copyOf(sealed, 0, IV));
    decipher.setAuthTag(copyOf(sealed, SEALED_LENGTH - TAG, SEALED_LENGTH));
    try {
      const plain = concat([decipher.update(copyOf(sealed, IV, SEALED_LENGTH - TAG)), decipher.final()]);
      const until = u32At(plain, DIGITS);
      return until < clock() ? undefined : { digits: copyOf(plain, 0, DIGITS), until };
    } catch {
      return undefined;
    }
  }

  function forgetExpired(): void {
    for (const [id, until] of solved) {
      if (until >= clock() && solved.size < SOLVED_MAX) return;
      solved.delete(id);
    }
  }

  return {
    create() {
      const digits = drawDigits(random);
      const iv = new Uint8Array(IV);
      random.fill(iv);
      const cipher = createCipheriv('aes-256-gcm', key, iv);
      const plain = concat([digits, u32(Math.floor(clock()) + VALID_SECONDS)]);
      const sealed = concat([iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
      return Buffer.from(sealed).toString('base64url');
    },
    image(id) {
      const asked = open(id);
      return asked && drawPicture(asked.digits, random);
    },
    audio(id) {
      const asked = open(id);
      return asked && playSound(asked.digits);
    },
    solve(id, answer) {
      const asked = open(id);
      // One captcha can be written in several ways; what was sealed into it cannot.
      const name = Buffer.from(id, 'base64url').toString('hex');
      if (asked === undefined || solved.has(name)) return false;
      const typed = ascii(answer.trim()).map((byte) => byte - 0x30);
      if (!equal(typed, asked.digits)) return false;
      forgetExpired();
      solved.set(name, asked.until);
      return true;
    },
  };
}

/** Digits 1 to 9: a zero could not be beeped. */
function drawDigits(random: Random): Uint8Array {
  const digits = new Uint8Array(DIGITS);
  const byte = new Uint8Array(1);
  for (let i = 0; i < DIGITS; ) {
    random.fill(byte);
    // 252 is the largest multiple of nine in a byte.
    if (byte[0]! < 252) digits[i++] = 1 + (byte[0]! % 9);
  }
  return digits;
}
