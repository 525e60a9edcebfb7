/**
 * Which property names the build may shorten: all but those of the language and of Espruino, which are read from their
 * declarations. On Espruino a name of more than four letters costs a block of memory wherever it is used.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import MagicString from 'magic-string';
import { parseAst } from 'rollup/parseAst';
import ts from 'typescript';
import { FAULTS } from '../../device/faults.js';
import { MESSAGES } from '../../device/link/messages.js';
import type { Signal } from '../../device/ports.js';
import type { ConsentState } from '../../device/token/consent.js';

/** The members of every type that a file of declarations describes. */
function membersIn(path: string): string[] {
  const names: string[] = [];
  const source = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.ES5);
  function visit(node: ts.Node): void {
    if (ts.isTypeElement(node) && node.name && ts.isIdentifier(node.name)) names.push(node.name.text);
    ts.forEachChild(node, visit);
  }
  visit(source);
  return names;
}

/** Every property that the language or the board knows. `declarations`: the folder of our .d.ts files. */
export function keptNames(declarations: string): string[] {
  const es5 = createRequire(import.meta.url).resolve('typescript/lib/lib.es5.d.ts');
  const ours = readdirSync(declarations)
    .filter((name) => name.endsWith('.d.ts'))
    .map((name) => join(declarations, name));
  return [...new Set([es5, ...ours].flatMap(membersIn))].sort();
}

/**
 * Names that the code uses both as keys of a table and as strings (faults, messages, signals, consent): the string has to
 * be shortened with the key.
 */
const SIGNALS: Record<Signal, true> = {
  well: true,
  charge: true,
  visit: true,
  'at-risk': true,
  consent: true,
  consented: true,
  kept: true,
  silent: true,
  ended: true,
};
const CONSENTS: Record<ConsentState, true> = { none: true, asked: true, given: true, lapsed: true };
export const TABLE_NAMES = new Set([FAULTS, MESSAGES, SIGNALS, CONSENTS].flatMap((table) => Object.keys(table)));

interface StringLiteral {
  type: string;
  value?: unknown;
  start: number;
  end: number;
}

/** Renames strings that are keys of tables. `shortened`: what the minifier made of each property name. */
export function renameTableStrings(code: string, shortened: Map<string, string>): string {
  const out = new MagicString(code);
  function visit(node: unknown): void {
    if (Array.isArray(node)) node.forEach(visit);
    else if (typeof node === 'object' && node !== null) {
      const literal = node as StringLiteral;
      if (literal.type === 'Literal' && typeof literal.value === 'string' && TABLE_NAMES.has(literal.value)) {
        const name = shortened.get(literal.value);
        if (name !== undefined) out.overwrite(literal.start, literal.end, JSON.stringify(name));
      }
      Object.values(node).forEach(visit);
    }
  }
  visit(parseAst(code));
  return out.toString();
}
