import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { twinFlash } from '../../device/boards/twin/flash.js';
import { judgeTrial, selectImage } from '../../device/update/select.js';
import {
  arrivedPages,
  beginSlot,
  chooseSlot,
  FIRMWARE_PAGES,
  hashOf,
  readSlot,
  type Slot,
  setArrived,
  setConfirmed,
  setFailed,
  setReady,
  slotRegion,
  spendTrial,
  TRIALS,
} from '../../device/update/slots.js';

const HEAD = { version: 7, size: 10_000, expires: 99, body: new Uint8Array(32).fill(5) };
const HASHES = new Uint8Array(96).map((_, i) => i);

function flashWith(...slots: ((pages: ReturnType<typeof slotRegion>, slot: number) => void)[]) {
  const flash = twinFlash(FIRMWARE_PAGES, 4096);
  for (const [slot, fill] of slots.entries()) fill(slotRegion(flash, slot), slot);
  return flash;
}

const ready =
  (version: number, ...then: ((pages: ReturnType<typeof slotRegion>) => void)[]) =>
  (pages: ReturnType<typeof slotRegion>): void => {
    beginSlot(pages, { ...HEAD, version }, HASHES);
    setReady(pages);
    for (const step of then) step(pages);
  };

describe('a slot', () => {
  it('says what was written into it, and how far its image is', () => {
    const flash = twinFlash(FIRMWARE_PAGES, 4096);
    const pages = slotRegion(flash, 1);
    expect(readSlot(pages)).toBeUndefined();
    beginSlot(pages, HEAD, HASHES);
    expect(readSlot(pages)).toEqual({ ...HEAD, isReady: false, isConfirmed: false, isFailed: false, trials: TRIALS });
    expect(readSlot(slotRegion(flash, 0))).toBeUndefined();
    for (let page = 0; page < 3; page++) {
      expect(arrivedPages(pages, HEAD)).toBe(page);
      expect(hashOf(pages, page)).toEqual(HASHES.subarray(page * 32, page * 32 + 32));
      setArrived(pages, page);
    }
    expect(arrivedPages(pages, HEAD)).toBe(3);
    for (const [set, name] of [
      [setReady, 'isReady'],
      [setConfirmed, 'isConfirmed'],
      [setFailed, 'isFailed'],
    ] as const) {
      expect(readSlot(pages)?.[name]).toBe(false);
      set(pages);
      expect(readSlot(pages)?.[name]).toBe(true);
    }
    for (let left = TRIALS; left >= 0; left--) {
      expect(readSlot(pages)?.trials).toBe(left);
      spendTrial(pages);
    }
    expect(readSlot(pages)?.trials).toBe(0);
  });

  it('is empty when any byte of its head is not what was written', () => {
    fc.assert(
      fc.property(fc.nat(51), fc.nat(7), (at, bit) => {
        const flash = flashWith(ready(7));
        const address = 2 * 4096 + at;
        flash.bytes[address] = (flash.bytes[address] as number) ^ (1 << bit);
        expect(readSlot(slotRegion(flash, 0))).toBeUndefined();
      }),
    );
  });
});

describe('the choice between two slots', () => {
  const slot = (version: number, state: Partial<Slot>): Slot => ({
    ...HEAD,
    version,
    isReady: true,
    isConfirmed: true,
    isFailed: false,
    trials: TRIALS,
    ...state,
  });
  const trial = { isConfirmed: false };

  it.each([
    ['nothing', [undefined, undefined], -1],
    ['what is only staged', [slot(1, { isReady: false }), undefined], -1],
    ['the only one', [undefined, slot(1, {})], 1],
    ['the newer of two', [slot(2, {}), slot(1, {})], 0],
    ['the newer on trial', [slot(1, {}), slot(2, trial)], 1],
    ['the older when the newer has failed', [slot(1, {}), slot(2, { ...trial, isFailed: true })], 0],
    ['the older when the newer has no trial left', [slot(1, {}), slot(2, { ...trial, trials: 0 })], 0],
    ['the newer confirmed with no trial left', [slot(1, {}), slot(2, { trials: 0 })], 1],
    ['the older when the newer was confirmed and failed', [slot(1, {}), slot(2, { isFailed: true })], 0],
    ['the older when the newer is only staged', [slot(1, {}), slot(2, { isReady: false, isConfirmed: false })], 0],
  ])('is %s', (_name, slots, expected) => {
    expect(chooseSlot(slots)).toBe(expected);
    if (slots[0] && slots[1]) expect(chooseSlot([slots[1], slots[0]])).toBe(expected === -1 ? -1 : 1 - expected);
  });
});

describe('the selector', () => {
  it('gives an image on trial three starts, then goes back for good (R16)', () => {
    const flash = flashWith(ready(1, setConfirmed), ready(2));
    const starts = Array.from({ length: 6 }, () => selectImage(flash)).map(({ slot, isTrial }) => ({ slot, isTrial }));
    const tried = { slot: 1, isTrial: true };
    const old = { slot: 0, isTrial: false };
    expect(starts).toEqual([tried, tried, tried, old, old, old]);
    expect(readSlot(slotRegion(flash, 1))?.isFailed).toBe(true);
  });

  it('spends nothing on a confirmed image', () => {
    const flash = flashWith(ready(1, setConfirmed), ready(2, setConfirmed));
    const before = Buffer.from(flash.bytes);
    for (let i = 0; i < 5; i++) expect(selectImage(flash).slot).toBe(1);
    expect(Buffer.from(flash.bytes).equals(before)).toBe(true);
  });

  it('fails an image that has not confirmed itself when its time is over, and no other', () => {
    const flash = flashWith(ready(1, setConfirmed), ready(2));
    expect(selectImage(flash).slot).toBe(1);
    expect(judgeTrial(flash, 0)).toBe(false);
    expect(judgeTrial(flash, 1)).toBe(true);
    expect(judgeTrial(flash, 1)).toBe(false);
    expect(selectImage(flash).slot).toBe(0);
  });

  it('runs nothing from flash that holds anything else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 512, maxLength: 512 }), (noise) => {
        const flash = twinFlash(FIRMWARE_PAGES, 4096);
        for (const page of [2, 27]) flash.bytes.set(noise, page * 4096);
        expect(selectImage(flash)).toEqual({ slot: -1, image: undefined, isTrial: false });
      }),
    );
  });
});
