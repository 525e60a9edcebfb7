/**
 * What a finished bundle may contain: the part of JavaScript on which Espruino and the standard agree. Whatever Espruino
 * lacks, or accepts and gets wrong, is named here and refused by the build.
 */
import { parseAst } from 'rollup/parseAst';
import { childrenOf, isNode, type Node } from './tree.js';

/** Types of ES5's syntax tree (ESTree); labels are ES5 too, but Espruino has none. */
const ALLOWED = new Set([
  ...['Program', 'ExpressionStatement', 'BlockStatement', 'EmptyStatement', 'ReturnStatement', 'IfStatement'],
  ...['SwitchStatement', 'SwitchCase', 'ThrowStatement', 'TryStatement', 'CatchClause', 'WhileStatement'],
  ...['DoWhileStatement', 'ForStatement', 'ForInStatement', 'FunctionDeclaration', 'VariableDeclaration'],
  ...['VariableDeclarator', 'ThisExpression', 'ArrayExpression', 'ObjectExpression', 'Property', 'FunctionExpression'],
  ...['UnaryExpression', 'UpdateExpression', 'BinaryExpression', 'AssignmentExpression', 'LogicalExpression'],
  ...['MemberExpression', 'ConditionalExpression', 'CallExpression', 'NewExpression', 'SequenceExpression'],
  ...['Identifier', 'Literal', 'BreakStatement', 'ContinueStatement'],
]);

/** `object.property` pairs that exist but must not be used. */
const REFUSED: Record<string, string> = {
  'Math.random': 'a weak generator; use the Random port',
  'Date.now': 'not an integer on Espruino; use the Clock port',
};

function nameOf(value: unknown): string {
  return isNode(value) && typeof value.name === 'string' ? value.name : '';
}

/** The name after the dot, or the text in the brackets. */
function propertyOf({ property, computed }: Node): string {
  if (!computed) return nameOf(property);
  return isNode(property) && typeof property.value === 'string' ? property.value : '';
}

/** Other names that shorten.ts or anybody else has given to what must not be used, each with the one it had. */
function aliasesIn(program: Node): Map<string, string> {
  const objects = Object.keys(REFUSED).map((member) => member.slice(0, member.indexOf('.')));
  const aliases = new Map<string, string>();
  function visit(node: Node): void {
    const [target, value] = node.type === 'AssignmentExpression' ? [node.left, node.right] : [node.id, node.init];
    const object = nameOf(value);
    if (nameOf(target) !== '') {
      if (objects.includes(object)) aliases.set(nameOf(target), object);
      else if (aliases.has(object)) aliases.set(nameOf(target), aliases.get(object) as string);
    }
    childrenOf(node).forEach(visit);
  }
  visit(program);
  return aliases;
}

/** What is wrong with this node, if anything. */
function fault(node: Node, aliases: Map<string, string>): string | undefined {
  if (!ALLOWED.has(node.type)) return `${node.type} is not in Espruino's language`;
  if (node.type === 'Literal' && 'regex' in node) return 'a regular expression: most of them match nothing there';
  if (node.type === 'Property' && node.computed) return 'a computed property name';
  if (node.type === 'AssignmentExpression' && !/^([-+*/%&|^]|<<|>>>?)?=$/.test(String(node.operator))) {
    return `the operator ${String(node.operator)}`;
  }
  if (node.type === 'BinaryExpression' && node.operator === '**') return 'the operator **';
  if (node.type === 'SwitchStatement') {
    const cases = node.cases as Node[];
    const index = cases.findIndex((one) => one.test === null);
    if (index >= 0 && index < cases.length - 1) return 'a default that is not last in its switch';
  }
  if (node.type === 'MemberExpression') {
    const object = nameOf(node.object);
    const member = `${aliases.get(object) ?? object}.${propertyOf(node)}`;
    if (REFUSED[member]) return `${member}: ${REFUSED[member]}`;
  }
  if (node.type === 'NewExpression' && nameOf(node.callee) === 'Promise')
    return 'a promise: callbacks are what is safe';
  return undefined;
}

/** One sentence for each thing in `code` that Espruino would not run as meant; empty when there is none. */
export function syntaxProblems(code: string): string[] {
  const problems: string[] = [];
  for (let i = 0; i < code.length; i++) {
    const unit = code.charCodeAt(i);
    if (unit > 126 || (unit < 32 && unit !== 10)) problems.push(`offset ${i}: a character outside printable ASCII`);
  }
  const program = parseAst(code) as unknown as Node;
  const aliases = aliasesIn(program);
  function visit(value: unknown): void {
    if (Array.isArray(value)) value.forEach(visit);
    else if (isNode(value)) {
      const problem = fault(value, aliases);
      if (problem !== undefined) problems.push(`offset ${value.start}: ${problem}`);
      Object.values(value).forEach(visit);
    }
  }
  visit(program);
  return problems;
}
