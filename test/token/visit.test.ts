import { describe, expect, it } from 'vitest';
import { requestMac } from '../../device/robert/requests.js';
import { nodeDigest } from '../../host/crypto.js';
import { answer, K_AUTH, rig, SERVICE_START, START } from '../support/fleet.js';

describe('a visit', () => {
  it('turns a blank token into a tracing one', async () => {
    const r = rig();
    expect((await r.link.ask('hello', {})).life).toBe(0);
    await r.provision();
    const hello = await r.link.ask('hello', {});
    expect(hello).toMatchObject({ life: 1, board: 'twin', needs: 0, goodForDays: 14, wiped: 0 });
    expect(r.token.signal()).toBe('well');
    expect(Math.abs(r.token.now() - r.timeline.now())).toBeLessThan(0.5);
    r.reboot();
    expect(r.token.life()).toBe(1);
  });

  it('asks for its status with an authentic ROBERT request under its current identifier', async () => {
    const r = rig();
    await r.provision();
    r.advanceTo(START + 3700);
    const request = await r.link.ask('request', { kind: 2, courierTime: 12345 });
    expect(request.epochId).toBe(Math.floor((START + 3700 - SERVICE_START) / 900));
    expect(request.time).toBe(12345);
    expect(request.mac).toEqual(requestMac(nodeDigest, K_AUTH, 2, request.ebid, request.epochId, 12345));
  });

  it('tells a new risk 10 to 60 minutes after the visit, never at the counter', async () => {
    for (let seed = 1; seed <= 5; seed++) {
      const r = rig(seed);
      await r.provision();
      r.advanceTo(START + 7200);
      await r.visit({ riskLevel: 4 });
      expect(r.token.signal()).not.toBe('at-risk');
      r.advanceTo(START + 7200 + 599);
      expect(r.token.signal()).not.toBe('at-risk');
      r.advanceTo(START + 7200 + 3601);
      expect(r.token.signal()).toBe('at-risk');
      r.reboot();
      expect(r.token.signal()).toBe('at-risk');
    }
  });

  it('makes at most five requests without an answer, ten seconds apart', async () => {
    const r = rig();
    await r.provision();
    const ask = () => r.link.ask('request', { kind: 2, courierTime: 1 });
    for (let i = 0; i < 5; i++) {
      await ask();
      await expect(ask()).rejects.toMatchObject({ code: 'token-too-soon' });
      r.advanceTo(r.timeline.now() + 10.1);
    }
    await expect(ask()).rejects.toMatchObject({ code: 'token-too-many-requests' });
  });
});

describe('a bad answer', () => {
  const unchanged = async (attempt: (r: ReturnType<typeof rig>) => Promise<unknown>, code: string): Promise<void> => {
    const r = rig();
    await r.provision();
    r.advanceTo(START + 100_000);
    const request = await r.link.ask('request', { kind: 2, courierTime: 1 });
    Object.assign(r, { request });
    const before = Buffer.from(r.flash.bytes.subarray(0, 8192)).toString('hex');
    await expect(attempt(r)).rejects.toMatchObject({ code });
    expect(Buffer.from(r.flash.bytes.subarray(0, 8192)).toString('hex'), 'journal and states').toBe(before);
    expect(r.token.now()).toBeCloseTo(r.timeline.now(), 0);
    expect(r.token.signal()).toBe('well');
  };
  const requestOf = (r: object) => (r as { request: { nonce: Uint8Array; mac: Uint8Array } }).request;

  it('is refused when it was held back for 61 s', () =>
    unchanged(async (r) => {
      const answered = answer(requestOf(r), r.timeline.now());
      r.advanceTo(r.timeline.now() + 61);
      return r.deliver(answered);
    }, 'answer-late'));

  it('is refused when one bit of the head is flipped', () =>
    unchanged((r) => {
      const answered = answer(requestOf(r), r.timeline.now(), { riskLevel: 4 });
      answered.head[70] = (answered.head[70] as number) ^ 1;
      return r.deliver(answered);
    }, 'answer-refused'));

  it('is refused when it was made for another request', () =>
    unchanged((r) => {
      const other = { nonce: new Uint8Array(16), mac: requestOf(r).mac };
      return r.deliver(answer(other, r.timeline.now(), { riskLevel: 4 }));
    }, 'answer-refused'));

  it('is refused as a whole when one bit of one day block is flipped', () =>
    unchanged((r) => {
      const answered = answer(requestOf(r), r.timeline.now(), { riskLevel: 4, time: START + 999 });
      const block = answered.days[13] as Uint8Array;
      block[400] = (block[400] as number) ^ 0x10;
      return r.deliver(answered);
    }, 'answer-refused'));

  it('is refused when it is an old one replayed (R24)', async () => {
    const r = rig();
    await r.provision();
    r.advanceTo(START + 50_000);
    const request = await r.link.ask('request', { kind: 2, courierTime: 1 });
    const old = answer(request, r.timeline.now());
    await r.deliver(old);
    r.advanceTo(START + 100_000);
    await r.link.ask('request', { kind: 2, courierTime: 2 });
    await expect(r.deliver(old)).rejects.toMatchObject({ code: 'answer-refused' });
  });
});

describe('time', () => {
  it.each([
    ['an hour ahead', 3600],
    ['an hour behind', -3600],
  ])('is put right by the sealed answer when the clock is %s', async (_name, shift) => {
    const r = rig();
    await r.provision();
    r.advanceTo(START + 90_000);
    r.clock.setRtc(r.clock.rtc() + shift);
    expect(r.token.now() - r.timeline.now()).toBeCloseTo(shift, 0);
    await r.visit();
    expect(r.token.now()).toBeCloseTo(r.timeline.now(), 1);
    expect(r.token.life()).toBe(1);
  });

  it('is unknown after a power loss: the token is silent, still listens, and a visit cures it', async () => {
    const r = rig();
    await r.provision();
    r.advanceTo(START + 86_400);
    r.reboot(true);
    expect(r.token.life()).toBe(2);
    expect(r.token.signal()).toBe('silent');
    const { adverts, windows } = r.radio;
    const said = adverts.length;
    r.advanceTo(START + 2 * 86_400);
    expect(adverts.length).toBe(said);
    expect(r.radio.windows).toBeGreaterThan(windows + 1000);
    await r.visit();
    expect(r.token.now()).toBeCloseTo(r.timeline.now(), 1);
    r.advanceTo(r.timeline.now() + 20);
    expect(adverts.length).toBeGreaterThan(said);
  });

  it('learns its crystal: after one visit the next month drifts by seconds', async () => {
    const r = rig();
    await r.provision();
    const fast = 1 + 35e-6;
    const rtc = r.clock.rtc.bind(r.clock);
    const zero = rtc();
    r.clock.rtc = () => zero + (rtc() - zero) * fast;
    r.advanceTo(START + 7 * 86_400);
    expect(r.token.now() - r.timeline.now()).toBeGreaterThan(20);
    await r.visit();
    r.advanceTo(START + 20 * 86_400);
    expect(Math.abs(r.token.now() - r.timeline.now())).toBeLessThan(2);
  });
});
