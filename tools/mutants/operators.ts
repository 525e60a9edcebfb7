/**
 * Defects that a tired engineer makes, planted one at a time into a source: a bound off by one, a condition turned, a call
 * forgotten. Found by the syntax tree, so that each is a program.
 */
import ts from 'typescript';

/** Replaces the characters from `start` to `end` of a source by `text`. */
export interface Defect {
  start: number;
  end: number;
  text: string;
}

const SWAPPED: Partial<Record<ts.SyntaxKind, string>> = {
  [ts.SyntaxKind.LessThanToken]: '<=',
  [ts.SyntaxKind.LessThanEqualsToken]: '<',
  [ts.SyntaxKind.GreaterThanToken]: '>=',
  [ts.SyntaxKind.GreaterThanEqualsToken]: '>',
  [ts.SyntaxKind.EqualsEqualsEqualsToken]: '!==',
  [ts.SyntaxKind.ExclamationEqualsEqualsToken]: '===',
  [ts.SyntaxKind.AmpersandAmpersandToken]: '||',
  [ts.SyntaxKind.BarBarToken]: '&&',
  [ts.SyntaxKind.PlusToken]: '-',
  [ts.SyntaxKind.MinusToken]: '+',
  [ts.SyntaxKind.AsteriskToken]: '/',
  [ts.SyntaxKind.SlashToken]: '*',
  [ts.SyntaxKind.AmpersandToken]: '|',
  [ts.SyntaxKind.BarToken]: '&',
  [ts.SyntaxKind.CaretToken]: '|',
  [ts.SyntaxKind.LessThanLessThanToken]: '>>>',
  [ts.SyntaxKind.GreaterThanGreaterThanGreaterThanToken]: '<<',
  [ts.SyntaxKind.PlusEqualsToken]: '-=',
  [ts.SyntaxKind.MinusEqualsToken]: '+=',
};

function swapped({ operatorToken }: ts.BinaryExpression): Defect[] {
  const text = SWAPPED[operatorToken.kind];
  return text === undefined ? [] : [{ start: operatorToken.getStart(), end: operatorToken.end, text }];
}

function offByOne(node: ts.NumericLiteral): Defect[] {
  // The number of a message, a version or a field is checked by golden bytes; a key of a table is no number to miss by one.
  if (ts.isPropertyAssignment(node.parent) && node.parent.name === node) return [];
  return [{ start: node.getStart(), end: node.end, text: `${Number(node.text) + 1}` }];
}

function turned(condition: ts.Expression): Defect[] {
  return [{ start: condition.getStart(), end: condition.end, text: `!(${condition.getText()})` }];
}

/** A statement that only calls, and a `throw`, left out. */
function forgotten(statement: ts.ExpressionStatement | ts.ThrowStatement): Defect[] {
  const { expression } = statement;
  const isCall = ts.isCallExpression(expression) || ts.isAwaitExpression(expression) || ts.isThrowStatement(statement);
  return isCall ? [{ start: statement.getStart(), end: statement.end, text: ';' }] : [];
}

/** Two calls, one after the other, in the wrong order. */
function exchanged(block: ts.Block): Defect[] {
  const defects: Defect[] = [];
  block.statements.forEach((first, i) => {
    const second = block.statements[i + 1];
    if (second === undefined || !isCallStatement(first) || !isCallStatement(second)) return;
    const between = block.getSourceFile().text.slice(first.end, second.getStart());
    const text = `${second.getText()}${between}${first.getText()}`;
    defects.push({ start: first.getStart(), end: second.end, text });
  });
  return defects;
}

function isCallStatement(node: ts.Statement): boolean {
  if (!ts.isExpressionStatement(node)) return false;
  const { expression } = node;
  return ts.isCallExpression(ts.isAwaitExpression(expression) ? expression.expression : expression);
}

function defectsAt(node: ts.Node): Defect[] {
  if (ts.isBinaryExpression(node)) return swapped(node);
  if (ts.isNumericLiteral(node)) return offByOne(node);
  if (ts.isIfStatement(node) || ts.isWhileStatement(node)) return turned(node.expression);
  if (ts.isConditionalExpression(node)) return turned(node.condition);
  if (ts.isExpressionStatement(node) || ts.isThrowStatement(node)) return forgotten(node);
  if (ts.isBlock(node)) return exchanged(node);
  if (node.kind === ts.SyntaxKind.TrueKeyword) return [{ start: node.getStart(), end: node.end, text: 'false' }];
  if (node.kind === ts.SyntaxKind.FalseKeyword) return [{ start: node.getStart(), end: node.end, text: 'true' }];
  return [];
}

/** All defects that can be planted into a source, in the order of the tree. */
export function defectsOf(name: string, source: string): Defect[] {
  const defects: Defect[] = [];
  const visit = (node: ts.Node): void => {
    // Types have no behaviour.
    if (ts.isTypeNode(node) || ts.isInterfaceDeclaration(node) || ts.isImportDeclaration(node)) return;
    defects.push(...defectsAt(node));
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(name, source, ts.ScriptTarget.ES2022, true));
  return defects;
}

export function planted(source: string, { start, end, text }: Defect): string {
  return source.slice(0, start) + text + source.slice(end);
}
