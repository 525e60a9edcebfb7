/**
 * R12: the power goes at operations of every flash call of an update, one after the other, from the first offer to the
 * confirmation, signatures and all. Whatever boots is the old image or the new one, whole; the update then goes on and ends.
 */
import { describe, expect, it } from 'vitest';
import { TWIN_PAGE_SIZE } from '../../device/boards/twin/board.js';
import { type TwinFlash, twinFlash } from '../../device/boards/twin/flash.js';
import { equal } from '../../device/bytes.js';
import { chooseSlot, readSlot, slotRegion } from '../../device/update/slots.js';
import { versionNumber } from '../../device/update/versions.js';
import { chance } from '../support/chance.js';
import { type Rig, rig, START } from '../support/fleet.js';
import { release, root, someImage } from '../support/release-keys.js';
import { bring, bringImage, INSTALLED, installed } from '../support/updates.js';

const NEXT = '0.3.0';
/** Pages enough for two refills and a short log. */
const PAGES = 20;
const STRIDE = 29;
/** Two pages, the second nearly empty: each word of it is an operation to be cut. */
const { object, image } = release({ version: NEXT, image: someImage(4100) });
interface Snapshot {
  chip: Uint8Array;
  slots: Uint8Array;
  now: number;
  /** What the board's counter says then. */
  rtc: number;
}

function chipWith(bytes: Uint8Array): TwinFlash {
  const chip = twinFlash(bytes.length / TWIN_PAGE_SIZE, TWIN_PAGE_SIZE);
  chip.bytes.set(bytes);
  return chip;
}

/** A tracing token whose server has just said "now". */
async function prepared(): Promise<Snapshot> {
  const r = rig(1, twinFlash(PAGES, TWIN_PAGE_SIZE), START, installed());
  await bring(r.link, root());
  await r.provision();
  r.advanceTo(START + 1000);
  await r.visit({ release: versionNumber(NEXT) });
  r.token.stop();
  return {
    chip: new Uint8Array(r.flash.bytes),
    slots: new Uint8Array((r.slots as TwinFlash).bytes),
    now: r.timeline.now(),
    rtc: r.clock.rtc(),
  };
}

/** The same token again at the same moment; its counter has run on, as one does over a reset. */
function revived({ chip, slots, now, rtc }: Snapshot): Rig & { slots: TwinFlash } {
  const r = rig(1, chipWith(chip), now, chipWith(slots));
  r.clock.setRtc(rtc);
  r.flash.bytes.set(chip);
  r.reboot();
  return r as Rig & { slots: TwinFlash };
}

async function update(r: Rig): Promise<void> {
  if (r.version === INSTALLED) {
    await bring(r.link, object);
    await bringImage(r.link, image);
    await r.link.ask('install', {});
  }
  r.advanceTo(r.timeline.now() + 40);
  await r.link.ask('trust', {});
}

/** The operations that each call of flash takes, as [first, last], from the first to the last call of an update. */
async function callsOf(before: Snapshot): Promise<[number, number][]> {
  const r = revived(before);
  const calls: [number, number][] = [];
  let done = 0;
  const watch = (chip: TwinFlash): void => {
    for (const name of ['erase', 'write'] as const) {
      const call = chip[name] as (...given: never[]) => void;
      chip[name] = (...given: never[]) => {
        const first = chip.operations();
        call(...given);
        const count = chip.operations() - first;
        calls.push([done + 1, done + count]);
        done += count;
      };
    }
    const reset = chip.afterReset;
    chip.afterReset = () => {
      const next = reset();
      watch(next);
      return next;
    };
  };
  watch(r.slots);
  await update(r);
  expect(r.version).toBe(NEXT);
  return calls;
}

/** Cuts the power at operation number `cut` of the update, counted over its restarts; the result gives up the plan. */
function plan(r: { slots: TwinFlash }, cut: number, tear: number): () => void {
  let isPlanned = true;
  const arm = (chip: TwinFlash, left: number): void => {
    chip.cutAt(left, tear, chance(cut));
    const reset = chip.afterReset;
    chip.afterReset = () => {
      const next = reset();
      if (isPlanned && chip.operations() < left) arm(next, left - chip.operations());
      return next;
    };
  };
  arm(r.slots, cut);
  return () => {
    isPlanned = false;
  };
}

/** What the slots would start is the installed image or the new one, every byte of it. */
function expectWholeImage({ slots }: { slots: TwinFlash }): void {
  const pair = [readSlot(slotRegion(slots, 0)), readSlot(slotRegion(slots, 1))];
  const chosen = chooseSlot(pair);
  const version = pair[chosen]?.version ?? 0;
  expect([INSTALLED, NEXT].map(versionNumber)).toContain(version);
  if (version !== versionNumber(NEXT)) return;
  const pages = slotRegion(slots, chosen);
  const written = new Uint8Array(2 * TWIN_PAGE_SIZE);
  for (let page = 0; page < 2; page++) written.set(pages.read(1 + page, 0, TWIN_PAGE_SIZE), page * TWIN_PAGE_SIZE);
  expect(equal(written.subarray(0, image.length), image)).toBe(true);
}

/** The first and the last operation of a call, and some between: test/power-cuts has all of them, below the signatures. */
function* momentsOf([first, last]: [number, number]): Generator<number> {
  for (let cut = first; cut < last; cut += STRIDE) yield cut;
  yield last;
}

describe('a power cut during an update', () => {
  it('in any flash call leaves the old image or the new one, and the update goes on (R12)', async () => {
    const before = await prepared();
    const calls = await callsOf(before);
    const random = chance(1);
    const outcomes = { old: 0, fresh: 0 };
    for (const call of calls) {
      for (const cut of momentsOf(call)) {
        const r = revived(before);
        const giveUp = plan(r, cut, random());
        await update(r).then(
          () => expect.fail(`operation ${cut} was not cut`),
          () => {},
        );
        giveUp();
        r.reboot();
        expectWholeImage(r);
        outcomes[r.version === NEXT ? 'fresh' : 'old'] += 1;
        expect(r.token.life()).toBe(1);
        await update(r);
        expect(r.version).toBe(NEXT);
        expect(readSlot(slotRegion(r.slots, 1))?.isConfirmed).toBe(true);
        r.token.stop();
      }
    }
    console.log(
      `${calls.length} calls of flash, cut ${outcomes.old + outcomes.fresh} times: ${JSON.stringify(outcomes)}`,
    );
    expect(calls.length).toBe(16);
    expect(outcomes.old).toBeGreaterThan(40);
    expect(outcomes.fresh).toBeGreaterThan(1);
  });
});
