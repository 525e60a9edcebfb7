/**
 * Numbers under a name, put in the place of the name: ES5 has no `const`, and so the minifier does not see that a `var` of
 * the outermost scope never changes. On Espruino each would be a variable in memory and a search by name at every use.
 */
import MagicString from 'magic-string';
import { parseAst } from 'rollup/parseAst';
import { childrenOf, isNode, isPropertyName, type Node } from './tree.js';

/** How constants are written, by the house's style; what rollup adds to make names differ included. */
const NAME = /^[A-Z][A-Z0-9_]*(\$\d+)?$/;

function isNumber(node: unknown): boolean {
  if (!isNode(node)) return false;
  if (node.type === 'UnaryExpression') return node.operator === '-' && isNumber(node.argument);
  return node.type === 'Literal' && typeof node.value === 'number';
}

/** Every node below `node` with its parent, in the order of the text. */
function* nodesOf(node: Node, parent: Node): Generator<[Node, Node]> {
  yield [node, parent];
  for (const child of childrenOf(node)) yield* nodesOf(child, node);
}

/** `code`, ES5 in one scope, with the numbers in place. A name that is declared twice or ever set stays as it is. */
export function inlineConstants(code: string): string {
  const program = parseAst(code) as unknown as Node;
  const values = new Map<string, string>();
  const refused = new Set<string>();
  const all = [...nodesOf(program, program)];
  for (const [node, parent] of all) {
    if (node.type !== 'Identifier' || !NAME.test(String(node.name)) || isPropertyName(node, parent)) continue;
    const name = String(node.name);
    if (parent.type === 'VariableDeclarator' && parent.id === node) {
      const { start, end } = parent.init as Node;
      if (values.has(name) || !isNumber(parent.init)) refused.add(name);
      else values.set(name, code.slice(start, end));
    } else if (
      /^(Function|Catch|Update)/.test(parent.type) ||
      (parent.type === 'AssignmentExpression' && parent.left === node)
    )
      refused.add(name);
  }
  const out = new MagicString(code);
  for (const [node, parent] of all) {
    const value = node.type === 'Identifier' ? values.get(String(node.name)) : undefined;
    if (value === undefined || refused.has(String(node.name)) || isPropertyName(node, parent)) continue;
    if (parent.type !== 'VariableDeclarator' || parent.id !== node) out.update(node.start, node.end, `(${value})`);
  }
  return out.toString();
}
