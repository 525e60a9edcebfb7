/** Names: shadowed, used before they have values, captured in loops; recursion; declarations in every place. */

let value = 'outer';
const index = 5;

function shadow(value: string): string {
  function inner(): string {
    const value = 'inner';
    return value + index;
  }
  {
    const value = 'block';
    print(value);
  }
  return inner() + value;
}
print(shadow('parameter'), value);

function late(): string {
  const text = early();
  function early(): string {
    return typeof later === 'undefined' ? 'not yet' : 'already';
  }
  var later = 1;
  return `${text} ${early()} ${later}`;
}
print(late());

function hides(): string {
  // biome-ignore lint/correctness/noInnerDeclarations: an inner name is undefined from the start, whatever the outer one holds
  if (value !== 'outer') var index: number | undefined = 1;
  return typeof index;
}
print(hides());

const captured: (() => number)[] = [];
for (let i = 0; i < 3; i++) captured.push(() => i * 10);
for (const i of [7, 8]) captured.push(() => i);
let k = 0;
while (k < 2) {
  const j = k++;
  captured.push(() => -j);
}
print(captured.map((get) => get()).join());

function skipping(limit: number): number {
  let sum = 0;
  for (let i = 0; i < limit; i++) {
    if (i % 2 === 0) continue;
    const add = () => {
      sum += i;
    };
    if (i > 7) break;
    add();
  }
  return sum;
}
print(skipping(4), skipping(20));

function firstAbove(limit: number): number {
  for (const candidate of [1, 5, 9]) {
    const isAbove = () => candidate > limit;
    if (isAbove()) return candidate;
  }
  return -1;
}
print(firstAbove(0), firstAbove(4), firstAbove(9));

const fibonacci = (n: number): number => (n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2));
function isEven(n: number): boolean {
  return n === 0 || isOdd(n - 1);
}
function isOdd(n: number): boolean {
  return n !== 0 && isEven(n - 1);
}
print(fibonacci(12), isEven(10) ? 'even' : 'odd', isOdd(7) ? 'odd' : 'even');

function caught(error: string): string {
  try {
    throw 'thrown';
  } catch (error) {
    value = error as string;
  }
  return error + value;
}
print(caught('given '));

function cases(kind: string): string {
  let result = 'start ';
  switch (kind) {
    case 'a':
    case 'b': {
      const value = `${kind}!`;
      result += value;
      break;
    }
    case 'loop':
      for (let i = 0; i < 5; i++) {
        if (i === 3) break;
        result += i;
      }
      break;
    case 'leave':
      return 'left';
    default:
      result += 'default';
  }
  return result;
}
print(cases('a'), cases('b'), cases('loop'), cases('leave'), cases('z'));

function nested(switched: number): string {
  let out = '';
  for (let i = 0; i < 3; i++) {
    switch (i) {
      case 0:
        continue;
      case 1:
        switch (switched) {
          case 1:
            out += 'one';
            break;
          default:
            out += 'other';
        }
        break;
      default:
        out += i;
    }
  }
  return out;
}
print(nested(1), nested(2));
