import { describe, expect, it } from 'vitest';
import { type TwinFlash, twinFlash } from '../../device/boards/twin/flash.js';
import { copyOf, u32At } from '../../device/bytes.js';
import { type ContactLog, mountLog } from '../../device/log/log.js';
import { region } from '../../device/log/region.js';
import { batchKey, nextState } from '../../device/seal/ratchet.js';
import { open } from '../../device/seal/seal.js';
import { nodeDigest } from '../../host/crypto.js';

const PAGES = 8;
const FIRST_STATE = new Uint8Array(32).fill(7);

const mount = (flash: TwinFlash): ContactLog => mountLog(nodeDigest, region(flash, 2, PAGES - 2), region(flash, 0, 2));

/** What the gateway would read: opens travelling batches from the ticket's first state, sharing no code with the log. */
function readAll(log: ContactLog, from = 0): Map<number, string> {
  const texts = new Map<number, string>();
  let state: Uint8Array = FIRST_STATE;
  let index = 0;
  for (let batch = log.batchFrom(from); batch; batch = log.batchFrom(batch.index + 1)) {
    for (; index < batch.index; index++) state = nextState(nodeDigest, state);
    const header = copyOf(batch.bytes, 4, 12);
    expect(u32At(header, 4)).toBe(batch.index);
    const context = new Uint8Array([...header, ...copyOf(batch.bytes, 0, 4)]);
    const plain = open(
      nodeDigest,
      batchKey(nodeDigest, state),
      context,
      copyOf(batch.bytes, 12, batch.bytes.length),
      8,
    );
    expect(plain, `batch ${batch.index} opens`).toBeDefined();
    texts.set(batch.index, new TextDecoder().decode(plain).replace(/\0+$/, ''));
  }
  return texts;
}

const text = (i: number): Uint8Array => new TextEncoder().encode(`batch ${i} `.repeat(1 + (i % 5)));

describe('the contact log', () => {
  it('gives back every batch in order, sealed so that only the ticket opens it', () => {
    const flash = twinFlash(PAGES, 1024);
    const log = mount(flash);
    log.begin(FIRST_STATE);
    for (let i = 0; i < 40; i++) log.append(text(i), 2, 100 + Math.floor(i / 20), 1);
    for (const mounted of [log, mount(flash.afterReset())]) {
      const texts = readAll(mounted);
      expect([...texts.keys()]).toEqual([...Array(40).keys()]);
      expect(texts.get(17)).toBe(new TextDecoder().decode(text(17)));
      expect(mounted.nextIndex()).toBe(40);
      expect(mounted.records()).toBe(80);
    }
    expect(new TextDecoder('latin1').decode(flash.bytes)).not.toContain('batch');
  });

  it('overwrites the oldest page when it is full, and never more than one erase a page and wrap (R5)', () => {
    const flash = twinFlash(PAGES, 1024);
    const log = mount(flash);
    log.begin(FIRST_STATE);
    for (let i = 0; i < 400; i++) log.append(text(i), 1, 100, 1);
    const texts = readAll(mount(flash.afterReset()));
    const kept = [...texts.keys()];
    expect(kept[kept.length - 1]).toBe(399);
    expect(kept).toEqual(Array.from({ length: kept.length }, (_, i) => 400 - kept.length + i));
    expect(log.oldest().index).toBe(kept[0]);
    const erases = Array.from({ length: PAGES - 2 }, (_, page) => flash.erasesOf(page + 2));
    expect(Math.max(...erases) - Math.min(...erases)).toBeLessThanOrEqual(1);
  });

  it('erases a day that is over, and only that (R58)', () => {
    const flash = twinFlash(PAGES, 1024);
    const log = mount(flash);
    log.begin(FIRST_STATE);
    for (let i = 0; i < 12; i++) log.append(text(i), 1, 100 + Math.floor(i / 3), 1);
    log.expire((day) => day < 102);
    for (const mounted of [log, mount(flash.afterReset())]) {
      expect([...readAll(mounted).keys()]).toEqual([6, 7, 8, 9, 10, 11]);
      expect(mounted.oldest()).toEqual({ index: 6, records: 6 });
    }
    log.expire(() => true);
    log.append(text(12), 1, 110, 1);
    expect([...readAll(mount(flash.afterReset())).keys()]).toEqual([12]);
  });

  it('goes on under a new ticket: indices, records and page numbers rise, and only the new state opens what follows', () => {
    const flash = twinFlash(PAGES, 1024);
    const log = mount(flash);
    log.begin(FIRST_STATE);
    for (let i = 0; i < 5; i++) log.append(text(i), 2, 100, 1);
    const second = new Uint8Array(32).fill(8);
    log.renew({ state: second, index: log.nextIndex(), records: log.records() });
    log.append(text(5), 3, 100, 1);
    for (const mounted of [log, mount(flash.afterReset())]) {
      expect(mounted.nextIndex()).toBe(6);
      expect(mounted.records()).toBe(13);
      const { index, bytes } = mounted.batchFrom(5)!;
      expect(index).toBe(5);
      const context = new Uint8Array([...bytes.subarray(4, 12), ...bytes.subarray(0, 4)]);
      expect(open(nodeDigest, batchKey(nodeDigest, second), context, copyOf(bytes, 12, bytes.length), 8)).toBeDefined();
    }
    // Where no page is left, the numbers of pages go on from the count of batches.
    const empty = mount(twinFlash(PAGES, 1024));
    empty.renew({ state: second, index: 50, records: 60 });
    empty.append(text(0), 1, 100, 1);
    expect(u32At(empty.batchFrom(0)!.bytes, 0)).toBeGreaterThan((50 * 1024) / 4);
  });
});
