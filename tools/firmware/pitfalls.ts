/**
 * What compiles, and would still go wrong on Espruino or after names have been shortened: found by the types, before
 * anything is emitted.
 */
import ts from 'typescript';
import { TABLE_NAMES } from './names.js';

/** Methods of typed arrays that give a plain array on Espruino, twelve times as large. */
const UNTYPED = new Set(['slice', 'filter']);
const TYPED_ARRAY = /^(Uint|Int|Float)(8|16|32|64)(Clamped)?Array$/;

/** One sentence for each pitfall in our own sources. */
export function pitfallsIn(program: ts.Program): string[] {
  const checker = program.getTypeChecker();
  const problems: string[] = [];

  function report(node: ts.Node, problem: string): void {
    const source = node.getSourceFile();
    const { line } = source.getLineAndCharacterOfPosition(node.getStart());
    problems.push(`${source.fileName}(${line + 1}): ${problem}`);
  }

  function literalsOf(type: ts.Type): string[] {
    if (type.isUnion()) return type.types.flatMap(literalsOf);
    return type.isStringLiteral() ? [type.value] : [];
  }

  function visit(node: ts.Node): void {
    if (ts.isElementAccessExpression(node)) {
      const lost = literalsOf(checker.getTypeAtLocation(node.argumentExpression)).filter(
        (name) => !TABLE_NAMES.has(name),
      );
      if (lost.length > 0) report(node, `${lost.join(', ')}: keys by string that the build would shorten`);
    }
    if (ts.isPropertyAccessExpression(node) && UNTYPED.has(node.name.text)) {
      const symbol = checker.getTypeAtLocation(node.expression).getSymbol();
      if (symbol && TYPED_ARRAY.test(symbol.name)) report(node, `${node.name.text} of a typed array gives a plain one`);
    }
    ts.forEachChild(node, visit);
  }

  for (const source of program.getSourceFiles()) if (!source.isDeclarationFile) visit(source);
  return problems;
}
