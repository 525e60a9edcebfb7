/**
 * Espruino hoists nothing: a `var` does not exist before its declaration has run, and until then its name means whatever
 * an outer scope has under it; a function cannot be called before its declaration has run. This pass, the last over the
 * bundle, writes down what JavaScript means: in every function all names are declared first, then its functions, then
 * the rest, where `var x = 1` has become `x = 1`. Commas in an index, which it cannot parse, get parentheses.
 */
import MagicString from 'magic-string';
import { parseAst } from 'rollup/parseAst';
import { childrenOf, type Node } from './tree.js';

interface Declarator extends Node {
  id: Node & { name: string };
  init: Node | null;
}

interface Scope {
  /** Offset of the first statement, behind the opening brace and any directive. */
  at: number;
  parameters: string[];
  names: string[];
  functions: string[];
}

/** Whose statements stand in a row, where one may be missing. */
const LISTS = new Set(['Program', 'BlockStatement', 'SwitchCase', 'FunctionDeclaration', 'FunctionExpression']);

/** Rewrites ES5 `code`; throws on syntax that tsc's ES5 output never has (let, classes, arrows, patterns). */
export function hoist(code: string): string {
  const out = new MagicString(code);

  function begin(body: Node & { body: Node[] }, open: number, parameters: Node[]): Scope {
    const directives = body.body.filter((statement) => 'directive' in statement);
    const last = directives[directives.length - 1];
    const names = parameters.map((parameter) => (parameter as Declarator['id']).name);
    return { at: last ? last.end : open, parameters: names, names: [], functions: [] };
  }

  function finish(scope: Scope): void {
    const names = [...new Set(scope.names)].filter((name) => !scope.parameters.includes(name));
    const text = (names.length > 0 ? `var ${names.join(',')};` : '') + scope.functions.join('');
    const isEnded = scope.at === 0 || /[;{]/.test(code.charAt(scope.at - 1));
    if (text !== '') out.appendLeft(scope.at, isEnded ? text : `;${text}`);
  }

  /** `var a=1,b,c=2` to `a=1,c=2`; without values to nothing, or to `;` where a statement has to be. */
  function dissolve(node: Node, parent: Node, scope: Scope): void {
    const { declarations } = node as Node & { declarations: Declarator[] };
    const [first] = declarations;
    if (!first) return;
    const { left, init } = parent as Node & { left?: Node; init?: Node };
    const kept = left === node ? declarations : declarations.filter((declarator) => declarator.init !== null);
    if (kept.length === 0 && init !== node) {
      scope.names.push(...declarations.map((declarator) => declarator.id.name));
      if (LISTS.has(parent.type)) out.remove(node.start, node.end);
      else out.update(node.start, node.end, ';');
      return;
    }
    out.remove(node.start, first.start);
    let previous: Declarator | undefined;
    for (const [i, declarator] of declarations.entries()) {
      if (declarator.id.type !== 'Identifier') throw new Error('pattern in a declaration');
      scope.names.push(declarator.id.name);
      const before = declarations[i - 1];
      if (before) out.remove(before.end, declarator.start);
      if (!kept.includes(declarator)) out.remove(declarator.start, declarator.end);
      else if (previous) out.appendLeft(declarator.start, ',');
      if (kept.includes(declarator)) previous = declarator;
    }
  }

  function enterFunction(node: Node): string {
    const { body, params } = node as Node & { body: Node & { body: Node[] }; params: Node[] };
    const scope = begin(body, body.start + 1, params);
    for (const statement of body.body) walk(statement, node, scope);
    finish(scope);
    return '';
  }

  function walk(node: Node, parent: Node, scope: Scope): void {
    switch (node.type) {
      case 'FunctionExpression':
        enterFunction(node);
        return;
      case 'FunctionDeclaration':
        enterFunction(node);
        scope.functions.push(out.slice(node.start, node.end));
        out.remove(node.start, node.end);
        return;
      case 'VariableDeclaration': {
        if ((node as Node & { kind: string }).kind !== 'var') throw new Error('let or const in ES5 output');
        dissolve(node, parent, scope);
        break;
      }
      case 'MemberExpression': {
        // Espruino reads no comma between brackets unless it stands in parentheses.
        const { property } = node as Node & { property: Node };
        if (property.type === 'SequenceExpression') {
          out.appendLeft(property.start, '(');
          out.appendRight(property.end, ')');
        }
        break;
      }
      case 'ClassDeclaration':
      case 'ArrowFunctionExpression':
        throw new Error(`${node.type} in ES5 output`);
    }
    for (const child of childrenOf(node)) walk(child, node, scope);
  }

  const program = parseAst(code) as unknown as Node & { body: Node[] };
  const scope = begin(program, 0, []);
  for (const statement of program.body) walk(statement, program, scope);
  finish(scope);
  return out.toString();
}
