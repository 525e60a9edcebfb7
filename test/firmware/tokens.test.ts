import { describe, expect, it } from 'vitest';
import { tokenised } from '../../tools/firmware/tokens.js';

/** Bytes as text, those above ASCII as hexadecimal in brackets. */
function shown(code: string): string {
  return [...tokenised(code)]
    .map((byte) => (byte > 31 && byte < 127 ? String.fromCharCode(byte) : `[${byte.toString(16)}]`))
    .join('');
}

describe('a script as tokens', () => {
  it.each([
    ['words and operators', 'if(a===b)return;else c>>>=d', '[a3](a[8b]b)[ab];[a4]c[95]d'],
    ['the first and last of each', 'a==b;a=>b;static', 'a[8a]b;a[a2]b;[c5]'],
    ['words as names of properties', 'a.in={of:this}', 'a.[b9]={[c6]:[af]}'],
    ['names that begin like words', 'iff(inner,$do)', 'iff(inner,$do)'],
    ['strings', 'a("bc",\'"\\x00\\n\\xe9\')', 'a([d1][2]bc,[d1][4]"[0][a][e9])'],
    ['empty and Unicode strings', 'a("","\\u1234")', 'a("","\\u1234")'],
    ['small integers', 'a(0,7,10,127,128,32767)', 'a([d3],7,[d4][a],[d4][7f],[d5][80][0],[d5][ff][7f])'],
    ['other numbers', 'a(32768,1e3,.5,1.5,0xff)', 'a(32768,1e3,.5,1.5,[d5][ff][0])'],
    ['signs that must not meet', 'a- -b+ +c- --d', 'a- -b+ +c-[99]d'],
    ['words that must not meet', 'return a;var b;a in b', '[ab]a;[ac]b;a[b9]b'],
    ['comments and lines', 'a;/* b */\nc // d\n;', 'a;c;'],
  ])('has %s', (_name, code, bytes) => expect(shown(code)).toBe(bytes));

  it('has long strings with two bytes of length', () => {
    const bytes = tokenised(`"${'a'.repeat(300)}"`);
    expect([...bytes.subarray(0, 4)]).toEqual([0xd2, 44, 1, 0x61]);
    expect(bytes).toHaveLength(303);
  });
});
