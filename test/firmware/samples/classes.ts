/** Classes, closures, methods, accessors, calls of every shape, errors. */

enum Colour {
  Red = 1,
  Green,
  Blue = 7,
}

enum Size {
  Small,
  Large = 5,
  Larger,
}

class Shape {
  static made = 0;
  readonly name: string;
  private sides: number[] = [];

  constructor(
    name: string,
    protected colour: Colour = Colour.Green,
  ) {
    this.name = name;
    Shape.made += 1;
  }

  get length(): number {
    return this.sides.reduce((sum, side) => sum + side, 0);
  }

  get tint(): number {
    return this.colour;
  }

  set tint(value: number) {
    this.colour = value * 2;
  }

  add(...sides: number[]): this {
    this.sides = [...this.sides, ...sides];
    return this;
  }

  each(visit: (side: number, index: number) => void): void {
    this.sides.forEach((side, index) => {
      visit(side, index);
    });
  }

  describe = (suffix = '.'): string => `${this.name}:${this.length}${suffix}`;

  static named(name: string): Shape {
    return new Shape(name);
  }
}

const square = Shape.named('square').add(1, 2).add(3);
print(square.describe(), square.describe('!'), square.tint, Shape.made);
square.tint = 4;
print(square.tint, square.length, square instanceof Shape ? 'shape' : 'none');
let seen = '';
square.each((side, index) => {
  seen += `${index}=${side};`;
});
print(seen);
const { describe } = square;
print(describe('?'), Colour.Blue, Size.Larger, Size[5] as string, Size.Small);

interface Counter {
  next(by?: number): number;
  readonly total: number;
}

function counter(start = 10, step?: number): Counter {
  let total = start;
  return {
    next(by = step ?? 1) {
      total += by;
      return total;
    },
    get total() {
      return total;
    },
  };
}

const first = counter();
const second = counter(100, 5);
first.next();
second.next();
second.next(undefined);
print(first.total, second.total, second.next(0), first.next(2));

interface Failure extends Error {
  code: number;
}

function failure(code: number, message: string): Failure {
  const error = new Error(message) as Failure;
  error.code = code;
  return error;
}

function attempt(code: number): string {
  let steps = '';
  try {
    steps += 'a';
    if (code > 0) throw failure(code, `failure ${code}`);
    steps += 'b';
    return steps;
  } catch (error) {
    const { code: found, message } = error as Failure;
    steps += `${found}${message}`;
    if (code > 1) return `${steps} caught`;
  } finally {
    steps += 'f';
    print('finally', steps);
  }
  return `${steps} after`;
}

print(attempt(0));
print(attempt(1));
print(attempt(2));

function rethrown(): string {
  try {
    try {
      throw failure(9, 'inner');
    } finally {
      print('unwinding');
    }
  } catch (error) {
    return (error as Failure).message + (error as Failure).code;
  }
}
print(rethrown());

function nothing(): void {
  const values: unknown[] = [null, undefined, 0, '', false];
  for (let i = 0; i < values.length; i++) {
    try {
      throw values[i];
    } catch (value) {
      print(i, value === null ? 'null' : typeof value);
    }
  }
}
nothing();

const methods = {
  prefix: '<',
  wrap(text: string) {
    return this.prefix + text;
  },
  chain() {
    return { prefix: '(', wrap: this.wrap };
  },
};
print(methods.wrap('a'), methods.chain().wrap('b'), methods.wrap.call({ prefix: '[' } as typeof methods, 'c'));

function tail(head: string, ...rest: (string | number)[]): string {
  return head + rest.length + rest.join('');
}
print(tail('none'), tail('some', 1, 'two', 3), tail.apply(undefined, ['applied', 4, 5]));
print(
  (
    () => (a: number) => (b: number) =>
      a * b
  )()(6)(7),
);
