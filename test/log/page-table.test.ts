import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createPageTable, type Page } from '../../device/log/page-table.js';

const CAPACITY = 16;

const page = fc.record({
  page: fc.integer({ min: 0, max: 255 }),
  sequence: fc.integer({ min: 1, max: 0xffffffff }),
  day: fc.integer({ min: 0, max: 0xffff }),
  timeline: fc.integer({ min: 0, max: 255 }),
  firstIndex: fc.integer({ min: 0, max: 0xffffffff }),
  recordsBefore: fc.integer({ min: 0, max: 0xffffffff }),
});

describe('the table of pages', () => {
  it('is a list in which pages are put last and taken from anywhere', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(page, fc.nat()), { maxLength: 100 }), (steps) => {
        const table = createPageTable(CAPACITY);
        const list: Page[] = [];
        for (const step of steps) {
          if (typeof step !== 'number') {
            if (list.length === CAPACITY) continue;
            table.push(step);
            list.push(step);
          } else if (list.length > 0) {
            table.remove(step % list.length);
            list.splice(step % list.length, 1);
          }
          expect(table.count()).toBe(list.length);
          expect(list.map((_, i) => table.at(i))).toEqual(list);
          expect(list.map((_, i) => table.firstIndex(i))).toEqual(list.map((one) => one.firstIndex));
          expect(table.newest()).toEqual(list.at(-1));
        }
        table.clear();
        expect(table.newest()).toBeUndefined();
      }),
    );
  });
});
