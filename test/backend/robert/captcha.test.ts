import { inflateSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Captcha, localCaptcha } from '../../../host/backend/robert/captcha.js';
import { playSound } from '../../../host/backend/robert/captcha-sound.js';
import { nodeRandom } from '../../../host/crypto.js';
import { sqliteDatabase } from '../stores.js';
import { call } from './phone.js';
import { NOON, openWorld, type World } from './world.js';

const SECRET = new Uint8Array(32).fill(4);

/** What a person hears: groups of beeps between long pauses. */
function count(wav: Buffer): string {
  const samples = wav.subarray(44);
  let digits = '';
  let beeps = 0;
  let silence = 0;
  let isSounding = false;
  for (const sample of samples) {
    if (sample === 128) {
      silence += 1;
      if (silence > 600) isSounding = false;
      if (silence === 4000 && beeps > 0) {
        digits += beeps;
        beeps = 0;
      }
    } else {
      if (!isSounding) beeps += 1;
      isSounding = true;
      silence = 0;
    }
  }
  return digits + (beeps > 0 ? beeps : '');
}

describe('a local captcha', () => {
  let now = NOON;
  const clock = () => now;
  const captcha: Captcha = localCaptcha(SECRET, clock, nodeRandom);

  test('is solved by counting its beeps, once', () => {
    const id = captcha.create();
    const answer = count(captcha.audio(id)!);
    expect(answer).toMatch(/^[1-9]{5}$/);
    expect(captcha.solve(id, answer.replace(/^./, '0'))).toBe(false);
    expect(captcha.solve(id, ` ${answer} `)).toBe(true);
    expect(captcha.solve(id, answer)).toBe(false);
    expect(captcha.solve(`${id}=`, answer)).toBe(false);
  });

  test('is a picture', () => {
    const png = captcha.image(captcha.create())!;
    expect(png.subarray(1, 4).toString()).toBe('PNG');
    const width = png.readUInt32BE(16);
    const height = png.readUInt32BE(20);
    const data = png.subarray(41, 41 + png.readUInt32BE(33));
    expect(inflateSync(data)).toHaveLength((width + 1) * height);
  });

  test('is good in another process of the same server, not in another server', () => {
    const id = captcha.create();
    const answer = count(captcha.audio(id)!);
    expect(localCaptcha(new Uint8Array(32), clock, nodeRandom).solve(id, answer)).toBe(false);
    expect(localCaptcha(SECRET, clock, nodeRandom).solve(id, answer)).toBe(true);
  });

  test('is over after five minutes', () => {
    const id = captcha.create();
    const answer = count(captcha.audio(id)!);
    now += 302;
    expect(captcha.solve(id, answer)).toBe(false);
    expect(captcha.image(id)).toBeUndefined();
  });

  test('is none for made-up ids', () => {
    for (const id of ['', 'x', captcha.create().slice(1), 'A'.repeat(50)]) {
      expect(captcha.solve(id, '11111')).toBe(false);
      expect(captcha.audio(id)).toBeUndefined();
    }
  });

  test('all digits can be heard', () => {
    expect(count(playSound(Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8, 9])))).toBe('123456789');
  });
});

describe('captcha over HTTP', () => {
  const database = sqliteDatabase();
  let world: World;
  beforeAll(async () => {
    world = await openWorld(database, { captcha: 'local' });
  });
  afterAll(() => world.close());

  test('201 with an id under both names; its picture and sound; and the way in', async () => {
    const reply = await call(world.url, 'POST', '/captcha', { type: 'AUDIO', locale: 'fr' });
    expect(reply.status).toBe(201);
    const captchaId = String(reply.json.captchaId);
    expect(reply.json).toEqual({ id: captchaId, captchaId });
    const image = await fetch(`${world.url}/api/v6/captcha/${captchaId}/image`);
    expect(image.headers.get('content-type')).toBe('image/png');
    const audio = await fetch(`${world.url}/api/v6/captcha/${captchaId}/audio`);
    expect(audio.headers.get('content-type')).toBe('audio/wav');
    const captcha = count(Buffer.from(await audio.arrayBuffer()));
    expect((await world.phone().register({ captcha, captchaId })).status).toBe(201);
    expect(await world.phone().register({ captcha, captchaId })).toMatchObject({ status: 401, text: '' });
  });

  test('401 for a wrong answer, 400 for an unknown type, 404 for an unknown id', async () => {
    const { json } = await call(world.url, 'POST', '/captcha', { type: 'IMAGE', locale: 'fr' });
    const wrong = { captcha: '00000', captchaId: String(json.id) };
    expect(await world.phone().register(wrong)).toMatchObject({ status: 401, text: '' });
    expect((await call(world.url, 'POST', '/captcha', { type: 'SMELL', locale: 'fr' })).status).toBe(400);
    expect((await call(world.url, 'GET', '/captcha/unknown/image')).status).toBe(404);
    expect((await call(world.url, 'GET', '/captcha/unknown/audio')).status).toBe(404);
  });
});
