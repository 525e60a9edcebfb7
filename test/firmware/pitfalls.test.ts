import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compile } from '../../tools/firmware/compile.js';
import { project, SAMPLE_AMBIENT } from './support.js';

function problemsOf(code: string): string[] {
  const root = project({ 'device/main.ts': code });
  return compile(root, [join(root, 'device/main.ts')], SAMPLE_AMBIENT).problems;
}

describe('what types let through and the build refuses', () => {
  it('is a key by a string that no table shares with it', () => {
    const code = "const codes = { none: 0, some: 1 };\nexport const of = (key: 'none' | 'some') => codes[key];";
    expect(problemsOf(code)).toEqual([expect.stringMatching(/main.ts\(2\): some: keys by string/)]);
  });

  it('is slice and filter of a typed array, and of no other', () => {
    const code =
      'export const a = (x: Uint8Array, y: number[]) => [y.slice(1), x.subarray(1), x.slice(1), x.filter(() => true)];';
    expect(problemsOf(code)).toEqual([
      expect.stringContaining('slice of a typed array'),
      expect.stringContaining('filter of a typed array'),
    ]);
  });
});
