import { describe, expect, it } from 'vitest';
import { type BadPage, twinFlash } from '../../device/boards/twin/flash.js';
import { region } from '../../device/log/region.js';

const PAGE = 512;
const word = new Uint8Array([1, 2, 3, 4]);

/** Two pages from the second of a chip on, of which the first is bad. */
const withBadPage = (how: BadPage) => region(twinFlash(3, PAGE, undefined, { bad: { page: 1, how } }), 1, 2);

describe('a region of flash', () => {
  it('is addressed from its own zero', () => {
    const chip = twinFlash(3, PAGE);
    region(chip, 1, 2).write(1, 8, word);
    expect(chip.read(2 * PAGE + 8, 4)).toEqual(word);
  });

  it('erases what is not blank, and nothing else', () => {
    const chip = twinFlash(3, PAGE);
    const pages = region(chip, 1, 2);
    pages.write(0, 0, word);
    pages.blank(0);
    pages.blank(1);
    expect([chip.erasesOf(1), chip.erasesOf(2)]).toEqual([1, 0]);
  });

  it('says so when a page does not take what is written (R2)', () => {
    for (const how of ['write-fails', 'write-idle', 'read-fails'] as const) {
      const pages = withBadPage(how);
      expect(() => pages.write(0, 0, word), how).toThrow('flash-rule');
      pages.write(1, 0, word);
      expect(pages.read(1, 0, 4)).toEqual(word);
    }
  });

  it('says so when a page is not erased (R2)', () => {
    for (const how of ['erase-fails', 'erase-idle'] as const) {
      const pages = withBadPage(how);
      pages.write(0, 0, word);
      expect(() => pages.erase(0), how).toThrow('flash-rule');
      expect(() => pages.blank(0), how).toThrow('flash-rule');
    }
  });
});
