import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { fileFlash, LINUX_PAGES } from '../../device/boards/linux/flash.js';
import { twinFlash } from '../../device/boards/twin/flash.js';
import { chance } from '../support/chance.js';

const folder = mkdtempSync(join(tmpdir(), 'galet-flash-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let files = 0;
const flashes = [
  ['the simulated chip', () => twinFlash(4, 4096)],
  ['a file', () => fileFlash(join(folder, `${++files}.flash`))],
] as const;

describe.each(flashes)('flash in %s', (_name, make) => {
  it('is erased to ones, and a write only clears bits', () => {
    const flash = make();
    flash.write(0, new Uint8Array([0xf0, 0xff, 0xff, 0xff]));
    flash.write(0, new Uint8Array([0xf0, 0x0f, 0xff, 0xff]));
    expect(flash.read(0, 4)).toEqual(new Uint8Array([0xf0, 0x0f, 0xff, 0xff]));
    flash.erase(0);
    expect(flash.read(0, 4)).toEqual(new Uint8Array(4).fill(0xff));
  });

  it('refuses what the part cannot do', () => {
    const flash = make();
    flash.write(8, new Uint8Array([0, 0, 0, 0]));
    expect(() => flash.write(8, new Uint8Array([1, 0, 0, 0]))).toThrow('flash-rule');
    expect(() => flash.write(2, new Uint8Array(4))).toThrow('flash-rule');
    expect(() => flash.write(4, new Uint8Array(3))).toThrow('flash-rule');
    expect(() => flash.write(flash.pageCount * flash.pageSize, new Uint8Array(4))).toThrow('flash-rule');
    expect(() => flash.read(-4, 4)).toThrow('flash-rule');
    expect(() => flash.erase(flash.pageCount)).toThrow('flash-rule');
  });
});

describe('the simulated chip', () => {
  it('refuses a third write to a word, and the 182nd to a block', () => {
    const flash = twinFlash(1, 4096);
    const once = new Uint8Array([0xff, 0xff, 0xff, 0xfe]);
    flash.write(0, once);
    flash.write(0, once);
    expect(() => flash.write(0, once)).toThrow('flash-rule');
    flash.erase(0);
    for (let word = 0; word < 128; word++) flash.write(word * 4, once);
    for (let word = 0; word < 53; word++) flash.write(word * 4, once);
    expect(() => flash.write(53 * 4, once)).toThrow('flash-rule');
  });
});

describe('the simulated chip as a file that was not synced', () => {
  it('has after a power cut what was synced, and any part of the rest', () => {
    const found = new Set<string>();
    for (let seed = 1; seed <= 60; seed++) {
      const flash = twinFlash(1, 4096, undefined, { writes: 'out-of-order' });
      flash.write(0, new Uint8Array([1, 1, 1, 1]));
      flash.sync('test');
      flash.cutAt(3, 0.5, chance(seed));
      expect(() => flash.write(4, new Uint8Array([2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4]))).toThrow('power cut');
      const [first, second, third] = [0, 4, 8].map((at) => flash.bytes[at]);
      expect(first).toBe(1);
      found.add(`${second} ${third}`);
    }
    expect([...found].sort()).toEqual(['2 255', '2 3', '255 255', '255 3']);
  });
});

describe('a flash file', () => {
  it('survives being closed, is for its owner only, and is refused when it is something else', () => {
    const path = join(folder, 'token.flash');
    const flash = fileFlash(path);
    flash.write(4096, new Uint8Array([1, 2, 3, 4]));
    flash.sync('test');
    flash.close();
    const again = fileFlash(path);
    expect(again.read(4096, 4)).toEqual(new Uint8Array([1, 2, 3, 4]));
    again.close();
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(path).size).toBe(LINUX_PAGES * 4096);
    const other = join(folder, 'letter.txt');
    writeFileSync(other, 'not a flash file');
    expect(() => fileFlash(other)).toThrow('flash-rule');
  });

  it('names each commit before and after it is durable', () => {
    const seen: string[] = [];
    const flash = fileFlash(join(folder, 'seen.flash'), LINUX_PAGES, (commit, phase) =>
      seen.push(`${commit}:${phase}`),
    );
    flash.sync('log.batch');
    expect(seen).toEqual(['log.batch:before', 'log.batch:after']);
  });
});
