/**
 * R1: the power goes at one flash operation of a first load or a consent, and the token boots again. The rest of a token's life
 * is cut in test/power-cuts.
 */
import { describe, expect, it } from 'vitest';
import { TWIN_PAGE_SIZE } from '../../device/boards/twin/board.js';
import { twinFlash } from '../../device/boards/twin/flash.js';
import { chance } from '../support/chance.js';
import { company } from '../support/company.js';
import { type Rig, rig, START } from '../support/fleet.js';

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
});
