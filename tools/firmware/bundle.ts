/**
 * From a board's entry to one script that Espruino runs with the meaning that TypeScript gave it: tsc to ES5, rollup to
 * one scope, terser to short names, the hoist pass, a prelude. docs/design/firmware.md says why each step is there.
 */
import { join, normalize, posix } from 'node:path';
import { rollup } from 'rollup';
import { minify } from 'terser';
import { compile } from './compile.js';
import { inlineConstants } from './constants.js';
import { hoist } from './hoist.js';
import { keptNames, renameTableStrings } from './names.js';
import { shorten } from './shorten.js';

/** Built-in methods are found on instances only; compiled spreads want this one on the prototype. */
const PRELUDE = 'if(!Array.prototype.slice)Array.prototype.slice=[].slice;';

export class BuildError extends Error {}

export interface BundleOptions {
  /** The project's folder. */
  root: string;
  /** Path of the entry's TypeScript file. */
  entry: string;
  /** Folder of the board's declarations; those in it are what a script may call. */
  ambient: string;
  /** Modules put in place of others: paths from the root, without extension. A replacement may import what it replaces. */
  natives?: Record<string, string>;
  /** Compiled modules, by path from the root, that are given another text. */
  written?: Record<string, string>;
}

/** The modules as one immediately called function. */
export async function gather(
  modules: Map<string, string>,
  entry: string,
  natives: Map<string, string>,
): Promise<string> {
  const built = await rollup({
    input: entry,
    onwarn(warning) {
      // The compiler's helpers begin with `this && this.__assign`.
      if (warning.code === 'THIS_IS_UNDEFINED') return;
      throw new BuildError(warning.message);
    },
    plugins: [
      {
        name: 'compiled',
        resolveId(id, importer) {
          if (importer === undefined) return id;
          const module = posix.normalize(posix.join(posix.dirname(importer), id));
          const native = natives.get(module);
          return native === undefined || native === importer ? module : native;
        },
        load(id) {
          const code = modules.get(id);
          if (code === undefined) throw new BuildError(`${id} was not compiled`);
          return code;
        },
      },
    ],
    treeshake: { moduleSideEffects: (id) => id === entry },
  });
  const { output } = await built.generate({ format: 'iife', compact: true });
  return output[0].code;
}

/** Throws `BuildError` with what does not compile. */
export async function bundle(options: BundleOptions): Promise<string> {
  const natives = Object.entries(options.natives ?? {});
  const sources = natives.map(([, native]) => join(options.root, `${native}.ts`));
  const { modules, problems, texts } = compile(options.root, [options.entry, ...sources], options.ambient);
  if (problems.length > 0) throw new BuildError(problems.join('\n'));
  const entry = normalize(options.entry.slice(join(options.root, '/').length)).replace(/\.ts$/, '.js');
  const joined = await gather(
    new Map([...modules, ...Object.entries(options.written ?? {})]),
    entry,
    new Map(natives.map(([module, native]) => [`${module}.js`, `${native}.js`])),
  );
  const nameCache: { props?: { props: Record<string, string> } } = {};
  const minified = await minify(inlineConstants(joined), {
    ecma: 5,
    toplevel: true,
    nameCache,
    compress: {
      passes: 3,
      toplevel: true,
      hoist_funs: true,
      inline: 3,
      reduce_funcs: true,
      unsafe: true,
      pure_getters: true,
    },
    mangle: { toplevel: true, properties: { builtins: true, reserved: [...keptNames(options.ambient), ...texts] } },
    format: { ascii_only: true, quote_style: 0 },
  });
  // The minifier keeps its names with a dollar in front.
  const shortened = new Map(
    Object.entries(nameCache.props?.props ?? {}).map(([name, short]) => [name.slice(1), short]),
  );
  const finished = hoist(shorten(renameTableStrings(minified.code ?? '', shortened)));
  return finished.includes('Array.prototype.slice') ? PRELUDE + finished : finished;
}
