/** The image of a Linux token: one script that hands the portable token to the process that loads it. */
import { join } from 'node:path';
import { minify } from 'terser';
import { BuildError, gather } from './bundle.js';
import { compile } from './compile.js';

const FOLDER = 'device/boards/linux';

/** `written`: compiled modules, by path from the root, that are given another text. Throws `BuildError`. */
export async function linuxImage(root: string, written: Record<string, string>): Promise<string> {
  const { modules, problems } = compile(root, [join(root, FOLDER, 'image.ts')], join(root, FOLDER));
  if (problems.length > 0) throw new BuildError(problems.join('\n'));
  const joined = await gather(new Map([...modules, ...Object.entries(written)]), `${FOLDER}/image.js`, new Map());
  // Names of properties stay: the process that runs this knows its ports by them.
  const { code } = await minify(joined, { ecma: 5, toplevel: true, format: { ascii_only: true } });
  return code ?? '';
}
