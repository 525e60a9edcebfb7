/**
 * The shortest names for what is named most, the last thing done to a script: the minifier gives names in the order in which
 * it meets things. And a short name for each built-in that is used often enough to be worth a variable; that is also found
 * faster, because the interpreter looks for built-ins last of all.
 */
import MagicString from 'magic-string';
import { parseAst } from 'rollup/parseAst';
import { childrenOf, isNode, isPropertyName, type Node } from './tree.js';

const BUILT_INS = ['Uint8Array', 'Math'];
const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDFGHIJKLMNOPQRSTUVWXYZ';
/** `var x=Name,` and the like. */
const DECLARATION = 6;

const isFunction = (node: Node): boolean => /^Function/.test(node.type);

/** Names that a function declares: parameters, variables, functions. */
function declaredIn(scope: Node): Set<string> {
  const names = new Set((scope.params as Node[]).map((parameter) => String(parameter.name)));
  if (scope.type === 'FunctionExpression' && isNode(scope.id)) names.add(String(scope.id.name));
  function visit(node: Node): void {
    const declared = /Declarat(or|ion)$/.test(node.type) ? node.id : undefined;
    if (isNode(declared)) names.add(String(declared.name));
    if (!isFunction(node)) childrenOf(node).forEach(visit);
  }
  childrenOf(scope).forEach(visit);
  return names;
}

/** `code`: one function called at once, as bundle.ts makes it. */
export function shorten(code: string): string {
  const outer = outerOf(parseAst(code) as unknown as Node);
  if (outer === undefined) return code;
  const ours = declaredIn(outer);
  const places = new Map<string, Node[]>();
  const taken = new Set<string>();

  function visit(node: Node, parent: Node, hidden: Set<string>): void {
    let inner = hidden;
    if (node !== outer && isFunction(node)) {
      const declared = declaredIn(node);
      for (const name of declared) taken.add(name);
      // A declaration's own name belongs to the scope around it.
      if (node.type === 'FunctionDeclaration' && isNode(node.id)) visit(node.id, node, hidden);
      inner = new Set([...hidden, ...declared]);
    }
    if (node.type === 'CatchClause' && isNode(node.param)) {
      // Its name holds within the clause alone: outside it may be one of ours.
      inner = new Set([...hidden, String(node.param.name)]);
      taken.add(String(node.param.name));
    }
    if (node.type === 'Identifier') {
      const name = String(node.name);
      if (isPropertyName(node, parent) || hidden.has(name)) return;
      if (ours.has(name) || BUILT_INS.includes(name)) places.set(name, [...(places.get(name) ?? []), node]);
      else taken.add(name);
    }
    for (const child of childrenOf(node)) {
      if (node !== outer && node.type === 'FunctionDeclaration' && child === node.id) continue;
      visit(child, node, inner);
    }
  }
  visit(outer, outer, new Set());

  const ranked = [...places].sort(([, a], [, b]) => b.length - a.length);
  const names = [...LETTERS, ...[...LETTERS].flatMap((a) => [...LETTERS].map((b) => a + b))];
  const free = names.filter((name) => !taken.has(name) && !/^(do|if|in|of)$/.test(name));
  const out = new MagicString(code);
  const aliases: string[] = [];
  for (const [name, nodes] of ranked) {
    if (BUILT_INS.includes(name)) {
      if (nodes.length * (name.length - 2) < name.length + DECLARATION) continue;
      aliases.push(`${free[0]}=${name}`);
    }
    const short = free.shift() as string;
    for (const node of nodes) out.update(node.start, node.end, short);
  }
  const [first] = (outer.body as Node).body as Node[];
  if (aliases.length > 0 && first) out.appendLeft(first.start, `var ${aliases.join(',')};`);
  return out.toString();
}

/** The function of `!function(){...}()`. */
function outerOf(program: Node): Node | undefined {
  const queue = [program];
  for (let node = queue.shift(); node !== undefined; node = queue.shift()) {
    if (isFunction(node)) return node;
    queue.push(...childrenOf(node));
  }
  return undefined;
}
