/** The titles of tests, and the numbers of properties that they quote as `(R22)` or `R22`. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

export interface Proof {
  file: string;
  title: string;
  numbers: number[];
}

const TITLED = new Set(['describe', 'it']);
const NUMBER = /\bR(\d{1,2})\b/g;

/** `it` of `it(...)`, `it.each(...)(...)` and `it.skipIf(...)(...)`. */
function rootOf(expression: ts.Expression): string | undefined {
  if (ts.isIdentifier(expression)) return expression.text;
  if (ts.isPropertyAccessExpression(expression) || ts.isCallExpression(expression))
    return rootOf(expression.expression);
  return undefined;
}

function titleIn(node: ts.Node): string | undefined {
  if (!ts.isCallExpression(node) || !TITLED.has(rootOf(node.expression) ?? '')) return undefined;
  const [first] = node.arguments;
  if (first === undefined) return undefined;
  if (ts.isStringLiteralLike(first)) return first.text;
  // What a template fills in is shown as it stands in the source.
  return ts.isTemplateExpression(first) ? first.getText().slice(1, -1) : undefined;
}

function proofsIn(file: string, source: string): Proof[] {
  const proofs: Proof[] = [];
  const visit = (node: ts.Node): void => {
    const title = titleIn(node);
    const numbers = [...(title ?? '').matchAll(NUMBER)].map(([, digits]) => Number(digits));
    if (title !== undefined && numbers.length > 0) proofs.push({ file, title, numbers });
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, source, ts.ScriptTarget.ES2022, true));
  return proofs;
}

/** Every title that quotes a number, by file and place. */
export function proofsUnder(folder: string): Proof[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => join(folder, name))
    .sort()
    .flatMap((file) => proofsIn(file, readFileSync(file, 'utf8')));
}
