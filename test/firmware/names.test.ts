import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FAULTS } from '../../device/faults.js';
import { MESSAGES } from '../../device/link/messages.js';
import { bundle } from '../../tools/firmware/bundle.js';
import { keptNames, renameTableStrings } from '../../tools/firmware/names.js';
import { printedBy, project, ROOT, SAMPLE_AMBIENT } from './support.js';

describe('kept names', () => {
  const kept = keptNames(join(ROOT, 'device/boards/espruino'));

  it('are those of ES5 and of the declarations', () => {
    for (const name of ['length', 'subarray', 'prototype', 'hwRand', 'erasePage', 'addr_cycle_s', 'kickWatchdog']) {
      expect(kept).toContain(name);
    }
  });

  it('are not those of later languages, nor of ours', () => {
    for (const name of ['flatMap', 'padStart', 'monotonic', 'goodForDays', 'advertise'])
      expect(kept).not.toContain(name);
  });
});

describe('strings that are keys', () => {
  it('are shortened with the keys, others are not', () => {
    const shortened = new Map([
      ['hello', 'a'],
      ['at-risk', 'b'],
      ['frame-malformed', 'c'],
      ['world', 'd'],
    ]);
    const code = 'f("hello","world",\'at-risk\');g={"hello there":"frame-malformed"}';
    expect(renameTableStrings(code, shortened)).toBe('f("a","world","b");g={"hello there":"c"}');
  });

  it('stay when their keys did', () => {
    expect(renameTableStrings('f("hello")', new Map())).toBe('f("hello")');
  });

  it('find their entries in a bundle, which has no long name any more', async () => {
    const messages = Object.keys(MESSAGES).map((name) => `${JSON.stringify(name)}: { identity: '${name}!' }`);
    const faults = Object.entries(FAULTS).map(([name, number]) => `${JSON.stringify(name)}: ${number}`);
    const root = project({
      'device/tables.ts': `
export const TABLE = { ${messages.join(', ')} };
export const NUMBERS = { ${faults.join(', ')} };
export function named(name: keyof typeof TABLE): string { return TABLE[name].identity; }
export function numbered(name: keyof typeof NUMBERS): number { return NUMBERS[name]; }
export const count = Object.keys(TABLE).length;`,
      'device/main.ts': `
import { TABLE, count, named, numbered } from './tables.js';
const given: (keyof typeof TABLE)[] = ['consentState', 'hello', 'wipeProof'];
for (let i = 0; i < given.length; i++) print(named(given[i] as keyof typeof TABLE));
print(numbered('flash-full'), numbered('frame-malformed'), count, TABLE.provision.identity);`,
    });
    const code = await bundle({ root, entry: join(root, 'device/main.ts'), ambient: SAMPLE_AMBIENT });
    expect(printedBy(code)).toEqual([
      'consentState!',
      'hello!',
      'wipeProof!',
      `${FAULTS['flash-full']} ${FAULTS['frame-malformed']} ${Object.keys(MESSAGES).length} provision!`,
    ]);
    expect(code).not.toMatch(/identity|flash-full|frame-malformed|"wipeProof"/);
  });
});
