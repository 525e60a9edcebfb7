/** TypeScript to ES5 modules, refusing what Espruino lacks: the only declarations are ES5's and our own. */
import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import ts from 'typescript';
import { pitfallsIn } from './pitfalls.js';

export interface Compiled {
  /** Module path relative to the root, with .js, to its code. */
  modules: Map<string, string>;
  /** One sentence for each thing that does not compile. */
  problems: string[];
  /** Strings of which the code takes the bytes: they have to stay what they are. */
  texts: string[];
}

/** The function of device/bytes.ts that makes bytes of a string. */
const TO_BYTES = 'ascii';

function textsIn(source: ts.SourceFile): string[] {
  const texts: string[] = [];
  function visit(node: ts.Node): void {
    if (ts.isCallExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === TO_BYTES) {
      for (const argument of node.arguments) if (ts.isStringLiteral(argument)) texts.push(argument.text);
    }
    ts.forEachChild(node, visit);
  }
  visit(source);
  return texts;
}

/** Compiles `entries` and all that they import. `ambient`: folder of declarations that every file sees. */
export function compile(root: string, entries: string[], ambient: string): Compiled {
  const config = ts.readConfigFile(join(root, 'device/tsconfig.json'), ts.sys.readFile);
  const parsed = ts.parseJsonConfigFileContent(config.config, ts.sys, join(root, 'device'));
  const options: ts.CompilerOptions = {
    ...parsed.options,
    noEmit: false,
    removeComments: true,
    outDir: root,
    rootDir: root,
    noEmitHelpers: false,
  };
  const declarations = readdirSync(ambient)
    .filter((name) => name.endsWith('.d.ts'))
    .map((name) => join(ambient, name));
  const program = ts.createProgram([...entries, ...declarations], options);
  const modules = new Map<string, string>();
  program.emit(undefined, (path, text) => {
    if (path.endsWith('.js')) modules.set(relative(root, path), text);
  });
  const problems = ts.getPreEmitDiagnostics(program).map((found) =>
    ts
      .formatDiagnostic(found, {
        getCanonicalFileName: (name) => name,
        getCurrentDirectory: () => root,
        getNewLine: () => '\n',
      })
      .trim(),
  );
  problems.push(...pitfallsIn(program));
  return { modules, problems, texts: program.getSourceFiles().flatMap(textsIn) };
}
