import { createContext, runInContext } from 'node:vm';
import fc from 'fast-check';
import { parseAst } from 'rollup/parseAst';
import { describe, expect, it } from 'vitest';
import { hoist } from '../../tools/firmware/hoist.js';

/** What a script says, and the name of the error that ends it, if one does. The text of a function is not what it means. */
function saidBy(code: string): string[] {
  const said: string[] = [];
  const say = (...values: unknown[]): void => void said.push(values.map(String).join(' '));
  const context = createContext({ say });
  runInContext('Function.prototype.toString=function(){return "a function"}', context);
  try {
    runInContext(code, context, { timeout: 2000 });
  } catch (error) {
    said.push(`threw ${(error as Error).name}`);
  }
  return said;
}

interface Node {
  type: string;
  [field: string]: unknown;
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && typeof (value as Node).type === 'string';
}

/** Asserts the form that Espruino needs: directives, one bare `var`, functions, and no declaration behind those. */
function expectHoisted(code: string): void {
  function visitAll(value: unknown): void {
    if (Array.isArray(value)) value.forEach(visitAll);
    else if (isNode(value)) visit(value);
  }
  function visitBody(statements: Node[]): void {
    const ranks = statements.map((statement) => {
      if ('directive' in statement) return 0;
      if (statement.type === 'VariableDeclaration') return 1;
      return statement.type === 'FunctionDeclaration' ? 2 : 3;
    });
    expect(ranks, code).toEqual([...ranks].sort());
    expect(ranks.filter((rank) => rank === 1).length, code).toBeLessThan(2);
    for (const [i, statement] of statements.entries()) {
      if (ranks[i] === 1) {
        for (const declarator of statement.declarations as Node[]) expect(declarator.init, code).toBeNull();
      } else if (ranks[i] === 2) visitFunction(statement);
      else visit(statement);
    }
  }
  function visitFunction(node: Node): void {
    visitBody((node.body as Node).body as Node[]);
  }
  function visit(node: Node): void {
    expect(['VariableDeclaration', 'FunctionDeclaration'], code).not.toContain(node.type);
    if (node.type === 'FunctionExpression') visitFunction(node);
    else {
      const { property } = node;
      if (node.type === 'MemberExpression' && isNode(property) && property.type === 'SequenceExpression') {
        expect(code.charAt((property as Node & { start: number }).start - 1)).toBe('(');
      }
      Object.values(node).forEach(visitAll);
    }
  }
  visitBody((parseAst(code) as unknown as { body: Node[] }).body);
}

function expectKept(code: string): void {
  const hoisted = hoist(code);
  expectHoisted(hoisted);
  expect(saidBy(hoisted), hoisted).toEqual(saidBy(code));
}

/** Name of the case, its program. */
const TRICKY: [string, string][] = [
  ['use before declaration', 'say(a);var a=1;say(a)'],
  ['the outer name until the inner is assigned', 'var a=1;(function(){say(a);a=2;say(a);var a})();say(a)'],
  ['a call before the function', 'say(f(2));function f(x){return g(x)+1}function g(x){return x*2}'],
  ['a variable with a function’s name', 'say(typeof f);var f=1;function f(){}say(typeof f)'],
  ['two functions of one name', 'say(f());function f(){return 1}function f(){return 2}say(f())'],
  ['a parameter with a variable’s name', 'function f(a){var a;say(a);var a=3;say(a)}f(1)'],
  ['a parameter with a function’s name', 'function f(a){say(typeof a);function a(){}}f(1)'],
  ['arguments and a parameter assigned', 'function f(a){var a=5;say(arguments.length,a)}f(1,2)'],
  ['a declaration without value, twice', 'var a=1;var a;say(a)'],
  ['only some with values', 'var a,b=2,c,d=b+1,e;say(a,b,c,d,e)'],
  ['values that use one another', 'var a=1,b=a+1,a=b+1;say(a,b)'],
  ['for with two variables', 'for(var i=0,n=3;i<n;i++)say(i);say(i,n)'],
  ['for without a value', 'for(var i;;){i=1;break}say(i)'],
  ['for, some with values', 'for(var a,i=0,b;i<2;i++)say(a,b,i)'],
  ['for in', 'for(var k in {x:1,y:2})say(k);say(k)'],
  ['for in, of an earlier name', 'var k=7,o={x:1};for(var k in o);say(k)'],
  ['for in with a function in its object', 'for(var k in function(){var z={q:1};return z}())say(k)'],
  ['a comma in an index', 'var a=[1,2,3],i=0;say(a[i++,i++,i]);a[i=0,i]=9;say(a)'],
  ['commas within commas', 'var a=[0,1,2],b=[2,1];say(a[0,b[1,0]])'],
  ['a comma in an index after a declaration', 'var a=[5,6],b=a[0,1],c=a[1,0];say(b,c)'],
  ['a catch variable', 'try{throw 1}catch(e){say(e)}say(typeof e)'],
  ['a var of the catch variable’s name', 'try{throw 1}catch(e){var e=2;say(e)}say(e)'],
  ['a closure over the catch variable', 'var f;try{throw 4}catch(e){f=function(){return e}}say(f())'],
  ['try, finally and return', 'function f(){try{var a=1;return a}finally{a=2;say(a)}}say(f())'],
  [
    'declarations in switch cases',
    'function f(x){switch(x){case 1:var a="one";break;case 2:a="two";default:var b=3}say(a,b)}f(1);f(2);f(3)',
  ],
  ['a function in a block', 'if(true){function f(){return 1}say(f())}'],
  ['nested functions', 'function f(){return g();function g(){return h();function h(){return v}var v=1}}say(f())'],
  ['a function in a function expression', 'say(function(){return g();function g(){return 8}}())'],
  ['a function as a value of a declaration', 'var f=function(){var y=1,z;return z===void 0?y:0},x=f();say(x)'],
  [
    'functions in declarations in functions',
    'var a=function(){var b=function(){var c=1;return c},d=b();return d}();say(a)',
  ],
  ['a named function expression', 'var f=function g(n){return n<1?0:n+g(n-1)};say(f(3),typeof g)'],
  ['a named function expression hidden by its own var', 'var f=function g(){say(typeof g);var g=1;return g};say(f())'],
  [
    'a closure in a loop',
    'var a=[];for(var i=0;i<3;i++)(function(j){a.push(function(){return j})})(i);say(a[0](),a[2]())',
  ],
  ['a declaration as an if’s body', 'if(true)var a=1;else var b=2;say(a,b)'],
  ['an empty declaration as an if’s body', 'var c=1;if(c)var a;else var b;say(a,b)'],
  ['an empty declaration that ends a function', 'function f(c){if(c)var a}say(f(1))'],
  ['an empty declaration that ends a loop', 'function f(){var n=0;while(n++<3)var a\nreturn n}say(f())'],
  ['lines that end without semicolons', 'var a\nvar b=1\nvar c\nsay(a,b,c)'],
  ['a declaration before brackets', 'var a=[1]\n;[2].forEach(function(x){say(x,a)})'],
  ['a directive', '"use strict";say(f());function f(){return this===undefined}'],
  ['a directive in a function', 'function f(){"use strict";var a=this;return a}say(f())'],
  ['a directive without semicolon', '"use strict"\nvar a=1;say(a)'],
  ['a directive alone', 'function f(){"use strict"}say(f())'],
  ['a directive that is not the first', 'var a=1;"use strict";say(a)'],
  ['getters and methods', 'var o={get a(){var x=1;return x},b:function(){return c;var c}};say(o.a,o.b())'],
  [
    'this and prototypes',
    'var A=function(){function A(x){this.x=x}A.prototype.y=function(){var s=this;return s.x};return A}();say(new A(3).y())',
  ],
  ['nothing at all', ''],
  ['no declarations', 'say(1)'],
  ['a function alone', 'function f(){}'],
  ['strings that look like code', 'var a="var b=1;function c(){}";say(a)'],
];

