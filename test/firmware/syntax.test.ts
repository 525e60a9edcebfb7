import { describe, expect, it } from 'vitest';
import { shorten } from '../../tools/firmware/shorten.js';
import { syntaxProblems } from '../../tools/firmware/syntax.js';

/** What is refused, a program with it, the first words at its offset, and a word of the sentence. */
const REFUSED: [string, string, string, RegExp][] = [
  ['a label', 'var a;out:for(;;)break out', 'out:', /LabeledStatement/],
  ['a default before a case', 'switch(a){default:b();case 1:}', 'switch', /default/],
  ['a default between cases', 'switch(a){case 0:default:b();case 1:}', 'switch', /default/],
  ['a regular expression', 'a=/b+/.test(c)', '/b+/', /regular expression/],
  ['the weak generator', 'a=Math.random()', 'Math.random', /Random port/],
  ['the weak generator by another name', 'var b=Math,c=1;a=b.random()', 'b.random', /Math.random: .*Random port/],
  ['the weak generator by a third name', 'var b=Math;c=b;a=c.random()', 'c.random', /Math.random/],
  ['the weak generator by its text', 'var b=Math;a=b["random"]()', 'b["random"', /Math.random/],
  ['the clock behind the port', 'a=Date.now()', 'Date.now', /Clock port/],
  ['a promise', 'a=new Promise(b)', 'new', /callbacks/],
  ['an arrow', 'a(()=>1)', '()=>1', /ArrowFunctionExpression/],
  ['a class', 'a=1;class B{}', 'class', /ClassDeclaration/],
  ['a template', 'a=`b`', '`b`', /TemplateLiteral/],
  ['a spread', 'a(...b)', '...b', /SpreadElement/],
  ['a pattern', 'var [a]=b', '[a]', /ArrayPattern/],
  ['for of', 'for(var a of b);', 'for', /ForOfStatement/],
  ['an optional chain', 'a=b?.c', 'b?.c', /ChainExpression/],
  ['a computed name', 'a={[b]:1}', '[b]', /computed/],
  ['an exponent', 'a=b**2', 'b**2', /\*\*/],
  ['an exponent assigned', 'a**=2', 'a**=2', /\*\*=/],
  ['a logical assignment', 'a||=2', 'a||=2', /\|\|=/],
  ['a debugger', 'a();debugger', 'debugger', /DebuggerStatement/],
  ['a letter beyond ASCII', 'a="\u00e9"', '\u00e9', /printable ASCII/],
  ['a tabulator', 'a\t=1', '\t', /printable ASCII/],
];

describe('the language of a bundle', () => {
  it.each(REFUSED)('has not %s', (_name, code, words, sentence) => {
    const [problem] = syntaxProblems(code);
    expect(problem).toMatch(sentence);
    expect(problem).toMatch(new RegExp(`^offset ${code.indexOf(words)}: `));
  });

  it('has all that the compiler makes of the firmware', () => {
    const code = `(function(){"use strict";function A(b){this.b=b}
A.prototype.c=function(){return this.b};var d=new A(1),e=[1,"two",null,true,void 0],f={g:1,"h":2,get i(){return 3}};
for(var k in f){if(k==="g")continue;else break}do{d=typeof d}while(!d);while(0);
switch(e[0]){case 1:break;case 2:default:delete f.g}
try{throw d}catch(x){e=(x,e)}finally{f=e?-1:~2}e[0]+=1;e[0]>>>=1;e[0]--;return A instanceof A&&"a"in f||f})();`;
    expect(syntaxProblems(code)).toEqual([]);
  });

  it('refuses the weak generator in a script that was shortened (R49)', () => {
    const turns = 'Math.floor(b);'.repeat(20);
    const shortened = shorten(`(function(){var b=1;${turns}b=Math.random()})();`);
    expect(shortened.match(/Math/g)).toHaveLength(1);
    expect(syntaxProblems(shortened)).toEqual([expect.stringMatching(/Math\.random/)]);
  });

  it('names everything at once', () => {
    expect(syntaxProblems('a=/b/;c=Math.random();d:for(;;);')).toHaveLength(3);
  });

  it('says nothing of names that only look alike', () => {
    expect(syntaxProblems('a.random();Math.floor(1);b={Promise:1};c="Math.random()";d.now()')).toEqual([]);
  });
});
