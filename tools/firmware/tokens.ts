/**
 * A script as Espruino's lexer reads it fastest and smallest: reserved words and operators are one byte, strings and small
 * numbers stand as they are in memory (docs/design/firmware.md). Espruino runs such a file like its text. The values are
 * those of src/jslex.h, releases 2v26 and later.
 *
 *   word or operator : its value | string : 0xd1 length u8, or 0xd2 length u16; bytes | 0 : 0xd3
 *   below 128 : 0xd4 u8 | below 32768 : 0xd5 u16 | anything else : its text. Integers are little-endian.
 */
import ts from 'typescript';

/** In the order of jslex.h. */
const OPERATORS = '== === != !== <= << <<= >= >> >>> >>= >>>= += -= ++ -- *= /= %= &= && |= || ^= =>';
const WORDS = `if else do while for break continue function return var let const this throw try catch finally true false
  null undefined new in instanceof switch case default delete typeof void debugger class extends super static of`;
const FIRST = 138;
const TOKENS = new Map([...OPERATORS.split(' '), ...WORDS.split(/\s+/)].map((text, i) => [text, FIRST + i]));

const RAW_STRING_8 = 0xd1;
const RAW_STRING_16 = 0xd2;
const RAW_INT_0 = 0xd3;
const RAW_INT_8 = 0xd4;
const RAW_INT_16 = 0xd5;

/** The bytes of a string that has one byte a letter; undefined for others, and for the empty one, which has no raw form. */
function rawString(literal: string, value: string): number[] | undefined {
  // An interpreter with Unicode makes UTF-8 of what is escaped like this.
  if (value === '' || literal.includes('\\u')) return undefined;
  const { length } = value;
  if (length > 0xffff) return undefined;
  const head = length < 256 ? [RAW_STRING_8, length] : [RAW_STRING_16, length & 0xff, length >> 8];
  return [...head, ...Buffer.from(value, 'latin1')];
}

/** The raw form of an integer, where it is not longer than its text. */
function rawInteger(text: string): number[] | undefined {
  if (!/^(\d+|0x[\da-f]+)$/i.test(text)) return undefined;
  const value = Number(text);
  if (value === 0) return [RAW_INT_0];
  if (value < 0x80) return text.length < 2 ? undefined : [RAW_INT_8, value];
  return value < 0x8000 ? [RAW_INT_16, value & 0xff, value >> 8] : undefined;
}

/** `code`: ES5 that syntax.ts finds nothing wrong with; comments and line ends are dropped, so it needs its semicolons. */
export function tokenised(code: string): Uint8Array {
  const scanner = ts.createScanner(ts.ScriptTarget.ES5, true, ts.LanguageVariant.Standard, code);
  const out: number[] = [];
  let last = '';
  for (let kind = scanner.scan(); kind !== ts.SyntaxKind.EndOfFileToken; kind = scanner.scan()) {
    if (kind === ts.SyntaxKind.GreaterThanToken) kind = scanner.reScanGreaterToken();
    const text = scanner.getTokenText();
    const token = TOKENS.get(text);
    let raw = token === undefined ? undefined : [token];
    if (kind === ts.SyntaxKind.StringLiteral) raw = rawString(text, scanner.getTokenValue());
    if (kind === ts.SyntaxKind.NumericLiteral) raw = rawInteger(text);
    // Names and numbers run together, and so would a - and its -.
    const isText = raw === undefined && /^(\w|\$|\.\d)/.test(text);
    if (isText ? last === 'text' : last === text && (text === '-' || text === '+')) out.push(0x20);
    out.push(...(raw ?? Buffer.from(text, 'latin1')));
    last = isText ? 'text' : text;
  }
  return Uint8Array.from(out);
}
