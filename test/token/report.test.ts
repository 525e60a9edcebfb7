import { describe, expect, it } from 'vitest';
import { buildAdvert } from '../../device/robert/advert.js';
import { buildHello } from '../../device/robert/hello.js';
import { shortHmac } from '../../device/seal/hmac.js';
import { wipeProof } from '../../device/token/wipe.js';
import { createTicketOpener } from '../../host/backend/gateway/tickets.js';
import { nodeDigest } from '../../host/crypto.js';
import { company } from '../support/company.js';
import { answer, ENC, GATEWAY_PAIR, K_AUTH, K_ENC, type Rig, rig } from '../support/fleet.js';

/** A token that had company for `hours`. */
async function afterCompany(hours = 2): Promise<Rig> {
  const r = rig();
  await r.provision();
  await company(r, hours * 3600);
  return r;
}

async function fetchAll(r: Rig, from = 0): Promise<number> {
  let size = 0;
  for await (const chunk of r.link.fetch(from)) size += chunk.length;
  return size;
}

/** As the gateway makes it: under the last of the report's tickets. */
async function receiptFor({ encs, reportId }: { encs: Uint8Array; reportId: Uint8Array }): Promise<Uint8Array> {
  const open = await createTicketOpener(GATEWAY_PAIR);
  const keys = await open(encs.subarray(encs.length - 32));
  return shortHmac(nodeDigest, keys!.receipt, [new TextEncoder().encode('receipt'), reportId], 16);
}

describe('consent (R37)', () => {
  it('is given by 3 s of pressing within 60 s, and nothing leaves without it', async () => {
    const r = await afterCompany();
    await expect(fetchAll(r)).rejects.toMatchObject({ code: 'consent-missing' });
    await expect(r.link.ask('report', { code: 'ABC' })).rejects.toMatchObject({ code: 'consent-missing' });
    expect(await r.link.ask('consent', { kind: 1, code: 'ABC' })).toEqual({ state: 1, secondsLeft: 60 });
    expect(r.token.signal()).toBe('consent');
    r.board.press(2.9);
    expect((await r.link.ask('consentState', {})).state).toBe(1);
    r.board.press(3);
    expect((await r.link.ask('consentState', {})).state).toBe(2);
    expect(await r.link.ask('report', { code: 'ABC' })).toMatchObject({ firstBatch: 0 });
    expect(await fetchAll(r)).toBeGreaterThan(200);
  });

  it('lapses after 60 s and can be asked again', async () => {
    const r = await afterCompany();
    await r.link.ask('consent', { kind: 1, code: 'ABC' });
    r.advanceTo(r.timeline.now() + 61);
    r.board.press(3);
    expect((await r.link.ask('consentState', {})).state).toBe(3);
    expect(r.token.signal()).not.toBe('consent');
    expect((await r.link.ask('consent', { kind: 1, code: 'ABC' })).state).toBe(1);
  });

  it('for one code is no consent for another', async () => {
    const r = await afterCompany();
    await r.link.ask('consent', { kind: 1, code: 'ABC' });
    r.board.press(3);
    await expect(r.link.ask('report', { code: 'XYZ' })).rejects.toMatchObject({ code: 'consent-missing' });
  });

  it('to report is no consent to be forgotten', async () => {
    const r = await afterCompany();
    await r.link.ask('consent', { kind: 1, code: 'ABC' });
    r.board.press(3);
    await expect(r.link.ask('request', { kind: 3, courierTime: 1 })).rejects.toMatchObject({ code: 'consent-missing' });
  });
});

describe('a report', () => {
  it('is the same after a reset: same id, same sealed header, no second press', async () => {
    const r = await afterCompany();
    await r.link.ask('consent', { kind: 1, code: 'ABC' });
    r.board.press(3);
    const before = await r.link.ask('report', { code: 'ABC' });
    r.reboot();
    expect((await r.link.ask('consent', { kind: 1, code: 'ABC' })).state).toBe(2);
    expect(await r.link.ask('report', { code: 'ABC' })).toEqual(before);
    expect(await r.link.ask('awaiting', {})).toEqual({ reportId: before.reportId });
  });

  it('ends with an authentic receipt only, and what it covered never leaves again', async () => {
    const r = await afterCompany();
    await r.link.ask('consent', { kind: 1, code: 'ABC' });
    r.board.press(3);
    const report = await r.link.ask('report', { code: 'ABC' });
    const { reportId, lastBatch } = report;
    await r.link.ask('kept', { reportId });
    expect(r.token.signal()).toBe('kept');
    const forged = await receiptFor(report);
    forged[0] = (forged[0] as number) ^ 1;
    await expect(r.link.ask('receipt', { reportId, mac: forged })).rejects.toMatchObject({ code: 'receipt-refused' });
    expect((await r.link.ask('hello', {})).needs & 8).toBe(8);
    await r.link.ask('receipt', { reportId, mac: await receiptFor(report) });
    await r.link.ask('receipt', { reportId, mac: await receiptFor(report) });
    expect((await r.link.ask('hello', {})).needs & 8).toBe(0);
    await expect(fetchAll(r)).rejects.toMatchObject({ code: 'consent-missing' });
    await expect(r.link.ask('report', { code: 'ABC' })).rejects.toMatchObject({ code: 'report-done' });
    await expect(r.link.ask('consent', { kind: 1, code: 'NEW' })).rejects.toMatchObject({ code: 'nothing-to-report' });
    const hello = buildHello(nodeDigest, new Uint8Array(32), 0x21, new Uint8Array(8).fill(5), r.timeline.now());
    r.radio.around = [{ payload: buildAdvert(hello, 0), rssi: -50 }];
    r.advanceTo(r.timeline.now() + 120);
    await r.link.ask('consent', { kind: 1, code: 'NEW' });
    r.board.press(3);
    expect((await r.link.ask('report', { code: 'NEW' })).firstBatch).toBe(lastBatch + 1);
  });
});

describe('being forgotten (R50)', () => {
  it('takes a press, leaves nothing but the proof, and frees the token', async () => {
    const r = await afterCompany();
    const ask = () => r.link.ask('request', { kind: 3, courierTime: Math.floor(r.timeline.now()) });
    await expect(ask()).rejects.toMatchObject({ code: 'consent-missing' });
    await r.link.ask('consent', { kind: 2, code: '' });
    r.board.press(4);
    const wipeNonce = new Uint8Array(16).fill(0x77);
    const request = await ask();
    expect(await r.deliver(answer(request, r.timeline.now(), { orders: 1, wipeNonce }))).toBe(true);
    const proof = wipeProof(nodeDigest, K_AUTH, wipeNonce);
    expect(await r.link.ask('wipeProof', {})).toEqual({ proof });
    expect(await r.link.ask('hello', {})).toMatchObject({ life: 0, wiped: 1 });
    const flash = Buffer.from(r.flash.bytes);
    expect(flash.subarray(8192).every((byte) => byte === 0xff)).toBe(true);
    for (const secret of [K_AUTH, K_ENC, ENC]) expect(flash.includes(Buffer.from(secret))).toBe(false);
    r.reboot();
    expect(await r.link.ask('wipeProof', {})).toEqual({ proof });
    await r.provision();
    expect((await r.link.ask('hello', {})).life).toBe(1);
  });
});