describe('the hoist pass', () => {
  it.each(TRICKY)('keeps the meaning of %s', (_name, code) => expectKept(code));

  it('puts names first, functions next, and leaves assignments', () => {
    expect(hoist('x();var a=1,b;function x(){return y;var y=2}')).toBe(
      'var a,b;function x(){var y;return y;y=2}x();a=1;',
    );
  });

  it.each([
    ['let', 'let a=1'],
    ['const', 'const a=1'],
    ['a class', 'class A{}'],
    ['an arrow', 'var f=()=>1'],
    ['a pattern', 'var [a]=[1]'],
  ])('refuses %s', (_name, code) => expect(() => hoist(code)).toThrow());

  it('keeps the meaning of any program', () => {
    fc.assert(fc.property(program, expectKept), { numRuns: 300 });
  });
});

/**
 * Small programs of few names, so that they collide: declared late, twice, in loops, in functions under the same name.
 * Every call and loop draws on one supply, so that all of them end.
 */
const name = fc.constantFrom('a', 'b', 'c', 'f', 'g');
const { program } = fc.letrec<{ expression: string; statement: string; body: string; program: string }>((tie) => ({
  expression: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.integer({ min: 0, max: 9 }).map(String),
    name,
    name.map((n) => `typeof ${n}`),
    fc.tuple(name, tie('expression')).map(([n, value]) => `(${n}=${value})`),
    fc.tuple(tie('expression'), tie('expression')).map(([left, right]) => `(${left}+${right})`),
    fc.tuple(tie('expression'), tie('expression')).map(([left, right]) => `[4,5,6][${left},${right}]`),
    fc.tuple(name, tie('expression')).map(([n, value]) => `${n}(${value})`),
    fc.tuple(name, tie('body')).map(([n, body]) => `(function(${n}){${body}})(1)`),
    fc.tuple(name, tie('body')).map(([n, body]) => `(function ${n}(){${body}})()`),
  ),
  statement: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    name.map((n) => `var ${n};`),
    tie('expression').map((value) => `say(${value});`),
    fc.tuple(name, tie('expression')).map(([n, value]) => `var ${n}=${value};`),
    fc.tuple(name, tie('expression'), name).map(([n, value, m]) => `var ${m},${n}=${value};`),
    fc.tuple(name, name, tie('body')).map(([n, m, body]) => `function ${n}(${m}){${body}}`),
    fc.tuple(name, tie('expression')).map(([n, value]) => `for(var ${n}=${value};fuel-->0;){say(${n});break}`),
    fc.tuple(name, tie('expression')).map(([n, value]) => `for(var ${n} in {x:${value}})say(${n});`),
    fc.tuple(name, tie('expression')).map(([n, value]) => `if(${value})var ${n}=1;else var ${n};`),
    fc.tuple(name, tie('expression')).map(([n, value]) => `try{throw ${value}}catch(${n}){say(${n});var ${n}=2}`),
    fc
      .tuple(tie('expression'), name, tie('expression'))
      .map(([value, n, other]) => `switch(${value}){case 1:var ${n}=${other};default:say(${n})}`),
    tie('expression').map((value) => `return ${value};`),
  ),
  body: fc.array(tie('statement'), { maxLength: 4 }).map((all) => `if(fuel--<1)return 0;${all.join('')}`),
  program: fc
    .array(tie('statement'), { minLength: 1, maxLength: 6 })
    .map((all) => `var fuel=30;(function(){${all.join('')}say(a,b,c)})()`),
}));
