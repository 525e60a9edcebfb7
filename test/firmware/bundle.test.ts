import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { BuildError, bundle } from '../../tools/firmware/bundle.js';
import { syntaxProblems } from '../../tools/firmware/syntax.js';
import { printedBy, project, ROOT, SAMPLE_AMBIENT, SAMPLES } from './support.js';

/** What the source means, without any of the build's steps but the removal of types. */
function meaningOf(path: string): string[] {
  const { outputText } = ts.transpileModule(readFileSync(path, 'utf8'), {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
  });
  return printedBy(outputText);
}

describe('a bundle', () => {
  it.each(['classes', 'scopes', 'values'])('prints what its source prints: %s', async (name) => {
    const entry = join(SAMPLES, `${name}.ts`);
    const code = await bundle({ root: ROOT, entry, ambient: SAMPLE_AMBIENT });
    expect(syntaxProblems(code)).toEqual([]);
    const meant = meaningOf(entry);
    expect(meant.length).toBeGreaterThan(10);
    expect(printedBy(code)).toEqual(meant);
  });

  const modules = {
    'device/main.ts':
      "import { double } from './math.js';\nimport { shout } from './text.js';\nprint(shout(double(4)));",
    'device/text.ts':
      "import { double } from './math.js';\nexport const shout = (n: number): string => double(n) + '!';",
    'device/math.ts':
      'export const double = (n: number): number => n * 2;\nexport const unused = (): string => "unused";',
    'device/native.ts': "export { unused } from './math.js';\nexport const double = (n: number): number => n + 1;",
  };

  async function printed(natives?: Record<string, string>): Promise<string[]> {
    const root = project(modules);
    const options = { root, entry: join(root, 'device/main.ts'), ambient: SAMPLE_AMBIENT };
    const code = await bundle(natives ? { ...options, natives } : options);
    expect(code).not.toContain('unused');
    return printedBy(code);
  }

  it('joins modules and drops what nobody uses', async () => {
    expect(await printed()).toEqual(['16!']);
  });

  it('puts a native module in place of another, which it may still import', async () => {
    expect(await printed({ 'device/math': 'device/native' })).toEqual(['6!']);
  });

  it('refuses what does not compile', async () => {
    const root = project({ 'device/main.ts': 'print(new Set<number>().size);' });
    const failing = bundle({ root, entry: join(root, 'device/main.ts'), ambient: SAMPLE_AMBIENT });
    await expect(failing).rejects.toThrow(BuildError);
    await expect(failing).rejects.toThrow(/Set/);
  });
});
