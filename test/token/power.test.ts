/** R1, R12: the power goes at one flash operation of a visit, and the token boots again. */
import { describe, expect, it } from 'vitest';
import { TWIN_PAGE_SIZE } from '../../device/boards/twin/board.js';
import { twinFlash } from '../../device/boards/twin/flash.js';
import { chance } from '../support/chance.js';
import { company } from '../support/company.js';
import { answer, K_AUTH, type Rig, rig, START } from '../support/fleet.js';

/** Pages enough for two refills and a short log: a wipe of all 272 would take most of the test's time. */
const PAGES = 20;

/** Runs `act` with the power going at flash operation `operation`, of which the share `tear` is carried out. */
async function cut(
  r: Rig,
  operation: number,
  act: (r: Rig) => Promise<unknown>,
  tear = chance(operation)(),
): Promise<void> {
  r.flash.cutAt(operation, tear, chance(operation + 1));
  await act(r).catch(() => {});
  r.reboot();
}

async function ready(): Promise<Rig> {
  const r = rig(1, twinFlash(PAGES, TWIN_PAGE_SIZE));
  await r.provision();
  r.advanceTo(START + 1000);
  await company(r, 1200);
  return r;
}

/** Operations to try: every one near the end, where the commits are, and every `stride`-th before. */
function* points(total: number, dense: number, stride: number): Generator<number> {
  for (let i = 1; i < total - dense; i += stride) yield i;
  for (let i = Math.max(1, total - dense); i <= total; i++) yield i;
}

async function operationsOf(act: (r: Rig) => Promise<unknown>): Promise<number> {
  const r = await ready();
  const before = r.flash.operations();
  await act(r);
  return r.flash.operations() - before;
}

describe('a power cut', () => {
  const refill = (r: Rig) => r.visit({ riskLevel: 4, visitDays: 14 });

  it('during a status and refill leaves all of the old answer or all of the new one', async () => {
    const total = await operationsOf(refill);
    expect(total).toBeGreaterThan(4840);
    const outcomes = { old: 0, fresh: 0 };
    const wholeCommit: [number, number] = [total, 1];
    const torn = [...points(total, 24, 701)].map((operation): [number, number] => [operation, chance(operation)()]);
    for (const [operation, tear] of [...torn, wholeCommit]) {
      const r = await ready();
      const signalBefore = r.token.signal();
      await cut(r, operation, refill, tear);
      expect(r.token.life()).toBe(1);
      expect(r.token.signal()).toBe(signalBefore);
      r.advanceTo(r.timeline.now() + 3700);
      outcomes[r.token.signal() === 'at-risk' ? 'fresh' : 'old'] += 1;
      // Whatever is in force, its identifiers open: it says HELLO; and the next visit succeeds.
      expect(r.radio.onAir).toBe(true);
      await r.visit();
      expect(r.token.signal()).toBe('well');
    }
    expect(outcomes.old).toBeGreaterThan(10);
    expect(outcomes.fresh).toBeGreaterThan(0); // the cut right after the last word of the commit
  });

  it('during the first load leaves a blank token or a complete one', async () => {
    const blank = rig(1, twinFlash(PAGES, TWIN_PAGE_SIZE));
    const before = blank.flash.operations();
    await blank.provision();
    for (const operation of points(blank.flash.operations() - before, 20, 997)) {
      const r = rig(1, twinFlash(PAGES, TWIN_PAGE_SIZE));
      await cut(r, operation, () => r.provision());
      if (r.token.life() === 0) await r.provision();
      expect(r.token.life()).toBe(1);
      r.advanceTo(START + 60);
      expect(r.radio.onAir).toBe(true);
    }
  });

  it('during a consent leaves no consent or a whole one, and the log either way', async () => {
    const consent = async (r: Rig): Promise<void> => {
      await r.link.ask('consent', { kind: 1, code: 'ABC' });
      r.board.press(3);
    };
    const total = await operationsOf(consent);
    for (let operation = 1; operation <= total; operation++) {
      const r = await ready();
      await cut(r, operation, consent);
      const state = (await r.link.ask('consent', { kind: 1, code: 'ABC' })).state;
      if (state !== 2) r.board.press(3);
      const { firstBatch, lastBatch } = await r.link.ask('report', { code: 'ABC' });
      expect(firstBatch).toBe(0);
      expect(lastBatch).toBeGreaterThanOrEqual(0);
    }
  });

  it('during a wipe never leaves a half-wiped token: the next boot finishes it', async () => {
    const wipeNonce = new Uint8Array(16).fill(1);
    const forget = async (r: Rig): Promise<void> => {
      await r.link.ask('consent', { kind: 2, code: '' });
      r.board.press(3);
      const request = await r.link.ask('request', { kind: 3, courierTime: 1 });
      await r.deliver(answer(request, r.timeline.now(), { orders: 1, wipeNonce }));
    };
    const total = await operationsOf(forget);
    let wiped = 0;
    for (const operation of points(total, 50, 1999)) {
      const r = await ready();
      await cut(r, operation, forget);
      const life = r.token.life();
      const { proof } = await r.link.ask('wipeProof', {});
      expect(life === 0 ? proof.length : 32).toBe(32);
      if (life !== 0) continue;
      wiped += 1;
      expect(Buffer.from(r.flash.bytes).includes(Buffer.from(K_AUTH))).toBe(false);
    }
    expect(wiped).toBeGreaterThan(20);
  });
});
