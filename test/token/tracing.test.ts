import { describe, expect, it } from 'vitest';
import { buildAdvert, parseAdvert } from '../../device/robert/advert.js';
import { buildHello, parseHello } from '../../device/robert/hello.js';
import { nodeDigest } from '../../host/crypto.js';
import { identifierOf, K_AUTH, rig, SERVICE_START, START } from '../support/fleet.js';

const DAY = 86_400;

describe('what a token says', () => {
  it('changes identifier and address together, over a silence of 1 to 10 s, in 672 rotations (R18, R20)', async () => {
    const r = rig();
    await r.provision();
    r.advanceTo(START + 7 * DAY + 1800);
    const seen = r.radio.adverts.map(({ at, payload, address }) => {
      const hello = parseHello((parseAdvert(payload) as { hello: Uint8Array }).hello) as { ebid: Uint8Array };
      return { at, ebid: Buffer.from(hello.ebid).toString('hex'), address: Buffer.from(address).toString('hex') };
    });
    let rotations = 0;
    for (let i = 1; i < seen.length; i++) {
      const [before, now] = [seen[i - 1] as (typeof seen)[0], seen[i] as (typeof seen)[0]];
      expect(now.ebid === before.ebid).toBe(now.address === before.address);
      if (now.ebid !== before.ebid) {
        rotations += 1;
        expect(Math.floor((now.at - SERVICE_START) / 900)).toBe(Math.floor((before.at - SERVICE_START) / 900) + 1);
        expect((now.at - SERVICE_START) % 900).toBeGreaterThanOrEqual(1);
        expect((now.at - SERVICE_START) % 900).toBeLessThanOrEqual(10.1);
      } else expect(now.at - before.at).toBeLessThanOrEqual(15.1);
    }
    expect(rotations).toBeGreaterThanOrEqual(672);
    expect(new Set(seen.map(({ address }) => address)).size).toBe(rotations + 1);
  });

  it('is on the air for at most 890 s under one identifier, with an authentic HELLO of that second', async () => {
    const r = rig();
    await r.provision();
    r.advanceTo(START + DAY);
    const first = new Map<string, number>();
    for (const { at, payload } of r.radio.adverts) {
      const { hello, txGain } = parseAdvert(payload) as { hello: Uint8Array; txGain: number };
      const epoch = Math.floor((at - SERVICE_START) / 900);
      const identifier = identifierOf(Math.floor(START / DAY), epoch % 96);
      // The token's clock was set some milliseconds off the true one.
      const saidAt = [Math.floor(at - 0.5), Math.floor(at + 0.5)].map((second) =>
        Buffer.from(buildHello(nodeDigest, K_AUTH, 0xec, identifier.subarray(0, 8), second)).toString('hex'),
      );
      expect(saidAt).toContain(Buffer.from(hello).toString('hex'));
      expect(txGain).toBe(0);
      const ebid = Buffer.from(hello.subarray(1, 9)).toString('hex');
      const since = first.get(ebid) ?? at;
      first.set(ebid, since);
      expect(at - since).toBeLessThanOrEqual(890);
    }
    expect(first.size).toBe(96);
  });

  it('ends when the identifiers run out, while listening goes on (R29)', async () => {
    const r = rig();
    await r.provision();
    r.advanceTo(START + 22 * DAY + 60);
    expect(r.token.signal()).toBe('silent');
    expect(r.radio.onAir).toBe(false);
    const said = r.radio.adverts.length;
    const { windows } = r.radio;
    r.advanceTo(START + 23 * DAY);
    expect(r.radio.adverts.length).toBe(said);
    expect(r.radio.windows).toBeGreaterThan(windows + 1000);
    expect(r.token.life()).toBe(2);
  });

  it('ends at the end date: the token erases itself (R70)', async () => {
    const r = rig();
    await r.provision();
    await (async () => {
      r.advanceTo(START + 60);
      await r.visit({ endTime: START + DAY });
    })();
    r.advanceTo(START + DAY + 1000);
    expect(r.token.life()).toBe(4);
    expect(r.token.signal()).toBe('ended');
    expect(r.radio.onAir).toBe(false);
    for (const secret of [K_AUTH]) expect(Buffer.from(r.flash.bytes).includes(Buffer.from(secret))).toBe(false);
    r.reboot();
    expect(r.token.life()).toBe(4);
  });
});

describe('what a token hears', () => {
  it('becomes one sealed batch an epoch, and none where nobody was near', async () => {
    const r = rig();
    await r.provision();
    r.advanceTo(START + 800); // its own ticket and key share are made and written by then
    const operations = r.flash.operations();
    r.advanceTo(START + 4000);
    expect(r.flash.operations()).toBe(operations);
    for (let t = 4000; t < 7600; t += 12) {
      const hello = buildHello(nodeDigest, new Uint8Array(32), 0x21, new Uint8Array(8).fill(t / 900), START + t);
      r.radio.around = [{ payload: buildAdvert(hello, 0), rssi: -50 }];
      r.advanceTo(START + t);
    }
    r.radio.around = [];
    r.advanceTo(START + 9000);
    expect(r.flash.operations()).toBeGreaterThan(operations + 4 * 20);
  });

  it('is kept where the radio did not measure how strong it was', async () => {
    const r = rig();
    await r.provision();
    r.advanceTo(START + 1000);
    const operations = r.flash.operations();
    const hello = buildHello(nodeDigest, new Uint8Array(32), 0x21, new Uint8Array(8).fill(7), START + 1000);
    // A gain that would make any power of it an error if it were subtracted from what is no power.
    r.radio.around = [{ payload: buildAdvert(hello, 40), rssi: 127 }];
    r.advanceTo(START + 1100);
    r.radio.around = [];
    r.advanceTo(START + 1900);
    expect(r.flash.operations()).toBeGreaterThan(operations);
  });

  it('is kept in a full dining room: forty neighbours of one epoch', async () => {
    const r = rig();
    await r.provision();
    for (let t = 920; t < 1780; t += 12) {
      r.radio.around = Array.from({ length: 40 }, (_, n) => {
        const hello = buildHello(nodeDigest, new Uint8Array(32), 0x21, new Uint8Array(8).fill(n), START + t);
        return { payload: buildAdvert(hello, 0), rssi: -50 - (n % 20) };
      });
      r.advanceTo(START + t);
    }
    r.radio.around = [];
    r.advanceTo(START + 1900);
    await r.link.ask('consent', { kind: 1, code: 'ABC' });
    r.board.press(3);
    let size = 0;
    for await (const chunk of r.link.fetch(0)) size += chunk.length;
    expect(size).toBeGreaterThan(40 * 45);
  });

  it('is no record when it is no HELLO, or one from another time', async () => {
    const r = rig();
    await r.provision();
    r.advanceTo(START + 800);
    const operations = r.flash.operations();
    const old = buildHello(nodeDigest, new Uint8Array(32), 0x21, new Uint8Array(8), START - 1000);
    r.radio.around = [
      { payload: buildAdvert(old, 0), rssi: -50 },
      { payload: new Uint8Array([2, 1, 6, 3, 3, 0x64, 0xfd, 200, 0x16, 0x64, 0xfd]), rssi: -50 },
      { payload: new Uint8Array(31).fill(0xff), rssi: -50 },
      { payload: new Uint8Array(0), rssi: -50 },
    ];
    r.advanceTo(START + 3000);
    expect(r.flash.operations()).toBe(operations);
  });
});
