import { describe, expect, it } from 'vitest';
import { twinFlash } from '../../device/boards/twin/flash.js';
import { mountLog } from '../../device/log/log.js';
import { region } from '../../device/log/region.js';
import { batchKey, nextState } from '../../device/seal/ratchet.js';
import { nodeDigest } from '../../host/crypto.js';
import { attack } from '../../tools/attack/attack.js';
import { batchesIn } from '../../tools/attack/image.js';
import { Stream } from '../../tools/simulate/random.js';

const PAGE = 4096;
const PAGES = 8;

/** A log of `batches` batches, and the ratchet state that each was sealed under. */
function logged(batches: number) {
  const flash = twinFlash(PAGES, PAGE);
  const random = new Stream(3, 'dump');
  const state = new Uint8Array(32);
  random.fill(state);
  const states: Uint8Array[] = [new Uint8Array(state)];
  for (let i = 0; i < batches; i++) states.push(nextState(nodeDigest, states[i]!));
  const log = mountLog(nodeDigest, region(flash, 2, PAGES - 2), region(flash, 0, 2));
  log.begin(state);
  function write(): void {
    const plain = new Uint8Array(4 * (10 + random.below(50)));
    random.fill(plain);
    log.append(plain, 1, 46_000, 0);
  }
  for (let i = 0; i < batches; i++) write();
  return { image: () => new Uint8Array(flash.bytes), states, write };
}

const nothing = new Uint8Array(0);

describe('a dump of the flash', () => {
  it('finds every batch and opens none (R45)', () => {
    const { image } = logged(40);
    expect(batchesIn(image(), PAGE).map(({ index }) => index)).toEqual(Array.from({ length: 40 }, (_, i) => i));
    const report = attack(image(), nothing, undefined, PAGE);
    expect(report).toMatchObject({ batches: 40, opened: [], passed: true });
    expect(report.windows).toBeGreaterThan(1000);
  });

  it('opens the current batch, the positive control (R45)', () => {
    const { image, write } = logged(10);
    const before = image();
    write();
    expect(attack(before, nothing, image(), PAGE)).toMatchObject({
      opened: [],
      later: [10],
      laterOpened: [10],
      passed: true,
    });
  });

  it('notices an old state: it opens its own batch and all later ones', () => {
    const { image, states } = logged(12);
    expect(attack(image(), states[5]!, undefined, PAGE)).toMatchObject({
      opened: [5, 6, 7, 8, 9, 10, 11],
      passed: false,
    });
  });

  it('notices an old batch key: it opens its own batch', () => {
    const { image, states } = logged(12);
    expect(attack(image(), batchKey(nodeDigest, states[4]!), undefined, PAGE)).toMatchObject({
      opened: [4],
      passed: false,
    });
  });

  it('notices a state whose own batch is gone: it opens all that are left', () => {
    const { image, states } = logged(12);
    const kept = batchesIn(image(), PAGE).filter(({ index }) => index >= 8);
    expect(kept.length).toBe(4);
    const cut = image();
    // Batches 0 to 7 lose their mark, as if their page had been erased.
    for (let at = 2 * PAGE, gone = 0; gone < 8; at += 4) {
      if (cut[at] === 0xb1 && batchesIn(cut, PAGE).some(({ index }) => index === gone)) {
        const before = batchesIn(cut, PAGE).length;
        cut[at] = 0;
        if (batchesIn(cut, PAGE).length < before) gone += 1;
        else cut[at] = 0xb1;
      }
    }
    expect(attack(cut, states[3]!, undefined, PAGE)).toMatchObject({
      batches: 4,
      opened: [8, 9, 10, 11],
      passed: false,
    });
  });

  it('allows the newest batch, whose commit the dump interrupted', () => {
    const { image, states } = logged(6);
    expect(attack(image(), states[5]!, undefined, PAGE)).toMatchObject({ opened: [5], allowed: [5], passed: true });
  });
});
