import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compile } from '../../tools/firmware/compile.js';
import { project, SAMPLE_AMBIENT } from './support.js';

function compiled(code: string) {
  const root = project({ 'device/main.ts': code, 'device/other.ts': 'export const other = [...[1], 2].length;' });
  return compile(root, [join(root, 'device/main.ts')], SAMPLE_AMBIENT);
}

describe('the compiler', () => {
  it('gives each module as ES5, with what it imports', () => {
    const { modules, problems } = compiled("import { other } from './other.js';\nprint(other);");
    expect(problems).toEqual([]);
    expect([...modules.keys()].sort()).toEqual(['device/main.js', 'device/other.js']);
    expect(modules.get('device/other.js')).toMatch(/^export var other = __spreadArray/m);
  });

  it.each([
    ['Map', 'print(new Map<string, number>().size);'],
    ['Promise', 'export const soon = Promise.resolve();'],
    ['includes', "print('abc'.includes('b') ? 1 : 0);"],
    ['Buffer', "print(Buffer.from('a').length);"],
    ['setTimeout', 'setTimeout(() => print(1), 1);'],
  ])('refuses %s, which the board has not', (name, code) => {
    const { problems } = compiled(code);
    expect(problems.join('\n')).toContain(name);
    expect(problems[0]).toMatch(/device\/main\.ts\(1,\d+\)/);
  });

  it('refuses what has the wrong type', () => {
    expect(compiled("const a: number = 'b';\nprint(a);").problems).toHaveLength(1);
  });
});
